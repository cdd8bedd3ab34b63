/**
 * The error for a shell's launch script that says why it cannot go on.
 *
 * @module
 */

import { ExeckitError } from "./errors.ts";
import { safe } from "./safe_text.ts";

/**
 * Makes the error.
 *
 * @param why What the script says; empty when it ended without a word.
 * @returns The error, `shell_not_found` or `connect_failed`.
 */
export function launchFailure(why: string): ExeckitError {
  if (why.startsWith("shell")) {
    return new ExeckitError({
      code: "shell_not_found",
      message: safe`Cannot open the session: the shell is not installed or not supported`,
    });
  }
  return new ExeckitError({
    code: "connect_failed",
    message: safe`Cannot open the session: the shell ended before it was ready`,
  });
}
