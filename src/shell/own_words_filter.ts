/**
 * Keeps execkit's own words out of what arrives between two commands.
 *
 * A shell that cannot make sense of a frame complains about it, and one in verbose mode shows it.
 *
 * @module
 */

import type { OutputSink, StreamName } from "./frame_state.ts";

const LINE_FEED = 0x0a;
/** Bytes of an unfinished line that are held back at most. */
const HOLD_MAX_BYTES = 8192;

/** Passes on whole lines that do not have a word in them. */
export class OwnWordsFilter {
  /** Takes bytes of a stream. */
  readonly push: OutputSink = (stream, bytes) => this.#push(stream, bytes);
  readonly #sink: OutputSink;
  readonly #word: string;
  readonly #held: Record<StreamName, number[]> = { stdout: [], stderr: [] };

  /**
   * Makes a filter.
   *
   * @param word The prefix of the session's own names.
   * @param sink Receives the lines without it.
   */
  constructor(word: string, sink: OutputSink) {
    this.#word = word;
    this.#sink = sink;
  }

  /**
   * Gives up the unfinished line of a stream.
   *
   * @param stream The stream.
   */
  flush(stream: StreamName): void {
    const held = this.#held[stream];
    if (held.length === 0) return;
    const line = Uint8Array.from(held);
    held.length = 0;
    if (new TextDecoder("latin1").decode(line).includes(this.#word)) return;
    this.#sink(stream, line);
  }

  #push(stream: StreamName, bytes: Uint8Array): void {
    const held = this.#held[stream];
    for (const byte of bytes) {
      held.push(byte);
      if (byte === LINE_FEED || held.length >= HOLD_MAX_BYTES) this.flush(stream);
    }
  }
}
