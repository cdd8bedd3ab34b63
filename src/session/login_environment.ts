/**
 * The environment of the session's machine: what a login shell would have, and what is secret.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";
import { isVariableName } from "../option_checks.ts";
import { runAside } from "../transports/run_aside.ts";
import type { Transport } from "../transports/transport.ts";

/** One variable. */
export type EnvironmentEntry = readonly [name: string, value: string];

/** `</dev/null`: a profile that asks a question gets end of file instead of an answer. */
const LOGIN_SCRIPT = 'exec "${SHELL:-/bin/sh}" -l -c "env -0" </dev/null 2>/dev/null';
const SHELL_ENVIRONMENT_SCRIPT = 'cat "/proc/$1/environ" 2>/dev/null';

/** Variables that belong to a shell itself, not to its environment. */
const SHELL_OWN: ReadonlySet<string> = new Set([
  "_",
  "EXECKIT_SESSION",
  "OLDPWD",
  "PPID",
  "PS1",
  "PS2",
  "PWD",
  "SHLVL",
]);

/**
 * Takes a snapshot of a login shell's environment.
 *
 * @param transport The way to the machine.
 * @returns The variables; undefined when the profile did not end within its time.
 */
export async function loginEnvironment(
  transport: Transport,
): Promise<EnvironmentEntry[] | undefined> {
  const done = await runAside(transport, {
    script: LOGIN_SCRIPT,
    timeoutMs: LIMITS.loginEnvTimeoutMs,
  });
  return done.exitCode === undefined ? undefined : parseEnvironment(done.stdout);
}

/**
 * Reads the environment that a process was started with, where there is /proc.
 *
 * @param transport The way to the machine.
 * @param pid The process.
 * @returns The variables; none where they cannot be read.
 */
export async function processEnvironment(
  transport: Transport,
  pid: number,
): Promise<EnvironmentEntry[]> {
  const done = await runAside(transport, {
    script: SHELL_ENVIRONMENT_SCRIPT,
    args: [String(pid)],
    timeoutMs: LIMITS.asideTimeoutMs,
  });
  return parseEnvironment(done.stdout);
}

/**
 * Asks a machine what it is and who we are there.
 *
 * @param transport The way to the machine.
 * @returns System, user and host; less where the machine does not say.
 */
export async function machineFacts(transport: Transport): Promise<string[]> {
  const done = await runAside(transport, {
    script: "uname -s; id -un 2>/dev/null || id -u; uname -n",
    timeoutMs: LIMITS.asideTimeoutMs,
  });
  return new TextDecoder().decode(done.stdout).trimEnd().split("\n");
}

/**
 * Reads variables as `env -0` writes them.
 *
 * @param bytes The output.
 * @returns The variables, without those that belong to a shell itself.
 */
export function parseEnvironment(bytes: Uint8Array): EnvironmentEntry[] {
  return new TextDecoder().decode(bytes).split("\0").flatMap((line): EnvironmentEntry[] => {
    const at = line.indexOf("=");
    const name = line.slice(0, Math.max(at, 0));
    if (!isVariableName(name) || SHELL_OWN.has(name)) return [];
    return [[name, line.slice(at + 1)]];
  });
}
