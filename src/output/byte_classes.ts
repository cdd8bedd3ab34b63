/**
 * Which characters a byte may be part of, as one table of bit sets.
 *
 * @module
 */

/** `0`-`9`. */
export const DIGIT = 1;
/** `A`-`Z`. */
export const UPPER = 2;
/** `a`-`z`. */
export const LOWER = 4;
/** `0`-`9`, `a`-`f`, `A`-`F`. */
export const HEX = 8;
/** `_` and `-`. */
export const JOINER = 16;
/** `+` and `/`. */
export const BASE64_SIGN = 32;
/** `=`. */
export const EQUALS = 64;
/** `.`. */
export const DOT = 128;
/** `~`. */
export const TILDE = 256;
/** Space and tab. */
export const BLANK = 512;
/** Line feed and carriage return. */
export const LINE_BREAK = 1024;
/** `"`, `'` and the backtick. */
export const QUOTE = 2048;
/** `%`. */
export const PERCENT = 4096;

/** `$`. */
export const DOLLAR = 8192;
/** `,`. */
export const COMMA = 16384;
/** `@`. */
export const AT_SIGN = 32768;

/** Letters. */
export const LETTER: number = UPPER | LOWER;
/** Letters and digits. */
export const ALNUM: number = LETTER | DIGIT;
/** Letters, digits, `_`, `-`: what most tokens are made of. */
export const WORD: number = ALNUM | JOINER;
/** The standard base64 alphabet with padding. */
export const BASE64: number = ALNUM | BASE64_SIGN | EQUALS;
/** Both base64 alphabets with padding. */
export const ANY_BASE64: number = BASE64 | JOINER;
/** What a name in front of `=` or `:` is made of. */
export const NAME: number = WORD | DOT;
/** What a token that is recognised by its middle, or only begun, can consist of. */
export const TOKEN_RUN: number = ANY_BASE64 | DOT | TILDE;

/** Byte → the classes that it belongs to. */
export const BYTE_CLASS: Uint16Array = buildClasses();

function buildClasses(): Uint16Array {
  const table = new Uint16Array(256);
  const mark = (characters: string, bit: number): void => {
    for (const character of characters) {
      const code = character.charCodeAt(0);
      table[code] = (table[code] ?? 0) | bit;
    }
  };
  const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  mark("0123456789", DIGIT);
  mark(upper, UPPER);
  mark(upper.toLowerCase(), LOWER);
  mark("0123456789abcdefABCDEF", HEX);
  mark("_-", JOINER);
  mark("+/", BASE64_SIGN);
  mark("=", EQUALS);
  mark(".", DOT);
  mark("~", TILDE);
  mark(" \t", BLANK);
  mark("\n\r", LINE_BREAK);
  mark("\"'`", QUOTE);
  mark("%", PERCENT);
  mark("$", DOLLAR);
  mark(",", COMMA);
  mark("@", AT_SIGN);
  return table;
}

/**
 * Tells whether a byte belongs to a class.
 *
 * @param byte The byte; negative values, which stand for "no byte", belong to none.
 * @param classes The classes to test, or-ed together.
 * @returns True when it belongs to one of them.
 */
export function isIn(byte: number, classes: number): boolean {
  return byte >= 0 && ((BYTE_CLASS[byte] ?? 0) & classes) !== 0;
}
