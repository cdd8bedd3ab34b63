/**
 * The reserved words of the shells, as data.
 *
 * @module
 */

import type { ShellWord } from "./shell_word.ts";

/** What a reserved word does where a command starts. */
export type KeywordKind =
  | "start"
  | "end"
  | "open"
  | "close"
  | "time"
  | "named"
  | "for"
  | "case"
  | "test";

/** What a reserved word does to the position: `start` and `open` expect a command behind them. */
export const KEYWORDS: ReadonlyMap<string, KeywordKind> = new Map<string, KeywordKind>([
  ...["if", "then", "elif", "else", "while", "until", "do", "!"].map(
    (word): [string, KeywordKind] => [word, "start"],
  ),
  ...["fi", "done", "esac"].map((word): [string, KeywordKind] => [word, "end"]),
  ["{", "open"],
  ["}", "close"],
  ["time", "time"],
  ["function", "named"],
  ["coproc", "named"],
  ["for", "for"],
  ["select", "for"],
  ["case", "case"],
  ["[[", "test"],
]);
/** Reserved words that begin a compound command, behind the name of a function or coprocess. */
export const COMPOUND_STARTS: readonly string[] = [
  "{",
  "if",
  "while",
  "until",
  "for",
  "select",
  "case",
  "[[",
];

/**
 * Tells whether a word is reserved where a command starts.
 *
 * @param word The word.
 * @returns True for `if`, `{`, `!` and the like, unquoted.
 */
export function isReservedWord(word: ShellWord): boolean {
  return KEYWORDS.has(word.bare);
}
