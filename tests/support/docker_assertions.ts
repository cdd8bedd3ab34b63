/**
 * Assertions about Docker sessions.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { ErrorCode } from "../../src/error_codes.ts";
import { ExeckitError } from "../../src/errors.ts";

/**
 * Asserts that something fails with a code.
 *
 * @param run What fails.
 * @param code The code.
 * @returns The error.
 */
export async function assertCode(
  run: () => Promise<unknown>,
  code: ErrorCode,
): Promise<ExeckitError> {
  let thrown: unknown;
  try {
    await run();
  } catch (cause) {
    thrown = cause;
  }
  assert.ok(thrown instanceof ExeckitError, `Nothing with a code was thrown: ${thrown}`);
  assert.equal(thrown.code, code, thrown.message);
  return thrown;
}
