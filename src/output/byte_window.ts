/**
 * The stretch of a stream that the redaction rules look at, and how they look at it.
 *
 * Every rule is asked again with more bytes when it says {@linkcode NEED_MORE}, and answers only
 * when no further byte could change the answer. That, with fixed distances for looking back and
 * ahead, makes the result independent of where the stream was cut into chunks.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";
import { BYTE_CLASS, isIn, LINE_BREAK } from "./byte_classes.ts";

/** The rule does not match here. */
export const NO_MATCH = -1;
/** The bytes that have arrived do not decide; also what a byte beyond them reads as. */
export const NEED_MORE = -2;
/** What a byte beyond the end of the whole stream reads as. */
export const END_OF_STREAM = -1;

/** Bytes that a rule looks ahead at most; what is longer is swallowed as it comes. */
export const LOOK_AHEAD_BYTES: number = LIMITS.redactionHoldMaxBytes / 16;
/** Bytes in front of the scanning position that rules may read. */
export const LOOK_BACK_BYTES = 256;
/** Bytes that a secret can begin in front of the place where it is recognised. */
export const REACH_BACK_BYTES = 48;

/**
 * Bytes that rules may look at for each byte of the stream. Ordinary text needs under 5; input
 * made to be costly is withheld above it, so that time stays linear.
 */
const WORK_PER_BYTE = 64;
/** Work that is granted in advance, so that short text is never withheld. */
const WORK_ADVANCE_BYTES: number = 1024 * 1024;

/** The bytes that rules may read, and what earlier rules have settled. */
export interface ByteWindow {
  /** The bytes, from some way before the scanning position; they begin where their buffer does. */
  bytes: Uint8Array;
  /** The same buffer in fours, for the filters; it covers at least all whole fours of bytes. */
  words: Int32Array;
  /** Bytes of the stream in front of the window; a multiple of four. */
  droppedBytes: number;
  /** Index after the last byte that has arrived. */
  end: number;
  /** True when the stream has ended, so that nothing follows `end`. */
  final: boolean;
  /** Index before which everything is redacted already. */
  floor: number;
  /** Index before which names in front of values need no second look. */
  namesJudgedTo: number;
  /** Bytes that rules have looked at so far, for the work budget. */
  workBytes: number;
}

/**
 * Tells whether rules have looked at more than they may up to a place.
 *
 * @param window The bytes.
 * @param index The place.
 * @returns True when what follows has to be withheld.
 */
export function isOverBudget(window: ByteWindow, index: number): boolean {
  return window.workBytes > WORK_ADVANCE_BYTES + WORK_PER_BYTE * (window.droppedBytes + index);
}

/**
 * Reads one byte.
 *
 * @param window The bytes.
 * @param index Where.
 * @returns The byte, {@linkcode END_OF_STREAM}, or {@linkcode NEED_MORE}.
 */
export function byteAt(window: ByteWindow, index: number): number {
  if (index < 0) return END_OF_STREAM;
  if (index < window.end) return window.bytes[index] ?? END_OF_STREAM;
  return window.final ? END_OF_STREAM : NEED_MORE;
}

/**
 * Finds the end of a run of bytes.
 *
 * @param window The bytes.
 * @param from Where the run begins.
 * @param classes The classes that its bytes belong to.
 * @param maxBytes Where to stop counting.
 * @returns The index after the run, or {@linkcode NEED_MORE}.
 */
export function runEnd(
  window: ByteWindow,
  from: number,
  classes: number,
  maxBytes: number = LOOK_AHEAD_BYTES,
): number {
  const { bytes } = window;
  const limit = Math.min(window.end, from + maxBytes);
  let index = from;
  while (index < limit && ((BYTE_CLASS[bytes[index] ?? 0] ?? 0) & classes) !== 0) index++;
  window.workBytes += index - from;
  return index === window.end && index < from + maxBytes && !window.final ? NEED_MORE : index;
}

/**
 * Finds the start of a run of bytes that ends here.
 *
 * @param window The bytes.
 * @param end The index after the run.
 * @param classes The classes that its bytes belong to.
 * @param maxBytes How far to look back.
 * @returns The index of the run's first byte; `end` when there is none.
 */
export function runStart(
  window: ByteWindow,
  end: number,
  classes: number,
  maxBytes: number,
): number {
  const limit = Math.max(0, end - maxBytes);
  let index = end;
  while (index > limit && isIn(window.bytes[index - 1] ?? 0, classes)) index--;
  window.workBytes += end - index;
  return index;
}

/**
 * Compares ASCII text with the bytes here.
 *
 * @param window The bytes.
 * @param from Where.
 * @param text What should stand there, exactly.
 * @returns The index after the text, {@linkcode NO_MATCH}, or {@linkcode NEED_MORE}.
 */
export function matchText(window: ByteWindow, from: number, text: string): number {
  for (let offset = 0; offset < text.length; offset++) {
    const byte = byteAt(window, from + offset);
    if (byte === NEED_MORE) return NEED_MORE;
    if (byte !== text.charCodeAt(offset)) return NO_MATCH;
  }
  return from + text.length;
}

/**
 * Finds where the line begins that a byte stands in.
 *
 * @param window The bytes.
 * @param index The byte.
 * @param maxBytes How far to look back.
 * @returns The index of the line's first byte, or of the furthest byte looked at.
 */
export function lineStart(
  window: ByteWindow,
  index: number,
  maxBytes: number = LOOK_BACK_BYTES,
): number {
  const limit = Math.max(0, index - maxBytes);
  let start = index;
  while (start > limit && !isIn(window.bytes[start - 1] ?? 0, LINE_BREAK)) start--;
  window.workBytes += index - start;
  return start;
}

/**
 * Gives bytes as text, one character a byte, for comparisons with ASCII words.
 *
 * @param window The bytes.
 * @param from First index.
 * @param to Index after the last.
 * @returns The characters.
 */
export function latin1(window: ByteWindow, from: number, to: number): string {
  const { bytes } = window;
  let text = "";
  let index = from;
  // Several at once: text that is put together of single characters is slow to read afterwards.
  for (; index + 8 <= to; index += 8) {
    text += String.fromCharCode(
      bytes[index] ?? 0,
      bytes[index + 1] ?? 0,
      bytes[index + 2] ?? 0,
      bytes[index + 3] ?? 0,
      bytes[index + 4] ?? 0,
      bytes[index + 5] ?? 0,
      bytes[index + 6] ?? 0,
      bytes[index + 7] ?? 0,
    );
  }
  for (; index < to; index++) text += String.fromCharCode(bytes[index] ?? 0);
  window.workBytes += Math.max(0, to - from);
  return text;
}
