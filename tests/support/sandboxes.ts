/**
 * Sandboxed sessions for tests, on the real bwrap; where it cannot work the tests are skipped with
 * bwrap's own reason.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type ExecOptions, type ExecResult, type LocalSessionOptions, Session } from "../../mod.ts";
import type { SandboxOptions } from "../../src/session/session_options.ts";
import { runScript } from "./processes.ts";

/** What a sandbox needs, as short as bwrap can be asked for it. */
const TRIAL = [
  ...["--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-net"],
  ...["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "true"],
];

function whyNot(): string | false {
  const { error, status, stderr } = spawnSync("bwrap", TRIAL, { encoding: "utf8" });
  if (error !== undefined) return "bwrap is not installed";
  return status === 0 ? false : `bwrap cannot work here: ${stderr.trim()}`;
}

/** Why sandboxes cannot be tested here; false when they can. */
export const SANDBOX_SKIP: string | false = whyNot();

/** A directory of the machine; disposing of it removes it. */
export interface HostFolder extends Disposable {
  /** Its absolute path. */
  readonly path: string;
  /** Writes a file below it, with its directories, and gives its path. */
  write(name: string, text: string): string;
}

/**
 * Makes a directory.
 *
 * @param where `tmp`, which a sandbox replaces by its own, or `home`, which it sees read-only.
 * @returns The directory.
 */
export function makeHostFolder(where: "tmp" | "home" = "tmp"): HostFolder {
  const base = where === "tmp" ? tmpdir() : homedir();
  const path = realpathSync(mkdtempSync(join(base, "execkit-tests-")));
  return {
    path,
    write(name, text) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A text that no redaction rule knows, so that its absence is the sandbox's doing. */
export function makeCanary(): string {
  const letters = crypto.getRandomValues(new Uint8Array(10));
  return `canary ${Array.from(letters, (byte) => String.fromCharCode(97 + byte % 26)).join("")}`;
}

/** The options of a session on this machine. */
export type OtherOptions = Omit<LocalSessionOptions, "transport">;

/**
 * Opens a session in a sandbox.
 *
 * @param sandbox Its options.
 * @param options The session's other options.
 * @returns The session.
 */
export function openSandboxed(
  sandbox: true | SandboxOptions = {},
  options: OtherOptions = {},
): Promise<Session> {
  return Session.open({ ...options, transport: "local", sandbox });
}

/** Runs a command and gives both streams as one text with the exit code. */
export async function outcomeOf(
  session: { exec(command: string, options?: ExecOptions): Promise<ExecResult> },
  command: string,
  options: ExecOptions = {},
): Promise<{ readonly text: string; readonly exitCode: number | undefined }> {
  const result = await session.exec(command, options);
  return { text: result.stdout + result.stderr, exitCode: result.exitCode };
}

/**
 * Finds the pid namespace of a process.
 *
 * @param pid Its process id, as this process sees it.
 * @returns The namespace's name.
 */
export async function pidNamespaceOf(pid: number): Promise<string> {
  return (await runScript('readlink "/proc/$1/ns/pid"', String(pid))).trim();
}

/**
 * Finds the processes of a pid namespace.
 *
 * @param namespace Its name.
 * @returns Their ids, as this process sees them.
 */
export async function processesInNamespace(namespace: string): Promise<number[]> {
  const links = await runScript("ls -l /proc/[0-9]*/ns/pid 2>/dev/null; exit 0");
  return links.split("\n").filter((line) => line.endsWith(`-> ${namespace}`))
    .map((line) => Number(/\/proc\/(\d+)\//.exec(line)?.[1]));
}
