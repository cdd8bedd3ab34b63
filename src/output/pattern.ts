/**
 * The one door for patterns that come from an agent: a linear-time engine, and bounded.
 *
 * JavaScript's own `RegExp` backtracks, so that a hostile pattern could hang the process.
 *
 * @module
 */

import { RE2JS, RE2JSSyntaxException } from "re2js";
import { ExeckitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { safe, type SafeText } from "../safe_text.ts";

/** Instructions that a compiled pattern has at most: matching costs their number per character. */
const PROGRAM_MAX_INSTRUCTIONS = 10_000;
/** What counted repetitions may multiply to, which is known before compiling. */
const REPETITIONS_MAX = 5000;
/** What the engine says of a pattern that is too large for it, however well it is written. */
const TOO_LARGE: ReadonlySet<string> = new Set([
  "invalid repeat count",
  "expression too large",
  "expression nests too deeply",
]);

/** A pattern, ready to be matched. */
export interface Pattern {
  /**
   * Tells whether a line matches.
   *
   * @param line The line, without its line end.
   * @returns True when the pattern is found anywhere in it.
   */
  test(line: string): boolean;
}

/** A pattern that says where in a line it matches. */
export interface PatternFinder {
  /**
   * Finds all matches, in order and without overlap.
   *
   * @param line The line, without its line end.
   * @returns First index and index after the last of each.
   */
  findAll(line: string): readonly { readonly start: number; readonly end: number }[];
}

/**
 * Compiles a pattern in RE2 syntax.
 *
 * @param pattern The pattern.
 * @param name What it is called in error messages.
 * @returns The compiled pattern.
 * @throws ExeckitError `invalid_argument` when it is empty, too long, too large or malformed.
 */
export function compilePattern(pattern: string, name: SafeText = safe`the grep pattern`): Pattern {
  const compiled = compileLinear(pattern, name);
  return { test: (line) => compiled.test(line) };
}

/**
 * Compiles a pattern of the operator's that says what is secret.
 *
 * @param pattern The pattern in RE2 syntax.
 * @param name What it is called in error messages.
 * @returns The compiled pattern.
 * @throws ExeckitError `invalid_argument` when it is empty, too long, too large or malformed, or
 *   when it matches the empty text.
 */
export function compileFinder(pattern: string, name: SafeText): PatternFinder {
  const compiled = compileLinear(pattern, name);
  if (compiled.test("")) throw refused(name, safe`it matches the empty text`);
  return {
    findAll: (line) => {
      const matcher = compiled.matcher(line);
      const spans: { start: number; end: number }[] = [];
      while (matcher.find()) {
        if (matcher.end() > matcher.start()) {
          spans.push({ start: matcher.start(), end: matcher.end() });
        }
      }
      return spans;
    },
  };
}

function compileLinear(pattern: string, name: SafeText): RE2JS {
  if (pattern === "") throw refused(name, safe`it is empty`);
  if (pattern.length > LIMITS.patternMaxChars) {
    throw refused(name, safe`it is longer than ${LIMITS.patternMaxChars} characters`);
  }
  if (countedRepetitions(pattern) > REPETITIONS_MAX) {
    throw refused(name, safe`its counted repetitions are over ${REPETITIONS_MAX} in all`);
  }
  const compiled = compile(pattern, name);
  if (compiled.programSize() > PROGRAM_MAX_INSTRUCTIONS) {
    throw refused(name, safe`it compiles to more than ${PROGRAM_MAX_INSTRUCTIONS} instructions`);
  }
  return compiled;
}

function compile(pattern: string, name: SafeText): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) {
      const reason = TOO_LARGE.has(error.error)
        ? safe`it is too large: repetitions count at most 1000 in all, also inside each other`
        : safe`it is not valid RE2 syntax (no backreferences, no look-around)`;
      throw refused(name, reason, error);
    }
    throw error;
  }
}

function countedRepetitions(pattern: string): number {
  let sum = 0;
  for (const [, least, most] of pattern.matchAll(/\{(\d{1,6})(?:,(\d{0,6}))?\}/g)) {
    sum += Math.max(Number(least), Number(most ?? 0));
  }
  return sum;
}

function refused(name: SafeText, reason: SafeText, cause?: unknown): ExeckitError {
  return new ExeckitError({
    code: "invalid_argument",
    message: safe`Cannot use ${name}: ${reason}`,
    cause,
  });
}
