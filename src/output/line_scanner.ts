/**
 * Files in which the place in a line, or in a document, makes a value secret.
 *
 * @module
 */

import { BASE64, BLANK, EQUALS, isIn, LINE_BREAK, NAME, QUOTE } from "./byte_classes.ts";
import {
  byteAt,
  type ByteWindow,
  latin1,
  LOOK_AHEAD_BYTES,
  LOOK_BACK_BYTES,
  NEED_MORE,
  runEnd,
} from "./byte_window.ts";
import { type Judge, type Judgement, undecided } from "./judgement.ts";
import { isStandIn } from "./secret_values.ts";

const COLON = 0x3a;
const SLASH = 0x2f;
const AT_SIGN = 0x40;
const FIELD_MAX_BYTES = 128;
const PAIR_MIN_CHARS = 6;

/** What stands in the middle of a line of a `.pgpass` file: a port, or a star for any. */
export const PGPASS_ANCHORS: readonly string[] = [
  ":5432:",
  ":5433:",
  ":6432:",
  ":*:",
];

/**
 * Makes the rule for `host:port:database:user:password`.
 *
 * @param anchor One of {@linkcode PGPASS_ANCHORS}.
 * @returns The rule, to be asked where the anchor stands.
 */
export function pgpassJudge(anchor: string): Judge {
  return (window, at) => {
    let index = at + anchor.length;
    // The database and the user.
    for (let field = 0; field < 2; field++) {
      const end = fieldEnd(window, index, COLON);
      if (end === NEED_MORE) return undecided(at);
      if (end === index || byteAt(window, end) !== COLON) return undefined;
      index = end + 1;
    }
    const end = fieldEnd(window, index, COLON);
    if (end === NEED_MORE) return undecided(index);
    const text = latin1(window, index, end);
    const after = byteAt(window, end);
    const isLast = after < 0 || isIn(after, LINE_BREAK | QUOTE);
    if (!isLast || text.length < 3 || isStandIn(text)) return undefined;
    return { type: "secret", start: index, end, kind: "password", learn: true };
  };
}

/** What stands in front of `user/password@` in an Oracle URL. */
export const ORACLE_ANCHOR = ":thin:";

/**
 * Judges the user and password of an Oracle URL.
 *
 * @param window The bytes.
 * @param at Where {@linkcode ORACLE_ANCHOR} stands.
 * @returns The password.
 */
export function judgeOraclePair(window: ByteWindow, at: number): Judgement {
  const user = fieldEnd(window, at + ORACLE_ANCHOR.length, SLASH);
  if (user === NEED_MORE) return undecided(at);
  if (byteAt(window, user) !== SLASH) return undefined;
  const end = fieldEnd(window, user + 1, AT_SIGN);
  if (end === NEED_MORE) return undecided(user + 1);
  if (end === user + 1 || byteAt(window, end) !== AT_SIGN) return undefined;
  return { type: "secret", start: user + 1, end, kind: "url-password", learn: true };
}

function fieldEnd(window: ByteWindow, from: number, sign: number): number {
  let index = from;
  while (index < from + FIELD_MAX_BYTES) {
    const byte = byteAt(window, index);
    if (byte === NEED_MORE) return NEED_MORE;
    if (byte < 0 || byte === sign || isIn(byte, BLANK | LINE_BREAK | QUOTE)) break;
    index++;
  }
  return index;
}

/** The scheme of a header that base64 of `user:password` follows. */
export const BASIC_ANCHOR = "basic ";

/**
 * Judges `Basic` in front of base64, with or without a header's name.
 *
 * @param window The bytes.
 * @param at Where {@linkcode BASIC_ANCHOR} stands.
 * @returns The encoded pair.
 */
export function judgeBasic(window: ByteWindow, at: number): Judgement {
  const from = at + BASIC_ANCHOR.length;
  const end = runEnd(window, from, BASE64, LOOK_AHEAD_BYTES);
  if (end === NEED_MORE) return undecided(from);
  const pair = decoded(latin1(window, from, Math.min(end, from + FIELD_MAX_BYTES)));
  if (pair === undefined || !/^[\x20-\x7e]+:[\x20-\x7e]*$/.test(pair)) return undefined;
  return { type: "secret", start: from, end, kind: "authorization", learn: true };
}

function decoded(base64: string): string | undefined {
  const text = base64.replace(/=+$/, "");
  if (text.length < PAIR_MIN_CHARS || text.length % 4 === 1 || text.includes("=")) return undefined;
  return atob(text);
}

/** The key of a Kubernetes document's values. */
export const MANIFEST_ANCHOR = "data:";

/**
 * Judges the values of a Kubernetes Secret: all of them are secret, whatever they are called.
 *
 * @param window The bytes.
 * @param at Where {@linkcode MANIFEST_ANCHOR} stands.
 * @returns The first value; the rest follow.
 */
export function judgeManifest(window: ByteWindow, at: number): Judgement {
  const before = at === 0 ? 0x0a : window.bytes[at - 1] ?? 0;
  if (!isIn(before, LINE_BREAK)) return undefined;
  const lineEnd = byteAt(window, at + MANIFEST_ANCHOR.length);
  if (lineEnd === NEED_MORE) return undecided(window.end);
  if (!isIn(lineEnd, LINE_BREAK)) return undefined;
  const head = latin1(window, Math.max(0, at - LOOK_BACK_BYTES), at);
  const document = head.slice(head.lastIndexOf("\n---") + 1);
  if (/^kind: Secret\s*$/m.test(document)) return nextEntry(window, at + MANIFEST_ANCHOR.length);
  if (/^kind: /m.test(document)) return undefined;
  const follows = kindFollows(window, at + MANIFEST_ANCHOR.length);
  if (follows === NEED_MORE) return undecided(at);
  return follows ? nextEntry(window, at + MANIFEST_ANCHOR.length) : undefined;
}

/** Tells whether the first line after the indented block says that it is a Secret. */
function kindFollows(window: ByteWindow, from: number): boolean | typeof NEED_MORE {
  let index = from;
  while (index < from + LOOK_AHEAD_BYTES) {
    const byte = byteAt(window, index);
    if (byte === NEED_MORE) return NEED_MORE;
    if (byte < 0) return false;
    const next = byteAt(window, index + 1);
    if (next === NEED_MORE) return NEED_MORE;
    if (isIn(byte, LINE_BREAK) && !isIn(next, BLANK | LINE_BREAK)) break;
    index++;
  }
  window.workBytes += index - from;
  const wanted = "kind: Secret";
  for (let offset = 0; offset < wanted.length; offset++) {
    const byte = byteAt(window, index + 1 + offset);
    if (byte === NEED_MORE) return NEED_MORE;
    if (byte !== wanted.charCodeAt(offset)) return false;
  }
  return true;
}

/** Finds the value of the next indented `name: value` line. */
function nextEntry(window: ByteWindow, from: number): Judgement {
  const nameAt = runEnd(window, from, LINE_BREAK | BLANK, FIELD_MAX_BYTES);
  if (nameAt === NEED_MORE) return undecided(from);
  if (!isIn(window.bytes[nameAt - 1] ?? 0, BLANK)) return undefined;
  const nameEnd = runEnd(window, nameAt, NAME, FIELD_MAX_BYTES);
  if (nameEnd === NEED_MORE || byteAt(window, nameEnd) === NEED_MORE) return undecided(from);
  if (byteAt(window, nameEnd) !== COLON) return undefined;
  const valueAt = runEnd(window, nameEnd + 1, BLANK, FIELD_MAX_BYTES);
  if (valueAt === NEED_MORE) return undecided(from);
  const end = runEnd(window, valueAt, BASE64 | EQUALS, LOOK_AHEAD_BYTES);
  if (end === NEED_MORE) return undecided(from);
  if (end - valueAt < PAIR_MIN_CHARS) return nextEntryAfter(window, end);
  return {
    type: "secret",
    start: valueAt,
    end,
    kind: "secret",
    learn: true,
    then: (following, at) => nextEntryAfter(following, at),
  };
}

function nextEntryAfter(window: ByteWindow, at: number): Judgement {
  const byte = byteAt(window, at);
  if (byte === NEED_MORE) return undecided(at);
  return isIn(byte, LINE_BREAK) ? nextEntry(window, at) : undefined;
}
