/**
 * Where a value begins and ends that stands after a separator.
 *
 * @module
 */

import { BLANK, isIn, LETTER, LINE_BREAK, NAME, QUOTE } from "./byte_classes.ts";
import { byteAt, type ByteWindow, LOOK_AHEAD_BYTES, NEED_MORE, runEnd } from "./byte_window.ts";
import type { Swallow } from "./judgement.ts";

/** A value as it stands in the text. */
export interface Value {
  /** Index of its first byte, after an opening quote. */
  readonly start: number;
  /** Index after its last byte, or after what is known of it when `swallow` is set. */
  readonly end: number;
  /** True when it is in quotes. */
  readonly quoted: boolean;
  /** True when a word follows it on the same line. */
  readonly hasMoreWords: boolean;
  /** Takes in the rest of a value that is too long to look at as a whole. */
  readonly swallow?: Swallow;
}

const BACKSLASH = 0x5c;
const LESS = 0x3c;
const GREATER = 0x3e;
const PIPE = 0x7c;
const FULL_STOP = 0x2e;
const COLON = 0x3a;
/** Letters and signs that may stand in front of an opening quote, as in Python, C# and shells. */
const QUOTE_PREFIXES = new TextEncoder().encode("bfruLBFRU@$");
const SEPARATORS = new TextEncoder().encode(",;&");
const CLOSERS = new TextEncoder().encode(")]}");
/** Byte → 1 when a plain value may end with it; nearly no byte of a value does. */
const MAY_END = new Uint8Array(256);
for (const byte of new TextEncoder().encode(" \t\n\r\"'`<>|,;&)]}.\\")) MAY_END[byte] = 1;
const PAIR_NAME_MAX_BYTES = 40;
const BLANKS_MAX = 40;

/**
 * Reads the value that begins here.
 *
 * @param window The bytes.
 * @param from Where it begins.
 * @param options `isTag` when it ends at the next `<`, as in XML.
 * @returns The value, or {@linkcode NEED_MORE}.
 */
export function readValue(
  window: ByteWindow,
  from: number,
  options: { isTag: boolean },
): Value | typeof NEED_MORE {
  if (options.isTag) return plainValue(window, from, tagByteEnds);
  const opening = openingQuote(window, from);
  if (opening === NEED_MORE) return NEED_MORE;
  if (opening === undefined) return plainValue(window, from, plainByteEnds);
  const quoted = quotedValue(window, opening);
  return quoted ?? plainValue(window, opening.contentAt, plainByteEnds);
}

interface OpeningQuote {
  readonly quote: number;
  readonly backslashes: number;
  readonly contentAt: number;
}

function openingQuote(
  window: ByteWindow,
  from: number,
): OpeningQuote | undefined | typeof NEED_MORE {
  let index = from;
  if (QUOTE_PREFIXES.includes(byteAt(window, index))) {
    const next = byteAt(window, index + 1);
    if (next === NEED_MORE) return NEED_MORE;
    if (isIn(next, QUOTE)) index++;
  }
  const prefixEnd = index;
  while (byteAt(window, index) === BACKSLASH && index < prefixEnd + 8) index++;
  const quote = byteAt(window, index);
  if (quote === NEED_MORE) return NEED_MORE;
  if (!isIn(quote, QUOTE)) return undefined;
  return { quote, backslashes: index - prefixEnd, contentAt: index + 1 };
}

/** Gives `undefined` when the line ends before the quote is closed. */
function quotedValue(
  window: ByteWindow,
  opening: OpeningQuote,
): Value | undefined | typeof NEED_MORE {
  const start = opening.contentAt;
  let index = start;
  while (index < start + LOOK_AHEAD_BYTES) {
    const byte = byteAt(window, index);
    if (byte === NEED_MORE) return NEED_MORE;
    if (byte < 0 || isIn(byte, LINE_BREAK)) {
      window.workBytes += index - start;
      return undefined;
    }
    if (byte === opening.quote && opening.backslashes === 0) break;
    if (byte === BACKSLASH) {
      const run = backslashRun(window, index);
      const after = byteAt(window, index + run);
      if (after === NEED_MORE) return NEED_MORE;
      if (after === opening.quote && run <= opening.backslashes) break;
      index += run;
      if (after === opening.quote && run % 2 === 0) continue;
    }
    index++;
  }
  window.workBytes += index - start;
  const value = { start, end: index, quoted: true, hasMoreWords: false };
  if (index < start + LOOK_AHEAD_BYTES) return value;
  return { ...value, swallow: swallowUntil((byte) => byte === opening.quote) };
}

function backslashRun(window: ByteWindow, from: number): number {
  let count = 1;
  while (count < 16 && byteAt(window, from + count) === BACKSLASH) count++;
  return count;
}

type EndTest = (window: ByteWindow, index: number, byte: number) => boolean | typeof NEED_MORE;

function plainValue(window: ByteWindow, start: number, ends: EndTest): Value | typeof NEED_MORE {
  let index = start;
  while (index < start + LOOK_AHEAD_BYTES) {
    const byte = byteAt(window, index);
    if (byte === NEED_MORE) return NEED_MORE;
    const end = byte < 0 ? true : ends(window, index, byte);
    if (end === NEED_MORE) return NEED_MORE;
    if (end) break;
    index++;
  }
  window.workBytes += index - start;
  const end = index;
  if (end === start + LOOK_AHEAD_BYTES) {
    const swallow = swallowUntil((byte) => isIn(byte, BLANK | QUOTE));
    return { start, end, quoted: false, hasMoreWords: false, swallow };
  }
  const hasMoreWords = wordFollows(window, end);
  return hasMoreWords === NEED_MORE ? NEED_MORE : { start, end, quoted: false, hasMoreWords };
}

function tagByteEnds(_window: ByteWindow, _index: number, byte: number): boolean {
  return byte === LESS || isIn(byte, LINE_BREAK);
}

function plainByteEnds(
  window: ByteWindow,
  index: number,
  byte: number,
): boolean | typeof NEED_MORE {
  if (MAY_END[byte] === 0) return false;
  if (isIn(byte, BLANK | LINE_BREAK | QUOTE)) return true;
  if (byte === LESS || byte === GREATER || byte === PIPE) return true;
  const isSeparator = SEPARATORS.includes(byte);
  const isCloser = CLOSERS.includes(byte);
  if (!isSeparator && !isCloser && byte !== FULL_STOP && byte !== BACKSLASH) return false;
  const next = byteAt(window, index + 1);
  if (next === NEED_MORE) return NEED_MORE;
  if (byte === BACKSLASH) return isIn(next, QUOTE) || [0x6e, 0x72, 0x74].includes(next);
  if (next < 0 || isIn(next, BLANK | LINE_BREAK | QUOTE)) return true;
  if (byte === FULL_STOP) return false;
  if (isCloser) {
    return CLOSERS.includes(next) || SEPARATORS.includes(next) || next === FULL_STOP ||
      next === COLON;
  }
  return isPairStart(window, index + 1);
}

/** Tells whether another `name=value` begins here, so that `&`, `;` and `,` separate. */
function isPairStart(window: ByteWindow, from: number): boolean | typeof NEED_MORE {
  const end = runEnd(window, from, NAME | BLANK, PAIR_NAME_MAX_BYTES);
  if (end === NEED_MORE) return NEED_MORE;
  const byte = byteAt(window, end);
  if (byte === NEED_MORE) return NEED_MORE;
  if (end === from) return byte === 0x7b || byte === 0x5b || CLOSERS.includes(byte);
  return byte === 0x3d || byte === 0x3a;
}

/**
 * Tells whether a word follows on the same line.
 *
 * @param window The bytes.
 * @param from Index of the blanks in front of it.
 * @returns The answer, or {@linkcode NEED_MORE}.
 */
export function wordFollows(window: ByteWindow, from: number): boolean | typeof NEED_MORE {
  const end = runEnd(window, from, BLANK, BLANKS_MAX);
  if (end === NEED_MORE) return NEED_MORE;
  if (end === from) return false;
  const byte = byteAt(window, end);
  return byte === NEED_MORE ? NEED_MORE : isIn(byte, LETTER);
}

function swallowUntil(ends: (byte: number) => boolean): Swallow {
  return (window, from) => {
    let to = from;
    while (to < window.end) {
      const byte = window.bytes[to] ?? 0;
      if (ends(byte) || isIn(byte, LINE_BREAK)) return { to, done: true };
      to++;
    }
    return { to, done: window.final };
  };
}
