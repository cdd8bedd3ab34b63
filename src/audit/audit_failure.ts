/**
 * The error of every audit sink.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import { safe, type SafeText } from "../safe_text.ts";

/**
 * Makes the error that stops a session from running what it cannot record.
 *
 * @param what What went wrong, in words that fit behind "Cannot write the audit log:".
 * @param cause The original failure.
 * @returns The error, with code `audit_failed`.
 */
export function auditFailure(what: SafeText, cause?: unknown): ExeckitError {
  return new ExeckitError({
    code: "audit_failed",
    message: safe`Cannot write the audit log: ${what}`,
    ...(cause === undefined ? {} : { cause }),
  });
}
