/**
 * Reads one environment variable of the operator's, in one of the forms that settings have.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import { safe, type SafeText } from "../safe_text.ts";

/** Looks up one environment variable. */
export type ReadVariable = (name: string) => string | undefined;

/** The bounds of a whole number, and what it is when it is not set. */
export interface WholeNumberRange {
  /** The least that is taken. */
  readonly min: number;
  /** The most that is taken. */
  readonly max: number;
  /** The value when the variable is not set. */
  readonly fallback: number;
}

/**
 * Reads a text.
 *
 * @param read Looks up the variable.
 * @param name Its name.
 * @returns The text without white space around it; undefined when it is not set.
 * @throws {ExeckitError} `invalid_config` when it is empty: that may stand for "nothing" or for "not
 *   set", and only the operator knows which; `permission_denied` when it may not be read.
 */
export function readText(read: ReadVariable, name: SafeText): string | undefined {
  const value = readRaw(read, name);
  if (value === undefined) return undefined;
  if (value.trim() === "") throw invalidConfig(safe`${name} is empty`);
  return value.trim();
}

/**
 * Reads a whole number.
 *
 * @param read Looks up the variable.
 * @param name Its name.
 * @param range Its bounds.
 * @returns The number.
 * @throws {ExeckitError} `invalid_config` outside the bounds.
 */
export function readWholeNumber(
  read: ReadVariable,
  name: SafeText,
  range: WholeNumberRange,
): number {
  const text = readText(read, name);
  if (text === undefined) return range.fallback;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  throw invalidConfig(safe`${name} must be a whole number from ${range.min} to ${range.max}`);
}

/**
 * Reads a list with commas between its entries.
 *
 * @param read Looks up the variable.
 * @param name Its name.
 * @returns The entries; undefined when it is not set.
 * @throws {ExeckitError} `invalid_config` when an entry is empty.
 */
export function readNames(read: ReadVariable, name: SafeText): string[] | undefined {
  const text = readText(read, name);
  if (text === undefined) return undefined;
  const names = text.split(",").map((part) => part.trim());
  if (names.every((part) => part !== "")) return names;
  throw invalidConfig(safe`${name} has an empty entry between its commas`);
}

/**
 * Reads one of a few words; any other is refused, so that none is taken for "off".
 *
 * @param read Looks up the variable.
 * @param name Its name.
 * @param words What each word stands for, and how they are listed in an error.
 * @returns What the word stands for; undefined when it is not set.
 * @throws {ExeckitError} `invalid_config` for any other word.
 */
export function readWord<Meaning>(
  read: ReadVariable,
  name: SafeText,
  words: { readonly meanings: { readonly [word: string]: Meaning }; readonly wanted: SafeText },
): Meaning | undefined {
  const text = readText(read, name);
  if (text === undefined) return undefined;
  if (Object.hasOwn(words.meanings, text)) return words.meanings[text];
  throw invalidConfig(safe`${name} must be ${words.wanted}`);
}

/**
 * Reads a switch.
 *
 * @param read Looks up the variable.
 * @param name Its name.
 * @param options What it is when it is not set. Default: off.
 * @returns Whether it is on.
 * @throws {ExeckitError} `invalid_config` for anything but 1, on, 0 and off.
 */
export function readSwitch(
  read: ReadVariable,
  name: SafeText,
  options: { readonly fallback: boolean } = { fallback: false },
): boolean {
  return readWord(read, name, {
    meanings: { "1": true, on: true, "0": false, off: false },
    wanted: safe`1, on, 0 or off`,
  }) ?? options.fallback;
}

/**
 * Makes the error of a setting that nobody can start with.
 *
 * @param problem What is wrong, naming the variable.
 * @returns The error.
 */
export function invalidConfig(problem: SafeText): ExeckitError {
  return new ExeckitError({ code: "invalid_config", message: safe`Cannot start: ${problem}` });
}

function readRaw(read: ReadVariable, name: SafeText): string | undefined {
  try {
    return read(name);
  } catch (cause) {
    // A fence that cannot be read must not count as no fence.
    throw new ExeckitError({
      code: "permission_denied",
      message: safe`Cannot read the environment variable ${name}`,
      hint: safe`Start with --allow-env for every variable that docs/mcp.md lists`,
      cause,
    });
  }
}
