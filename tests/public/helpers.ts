/** What the tests of the public API share. It knows nothing of ours but the public API. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  ERROR_HINTS,
  type ErrorCode,
  ExeckitError,
  type LocalSessionOptions,
  Session,
} from "../../mod.ts";

/** Opens a local session. */
export function openLocal(options: Omit<LocalSessionOptions, "transport"> = {}): Promise<Session> {
  return Session.open({ ...options, transport: "local" });
}

/** A temporary directory; disposing of it removes it. */
export function makeFolder(): Disposable & { readonly path: string; file(name: string): string } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "execkit-public-")));
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/**
 * Waits for an error of execkit's and checks what holds for every one of them: a code of the closed
 * list, a hint, and the message grammar.
 */
export async function failsWith(code: ErrorCode, promise: Promise<unknown>): Promise<ExeckitError> {
  const error = await promise.then(
    () => assert.fail(`It was to fail with ${code}`),
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof ExeckitError, String(error));
  assert.equal(error.code, code, error.message);
  assert.ok(Object.hasOwn(ERROR_HINTS, error.code));
  assert.equal(error.name, "ExeckitError");
  assert.match(error.detail, /^(?:[A-Z]|'[a-zA-Z]+' )/, "a message begins with a capital letter");
  assert.doesNotMatch(error.detail, /[.!\n]$/, "a message has no final full stop");
  assert.notEqual(error.hint, "");
  assert.equal(error.message, `${code}: ${error.detail}. ${error.hint}`);
  return error;
}

/** Waits until a file exists, so that a test knows how far a command has come. */
export async function fileExists(path: string): Promise<void> {
  const script = 'until [ -e "$1" ]; do sleep 0.02; done';
  await promisify(execFile)("sh", ["-c", script, "sh", path], { timeout: 30_000 });
}

/** A made-up token of a well-known form, put together here so that none stands in the files. */
export function fakeToken(seed: number): string {
  return `gh${"p_"}${letters(seed, 36)}`;
}

/** Letters and digits that follow from a seed. */
export function letters(seed: number, length: number): string {
  const alphabet = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghkmnpqrstuvwxyz23456789";
  let state = seed >>> 0;
  let text = "q7Z";
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += alphabet.charAt(Math.floor((state / 2 ** 32) * alphabet.length));
  }
  return text;
}
