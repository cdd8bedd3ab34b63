/**
 * Sessions on the shells of this machine; a shell that is not installed is skipped by name.
 *
 * @module
 */

import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { tmpdir } from "node:os";
import process from "node:process";
import { Session } from "../../src/session/session.ts";
import type { LocalSessionOptions } from "../../src/session/session_options.ts";

/** A shell that tests run on. */
export interface TestShell {
  /** What `Session.open` calls it. */
  readonly name: "bash" | "zsh" | "dash" | "busybox";
  /** The dialect it speaks. */
  readonly dialect: "bash" | "zsh" | "dash" | "ash";
  /** Why it cannot be tested here; false when it can. */
  readonly skip: string | false;
}

/** Tells whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => folder !== "" && existsSync(join(folder, program)));
}

/** Why a program cannot be used here; false when it can. */
export function skipWithout(program: string): string | false {
  return isInstalled(program) ? false : `${program} is not installed`;
}

/** Every shell that execkit speaks. */
export const SHELLS: readonly TestShell[] = [
  { name: "bash", dialect: "bash", skip: skipWithout("bash") },
  { name: "zsh", dialect: "zsh", skip: skipWithout("zsh") },
  { name: "dash", dialect: "dash", skip: skipWithout("dash") },
  { name: "busybox", dialect: "ash", skip: skipWithout("busybox") },
];

/** Why tests that need a terminal cannot run here; false when they can. */
export const TERMINAL_SKIP: string | false = skipWithout("script");

/** A temporary directory; disposing of it removes it. */
export interface TestFolder extends Disposable {
  /** Its absolute path. */
  readonly path: string;
}

/** Makes a temporary directory. */
export function makeTestFolder(): TestFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "execkit-tests-")));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Opens a session on one of the shells. */
export function openSession(
  shell: TestShell,
  options: Omit<LocalSessionOptions, "transport" | "shell"> = {},
): Promise<Session> {
  return Session.open({ ...options, transport: "local", shell: shell.name });
}

/** Opens a session for a test body, and closes it on every way out. */
export async function withSession(
  shell: TestShell,
  options: Omit<LocalSessionOptions, "transport" | "shell">,
  body: (session: Session) => Promise<void>,
): Promise<void> {
  await using session = await openSession(shell, options);
  await body(session);
}
