/**
 * Whether a form of a known value stands at a place.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";
import { ALNUM, ANY_BASE64, BYTE_CLASS, DIGIT, HEX, isIn, LETTER } from "./byte_classes.ts";
import {
  byteAt,
  type ByteWindow,
  END_OF_STREAM,
  LOOK_AHEAD_BYTES,
  NEED_MORE,
  NO_MATCH,
  REACH_BACK_BYTES,
  runEnd,
  runStart,
} from "./byte_window.ts";
import { type Judge, type Judgement, undecided } from "./judgement.ts";
import type { ValueForm } from "./value_forms.ts";

const LF = 0x0a;
const CR = 0x0d;
/** Bytes that are read as one number. */
export const BLOCK_BYTES = 4;
/** Bytes of a form that show one whole block, wherever they stand. */
export const GROUP_BYTES: number = 2 * BLOCK_BYTES - 1;
/**
 * Fewest bytes between two line ends inside a value. With it, the first or the second group of a
 * value is whole wherever lines break.
 */
export const SEGMENT_BYTES: number = 2 * GROUP_BYTES;

/** Bytes of a value at most that is learned from where it stood. */
const DISTINCTIVE_MAX_BYTES = 256;

/** A form of one value. */
export interface KnownForm extends ValueForm {
  /** The value's identity for placeholders. */
  readonly identity: number;
  /** Bytes in front of the first line end that may break the form. */
  readonly unbrokenBytes: number;
}

/**
 * Makes the rule for one form.
 *
 * @param form The form.
 * @returns The rule, to be asked where it may begin.
 */
export function judgeOf(form: KnownForm): Judge {
  return (window, at) => judgeKnown(window, at, form);
}

/** Judges a place where a form may stand; what is found has the run around it. */
function judgeKnown(window: ByteWindow, start: number, form: KnownForm): Judgement {
  const end = compare(window, start, form);
  if (end === NO_MATCH) return undefined;
  const grownFrom = form.grows
    ? Math.max(window.floor, runStart(window, start, ANY_BASE64, REACH_BACK_BYTES))
    : start;
  if (end === NEED_MORE) return undecided(grownFrom);
  const found = {
    type: "secret",
    start: grownFrom,
    kind: "known",
    identity: form.identity,
  } as const;
  if (form.grows) {
    const grownTo = runEnd(window, end, form.caseless ? HEX : ANY_BASE64, LOOK_AHEAD_BYTES);
    return grownTo === NEED_MORE ? undecided(grownFrom) : { ...found, end: grownTo };
  }
  if (!form.wholeWord) return { ...found, end };
  const after = byteAt(window, end);
  if (after === NEED_MORE) return undecided(start);
  const before = start === 0 ? END_OF_STREAM : window.bytes[start - 1] ?? END_OF_STREAM;
  return isIn(after, ALNUM) || isIn(before, ALNUM) ? undefined : { ...found, end };
}

/**
 * Goes back over so many bytes of a value, not counting line ends inside it.
 *
 * @param window The bytes.
 * @param at Where to begin.
 * @param bytes How many bytes of the value.
 * @returns The index, or {@linkcode NO_MATCH}.
 */
export function stepBack(window: ByteWindow, at: number, bytes: number): number {
  let index = at;
  let left = bytes;
  while (left > 0 && index > 0) {
    index--;
    const byte = window.bytes[index];
    if (byte !== LF && byte !== CR) left--;
  }
  return left === 0 ? index : NO_MATCH;
}

/**
 * Tells whether a form stands here, as far as the bytes tell; a word must begin a word.
 *
 * @param window The bytes.
 * @param at Where.
 * @param form The form.
 * @returns True when it does or may.
 */
export function stands(window: ByteWindow, at: number, form: KnownForm): boolean {
  if (form.wholeWord && at > 0 && isIn(window.bytes[at - 1] ?? 0, ALNUM)) return false;
  return compare(window, at, form) !== NO_MATCH;
}

/**
 * Compares a form with the bytes here, over the line ends that may break it.
 *
 * @param window The bytes.
 * @param from Where.
 * @param form The form.
 * @returns The index after it, {@linkcode NO_MATCH}, or {@linkcode NEED_MORE}.
 */
export function compare(window: ByteWindow, from: number, form: KnownForm): number {
  const { bytes } = form;
  let index = from;
  let breakableAt = form.unbrokenBytes;
  window.workBytes++;
  for (let offset = 0; offset < bytes.length; offset++) {
    const wanted = bytes[offset] ?? 0;
    let byte = byteAt(window, index);
    // A terminal or an encoder may have broken the line.
    if ((byte === CR || byte === LF) && byte !== wanted && offset >= breakableAt) {
      if (byte === CR) byte = byteAt(window, ++index);
      if (byte === LF) byte = byteAt(window, ++index);
      breakableAt = offset + SEGMENT_BYTES;
    }
    if (byte === NEED_MORE) return NEED_MORE;
    window.workBytes++;
    if (byte !== wanted && !(form.caseless && (byte | 0x20) === wanted)) return NO_MATCH;
    index++;
  }
  return index;
}

/**
 * Tells whether a value that was seen next to a secret name is worth recognising elsewhere.
 * Words that text is full of are not.
 *
 * @param bytes Where the value is.
 * @param start Index of its first byte.
 * @param end Index after its last byte.
 * @returns True when it is long and mixed enough.
 */
export function isDistinctive(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length < LIMITS.knownValueMinChars + 2 || length > DISTINCTIVE_MAX_BYTES) return false;
  let seen = 0;
  let others = 0;
  for (let index = start; index < end; index++) {
    const classes = BYTE_CLASS[bytes[index] ?? 0] ?? 0;
    if ((classes & ALNUM) === 0) others++;
    seen |= classes;
  }
  return (seen & LETTER) !== 0 && ((seen & DIGIT) !== 0 || others > 0);
}
