/**
 * Finds markers in a byte stream, whatever the chunks' edges. Pure: no I/O, bounded memory.
 *
 * @module
 */

import { joinBytes } from "../join_bytes.ts";
import { type Marker, MARKER_MAX_BYTES, markerKindOf, RECORD_SEPARATOR } from "./markers.ts";

/** One piece of a scanned stream: plain bytes, or a marker between them. */
export type ScanEvent =
  | { readonly type: "data"; readonly bytes: Uint8Array }
  | { readonly type: "marker"; readonly marker: Marker };

const SPACE = 0x20;
const EMPTY = new Uint8Array(0);
const decoder = new TextDecoder();

/** Where the bytes at a record separator stand. */
type Match =
  | { readonly type: "none" }
  | { readonly type: "partial" }
  | { readonly type: "marker"; readonly marker: Marker; readonly length: number };

const NO_MATCH: Match = { type: "none" };
const PARTIAL: Match = { type: "partial" };

/** An incremental scanner for one stream. */
export class FrameScanner {
  #held: Uint8Array = EMPTY;
  #keys: readonly string[] = [];

  /**
   * Says which keys are live. A marker under any other key is plain data.
   *
   * @param keys The launch's token and the nonces that may still come.
   */
  expect(keys: readonly string[]): void {
    this.#keys = keys;
  }

  /**
   * Takes the next chunk.
   *
   * @param chunk The bytes; they are not kept.
   * @returns What this chunk completed, in order, as views of it. A possible marker's beginning is
   *   held back.
   */
  push(chunk: Uint8Array): ScanEvent[] {
    const bytes = this.#held.length === 0 ? chunk : joinBytes([this.#held, chunk]);
    this.#held = EMPTY;
    const events: ScanEvent[] = [];
    let from = 0;
    let at = bytes.indexOf(RECORD_SEPARATOR);
    while (at !== -1) {
      const match = this.#matchAt(bytes, at);
      if (match.type === "partial") {
        pushData(events, bytes.subarray(from, at));
        this.#held = bytes.slice(at);
        return events;
      }
      if (match.type === "marker") {
        pushData(events, bytes.subarray(from, at));
        events.push({ type: "marker", marker: match.marker });
        from = at + match.length;
        at = bytes.indexOf(RECORD_SEPARATOR, from);
      } else {
        at = bytes.indexOf(RECORD_SEPARATOR, at + 1);
      }
    }
    pushData(events, bytes.subarray(from));
    return events;
  }

  /**
   * Gives up what is held back, at the end of the stream.
   *
   * @returns The held bytes as data.
   */
  end(): ScanEvent[] {
    const events: ScanEvent[] = [];
    pushData(events, this.#held);
    this.#held = EMPTY;
    return events;
  }

  #matchAt(bytes: Uint8Array, at: number): Match {
    const kindByte = bytes[at + 1];
    if (kindByte === undefined) return PARTIAL;
    const kind = markerKindOf(kindByte);
    if (kind === undefined) return NO_MATCH;
    let partial = false;
    for (const key of this.#keys) {
      const matched = matchedLength(bytes, at + 2, key);
      if (matched < key.length) {
        if (at + 2 + matched === bytes.length) partial = true;
        continue;
      }
      const payloadAt = at + 2 + key.length;
      const separator = bytes[payloadAt];
      if (separator === undefined) return PARTIAL;
      if (separator !== SPACE) continue;
      const end = findTrailer(bytes, payloadAt + 1, key);
      if (end === -1) return bytes.length - at < MARKER_MAX_BYTES ? PARTIAL : NO_MATCH;
      const payload = end === payloadAt + 1
        ? ""
        : decoder.decode(bytes.subarray(payloadAt + 1, end));
      const length = end + key.length + 2 - at;
      return { type: "marker", marker: { kind, key, payload }, length };
    }
    return partial ? PARTIAL : NO_MATCH;
  }
}

/** How many characters of `key`, which is ASCII, stand at `at`, up to the end of `bytes`. */
function matchedLength(bytes: Uint8Array, at: number, key: string): number {
  let length = 0;
  while (length < key.length && bytes[at + length] === key.charCodeAt(length)) length++;
  return length;
}

/** Index of `RS key RS` at or after `from`, or -1 while it is not complete. */
function findTrailer(bytes: Uint8Array, from: number, key: string): number {
  let at = bytes.indexOf(RECORD_SEPARATOR, from);
  while (at !== -1) {
    if (
      matchedLength(bytes, at + 1, key) === key.length &&
      bytes[at + 1 + key.length] === RECORD_SEPARATOR
    ) return at;
    at = bytes.indexOf(RECORD_SEPARATOR, at + 1);
  }
  return -1;
}

function pushData(events: ScanEvent[], bytes: Uint8Array): void {
  if (bytes.length > 0) events.push({ type: "data", bytes });
}
