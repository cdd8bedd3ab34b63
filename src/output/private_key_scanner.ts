/**
 * Private keys in PEM form: the body goes, the BEGIN and END lines stay.
 *
 * A body is followed line by line as it arrives, through indentation, line numbers and log
 * prefixes, and through `\n` escapes in JSON. It ends at the END line, or where the lines stop
 * looking like base64, so that a key without an END does not take the rest of the output along.
 *
 * @module
 */

import {
  BASE64,
  BASE64_SIGN,
  BLANK,
  DIGIT,
  DOT,
  isIn,
  LINE_BREAK,
  QUOTE,
  UPPER,
} from "./byte_classes.ts";
import {
  byteAt,
  type ByteWindow,
  latin1,
  lineStart,
  LOOK_AHEAD_BYTES,
  matchText,
  NEED_MORE,
  NO_MATCH,
  runEnd,
} from "./byte_window.ts";
import { type Judgement, type Swallow, undecided } from "./judgement.ts";
import { swallowRun } from "./token_shape.ts";

/** What stands in front of the label of a PEM block. */
export const PEM_ANCHOR = "-----BEGIN ";
/** How the base64 of a PEM block begins, as in a kubeconfig. */
export const ENCODED_PEM_ANCHOR = "LS0tLS1CRUdJTi";

/** What stands in front of the number of body lines in a PuTTY key. */
export const PUTTY_ANCHOR = "Private-Lines: ";

const LABEL_MAX_BYTES = 48;
const PREFIX_MAX_BYTES = 64;
/** Bytes between two body lines at most, beside a log prefix. */
const GAP_MAX_BYTES = 64;
/** Bytes that a full body line has at least. */
const LINE_MIN_BYTES = 16;
/** Bytes of a header line such as `Proc-Type: 4,ENCRYPTED` at most. */
const HEADER_MAX_BYTES = 120;
const BACKSLASH = 0x5c;

/**
 * Judges a BEGIN line.
 *
 * @param window The bytes.
 * @param at Where {@linkcode PEM_ANCHOR} stands.
 * @returns The body of a private key as an open secret.
 */
export function judgePrivateKey(window: ByteWindow, at: number): Judgement {
  const labelAt = at + PEM_ANCHOR.length;
  const labelEnd = runEnd(window, labelAt, UPPER | DIGIT | BLANK, LABEL_MAX_BYTES);
  if (labelEnd === NEED_MORE) return undecided(at);
  if (!/PRIVATE KEY( BLOCK)?$/.test(latin1(window, labelAt, labelEnd))) return undefined;
  const bodyAt = matchText(window, labelEnd, "-----");
  if (bodyAt === NEED_MORE) return undecided(at);
  if (bodyAt === NO_MATCH) return undefined;
  return judgeBody(window, at, bodyAt);
}

/**
 * Judges the private part of a PuTTY key.
 *
 * @param window The bytes.
 * @param at Where {@linkcode PUTTY_ANCHOR} stands.
 * @returns The lines of base64 as an open secret.
 */
export function judgePuttyKey(window: ByteWindow, at: number): Judgement {
  const countAt = at + PUTTY_ANCHOR.length;
  const bodyAt = runEnd(window, countAt, DIGIT, 4);
  if (bodyAt === NEED_MORE) return undecided(window.end);
  return bodyAt === countAt ? undefined : judgeBody(window, at, bodyAt);
}

function judgeBody(window: ByteWindow, at: number, bodyAt: number): Judgement {
  const prefix = window.bytes.slice(lineStart(window, at, PREFIX_MAX_BYTES), at);
  const first = gapEnd(window, bodyAt, prefix);
  // The header is public and what follows is not a token yet, so nothing needs to be held.
  if (first === NEED_MORE) return undecided(bodyAt);
  const body = new PrivateKeyBody(prefix);
  const opening = body.nextUnit(window, first);
  if (opening === NEED_MORE) return undecided(first);
  if (opening === NO_MATCH) return undefined;
  return {
    type: "secret",
    start: first,
    end: opening,
    kind: "private-key",
    swallow: (following, from) => body.swallow(following, from),
  };
}

/** The state of one key's body between two looks at it. */
class PrivateKeyBody {
  readonly #prefix: Uint8Array;
  #inRun = false;
  #sawFullLine = false;
  #sawShortLine = false;

  constructor(prefix: Uint8Array) {
    this.#prefix = prefix;
  }

  /** Takes in gaps and lines until the bytes run out or the body ends. */
  readonly swallow: Swallow = (window, from) => {
    let to = from;
    while (true) {
      if (this.#inRun) {
        while (isIn(byteAt(window, to), BASE64)) to++;
        if (to === window.end && !window.final) return { to, done: false };
        this.#inRun = false;
      }
      const lineAt = this.#sawShortLine ? NO_MATCH : gapEnd(window, to, this.#prefix);
      const lineEnd = lineAt < 0 || lineAt === to ? lineAt : this.nextUnit(window, lineAt);
      if (lineEnd === NEED_MORE) return { to, done: false };
      if (lineEnd === NO_MATCH || lineEnd <= to) return { to, done: true };
      to = lineEnd;
    }
  };

  /** Gives the end of the body line or header line that begins here. */
  nextUnit(window: ByteWindow, from: number): number {
    const end = runEnd(window, from, BASE64, LINE_MIN_BYTES);
    if (end === NEED_MORE) return NEED_MORE;
    if (end - from >= LINE_MIN_BYTES) {
      this.#sawFullLine = true;
      this.#inRun = true;
      return end;
    }
    if (!this.#sawFullLine) return headerEnd(window, from);
    if (end === from) return NO_MATCH;
    // A line that is followed by more words is not the last one of a key.
    const after = byteAt(window, end);
    if (after === NEED_MORE) return NEED_MORE;
    if (after >= 0 && !isIn(after, LINE_BREAK | QUOTE) && after !== BACKSLASH) return NO_MATCH;
    this.#sawShortLine = true;
    return end;
  }
}

/** Steps over line ends, their escapes, quotes and the prefix that the BEGIN line had. */
function gapEnd(window: ByteWindow, from: number, prefix: Uint8Array): number {
  let index = from;
  const limit = from + GAP_MAX_BYTES + prefix.length;
  while (index < limit) {
    const byte = byteAt(window, index);
    if (byte === NEED_MORE) return NEED_MORE;
    if (isIn(byte, LINE_BREAK)) {
      const skipped = skipPrefix(window, index + 1, prefix);
      if (skipped === NEED_MORE) return NEED_MORE;
      index = skipped;
    } else if (isIn(byte, BLANK | QUOTE) || byte === 0x2c) {
      index++;
    } else if (isIn(byte, BASE64_SIGN | DOT) && isIn(window.bytes[index - 1] ?? 0, BLANK)) {
      // In source code a plus or a dot joins the lines.
      const next = byteAt(window, index + 1);
      if (next === NEED_MORE) return NEED_MORE;
      if (!isIn(next, BLANK | LINE_BREAK)) return index;
      index++;
    } else if (byte === BACKSLASH) {
      const escaped = byteAt(window, index + 1);
      if (escaped === NEED_MORE) return NEED_MORE;
      index += escaped === BACKSLASH ? 1 : 2;
    } else {
      return index;
    }
  }
  return NO_MATCH;
}

/** Steps over a prefix like the first line's: equal but for numbers and how wide they are. */
function skipPrefix(window: ByteWindow, from: number, prefix: Uint8Array): number {
  let index = from;
  let offset = 0;
  while (offset < prefix.length) {
    const wanted = prefix[offset] ?? 0;
    if (isIn(wanted, DIGIT | BLANK)) {
      const classes = isIn(wanted, DIGIT) ? DIGIT : BLANK;
      const end = runEnd(window, index, classes, PREFIX_MAX_BYTES);
      if (end === NEED_MORE) return NEED_MORE;
      if (end === index && classes === DIGIT) return from;
      index = end;
      while (offset < prefix.length && isIn(prefix[offset] ?? 0, classes)) offset++;
      continue;
    }
    const byte = byteAt(window, index);
    if (byte === NEED_MORE) return NEED_MORE;
    if (byte !== wanted) return from;
    index++;
    offset++;
  }
  return index;
}

/** Gives the end of a header line of an encrypted or PGP key, such as `DEK-Info: …`. */
function headerEnd(window: ByteWindow, from: number): number {
  let index = from;
  while (index < from + HEADER_MAX_BYTES) {
    const byte = byteAt(window, index);
    if (byte === NEED_MORE) return NEED_MORE;
    if (byte < 0 || isIn(byte, LINE_BREAK) || byte === BACKSLASH) break;
    index++;
  }
  return /^[A-Z][A-Za-z-]{2,20}: /.test(latin1(window, from, index)) ? index : NO_MATCH;
}

/**
 * Judges base64 that begins as a PEM block does: a private key goes, a certificate stays.
 *
 * @param window The bytes.
 * @param at Where {@linkcode ENCODED_PEM_ANCHOR} stands.
 * @returns The whole base64 run.
 */
export function judgeEncodedPrivateKey(window: ByteWindow, at: number): Judgement {
  const end = runEnd(window, at, BASE64);
  if (end === NEED_MORE) return undecided(at);
  const headBytes = Math.min(end - at, 80) & ~3;
  if (!atob(latin1(window, at, at + headBytes).replaceAll("=", "A")).includes("PRIVATE KEY")) {
    return undefined;
  }
  const secret = { type: "secret", start: at, end, kind: "private-key" } as const;
  return end - at < LOOK_AHEAD_BYTES ? secret : { ...secret, swallow: swallowRun(BASE64) };
}
