/**
 * The one error class of execkit.
 *
 * @module
 */

import { ERROR_HINTS, type ErrorCode } from "./error_codes.ts";
import type { SafeText } from "./safe_text.ts";

/** What an {@linkcode ExeckitError} is made of. */
export interface ExeckitErrorInit {
  /** The code from the closed list. */
  code: ErrorCode;
  /** What failed, in words; redacted by type. */
  message: SafeText;
  /** What to do next; the code's own hint when left out. */
  hint?: SafeText;
  /** The original failure, for a debugger. It is never shown, logged or sent. */
  cause?: unknown;
}

/**
 * There is no trustworthy result. A command that exits non-zero is a result, not an error.
 *
 * The text of `cause` is not part of `message`: it may hold what the redactor has not seen.
 */
export class ExeckitError extends Error {
  /** The error's name, constant across bundles. */
  override readonly name = "ExeckitError";
  /** The code from the closed list. */
  readonly code: ErrorCode;
  /** What to do next. */
  readonly hint: SafeText;
  /** What failed, without code and hint. */
  readonly detail: SafeText;

  /**
   * Makes an error whose `message` reads `code: detail. hint`.
   *
   * @param init Code, message, and optionally hint and cause.
   */
  constructor(init: ExeckitErrorInit) {
    // The hints of the codes are execkit's own words.
    const hint = init.hint ?? ERROR_HINTS[init.code] as string as SafeText;
    super(
      `${init.code}: ${init.message}. ${hint}`,
      init.cause === undefined ? undefined : { cause: init.cause },
    );
    this.code = init.code;
    this.hint = hint;
    this.detail = init.message;
  }
}
