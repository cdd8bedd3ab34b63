/**
 * The checks that several groups of options share.
 *
 * @module
 */

import { ExeckitError } from "./errors.ts";
import { safe, type SafeText } from "./safe_text.ts";

/** The name of a variable as POSIX XBD 8.1 has it for shells. */
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** These would run code at each prompt, change the shell's options, or hide its processes. */
const SHELL_VARIABLES: ReadonlySet<string> = new Set([
  "BASHOPTS",
  "EXECKIT_SESSION",
  "PROMPT_COMMAND",
  "PS0",
  "PS1",
  "PS2",
  "PS4",
  "SHELLOPTS",
]);

/**
 * Tells whether a text can be the name of a variable.
 *
 * @param name The text.
 * @returns Whether a shell takes it.
 */
export function isVariableName(name: string): boolean {
  return VARIABLE_NAME.test(name);
}

/**
 * Tells whether the session's shell is driven by a variable, so that nobody else may set it.
 *
 * @param name The variable's name.
 * @returns Whether it is the shell's.
 */
export function drivesShell(name: string): boolean {
  return SHELL_VARIABLES.has(name);
}

/**
 * Checks that something is an object with known keys only. An unknown key itself is not named: it is
 * the caller's text and has not been redacted.
 *
 * @param value What the caller gave.
 * @param name What it is called in a message, such as `'sandbox'` or `The options`.
 * @param known The keys that it may have.
 * @returns The object.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function requireObject(
  value: unknown,
  name: SafeText,
  known: ReadonlySet<string>,
): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidArgument(safe`${name} must be an object`);
  }
  const position = Object.keys(value).findIndex((key) => !known.has(key)) + 1;
  if (position > 0) {
    throw invalidArgument(safe`${name} must not have the unknown key in position ${position}`);
  }
  // The keys are known; what each holds is checked by whoever reads it.
  return value as Record<string, unknown>;
}

/**
 * Checks a switch.
 *
 * @param flag What the caller gave.
 * @param name The option's name.
 * @returns Its value; false when it was left out.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function resolveFlag(flag: unknown, name: SafeText): boolean {
  if (flag === undefined) return false;
  if (typeof flag !== "boolean") throw invalidArgument(safe`'${name}' must be true or false`);
  return flag;
}

/**
 * Makes the error of a bad option.
 *
 * @param message What is wrong, naming the option.
 * @param hint The next step; the code's own when left out.
 * @returns The error.
 */
export function invalidArgument(message: SafeText, hint?: SafeText): ExeckitError {
  return new ExeckitError({
    code: "invalid_argument",
    message,
    ...(hint === undefined ? {} : { hint }),
  });
}
