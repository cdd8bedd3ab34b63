/**
 * The memory transport: carries a transcript again, through the real shell, output and session code.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import { safe } from "../safe_text.ts";
import type {
  AsideProcess,
  Transport,
  TransportEnd,
  TransportFactory,
} from "../transports/transport.ts";
import { decodeBase64, type Transcript, type TranscriptChunk, WrittenKeys } from "./transcript.ts";

/** How a transcript is replayed. */
export interface ReplayOptions {
  /**
   * Cuts a chunk into those that arrive one by one. Default: the chunk as it was recorded.
   *
   * @param bytes The recorded chunk.
   * @param position How many bytes have arrived before it, over both streams.
   */
  split?: (bytes: Uint8Array, position: number) => readonly Uint8Array[];
}

/**
 * Makes a factory whose transport replays a transcript.
 *
 * @param transcript The record.
 * @param options How chunks are cut.
 * @returns The factory, of kind `memory`.
 */
export function replayTransport(
  transcript: Transcript,
  options: ReplayOptions = {},
): TransportFactory {
  let nextKey = 0;
  return {
    kind: "memory",
    target: "memory",
    makeKey: () => transcript.keys[nextKey++] ?? "0".repeat(24),
    open: () => Promise.resolve(new ReplayedTransport(transcript, options)),
  };
}

class ReplayedTransport implements Transport {
  readonly kind = "memory";
  readonly stdout: ByteQueue = new ByteQueue();
  readonly stderr: ByteQueue = new ByteQueue();
  readonly ended: Promise<TransportEnd>;
  readonly #written: WrittenKeys;
  readonly #waiting: TranscriptChunk[];
  readonly #split: NonNullable<ReplayOptions["split"]>;
  #position = 0;
  #closed = false;
  #end: (end: TransportEnd) => void = () => undefined;

  constructor(transcript: Transcript, options: ReplayOptions) {
    this.#written = new WrittenKeys(transcript.keys);
    this.#waiting = [...transcript.chunks];
    this.#split = options.split ?? ((bytes) => [bytes]);
    this.ended = new Promise((resolve) => this.#end = resolve);
    this.#release();
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closed) {
      return Promise.reject(
        new ExeckitError({ code: "session_lost", message: safe`The replay is closed` }),
      );
    }
    this.#written.look(bytes);
    this.#release();
    return Promise.resolve();
  }

  /** There is no machine to run anything on: what is asked beside the shell succeeds silently. */
  startAside(): Promise<AsideProcess> {
    const stdout = new ByteQueue();
    stdout.end();
    return Promise.resolve({
      stdout,
      exited: Promise.resolve(0),
      write: () => Promise.resolve(),
      closeInput: () => Promise.resolve(),
      release: () => Promise.resolve(),
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    this.stdout.end();
    this.stderr.end();
    this.#end({ reason: "closed" });
    return Promise.resolve();
  }

  #release(): void {
    for (;;) {
      const chunk = this.#waiting[0];
      if (chunk === undefined || chunk.afterKeys > this.#written.count) return;
      this.#waiting.shift();
      const bytes = decodeBase64(chunk.base64);
      for (const part of this.#split(bytes, this.#position)) this[chunk.stream].push(part);
      this.#position += bytes.length;
    }
  }
}

/** An asynchronous queue of chunks. */
class ByteQueue implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  #ended = false;
  #wake: () => void = () => undefined;

  push(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#chunks.push(chunk);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}
