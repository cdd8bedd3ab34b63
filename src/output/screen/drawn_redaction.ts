/**
 * One stream from raw bytes to what is kept: cleaned, redacted, and marked where it draws.
 *
 * @module
 */

import { markSafeBytes, type SafeBytes } from "../../safe_text.ts";
import type { RedactionStream } from "../redactor.ts";
import { TerminalTextCleaner } from "../terminal_text_cleaner.ts";
import { ControlReader } from "./control_reader.ts";

const PLACEHOLDER_START: Uint8Array = new TextEncoder().encode("[REDACTED:");
const BRACKET_START = 0x5b;
const BRACKET_END = 0x5d;
/** Marks that wait for the redactor at most; what it holds back is bounded, what moves is not. */
const WAITING_MAX_MARKS: number = 128 * 1024;

/** What a stream gives to which nothing was written. */
const NOTHING: SafeBytes = markSafeBytes(new Uint8Array(0));

interface PlacedMark {
  /** Offset in the cleaned stream of the byte that follows. */
  readonly at: number;
  readonly mark: number;
}

/** Redacts one stream, and weaves in what it does to the terminal. */
export class DrawnRedaction {
  readonly #open: () => RedactionStream;
  #redaction: RedactionStream | undefined;
  readonly #cleaner = new TerminalTextCleaner();
  readonly #reader = new ControlReader();
  #marks: PlacedMark[] = [];
  #cleanedBytes = 0;
  /** Holds the text of one chunk, until the redactor has it. */
  #cleaned = new Uint8Array(0);
  #sentBytes = 0;
  #hasMarks = false;

  /**
   * Starts a stream.
   *
   * @param open Opens the redactor's stream, at the first bytes: most commands write to one of two.
   */
  constructor(open: () => RedactionStream) {
    this.#open = open;
  }

  /** True once a mark was woven in. */
  get hasMarks(): boolean {
    return this.#hasMarks;
  }

  /**
   * Takes the next raw bytes.
   *
   * @param chunk The bytes; they are not kept.
   * @returns What is certain to be safe by now.
   */
  push(chunk: Uint8Array): SafeBytes {
    this.#redaction ??= this.#open();
    return this.#woven(this.#redaction, this.#redaction.push(this.#clean(chunk)));
  }

  /** Lets the memory of what was given be used again. */
  reuse(): void {
    this.#redaction?.reuse?.();
  }

  /** True while bytes are held back, or may be. */
  get isHolding(): boolean {
    if (this.#redaction === undefined) return false;
    return (this.#redaction.sentBytes ?? -1) < this.#cleanedBytes;
  }

  /** Gives what is held back and tells nothing of a secret; see `RedactionStream.release`. */
  release(): SafeBytes {
    const redaction = this.#redaction;
    if (redaction?.release === undefined) return NOTHING;
    return this.#woven(redaction, redaction.release());
  }

  /** Gives what was held back; the stream takes nothing more. */
  end(): SafeBytes {
    const redaction = this.#redaction;
    if (redaction === undefined) return NOTHING;
    const last = this.#woven(redaction, redaction.push(this.#cleaner.end()));
    const rest = redaction.end();
    const marks = this.#marks;
    this.#marks = [];
    this.#hasMarks ||= marks.length > 0;
    const whole = new Uint8Array(last.length + rest.length + marks.length);
    whole.set(last);
    whole.set(weave(rest, marks, { from: this.#sentBytes, to: this.#cleanedBytes }), last.length);
    return markSafeBytes(whole);
  }

  #clean(chunk: Uint8Array): Uint8Array {
    const before = this.#cleaner.clone();
    const text = this.#cleaner.push(chunk);
    // Where nothing had to be cleaned away, there is nothing to mark either.
    const places = text === chunk ? [] : this.#reader.read(chunk);
    if (places.length === 0) {
      this.#cleanedBytes += text.length;
      return text;
    }
    this.#cleaner.backTo(before);
    if (this.#cleaned.length <= chunk.length) this.#cleaned = new Uint8Array(chunk.length + 1);
    const whole = this.#cleaned;
    let [length, from] = [0, 0];
    const take = (to: number): void => {
      const cleaned = this.#cleaner.push(chunk.subarray(from, to));
      whole.set(cleaned, length);
      length += cleaned.length;
      from = to;
    };
    for (const { to, marks } of places) {
      take(to);
      if (this.#marks.length > WAITING_MAX_MARKS) continue;
      for (const mark of marks) this.#marks.push({ at: this.#cleanedBytes + length, mark });
    }
    take(chunk.length);
    this.#cleanedBytes += length;
    return whole.subarray(0, length);
  }

  #woven(redaction: RedactionStream, bytes: SafeBytes): SafeBytes {
    const from = this.#sentBytes;
    // A redactor that does not say how far it is takes no marks: lines then show as before.
    const to = redaction.sentBytes;
    if (to === undefined) this.#marks = [];
    this.#sentBytes = to ?? 0;
    const due = this.#marks.findIndex(({ at }) => at > this.#sentBytes);
    const marks = this.#marks.splice(0, due < 0 ? this.#marks.length : due);
    if (marks.length === 0) return bytes;
    this.#hasMarks = true;
    return markSafeBytes(weave(bytes, marks, { from, to: this.#sentBytes }));
  }
}

/** Puts marks between the bytes that a stretch of the cleaned stream became. */
function weave(
  bytes: Uint8Array,
  marks: readonly PlacedMark[],
  stretch: { readonly from: number; readonly to: number },
): Uint8Array {
  const woven = new Uint8Array(bytes.length + marks.length);
  let [length, from] = [0, 0];
  const isVerbatim = bytes.length === stretch.to - stretch.from;
  for (const { at, mark } of marks) {
    const to = Math.max(from, isVerbatim ? at - stretch.from : placeOf(bytes, at, stretch));
    woven.set(bytes.subarray(from, to), length);
    length += to - from;
    woven[length] = mark;
    length++;
    from = to;
  }
  woven.set(bytes.subarray(from), length);
  return woven;
}

/**
 * Where placeholders stand in a stretch, a mark keeps its distance from the start when that is in
 * front of the first of them, and else from the end, but behind it. A wrong place is seen, and shows
 * nothing that is hidden otherwise.
 */
function placeOf(
  bytes: Uint8Array,
  at: number,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  const first = indexOfPlaceholder(bytes, 0);
  if (at - from <= first) return Math.min(at - from, bytes.length);
  let place = Math.max(endOfPlaceholder(bytes, first), bytes.length - (to - at));
  const last = bytes.lastIndexOf(BRACKET_START, place - 1);
  // Not inside a later placeholder, nor inside a character.
  if (last > first && indexOfPlaceholder(bytes, last) === last) {
    place = Math.max(place, endOfPlaceholder(bytes, last));
  }
  while (place < bytes.length && ((bytes[place] ?? 0) & 0xc0) === 0x80) place++;
  return Math.min(place, bytes.length);
}

function endOfPlaceholder(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(BRACKET_END, start);
  return end < 0 ? bytes.length : end + 1;
}

/** Gives the index of the next placeholder, or the length. */
function indexOfPlaceholder(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(BRACKET_START, from); at >= 0;) {
    if (PLACEHOLDER_START.every((byte, index) => bytes[at + index] === byte)) return at;
    at = bytes.indexOf(BRACKET_START, at + 1);
  }
  return bytes.length;
}
