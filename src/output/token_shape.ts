/**
 * How a token of a documented format is recognised: an anchor, and what may stand around it.
 *
 * @module
 */

import { ALNUM, BYTE_CLASS, DIGIT, isIn, LETTER, LOWER, UPPER } from "./byte_classes.ts";
import {
  byteAt,
  type ByteWindow,
  LOOK_AHEAD_BYTES,
  matchText,
  NEED_MORE,
  NO_MATCH,
  runEnd,
  runStart,
  skipWrap,
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
export type Mix = "digit" | "letter and digit" | "upper, lower and digit";

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
      ? matchText(window, index, part)
      : matchRun(window, index, part);
    if (next === NEED_MORE) return undecided(start);
    if (next === NO_MATCH) return undefined;
    if (typeof part !== "string" && part.maxBytes === undefined) {
      swallow = next - index >= LOOK_AHEAD_BYTES ? swallowRun(part.classes) : undefined;
    }
    index = next;
    if (swallow !== undefined) break;
  }
  if (!hasMix(window, anchor.tailAt, index, shape.mix)) return undefined;
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
  if (part.maxBytes === undefined && length < LOOK_AHEAD_BYTES && length > 0) {
    const wrapped = skipWrap(window, end);
    if (wrapped === NEED_MORE) return NEED_MORE;
    if (wrapped !== NO_MATCH) {
      const resumed = runEnd(window, wrapped, part.classes);
      if (resumed === NEED_MORE) return NEED_MORE;
      length += resumed - wrapped;
      if (resumed > wrapped) end = resumed;
    }
  }
  return length < part.minBytes ? NO_MATCH : end;
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

function hasMix(window: ByteWindow, from: number, to: number, mix: Mix | undefined): boolean {
  if (mix === undefined) return true;
  let seen = 0;
  for (let index = from; index < to; index++) seen |= BYTE_CLASS[window.bytes[index] ?? 0] ?? 0;
  const has = (classes: number): boolean => (seen & classes) !== 0;
  if (mix === "digit") return has(DIGIT);
  if (mix === "letter and digit") return has(LETTER) && has(DIGIT);
  return has(UPPER) && has(LOWER) && has(DIGIT);
}
