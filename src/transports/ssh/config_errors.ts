/**
 * The error for a client configuration that cannot be used.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { safe, type SafeText } from "../../safe_text.ts";

/**
 * Makes the error.
 *
 * @param message What is wrong with the configuration.
 * @param cause What was thrown, if something was.
 * @returns The error, `invalid_config`.
 */
export function invalidConfig(message: SafeText, cause?: unknown): ExeckitError {
  return new ExeckitError({
    code: "invalid_config",
    message,
    hint: safe`Ask the operator to correct the SSH client configuration, or to set 'configFile'`,
    cause,
  });
}
