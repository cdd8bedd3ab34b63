/**
 * The connection of an exec: the engine's frames on the way in, plain bytes on the way out.
 *
 * A frame is eight bytes and a payload: the stream's number (1 stdout, 2 stderr), three zeros, and
 * the length, big-endian (Docker Engine API, "Attach to a container", stream format). docker-modem
 * has a splitter too, but it knows no back-pressure: what a slow reader does not take would pile up.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import { ByteQueue } from "./byte_queue.ts";

/** Bytes of one stream that wait for their reader before the connection is read no further. */
const HIGH_WATER_BYTES = 1024 * 1024;
const HEADER_BYTES = 8;
/** Numbers of streams; 3 is the engine's own words about a failure. */
const STDOUT = 1;
const LAST_STREAM = 3;

/** The streams of an exec. */
export class HijackedStream {
  /** What the process writes to standard output; ends with the connection. */
  readonly stdout: ByteQueue;
  /** What it writes to standard error; ends with the connection. */
  readonly stderr: ByteQueue;
  /** Resolves when nothing more comes: true when the engine said so, false when it was cut off. */
  readonly ended: Promise<boolean>;
  readonly #socket: Duplex;
  #header = new Uint8Array(HEADER_BYTES);
  #headerLength = 0;
  #left = 0;
  #queue: ByteQueue;

  /**
   * Takes a connection over.
   *
   * @param socket The upgraded connection.
   */
  constructor(socket: Duplex) {
    this.#socket = socket;
    this.stdout = new ByteQueue(() => this.#flow());
    this.stderr = new ByteQueue(() => this.#flow());
    this.#queue = this.stdout;
    this.ended = new Promise((resolve) => {
      socket.once("end", () => resolve(true));
      socket.once("close", () => resolve(false));
      // What failed is seen by the end; write() reports its own.
      socket.on("error", () => resolve(false));
    });
    void this.ended.then(() => this.#finish());
    socket.on("data", (chunk: Uint8Array) => this.#take(chunk));
  }

  /**
   * Writes to the process's standard input, and waits until there is room for more.
   *
   * @param bytes What to write.
   * @throws {Error} When the connection is gone.
   */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#socket.writable) return reject(new Error("The connection is closed"));
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve());
    });
  }

  /** Ends the process's standard input; its output still comes. */
  closeInput(): void {
    if (this.#socket.writable) this.#socket.end();
  }

  /** Gives the connection back. Both streams end. */
  destroy(): void {
    this.#socket.destroy();
    this.#finish();
  }

  #finish(): void {
    this.stdout.end();
    this.stderr.end();
  }

  #take(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#left === 0) {
        rest = this.#takeHeader(rest);
        continue;
      }
      const part = rest.subarray(0, this.#left);
      this.#left -= part.length;
      rest = rest.subarray(part.length);
      this.#queue.push(part);
    }
    this.#flow();
  }

  #takeHeader(bytes: Uint8Array): Uint8Array {
    const part = bytes.subarray(0, HEADER_BYTES - this.#headerLength);
    this.#header.set(part, this.#headerLength);
    this.#headerLength += part.length;
    if (this.#headerLength < HEADER_BYTES) return new Uint8Array(0);
    this.#headerLength = 0;
    const stream = this.#header[0] ?? 0;
    // Whatever this is, it is not the engine: nothing behind it can be trusted.
    if (stream > LAST_STREAM) {
      this.destroy();
      return new Uint8Array(0);
    }
    this.#left = new DataView(this.#header.buffer).getUint32(4);
    this.#queue = stream === STDOUT ? this.stdout : this.stderr;
    return bytes.subarray(part.length);
  }

  /** A reader that is slow holds the connection up, as a full pipe holds up a process. */
  #flow(): void {
    const full = this.stdout.waitingBytes > HIGH_WATER_BYTES ||
      this.stderr.waitingBytes > HIGH_WATER_BYTES;
    if (full && !this.#socket.isPaused()) this.#socket.pause();
    if (!full && this.#socket.isPaused()) this.#socket.resume();
  }
}
