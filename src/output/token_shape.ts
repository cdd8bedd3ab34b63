/**
 * How a token of a documented format is recognised: an anchor, and what may stand around it.
 *
 * @module
 */

import {
  ALNUM,
  BLANK,
  BYTE_CLASS,
  DIGIT,
  HEX,
  isIn,
  JOINER,
  LETTER,
  LINE_BREAK,
  LOWER,
  QUOTE,
  UPPER,
} from "./byte_classes.ts";
import {
  byteAt,
  type ByteWindow,
  lineStart,
  LOOK_AHEAD_BYTES,
  matchText,
  NEED_MORE,
  NO_MATCH,
  runEnd,
  runStart,
} from "./byte_window.ts";
import { type Judge, type Judgement, type Swallow, undecided } from "./judgement.ts";

/** A number of bytes of some classes. */
export interface Run {
  /** The classes of the bytes, or-ed together. */
  readonly classes: number;
  /** Fewest bytes. */
  readonly minBytes: number;
  /** Most bytes; open-ended when absent, so that no tail of a longer token is left over. */
  readonly maxBytes?: number;
}

/** What the matched text must contain besides its shape. */
export type Mix = "digit" | "hex" | "letter and digit" | "upper, lower and digit";

/** Widths at which terminals break lines: there, a token goes on whatever follows looks like. */
const WRAP_COLUMNS: ReadonlySet<number> = new Set([80, 100, 120, 132, 160, 200]);
/** Columns below which no terminal breaks lines. */
const WRAP_COLUMNS_MIN = 20;
/** Lines that one part of a token is followed over. */
const WRAPPED_LINES_MAX = 40;
/** Bytes in the next line that are told from a word of prose. */
const REST_MIN_BYTES = 6;
const LF = 0x0a;
const CR = 0x0d;

/** One token format. */
export interface TokenShape {
  /** What it is called in placeholders. */
  readonly kind: string;
  /** Literal texts that begin the token, or stand in it when `before` is set. */
  readonly anchors: readonly string[];
  /** What stands in front of the anchor, as part of the token. */
  readonly before?: Run;
  /** What follows the anchor, in order. */
  readonly tail: readonly (Run | string)[];
  /** True when the byte in front must not be a letter or digit: for anchors that words contain. */
  readonly boundary?: boolean;
  /** What the tail must contain. */
  readonly mix?: Mix;
  /** True when the anchor is public and only what follows it is the secret. */
  readonly tailOnly?: boolean;
}

/**
 * Describes an open-ended run.
 *
 * @param classes The classes of its bytes.
 * @param minBytes Fewest bytes.
 * @returns The run.
 */
export function run(classes: number, minBytes: number): Run {
  return { classes, minBytes };
}

/**
 * Describes a run of an exact length.
 *
 * @param classes The classes of its bytes.
 * @param bytes Its length.
 * @returns The run.
 */
export function exactly(classes: number, bytes: number): Run {
  return { classes, minBytes: bytes, maxBytes: bytes };
}

/**
 * Describes a UUID.
 *
 * @returns The run: hexadecimal digits with dashes.
 */
export function uuid(): Run {
  return { classes: HEX | JOINER, minBytes: 36 };
}

/**
 * Describes a token that begins with its anchor.
 *
 * @param kind What it is called in placeholders.
 * @param anchors The anchors, with blanks between them.
 * @param tail What follows.
 * @param extra What else must be so.
 * @returns The shape.
 */
export function token(
  kind: string,
  anchors: string,
  tail: Run | TokenShape["tail"],
  extra: Pick<TokenShape, "boundary" | "mix"> = {},
): TokenShape {
  return { kind, anchors: anchors.split(" "), tail: "classes" in tail ? [tail] : tail, ...extra };
}

/**
 * Describes a token that is recognised by something in its middle.
 *
 * @param kind What it is called in placeholders.
 * @param anchors The anchors.
 * @param around What stands before and after them.
 * @returns The shape.
 */
export function between(
  kind: string,
  anchors: readonly string[],
  around: Pick<TokenShape, "before" | "tail" | "boundary">,
): TokenShape {
  return { kind, anchors, ...around };
}

/**
 * Demands more of a token whose anchor is found in words too.
 *
 * @param mix What the tail must contain.
 * @returns The demands.
 */
export function weak(mix: Mix): Pick<TokenShape, "boundary" | "mix"> {
  return { boundary: true, mix };
}

/**
 * Combines three characters to anchors.
 *
 * @param first The first characters.
 * @param second The second ones.
 * @param third The third ones.
 * @returns All combinations.
 */
export function starts(
  first: readonly string[],
  second: readonly string[],
  third: string,
): readonly string[] {
  return first.flatMap((a) => second.flatMap((b) => [...third].map((c) => a + b + c)));
}

/**
 * Makes the rule for one anchor of a shape.
 *
 * @param shape The shape.
 * @param anchor One of its anchors.
 * @returns The rule, to be asked where the anchor stands.
 */
export function shapeJudge(shape: TokenShape, anchor: string): Judge {
  return (window, at) => judgeShape(shape, window, { at, tailAt: at + anchor.length });
}

function judgeShape(
  shape: TokenShape,
  window: ByteWindow,
  anchor: { at: number; tailAt: number },
): Judgement {
  const start = tokenStart(shape, window, anchor.at);
  if (start === NO_MATCH) return undefined;
  let index = anchor.tailAt;
  let swallow: Swallow | undefined;
  for (const part of shape.tail) {
    const next = typeof part === "string"
      ? matchWrappedText(window, index, part)
      : matchRun(window, index, part);
    if (next === NEED_MORE) return undecided(start);
    if (next === NO_MATCH) return undefined;
    if (typeof part !== "string" && part.maxBytes === undefined) {
      swallow = next - index >= LOOK_AHEAD_BYTES ? swallowRun(part.classes) : undefined;
    }
    index = next;
    if (swallow !== undefined) break;
  }
  if (!hasMix(window, { from: anchor.tailAt, to: index }, shape.mix)) return undefined;
  const secret = {
    type: "secret",
    start: shape.tailOnly ? anchor.tailAt : start,
    end: index,
    kind: shape.kind,
  } as const;
  return swallow === undefined ? secret : { ...secret, swallow };
}

function tokenStart(shape: TokenShape, window: ByteWindow, at: number): number {
  let start = at;
  if (shape.before !== undefined) {
    const most = shape.before.maxBytes ?? shape.before.minBytes;
    start = Math.max(runStart(window, at, shape.before.classes, most), window.floor);
    if (at - start < shape.before.minBytes) return NO_MATCH;
  }
  const previous = start === 0 ? -1 : window.bytes[start - 1] ?? -1;
  return shape.boundary && isIn(previous, ALNUM) ? NO_MATCH : start;
}

function matchRun(window: ByteWindow, from: number, part: Run): number {
  let end = runEnd(window, from, part.classes, part.maxBytes);
  if (end === NEED_MORE) return NEED_MORE;
  let length = end - from;
  for (let line = 0; line < WRAPPED_LINES_MAX && length > 0; line++) {
    const left = (part.maxBytes ?? LOOK_AHEAD_BYTES) - length;
    const next = left > 0 ? wrappedRun(window, end, { part, length, left }) : NO_MATCH;
    if (next === NEED_MORE) return NEED_MORE;
    if (next === NO_MATCH) break;
    length += next.end - next.from;
    end = next.end;
  }
  return length < part.minBytes ? NO_MATCH : end;
}

/** Follows a run into the next line, where a terminal broke it because its line was full. */
function wrappedRun(
  window: ByteWindow,
  end: number,
  run: { part: Run; length: number; left: number },
): { from: number; end: number } | typeof NEED_MORE | typeof NO_MATCH {
  const from = lineAfter(window, end);
  if (from === NEED_MORE || from === NO_MATCH) return from;
  const columns = end - lineStart(window, end);
  if (columns < WRAP_COLUMNS_MIN) return NO_MATCH;
  const resumed = runEnd(window, from, run.part.classes, run.left);
  if (resumed === NEED_MORE) return NEED_MORE;
  if (resumed === from) return NO_MATCH;
  const isComplete = run.length >= run.part.minBytes;
  if (!isComplete || WRAP_COLUMNS.has(columns)) return { from, end: resumed };
  const after = byteAt(window, resumed);
  if (after === NEED_MORE) return NEED_MORE;
  // A word of the next line is not taken for the rest of a token that is long enough already.
  return isIn(after, BLANK | LINE_BREAK | QUOTE) || after < 0
    ? isRestOfToken(window, from, resumed) ? { from, end: resumed } : NO_MATCH
    : NO_MATCH;
}

function isRestOfToken(window: ByteWindow, from: number, to: number): boolean {
  const range = { from, to };
  return to - from >= REST_MIN_BYTES &&
      hasMix(window, range, "upper, lower and digit") || hasMix(window, range, "hex");
}

/** Gives the index after a line end that stands here. */
function lineAfter(window: ByteWindow, index: number): number {
  const byte = byteAt(window, index);
  if (byte === LF) return index + 1;
  if (byte !== CR) return byte === NEED_MORE ? NEED_MORE : NO_MATCH;
  const next = byteAt(window, index + 1);
  if (next === NEED_MORE) return NEED_MORE;
  return next === LF ? index + 2 : NO_MATCH;
}

/** Matches the sign between two parts of a token; a line end may stand in front of it. */
function matchWrappedText(window: ByteWindow, index: number, text: string): number {
  const from = lineAfter(window, index);
  if (from === NEED_MORE) return NEED_MORE;
  return matchText(window, from === NO_MATCH ? index : from, text);
}

/**
 * Makes the continuation of a secret that goes on as long as its bytes are of some classes.
 *
 * @param classes The classes.
 * @returns The continuation.
 */
export function swallowRun(classes: number): Swallow {
  return (window, from) => {
    let to = from;
    while (isIn(byteAt(window, to), classes)) to++;
    return { to, done: window.final || to < window.end };
  };
}

function hasMix(
  window: ByteWindow,
  range: { from: number; to: number },
  mix: Mix | undefined,
): boolean {
  if (mix === undefined) return true;
  let seen = 0;
  let common = -1;
  for (let index = range.from; index < range.to; index++) {
    const classes = BYTE_CLASS[window.bytes[index] ?? 0] ?? 0;
    seen |= classes;
    common &= classes;
  }
  const has = (classes: number): boolean => (seen & classes) !== 0;
  if (mix === "hex") return (common & HEX) !== 0 && has(LETTER) && has(DIGIT) && !has(UPPER);
  if (mix === "digit") return has(DIGIT);
  if (mix === "letter and digit") return has(LETTER) && has(DIGIT);
  return has(UPPER) && has(LOWER) && has(DIGIT);
}
