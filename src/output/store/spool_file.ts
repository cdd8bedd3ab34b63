/**
 * One command's spool file: slots of fixed size that are written and read by number.
 *
 * @module
 */

import { withDeadline } from "../../clock.ts";
import { LIMITS } from "../../limits.ts";
import { BLOCK_BYTES } from "./output_block.ts";

/** What is needed of an open file; that of `node:fs/promises` fits. */
export interface SpoolHandle {
  /**
   * Writes bytes at a position.
   *
   * @param bytes The bytes.
   * @param from Index of the first byte to write.
   * @param count How many to write.
   * @param position Where in the file.
   * @returns How many were written; may be fewer.
   */
  write(
    bytes: Uint8Array,
    from: number,
    count: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  /**
   * Reads bytes from a position.
   *
   * @param bytes Where they go.
   * @param from Index of the first byte to fill.
   * @param count How many to read.
   * @param position Where in the file.
   * @returns How many were read; may be fewer, and 0 at the end.
   */
  read(
    bytes: Uint8Array,
    from: number,
    count: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  /** Closes the file. */
  close(): Promise<void>;
}

/** A spool file. It is closed only when no operation is under way. */
export class SpoolFile {
  readonly #handle: SpoolHandle;
  readonly #leftPath: string | undefined;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  /**
   * Takes an open file over.
   *
   * @param handle The file.
   * @param leftPath Its path, when it still has a name that has to be removed at close.
   */
  constructor(handle: SpoolHandle, leftPath?: string) {
    this.#handle = handle;
    this.#leftPath = leftPath;
  }

  /**
   * Writes a slot.
   *
   * @param slot Its number.
   * @param bytes Its content; not more than a block.
   * @throws The system's error.
   */
  write(slot: number, bytes: Uint8Array): Promise<void> {
    return this.#counted(async () => {
      for (let at = 0; at < bytes.length;) {
        const position = slot * BLOCK_BYTES + at;
        at += (await this.#handle.write(bytes, at, bytes.length - at, position)).bytesWritten;
      }
    });
  }

  /**
   * Reads a slot.
   *
   * @param slot Its number.
   * @param count How many bytes of it.
   * @returns The bytes, in a buffer of their own.
   * @throws The system's error, or an `Error` when the file is shorter.
   */
  read(slot: number, count: number): Promise<Uint8Array> {
    return this.#counted(async () => {
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count;) {
        const position = slot * BLOCK_BYTES + at;
        const { bytesRead } = await this.#handle.read(bytes, at, count - at, position);
        if (bytesRead === 0) throw new Error("The spool file is shorter than what was written");
        at += bytesRead;
      }
      return bytes;
    });
  }

  /** Closes the file after what is under way; a disk that does not answer is not waited for. */
  async close(): Promise<void> {
    this.#closing ??= this.#closeHandle();
    await withDeadline(this.#closing, LIMITS.outputDiskTimeoutMs);
  }

  async #closeHandle(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#handle.close();
    if (this.#leftPath === undefined) return;
    const { rm } = await import("node:fs/promises");
    await rm(this.#leftPath, { force: true });
  }

  async #counted<T>(operate: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw new Error("The spool file is closed");
    const operation = operate();
    this.#underWay.add(operation);
    try {
      return await operation;
    } finally {
      this.#underWay.delete(operation);
    }
  }
}
