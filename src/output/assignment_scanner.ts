/**
 * Values that are secret because of the name in front of them: `KEY=value`, `key: value`, JSON,
 * YAML, XML, flags and query strings.
 *
 * @module
 */

import {
  ALNUM,
  BLANK,
  BYTE_CLASS,
  DIGIT,
  isIn,
  LETTER,
  LINE_BREAK,
  LOWER,
} from "./byte_classes.ts";
import {
  byteAt,
  type ByteWindow,
  latin1,
  lineStart,
  NEED_MORE,
  NO_MATCH,
  runEnd,
} from "./byte_window.ts";
import { type Judge, type Judgement, undecided } from "./judgement.ts";
import { type SecretName, secretNameAt } from "./secret_names.ts";
import { isSecretValue, isStandIn, looksMixed } from "./secret_values.ts";
import { isPairName, type Separator, separatorAt } from "./separator_reader.ts";
import { readValue, type Value, wordFollows } from "./value_reader.ts";

/** Characters of a value that its judgement rests on. */
const SAMPLE_BYTES = 512;
/** Blanks between a type and the value after it at most. */
const BLANKS_MAX = 40;
/** Bytes of a rejected value above which names inside it are not judged again. */
const SKIPPED_VALUE_BYTES = 256;
/** Lines of a block of text that are secret at most. */
const BLOCK_LINES_MAX = 64;
/** What a token is made of, but not a pattern or a sentence. */
const TOKEN_CHARACTERS = /^[\w.+/=~:@$!%-]+$/;
const EQUALS_SIGN = 0x3d;
const DASH = 0x2d;
const SPACE = 0x20;

/**
 * Makes the rule for one word that secret names end in.
 *
 * @param word The word, in lower case.
 * @returns The rule, to be asked where the word stands.
 */
export function assignmentJudge(word: string): Judge {
  const bytes = word.length;
  const needsSign = word !== "pwd" && word !== "psk";
  return (window, at) => {
    if (at < window.namesJudgedTo) return undefined;
    if (
      word === "pass" ? isPasswordProse(window, at) : needsSign && isProse(window, at, at + bytes)
    ) {
      return undefined;
    }
    const name = secretNameAt(window, at, word);
    if (name === NEED_MORE) return undecided(at);
    if (name === NO_MATCH) return undefined;
    return judgeValue(window, name, name.end);
  };
}

/** Tells at a glance that a word stands alone in a sentence: nearly all in logs do. */
function isProse(window: ByteWindow, from: number, to: number): boolean {
  const { bytes, end } = window;
  if (to + 1 >= end || from === 0) return false;
  const before = BYTE_CLASS[bytes[from - 1] ?? 0] ?? 0;
  const after = BYTE_CLASS[bytes[to] ?? 0] ?? 0;
  if ((before & BLANK) === 0 || (after & BLANK) === 0) return false;
  return ((BYTE_CLASS[bytes[to + 1] ?? 0] ?? 0) & ALNUM) !== 0;
}

/** Bytes behind `pass` that tell whether it stands in a sentence. */
const PROSE_BYTES = 36;
/** Bytes in front of it among which nothing may speak of an account. */
const PROSE_HEAD_BYTES = 80;
const LINE_FEED = 0x0a;

/**
 * The same for passwords, which may stand without a sign: in front of a word without digits, as
 * in `password check took 5 ms`. It is asked so often that it reads bytes.
 */
function isPasswordProse(window: ByteWindow, at: number): boolean {
  const { bytes, end } = window;
  const to = at + "pass".length + PROSE_BYTES;
  if (at < PROSE_HEAD_BYTES || to > end || !isIn(bytes[at - 1] ?? 0, BLANK)) return false;
  // An `A` in `PASS` or `pAss` is no sentence.
  if (!textStands(bytes, at + 1, "ass")) return false;
  let index = at + "pass".length;
  const ending = ["word", "phrase", "wd", "code"].find((one) => textStands(bytes, index, one));
  index += ending?.length ?? 0;
  if (bytes[index] === 0x73) index++;
  if (bytes[index] !== SPACE) return false;
  const wordAt = index + 1;
  index = wordAt;
  while (index < to && isIn(bytes[index] ?? 0, LETTER)) index++;
  if (index === wordAt) return false;
  if (["is", "was", "are", "to"].some((one) => textStands(bytes, wordAt, one))) return false;
  return goesOn(bytes, index, to) && !speaksOfAccount(bytes, at - PROSE_HEAD_BYTES, at);
}

/** Tells whether a word, a number or a line end follows a word. */
function goesOn(bytes: Uint8Array, from: number, to: number): boolean {
  let index = from;
  const first = bytes[index] ?? 0;
  if (first === LINE_FEED) return index < to;
  if (first === 0x2c || first === 0x2e || first === 0x3a) index++;
  return bytes[index] === SPACE && index + 1 < to &&
    isIn(bytes[index + 1] ?? 0, LOWER | DIGIT);
}

function speaksOfAccount(bytes: Uint8Array, from: number, to: number): boolean {
  for (let index = from; index < to; index++) {
    const byte = bytes[index] ?? 0;
    const word = byte === 0x6c ? "login" : byte === 0x6d ? "machine" : byte === 0x75 ? "user" : "";
    if (word !== "" && index + word.length <= to && textStands(bytes, index, word)) return true;
  }
  return false;
}

function textStands(bytes: Uint8Array, from: number, text: string): boolean {
  for (let offset = 0; offset < text.length; offset++) {
    if (bytes[from + offset] !== text.charCodeAt(offset)) return false;
  }
  return true;
}

function judgeValue(window: ByteWindow, name: SecretName, from: number): Judgement {
  const separator = separatorAt(window, name, from);
  // Names and separators are no secrets: a prompt such as `Password: ` goes out at once.
  if (separator === NEED_MORE) return undecided(isPairName(window, name) ? from : window.end);
  if (separator === NO_MATCH) return undefined;
  if (separator.form === "block") return blockLine(window, name, separator.valueAt);
  const value = readValue(window, separator.valueAt, { isTag: separator.form === "tag" });
  if (value === NEED_MORE) return undecided(separator.valueAt);
  if (separator.form === "quoted") {
    // In `secret "web-tls" deleted` the quotes are those of a sentence.
    const isSentence = wordFollows(window, value.end + 1);
    if (isSentence === NEED_MORE) return undecided(separator.valueAt);
    if (isSentence) return undefined;
  }
  if (!isWorthJudging(window, { name, separator, value })) return undefined;
  if (!isSecret(window, { name, separator, value })) {
    if (value.end - value.start > SKIPPED_VALUE_BYTES) window.namesJudgedTo = value.end;
    return isTypeAnnotation(window, separator, value)
      ? judgeValue(window, name, value.end)
      : undefined;
  }
  const { start, end, swallow } = value;
  const { kind } = name;
  if (swallow === undefined) return { type: "secret", start, end, kind, learn: true };
  return { type: "secret", start, end, kind, learn: true, swallow };
}

/** Sorts out what has the form of prose or code, whatever the value is. */
function isWorthJudging(
  window: ByteWindow,
  found: { name: SecretName; separator: Separator; value: Value },
): boolean {
  const { name, separator, value } = found;
  switch (separator.form) {
    case "tag":
      return byteAt(window, value.end) === 0x3c;
    case "compare":
    case "comma":
    case "call":
      return value.quoted;
    case "quoted":
      return value.quoted &&
        TOKEN_CHARACTERS.test(
          latin1(window, value.start, Math.min(value.end, value.start + SAMPLE_BYTES)),
        );
    case "words":
      return value.quoted || followsLogin(window, name.start) ||
        looksMixed(latin1(window, value.start, Math.min(value.end, value.start + SAMPLE_BYTES)));
    default:
      return true;
  }
}

/** Judges the lines of a block of text, as YAML has them after `password: |`. */
function blockLine(
  window: ByteWindow,
  name: SecretName,
  from: number,
  line = 0,
): Judgement {
  let end = from;
  while (end < from + SAMPLE_BYTES) {
    const byte = byteAt(window, end);
    if (byte === NEED_MORE) return undecided(from);
    if (byte < 0 || isIn(byte, LINE_BREAK)) break;
    end++;
  }
  const text = latin1(window, from, end);
  if (text.length < 4 || text.startsWith("-----") || isStandIn(text)) return undefined;
  if (!name.anyValue && (/\s/.test(text) || !/\d/.test(text))) return undefined;
  const indent = from - lineStart(window, from);
  const secret = { type: "secret", start: from, end, kind: name.kind, learn: true } as const;
  if (line >= BLOCK_LINES_MAX) return secret;
  return {
    ...secret,
    then: (following, at) => {
      const next = runEnd(following, at, LINE_BREAK, 2);
      const textAt = next === NEED_MORE ? NEED_MORE : runEnd(following, next, BLANK, BLANKS_MAX);
      if (textAt === NEED_MORE) return undecided(at);
      const isSameBlock = next > at && textAt - next === indent;
      return isSameBlock ? blockLine(following, name, textAt, line + 1) : undefined;
    },
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
    isFlag: separator.form === "flag" || separator.form === "words" ||
      isPasswordFlag(window, found),
    hasMoreWords: value.hasMoreWords,
  });
}

/** `--password=word` and what is like it: there is no sentence in which it stands. */
function isPasswordFlag(
  window: ByteWindow,
  found: { name: SecretName; separator: Separator },
): boolean {
  const { name, separator } = found;
  return name.anyValue && separator.form === "equals" && separator.isTight &&
    window.bytes[name.start] === DASH;
}

/** `password: str = "…"`: what stands after the colon is a type, and the value comes later. */
function isTypeAnnotation(window: ByteWindow, separator: Separator, value: Value): boolean {
  if (separator.form !== "colon" || value.quoted || value.end - value.start > 40) return false;
  let index = value.end;
  while (index < value.end + BLANKS_MAX && isIn(byteAt(window, index), BLANK)) index++;
  return byteAt(window, index) === EQUALS_SIGN;
}

/** In a netrc file the password stands after `login name`, on the same line or the one before. */
function followsLogin(window: ByteWindow, nameStart: number): boolean {
  let start = lineStart(window, nameStart);
  if (start > 0 && /^\s*$/.test(latin1(window, start, nameStart))) {
    start = lineStart(window, start - 1);
  }
  return /\b(?:login|machine|user|username)\s+\S{1,40}\s{1,16}$/.test(
    latin1(window, start, nameStart),
  );
}
