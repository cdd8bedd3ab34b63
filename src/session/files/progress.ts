/**
 * Progress reports, not too many.
 *
 * @module
 */

import { monotonicMs } from "../../clock.ts";
import { LIMITS } from "../../limits.ts";
import type { FileProgress } from "./file_types.ts";

/** Counts bytes and tells a listener now and then. */
export class Progress {
  readonly #listener: ((progress: FileProgress) => void) | undefined;
  #nextMs: number = monotonicMs() + LIMITS.filesProgressEveryMs;
  #bytes = 0;

  /** @param listener Whom to tell. */
  constructor(listener: ((progress: FileProgress) => void) | undefined) {
    this.#listener = listener;
  }

  /**
   * Counts.
   *
   * @param bytes How many more bytes there are.
   * @param totalBytes How many there will be.
   */
  add(bytes: number, totalBytes: number): void {
    this.#bytes += bytes;
    if (this.#listener === undefined || monotonicMs() < this.#nextMs) return;
    this.#nextMs = monotonicMs() + LIMITS.filesProgressEveryMs;
    this.#listener({ bytes: this.#bytes, totalBytes: Math.max(totalBytes, this.#bytes) });
  }

  /** Tells that all is done. */
  end(): void {
    this.#listener?.({ bytes: this.#bytes, totalBytes: this.#bytes });
  }
}
