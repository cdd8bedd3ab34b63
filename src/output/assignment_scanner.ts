/**
 * Values that are secret because of the name in front of them: `KEY=value`, `key: value`, JSON,
 * YAML, XML, flags and query strings.
 *
 * @module
 */

import { BLANK, isIn, LINE_BREAK, QUOTE } from "./byte_classes.ts";
import {
  byteAt,
  type ByteWindow,
  latin1,
  lineStart,
  matchText,
  NEED_MORE,
  NO_MATCH,
} from "./byte_window.ts";
import { type Judge, type Judgement, undecided } from "./judgement.ts";
import { type SecretName, secretNameAt } from "./secret_names.ts";
import { isSecretValue } from "./secret_values.ts";
import { readValue, type Value } from "./value_reader.ts";

/** Characters of a value that its judgement rests on. */
const SAMPLE_BYTES = 512;
/** Blanks between a name, its separator and its value at most. */
const BLANKS_MAX = 40;
/** Bytes of a rejected value above which names inside it are not judged again. */
const SKIPPED_VALUE_BYTES = 256;
const COLON = 0x3a;
const EQUALS_SIGN = 0x3d;
const GREATER = 0x3e;
const LESS = 0x3c;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** The words of a separator: what stands between a name and its value. */
interface Separator {
  readonly valueAt: number;
  readonly form: "equals" | "colon" | "arrow" | "compare" | "tag" | "flag" | "words" | "comma";
  readonly isTight: boolean;
}

/**
 * Makes the rule for one word that secret names end in.
 *
 * @param word The word, in lower case.
 * @returns The rule, to be asked where the word stands.
 */
export function assignmentJudge(word: string): Judge {
  return (window, at) => {
    if (at < window.namesJudgedTo) return undefined;
    const name = secretNameAt(window, at, word);
    if (name === NEED_MORE) return undecided(at);
    if (name === NO_MATCH) return undefined;
    return judgeValue(window, name, name.end);
  };
}

function judgeValue(window: ByteWindow, name: SecretName, from: number): Judgement {
  const separator = separatorAt(window, name, from);
  // Names and separators are no secrets: a prompt such as `Password: ` goes out at once.
  if (separator === NEED_MORE) return undecided(window.end);
  if (separator === NO_MATCH) return undefined;
  const value = readValue(window, separator.valueAt, { isTag: separator.form === "tag" });
  if (value === NEED_MORE) return undecided(separator.valueAt);
  if (separator.form === "words" && !value.quoted && !followsLogin(window, name.start)) {
    return undefined;
  }
  const needsQuotes = separator.form === "compare" || separator.form === "comma";
  if (needsQuotes && !value.quoted) return undefined;
  if (!isSecret(window, { name, separator, value })) {
    if (value.end - value.start > SKIPPED_VALUE_BYTES) window.namesJudgedTo = value.end;
    return isTypeAnnotation(window, separator, value)
      ? judgeValue(window, name, value.end)
      : undefined;
  }
  return {
    type: "secret",
    start: value.start,
    end: value.end,
    kind: name.kind,
    learn: true,
    ...(value.swallow === undefined ? {} : { swallow: value.swallow }),
  };
}

function isSecret(
  window: ByteWindow,
  found: { name: SecretName; separator: Separator; value: Value },
): boolean {
  const { name, separator, value } = found;
  const text = latin1(window, value.start, Math.min(value.end, value.start + SAMPLE_BYTES));
  return isSecretValue(text, {
    quoted: value.quoted,
    // In a list of strings the next one is only a value if it looks like one.
    anyValue: name.anyValue && separator.form !== "comma",
    weak: name.weak,
    isEnvironment: name.isUpperCase && separator.form === "equals" && separator.isTight,
    isFlag: separator.form === "flag" || separator.form === "words",
    hasMoreWords: value.hasMoreWords,
  });
}

/** `password: str = "…"`: what stands after the colon is a type, and the value comes later. */
function isTypeAnnotation(window: ByteWindow, separator: Separator, value: Value): boolean {
  if (separator.form !== "colon" || value.quoted || value.end - value.start > 40) return false;
  let index = value.end;
  while (index < value.end + BLANKS_MAX && isIn(byteAt(window, index), BLANK)) index++;
  return byteAt(window, index) === EQUALS_SIGN;
}

function separatorAt(
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
  const signs = signAt === closed && isTag(window, name)
    ? tagSign(sign)
    : sign === COMMA && closed > from
    ? { form: "comma", length: 1 } as const
    : signsAt(window, signAt);
  if (signs === NEED_MORE) return NEED_MORE;
  if (signs === NO_MATCH) return signAt === closed ? NO_MATCH : spacedValue(window, name, signAt);
  const valueAt = signs.form === "tag" ? signAt + 1 : skipBlanks(window, signAt + signs.length);
  if (valueAt === NEED_MORE || byteAt(window, valueAt) === NEED_MORE) return NEED_MORE;
  const isTight = signAt === from && valueAt === signAt + signs.length;
  return { valueAt, form: signs.form, isTight };
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
  readonly form: Separator["form"];
  readonly length: number;
}

const SIGNS: readonly [string, Separator["form"]][] = [
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

/** `--password value`, and `password "value"` as in SQL and netrc. */
function spacedValue(
  window: ByteWindow,
  name: SecretName,
  valueAt: number,
): Separator | typeof NO_MATCH {
  const byte = byteAt(window, valueAt);
  if (byte < 0 || isIn(byte, LINE_BREAK)) return NO_MATCH;
  const isFlag = window.bytes[name.start] === 0x2d;
  if (!isFlag && !name.anyValue) return NO_MATCH;
  // The next flag is not this one's value.
  if (isFlag && byte === 0x2d) return NO_MATCH;
  return { valueAt, form: isFlag ? "flag" : "words", isTight: false };
}

/** In a netrc line the password stands after `login name`, with only a space. */
function followsLogin(window: ByteWindow, nameStart: number): boolean {
  const line = latin1(window, lineStart(window, nameStart), nameStart);
  return /\b(?:login|machine)\s+\S+\s+$/.test(line);
}
