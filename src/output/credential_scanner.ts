/**
 * Credentials with a place of their own: URLs, headers, cookies and the flags of some programs.
 *
 * @module
 */

import {
  ANY_BASE64,
  BASE64,
  BLANK,
  EQUALS,
  isIn,
  LETTER,
  LINE_BREAK,
  PERCENT,
  QUOTE,
  TOKEN_RUN,
} from "./byte_classes.ts";
import {
  byteAt,
  type ByteWindow,
  latin1,
  LOOK_AHEAD_BYTES,
  matchText,
  NEED_MORE,
  NO_MATCH,
  runEnd,
} from "./byte_window.ts";
import { type Judge, type Judgement, type Secret, undecided } from "./judgement.ts";
import { bitsPerCharacter, isStandIn } from "./secret_values.ts";
import { swallowRun } from "./token_shape.ts";
import { readValue, type Value } from "./value_reader.ts";

const COLON = 0x3a;
const AT_SIGN = 0x40;
const SLASH = 0x2f;
/** Bytes of a user name or a password in a URL at most. */
const USERINFO_MAX_BYTES = 512;
const HEADER_VALUE_MIN_CHARS = 8;
const BEARER_MIN_CHARS = 16;
const COOKIE_MIN_CHARS = 16;
const SIGNATURE_MIN_BYTES = 16;
const DOCKER_AUTH_MIN_CHARS = 8;

/**
 * Judges what follows `://`: the password of `user:password@host`, or a token as the user.
 *
 * @param window The bytes.
 * @param at Where `://` stands.
 * @returns The password or token.
 */
export function judgeUserinfo(window: ByteWindow, at: number): Judgement {
  const from = at + 3;
  if (!mayBeUserinfo(window, from)) return undefined;
  let index = from;
  let passwordAt = NO_MATCH;
  while (index < from + USERINFO_MAX_BYTES) {
    const byte = byteAt(window, index);
    if (byte === NEED_MORE) return undecided(from);
    if (byte === AT_SIGN) break;
    if (byte < 0 || endsUserinfo(byte)) break;
    if (byte === COLON && passwordAt === NO_MATCH) passwordAt = index + 1;
    index++;
  }
  window.workBytes += index - from;
  if (window.bytes[index] !== AT_SIGN || index >= window.end) return undefined;
  if (passwordAt === NO_MATCH) return tokenAsUser(window, from, index);
  // A token may be the user, with a word such as `x-oauth-basic` for a password.
  if (tokenAsUser(window, from, passwordAt - 1) !== undefined) {
    return { type: "secret", start: from, end: index, kind: "url-token" };
  }
  const password = latin1(window, passwordAt, index);
  if (password === "" || isStandIn(password)) return undefined;
  return { type: "secret", start: passwordAt, end: index, kind: "url-password", learn: true };
}

/** Tells at a glance that a host follows: nearly all URLs have no user. */
function mayBeUserinfo(window: ByteWindow, from: number): boolean {
  const { bytes } = window;
  const limit = Math.min(window.end, from + 64);
  for (let index = from; index < limit; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === AT_SIGN) return true;
    if (byte === SLASH || byte === 0x20 || byte === 0x22 || byte === 0x0a) {
      window.workBytes += index - from;
      return false;
    }
  }
  return true;
}

function endsUserinfo(byte: number): boolean {
  return byte === SLASH || byte === 0x3f || byte === 0x23 || byte === 0x3c || byte === 0x3e ||
    isIn(byte, BLANK | LINE_BREAK | QUOTE);
}

function tokenAsUser(window: ByteWindow, from: number, to: number): Judgement {
  const user = latin1(window, from, to);
  const isLong = user.length >= 20 ||
    (user.length >= 16 && /[a-z]/.test(user) && /[A-Z]/.test(user));
  const isToken = isLong && /\d/.test(user) && /[A-Za-z]/.test(user) &&
    bitsPerCharacter(user) >= 3.2;
  return isToken ? { type: "secret", start: from, end: to, kind: "url-token" } : undefined;
}

/**
 * Judges an `Authorization` header: what follows the scheme is secret.
 *
 * @param window The bytes.
 * @param at Where `authorization` stands.
 * @returns The credentials.
 */
export function judgeAuthorization(window: ByteWindow, at: number): Judgement {
  const valueAt = headerValueAt(window, at + "authorization".length);
  if (valueAt === NEED_MORE) return undecided(window.end);
  if (valueAt === NO_MATCH) return undefined;
  const schemeEnd = runEnd(window, valueAt, LETTER, 16);
  if (schemeEnd === NEED_MORE) return undecided(valueAt);
  const from = runEnd(window, schemeEnd, BLANK, 8);
  if (from === NEED_MORE || byteAt(window, from) === NEED_MORE) return undecided(valueAt);
  const hasScheme = from > schemeEnd;
  const value = readValue(window, hasScheme ? from : valueAt, { isTag: false });
  if (value === NEED_MORE) return undecided(valueAt);
  const text = latin1(window, value.start, Math.min(value.end, value.start + 256));
  const minChars = hasScheme ? HEADER_VALUE_MIN_CHARS : BEARER_MIN_CHARS;
  return isCredential(text, minChars) ? secretValue(value, "authorization") : undefined;
}

function isCredential(text: string, minChars: number): boolean {
  if (text.length < minChars || isStandIn(text)) return false;
  return /\d/.test(text) || /[a-z].*[A-Z]|[A-Z].*[a-z]/.test(text);
}

function secretValue(value: Value, kind: string): Secret {
  const { start, end, swallow } = value;
  const secret = { type: "secret", start, end, kind, learn: true } as const;
  return swallow === undefined ? secret : { ...secret, swallow };
}

/**
 * Judges `Bearer` in front of a token, with or without a header's name.
 *
 * @param window The bytes.
 * @param at Where `bearer` stands.
 * @returns The token.
 */
export function judgeBearer(window: ByteWindow, at: number): Judgement {
  const from = at + "bearer ".length;
  const classes = TOKEN_RUN | PERCENT;
  const end = runEnd(window, from, classes);
  if (end === NEED_MORE) return undecided(from);
  const text = latin1(window, from, Math.min(end, from + 256));
  if (!isCredential(text, BEARER_MIN_CHARS)) return undefined;
  const secret = { type: "secret", start: from, end, kind: "bearer-token", learn: true } as const;
  return end - from < LOOK_AHEAD_BYTES ? secret : { ...secret, swallow: swallowRun(classes) };
}

/** Finds the value after a header's name, in a header line or in JSON. */
function headerValueAt(window: ByteWindow, from: number): number {
  let index = from;
  let colons = 0;
  while (index < from + 16) {
    const byte = byteAt(window, index);
    if (byte === NEED_MORE) return NEED_MORE;
    const separates = byte === COLON || byte === 0x3d;
    // Quotes, escaped quotes, and the bracket of a list of values.
    if (!separates && !isIn(byte, BLANK | QUOTE) && byte !== 0x5c && byte !== 0x5b) break;
    if (separates) colons++;
    index++;
  }
  return colons > 0 ? index : NO_MATCH;
}

/**
 * Judges a `Cookie` or `Set-Cookie` header: long mixed values are secret, one after another.
 *
 * @param window The bytes.
 * @param at Where `cookie` stands.
 * @returns The first secret value.
 */
export function judgeCookie(window: ByteWindow, at: number): Judgement {
  const valueAt = headerValueAt(window, at + "cookie".length);
  if (valueAt === NEED_MORE) return undecided(window.end);
  return valueAt === NO_MATCH ? undefined : nextCookie(window, valueAt);
}

function nextCookie(window: ByteWindow, from: number): Judgement {
  let index = from;
  while (index < from + LOOK_AHEAD_BYTES) {
    const nameEnd = runEnd(window, index, TOKEN_RUN & ~EQUALS, 128);
    if (nameEnd === NEED_MORE) return undecided(index);
    const sign = byteAt(window, nameEnd);
    if (sign === NEED_MORE) return undecided(index);
    const valueAt = sign === 0x3d ? nameEnd + 1 : nameEnd;
    const end = runEnd(window, valueAt, TOKEN_RUN | PERCENT);
    if (end === NEED_MORE) return undecided(index);
    if (sign === 0x3d && isCookieSecret(latin1(window, valueAt, Math.min(end, valueAt + 256)))) {
      return cookieSecret(valueAt, end);
    }
    const after = byteAt(window, end);
    if (after === NEED_MORE) return undecided(index);
    if (after !== 0x3b && !(isIn(after, BLANK) && end > index)) return undefined;
    index = end + 1;
    const blanks = runEnd(window, index, BLANK, 8);
    if (blanks === NEED_MORE) return undecided(index);
    index = blanks;
  }
  return undefined;
}

function cookieSecret(start: number, end: number): Secret {
  const secret = { type: "secret", start, end, kind: "cookie", learn: true } as const;
  if (end - start >= LOOK_AHEAD_BYTES) {
    return { ...secret, swallow: swallowRun(TOKEN_RUN | PERCENT) };
  }
  return { ...secret, then: (window, at) => cookieTail(window, at) };
}

function cookieTail(window: ByteWindow, at: number): Judgement {
  const next = matchText(window, at, "; ");
  if (next === NEED_MORE) return undecided(at);
  return next === NO_MATCH ? undefined : nextCookie(window, next);
}

function isCookieSecret(text: string): boolean {
  return text.length >= COOKIE_MIN_CHARS && /\d/.test(text) && /[A-Za-z]/.test(text) &&
    !isStandIn(text) && bitsPerCharacter(text) >= 3;
}

/**
 * Judges a signature in a query string, which alone gives access to what the URL names.
 *
 * @param window The bytes.
 * @param at Where the parameter's name stands, with its sign and `=`.
 * @returns The signature.
 */
export function signatureJudge(name: string): Judge {
  return (window, at) => {
    const from = at + name.length;
    const end = runEnd(window, from, ANY_BASE64 | PERCENT);
    if (end === NEED_MORE) return undecided(from);
    if (end - from < SIGNATURE_MIN_BYTES) return undefined;
    const secret = { type: "secret", start: from, end, kind: "url-signature" } as const;
    if (end - from < LOOK_AHEAD_BYTES) return secret;
    return { ...secret, swallow: swallowRun(ANY_BASE64 | PERCENT) };
  };
}

/**
 * Judges `auth` in a container registry's or package registry's settings: base64 of
 * `user:password`.
 *
 * @param window The bytes.
 * @param at Where `auth` stands.
 * @returns The encoded pair.
 */
export function judgeEncodedAuth(window: ByteWindow, at: number): Judgement {
  const valueAt = headerValueAt(window, at + "auth".length);
  if (valueAt === NEED_MORE) return undecided(window.end);
  if (valueAt === NO_MATCH) return undefined;
  const end = runEnd(window, valueAt, BASE64);
  if (end === NEED_MORE) return undecided(valueAt);
  const text = latin1(window, valueAt, Math.min(end, valueAt + 1024)).replace(/=+$/, "");
  if (text.length < DOCKER_AUTH_MIN_CHARS || text.length % 4 === 1) return undefined;
  if (!/^[A-Za-z0-9+/]+$/.test(text) || !/^[\x20-\x7e]+:[\x20-\x7e]+$/.test(atob(text))) {
    return undefined;
  }
  return { type: "secret", start: valueAt, end, kind: "registry-auth", learn: true };
}

/** Words that a quoted password follows directly: SQL and PowerShell. */
export const QUOTED_PASSWORD_ANCHORS: readonly string[] = [
  "identified by ",
  "convertto-securestring ",
];

/**
 * Makes the rule for words that a quoted password follows.
 *
 * @param anchor The words, in lower case.
 * @returns The rule.
 */
export function quotedPasswordJudge(anchor: string): Judge {
  return (window, at) => {
    const from = at + anchor.length;
    const value = readValue(window, from, { isTag: false });
    if (value === NEED_MORE) return undecided(from);
    const text = latin1(window, value.start, Math.min(value.end, value.start + 256));
    return value.quoted && text !== "" && !isStandIn(text)
      ? secretValue(value, "password")
      : undefined;
  };
}
