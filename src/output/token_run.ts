/**
 * The run of characters at the end of a stream that a token may have begun with.
 *
 * @module
 */

import { BYTE_CLASS, DIGIT, DOLLAR, DOT, isIn, LETTER, TOKEN_RUN } from "./byte_classes.ts";
import { type ByteWindow, REACH_BACK_BYTES } from "./byte_window.ts";

/** Bytes of a begun token that are held back: what a rule reaches back, and an anchor. */
export const HOLD_RUN_BYTES: number = REACH_BACK_BYTES + 16;
/** Bytes of a begun run of letters and digits that are not released: a third of a short token. */
const TELLING_RUN_BYTES = 9;
const EXCLAMATION_MARK = 0x21;
const BACKSLASH = 0x5c;

/**
 * Finds the start of the run of token characters that the bytes end with.
 *
 * @param window The bytes.
 * @returns Its index; the end when there is none.
 */
export function tokenBeginning(window: ByteWindow): number {
  const { bytes, end } = window;
  const limit = Math.max(window.floor, end - HOLD_RUN_BYTES);
  let start = end;
  while (start > limit && mayBeInToken(bytes[start - 1] ?? 0)) {
    // No token has two dots in a row, but progress messages end in them.
    if (start < end && isIn(bytes[start - 1] ?? 0, DOT) && isIn(bytes[start] ?? 0, DOT)) break;
    start--;
  }
  return Math.min(start, botTokenBeginning(window));
}

/**
 * Tells a run that may be a token from a word, a number or a name: most tokens mix letters and digits,
 * and each has far more than {@linkcode TELLING_RUN_BYTES}.
 *
 * @param window The bytes, which end with the run.
 * @param start Index of its first byte.
 * @returns True when it is not shown before it is known what it is.
 */
export function isTelling({ bytes, end }: ByteWindow, start: number): boolean {
  if (end - start < TELLING_RUN_BYTES) return false;
  let seen = 0;
  for (let index = start; index < end; index++) seen |= BYTE_CLASS[bytes[index] ?? 0] ?? 0;
  return (seen & LETTER) !== 0 && (seen & DIGIT) !== 0;
}

/** Some tokens have a sign in their middle by which they are recognised. */
function mayBeInToken(byte: number): boolean {
  return isIn(byte, TOKEN_RUN | DOLLAR) || byte === EXCLAMATION_MARK || byte === BACKSLASH;
}

/** A bot token begins with digits and a colon, which are not part of the run above. */
function botTokenBeginning(window: ByteWindow): number {
  const { bytes } = window;
  let colon = window.end - 1;
  if (bytes[colon] === 0x41) colon--;
  if (colon < 0 || bytes[colon] !== 0x3a) return window.end;
  let start = colon;
  while (start > window.floor && colon - start < 12 && isIn(bytes[start - 1] ?? 0, DIGIT)) start--;
  return colon - start >= 8 ? start : window.end;
}
