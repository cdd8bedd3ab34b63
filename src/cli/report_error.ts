/**
 * Errors of the commands that give no results of commands.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import { safe } from "../safe_text.ts";
import { EXIT_CODES } from "./exit_codes.ts";

/**
 * Writes an error for a person. The text of a foreign one stays here: it may hold anything.
 *
 * @param error What was thrown.
 * @param writeError Writes to standard error.
 * @returns The exit code.
 */
export function reportError(error: unknown, writeError: (text: string) => void): number {
  const known = error instanceof ExeckitError
    ? error
    : new ExeckitError({ code: "internal", message: safe`Cannot do this`, cause: error });
  writeError(`execkit-mcp: ${known.message}\n`);
  return EXIT_CODES.error;
}
