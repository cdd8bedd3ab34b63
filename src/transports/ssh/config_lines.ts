/**
 * The lines of a client configuration: keyword and words.
 *
 * The package `ssh-config` reads them, one line at a time, because over several lines it takes the
 * value of a keyword without one from the next line. Its reading of quotes, `#` and `=` differs from
 * OpenSSH's in rare cases. A line that means something to us and has more than plain words and words
 * in double quotes is therefore refused, and both readings must agree: else we could connect
 * elsewhere than ssh(1). Only the package's parser is used. Its `compute()` would run the program of
 * a `Match exec`, and look names up for `CanonicalizeHostname`.
 *
 * @module
 */

import { parse } from "ssh-config";
import type { ExeckitError } from "../../errors.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { invalidConfig } from "./config_errors.ts";
import { canonicalKeyword, keywordName, keywordUse } from "./config_keywords.ts";

/** A line with a keyword. */
export interface ConfigLine {
  /** The keyword's one name, in lower case. */
  readonly keyword: string;
  /** Its words, without quotes; for a keyword that has no meaning here, what stands there as one. */
  readonly words: readonly string[];
  /** Its place in the file, from 1. */
  readonly number: number;
}

/** Keyword, an optional `=`, and where the words begin. */
const START = /^[ \t]*([^ \t="]+)[ \t]*=?[ \t]*/;
const WORD = /(?:"([^"\\]*)"|([^\s"'\\#][^\s"'\\]*))(?:[ \t]+|$)/y;
const CONTROL_CHARACTER = /[^\P{C}\t]|\uFFFD/u;
/** A `Match` that runs a program is never true here, whatever its words are. */
const MATCH_EXEC: readonly string[] = ["exec", ""];

/**
 * Reads the lines of a file.
 *
 * @param text The file's text.
 * @param file What the file is called in messages.
 * @returns The lines that have a keyword.
 * @throws {ExeckitError} `invalid_config` naming the line.
 */
export function readConfigLines(text: string, file: SafeText): readonly ConfigLine[] {
  return text.split("\n").flatMap((raw, index) => {
    const line = raw.trimEnd();
    if (/^[ \t]*(?:#|$)/.test(line)) return [];
    return [readLine(line, { file, number: index + 1 })];
  });
}

/** Where a line stands. */
interface Place {
  readonly file: SafeText;
  readonly number: number;
}

function readLine(line: string, place: Place): ConfigLine {
  const start = START.exec(line);
  const keyword = canonicalKeyword(start?.[1] ?? "");
  if (start === null || CONTROL_CHARACTER.test(keyword)) throw broken(place, safe`is no keyword`);
  const { number } = place;
  const rest = line.slice(start[0].length);
  const use = keywordUse(keyword);
  if (use === undefined || use === "ignored" || use === "noted") {
    return { keyword, words: [rest], number };
  }
  // A command is refused, unless it is the one word that says there is none.
  if (keyword === "proxycommand") return { keyword, words: [rest.trim()], number };
  if (CONTROL_CHARACTER.test(line)) throw broken(place, safe`has control characters`);
  const words = readWords(rest);
  if (words?.length === 0) throw broken(place, safe`has ${keywordName(keyword)} without a value`);
  const isCertain = words !== undefined && isSameReading(line, words);
  // The program of an exec may be quoted in any way.
  if (!isCertain && keyword === "match" && hasExec(rest)) {
    return { keyword, words: MATCH_EXEC, number };
  }
  if (words === undefined) {
    throw broken(place, safe`has quotes or escapes that are not read here`);
  }
  if (!isCertain) {
    throw broken(place, safe`has a value for ${keywordName(keyword)} that can be read in two ways`);
  }
  return { keyword, words, number };
}

function hasExec(rest: string): boolean {
  return rest.split(/[\s"'=]+/).some((word) => /^!?exec$/i.test(word));
}

/** Plain words and words in double quotes, up to a word that begins with `#`. */
function readWords(rest: string): readonly string[] | undefined {
  const words: string[] = [];
  let at = 0;
  while (at < rest.length && rest[at] !== "#") {
    WORD.lastIndex = at;
    const match = WORD.exec(rest);
    if (match === null) return undefined;
    words.push(match[1] ?? match[2] ?? "");
    at = WORD.lastIndex;
  }
  return words;
}

/** Several words for a keyword that takes one are an error to ssh(1), and one text to the package. */
function isSameReading(line: string, words: readonly string[]): boolean {
  try {
    const [read] = parse(line);
    if (read === undefined || !("param" in read)) return false;
    const values = typeof read.value === "string" ? [read.value] : read.value.map(({ val }) => val);
    return values.length === words.length && values.every((value, index) => value === words[index]);
  } catch {
    // The package throws plain errors for what it cannot read.
    return false;
  }
}

function broken({ file, number }: Place, what: SafeText): ExeckitError {
  return invalidConfig(safe`Line ${number} of ${file} ${what}`);
}
