/**
 * What stands between a secret name and its value.
 *
 * @module
 */

import { BLANK, DIGIT, isIn, LETTER, LINE_BREAK, QUOTE } from "./byte_classes.ts";
import {
  byteAt,
  type ByteWindow,
  latin1,
  lineStart,
  matchText,
  NEED_MORE,
  NO_MATCH,
  runEnd,
} from "./byte_window.ts";
import type { SecretName } from "./secret_names.ts";

/** How a name and its value are joined. */
export type SeparatorForm =
  | "equals"
  | "colon"
  | "arrow"
  | "compare"
  | "tag"
  | "flag"
  | "words"
  | "quoted"
  | "comma"
  | "call"
  | "block"
  | "pair";

/** A separator. */
export interface Separator {
  /** Index where the value, or its opening quote, begins. */
  readonly valueAt: number;
  /** How name and value are joined. */
  readonly form: SeparatorForm;
  /** True when nothing but the sign stands between name and value. */
  readonly isTight: boolean;
}

/** Blanks between a name, its separator and its value at most. */
const BLANKS_MAX = 40;
/** Bytes between a name that is itself a value and the value that belongs to it. */
const PAIR_MAX_BYTES = 80;
/** Bytes in front of a name that tell whether it is itself a value. */
const PAIR_HEAD_BYTES = 40;
const COLON = 0x3a;
const EQUALS_SIGN = 0x3d;
const GREATER = 0x3e;
const LESS = 0x3c;
const COMMA = 0x2c;
const DASH = 0x2d;
const PIPE = 0x7c;
const PAREN = 0x28;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;

/** `name: DB_PASSWORD`, `key="password"`, `variable "db_password"`: the name is a value. */
const PAIR_HEAD =
  /(?:^|[\s{,<"'(\[\\;])(?:name|key|variable|id|Name|Key|field|property|parameter_?key|option)(?:\\?["'])?\s*[:= ]\s*\\?["']?[\w.-]{0,40}$/i;
/** What leads from there to the value. */
const PAIR_TAIL =
  /^\\?["']?(?:\s*\/?>|\s*[,;]?\s*(?:\{\s*)?\\?["']?(?:value|default|val|content|parameter_?value|secret|string_?value)\\?["']?\s*[:=]\s*)/i;
/** Commands in which the value follows the name after a blank. */
const SETTING_HEAD =
  /(?:^|[\s"'])(?:env|arg|setenv|setx|set|config set|set-env|putenv|setvar|secrets? set)\s+(?:[^\s=]{0,80})$/i;

/** What says that a token, a key or a secret was found or missed by its name. */
const COMPLAINT =
  /\b(?:unexpected|expected|invalid|illegal|unknown|unrecognized|missing|bad|duplicate|undefined|parse|syntax|near|at|no|the|a|this|last|next|previous|start|end|stray|unmatched|found|got|named|called|create|created|update|updated|delete|deleted|rotate|rotated|read|mount|mounted|get|set|for|of|in|with|from)\s+$/i;

/**
 * Reads what follows a name.
 *
 * @param window The bytes.
 * @param name The name.
 * @param from Where its separator may begin.
 * @returns The separator, {@linkcode NO_MATCH}, or {@linkcode NEED_MORE}.
 */
export function separatorAt(
  window: ByteWindow,
  name: SecretName,
  from: number,
): Separator | typeof NO_MATCH | typeof NEED_MORE {
  const closed = skipClosers(window, from);
  if (closed === NEED_MORE) return NEED_MORE;
  const signAt = skipBlanks(window, closed);
  if (signAt === NEED_MORE) return NEED_MORE;
  const sign = byteAt(window, signAt);
  if (sign === NEED_MORE) return NEED_MORE;
  const pair = pairValueAt(window, name, from);
  if (pair !== NO_MATCH) return pair === NEED_MORE ? NEED_MORE : separator(pair, "pair");
  const signs = signAt === closed && isTag(window, name)
    ? tagSign(sign)
    : sign === COMMA && closed > from
    ? { form: "comma", length: 1 } as const
    : sign === PAREN && signAt === from && name.anyValue
    ? { form: "call", length: 1 } as const
    : signsAt(window, signAt);
  if (signs === NEED_MORE) return NEED_MORE;
  if (signs === NO_MATCH) return signAt === closed ? NO_MATCH : spacedValue(window, name, signAt);
  return afterSigns(window, { signs, signAt, closed, from });
}

function separator(valueAt: number, form: SeparatorForm): Separator {
  return { valueAt, form, isTight: false };
}

function afterSigns(
  window: ByteWindow,
  found: { signs: Signs; signAt: number; closed: number; from: number },
): Separator | typeof NO_MATCH | typeof NEED_MORE {
  const { signs, signAt, closed, from } = found;
  if (signs.form === "tag") return separator(signAt + 1, "tag");
  let valueAt = skipBlanks(window, signAt + signs.length);
  if (valueAt === NEED_MORE) return NEED_MORE;
  const first = byteAt(window, valueAt);
  if (first === NEED_MORE) return NEED_MORE;
  const isTight = signAt === from && valueAt === signAt + signs.length;
  if (signs.form === "colon" && (first === PIPE || first === GREATER)) {
    return blockValueAt(window, valueAt);
  }
  if (signs.form === "colon" && closed > from && isIn(first, LINE_BREAK)) {
    valueAt = runEnd(window, valueAt, BLANK | LINE_BREAK, BLANKS_MAX);
    if (valueAt === NEED_MORE) return NEED_MORE;
    const quote = byteAt(window, valueAt);
    if (quote === NEED_MORE) return NEED_MORE;
    if (!isIn(quote, QUOTE)) return NO_MATCH;
  }
  if (first === BRACKET && closed > from) {
    const inside = skipBlanks(window, valueAt + 1);
    const quote = inside === NEED_MORE ? NEED_MORE : byteAt(window, inside);
    if (quote === NEED_MORE) return NEED_MORE;
    if (isIn(quote, QUOTE)) valueAt = inside;
  }
  return { valueAt, form: signs.form, isTight };
}

/** `password: |` and `>-`: the value is in the next, indented line. */
function blockValueAt(
  window: ByteWindow,
  at: number,
): Separator | typeof NO_MATCH | typeof NEED_MORE {
  let index = at + 1;
  while (index < at + 4) {
    const byte = byteAt(window, index);
    if (byte === NEED_MORE) return NEED_MORE;
    if (isIn(byte, LINE_BREAK)) break;
    // Indentation and chomping indicators.
    const isIndicator = byte === DASH || byte === 0x2b || (byte >= 0x31 && byte <= 0x39);
    if (!isIndicator && !isIn(byte, BLANK)) return NO_MATCH;
    index++;
  }
  const valueAt = runEnd(window, index, BLANK | LINE_BREAK, BLANKS_MAX);
  if (valueAt === NEED_MORE) return NEED_MORE;
  const isIndented = valueAt > index && isIn(window.bytes[valueAt - 1] ?? 0, BLANK);
  return isIndented ? separator(valueAt, "block") : NO_MATCH;
}

/**
 * Tells whether a name is itself a value, as in `name: DB_PASSWORD`, so that another one follows.
 *
 * @param window The bytes.
 * @param name The name.
 * @returns True when what stands in front of it says so.
 */
export function isPairName(window: ByteWindow, name: SecretName): boolean {
  const before = window.bytes[name.start - 1] ?? 0;
  if (name.start === 0 || !isIn(before, QUOTE | BLANK) && before !== COLON) return false;
  if (!endsLikePairHead(window, name.start)) return false;
  return PAIR_HEAD.test(latin1(window, Math.max(0, name.start - PAIR_HEAD_BYTES), name.start));
}

/** Tells by one letter, as the words of {@linkcode PAIR_HEAD} do not end in most letters. */
function endsLikePairHead(window: ByteWindow, nameStart: number): boolean {
  const { bytes } = window;
  const limit = Math.max(0, nameStart - PAIR_HEAD_BYTES);
  let index = nameStart - 1;
  while (index > limit && joinsPairHead(bytes[index] ?? 0)) index--;
  const letter = (bytes[index] ?? 0) | 0x20;
  // D, E, N and Y.
  return letter === 0x64 || letter === 0x65 || letter === 0x6e || letter === 0x79;
}

/** Tells what may stand between such a word and the name. */
function joinsPairHead(byte: number): boolean {
  return byte <= 0x20 || byte === COLON || byte === EQUALS_SIGN || byte === BACKSLASH ||
    byte === 0xa0 || isIn(byte, QUOTE);
}

/** Finds the value that belongs to a name which is itself a value. */
function pairValueAt(window: ByteWindow, name: SecretName, from: number): number {
  if (!isPairName(window, name)) return NO_MATCH;
  const limit = from + PAIR_MAX_BYTES;
  if (limit > window.end && !window.final) {
    // Whether it is a pair shows with the first sign after the name.
    const end = runEnd(window, from, QUOTE | BLANK | LINE_BREAK, PAIR_MAX_BYTES);
    const byte = end === NEED_MORE ? NEED_MORE : byteAt(window, end);
    return byte === COLON || byte === EQUALS_SIGN ? NO_MATCH : NEED_MORE;
  }
  const match = PAIR_TAIL.exec(latin1(window, from, Math.min(window.end, limit)));
  return match === null ? NO_MATCH : from + match[0].length;
}

/** Steps over what may close a name: quotes, escaped quotes, an index bracket, `?`. */
function skipClosers(window: ByteWindow, from: number): number {
  let index = from;
  while (index < from + 4) {
    const byte = byteAt(window, index);
    if (byte === NEED_MORE) return NEED_MORE;
    const closes = isIn(byte, QUOTE) || byte === BACKSLASH || byte === 0x5d || byte === 0x3f;
    if (!closes) return index;
    index++;
  }
  return index;
}

function skipBlanks(window: ByteWindow, from: number): number {
  let index = from;
  while (index < from + BLANKS_MAX) {
    const byte = byteAt(window, index);
    if (byte === NEED_MORE) return NEED_MORE;
    if (!isIn(byte, BLANK)) return index;
    index++;
  }
  return index;
}

interface Signs {
  readonly form: SeparatorForm;
  readonly length: number;
}

const SIGNS: readonly [string, SeparatorForm][] = [
  ["===", "compare"],
  ["==", "compare"],
  ["=>", "arrow"],
  ["=", "equals"],
  [":=", "equals"],
  ["::", "compare"],
  [":", "colon"],
];

function signsAt(
  window: ByteWindow,
  at: number,
): Signs | typeof NO_MATCH | typeof NEED_MORE {
  const first = byteAt(window, at);
  if (first !== COLON && first !== EQUALS_SIGN) return NO_MATCH;
  for (const [text, form] of SIGNS) {
    const matched = matchText(window, at, text);
    if (matched === NEED_MORE) return NEED_MORE;
    if (matched !== NO_MATCH) return { form, length: text.length };
  }
  return NO_MATCH;
}

function isTag(window: ByteWindow, name: SecretName): boolean {
  return name.start > 0 && window.bytes[name.start - 1] === LESS;
}

function tagSign(sign: number): Signs | typeof NO_MATCH {
  return sign === GREATER ? { form: "tag", length: 1 } : NO_MATCH;
}

/** `--password value`, `ENV API_TOKEN value`, and `password value` as in netrc and prose. */
function spacedValue(
  window: ByteWindow,
  name: SecretName,
  valueAt: number,
): Separator | typeof NO_MATCH | typeof NEED_MORE {
  const byte = byteAt(window, valueAt);
  if (byte < 0 || isIn(byte, LINE_BREAK)) return NO_MATCH;
  const isFlag = window.bytes[name.start] === DASH;
  // The next flag is not this one's value.
  if (isFlag) return byte === DASH ? NO_MATCH : separator(valueAt, "flag");
  if (name.isUpperCase || !name.anyValue) {
    const head = latin1(window, lineStart(window, name.start), name.start);
    if (SETTING_HEAD.test(head)) return separator(valueAt, "flag");
  }
  if (!name.anyValue) {
    const isQuoted = isIn(byte, QUOTE) && valueAt > name.end && !isComplaint(window, name);
    return isQuoted ? separator(valueAt, "quoted") : NO_MATCH;
  }
  const from = afterVerb(window, valueAt);
  return from === NEED_MORE ? NEED_MORE : separator(from, "words");
}

/** Tells that a name is what a parser found, as in `unexpected token "…"`. */
function isComplaint(window: ByteWindow, name: SecretName): boolean {
  return COMPLAINT.test(latin1(window, lineStart(window, name.start), name.start));
}

/**
 * Steps over the verb of `password is …`, the bar of a table, and the digit with which a network
 * device says in what form a password is.
 */
function afterVerb(window: ByteWindow, from: number): number {
  const byte = byteAt(window, from);
  if (byte === PIPE) return skipBlanks(window, from + 1);
  if (isIn(byte, DIGIT)) {
    const next = byteAt(window, from + 1);
    return isIn(next, BLANK) ? skipBlanks(window, from + 1) : next === NEED_MORE ? next : from;
  }
  if (!isIn(byte, LETTER)) return from;
  const text = latin1(window, from, Math.min(window.end, from + 12));
  const verb = /^(?:is|was|are|to)(?:\s+(?:now|set to)|:)?\s+/.exec(text);
  return verb === null ? from : from + verb[0].length;
}
