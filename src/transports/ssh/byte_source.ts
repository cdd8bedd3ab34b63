/**
 * A stream of the package as bytes that are pulled.
 *
 * @module
 */

import type { Readable } from "node:stream";

/** Bytes that wait here for a reader at most; what comes then waits in the channel's window. */
const QUEUE_MAX_BYTES = 256 * 1024;

/**
 * Reads a stream as fast as somebody asks. An own reader, because the iterator of a stream closes a
 * channel when standard output ends, before the exit status has come.
 */
export class ByteSource implements AsyncIterable<Uint8Array> {
  readonly #readable: Readable;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #ended = false;
  #paused = false;
  #wake: (() => void) | undefined;

  /**
   * Starts to read.
   *
   * @param readable A stream of bytes.
   */
  constructor(readable: Readable) {
    this.#readable = readable;
    readable.on("data", (chunk: Uint8Array) => this.#push(chunk));
    readable.on("end", () => this.cancel());
  }

  /** Gives the chunks in order; for one reader. */
  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      const chunk = this.#queue.shift();
      if (chunk !== undefined) {
        this.#queuedBytes -= chunk.length;
        if (this.#paused && this.#queuedBytes === 0) this.#flow();
        yield chunk;
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    }
  }

  /** Lets what still comes fall: the reader gets what is here already, and then the end. */
  cancel(): void {
    this.#ended = true;
    // A stream that nobody reads would never come to its end, and neither would its channel.
    this.#flow();
    this.#wake?.();
  }

  #flow(): void {
    this.#paused = false;
    this.#readable.resume();
  }

  #push(chunk: Uint8Array): void {
    if (this.#ended) return;
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    if (this.#queuedBytes >= QUEUE_MAX_BYTES) {
      this.#paused = true;
      this.#readable.pause();
    }
    this.#wake?.();
  }
}
