/**
 * Looks at the processes of this machine. `sh` looks: Deno reads nothing of other processes in
 * /proc without all permissions.
 *
 * @module
 */

import { execFile, execFileSync } from "node:child_process";
import { waitFor } from "./wait_for.ts";

/** Tells one process: its id and its command line. */
export interface ProcessInfo {
  /** Its process id. */
  readonly pid: number;
  /** Its command line, or its name when it has none. */
  readonly command: string;
}

/** `pid command` lines of the living processes among `$@`; state Z and X are dead. */
const DESCRIBE = `
describe() {
  for p; do
    IFS= read -r line 2>/dev/null <"/proc/$p/stat" || continue
    set -- \${line##*) }
    case $1 in Z | X) continue ;; esac
    printf '%s %s\\n' "$p" "$(tr '\\0\\n' '  ' <"/proc/$p/cmdline" 2>/dev/null)"
  done
}`;

const BY_MARK = `${DESCRIBE}
for f in $(grep -ls "EXECKIT_SESSION=$1" /proc/[0-9]*/environ 2>/dev/null); do
  p=\${f#/proc/}; describe "\${p%/environ}"
done; exit 0`;

const BY_SESSION = `${DESCRIBE}
for f in $(grep -lsE "^[0-9]+ [(].*[)] [^ZX] [0-9]+ [0-9]+ $1 " /proc/[0-9]*/stat); do
  p=\${f#/proc/}; describe "\${p%/stat}"
done; exit 0`;

/**
 * Runs a script with `sh`.
 *
 * @param script Its text.
 * @param args Values for `$1`, `$2`, ….
 * @returns What it wrote to standard output.
 */
export function runScript(script: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile("sh", ["-c", script, "sh", ...args], (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}

/**
 * Finds the processes that carry a session's mark in their environment.
 *
 * @param mark The value of `EXECKIT_SESSION`.
 * @returns The living ones.
 */
export async function processesWithMark(mark: string): Promise<ProcessInfo[]> {
  if (!/^[0-9a-f]{8,}$/.test(mark)) throw new Error(`Not a session's mark: "${mark}"`);
  return parseProcesses(await runScript(BY_MARK, mark));
}

/**
 * Finds the processes of an operating system's session.
 *
 * @param sessionId Its id: the process id of its leader.
 * @returns The living ones.
 */
export async function processesInSession(sessionId: number): Promise<ProcessInfo[]> {
  return parseProcesses(await runScript(BY_SESSION, String(sessionId)));
}

function parseProcesses(text: string): ProcessInfo[] {
  return text.split("\n").filter((line) => line !== "").map((line) => {
    const at = line.indexOf(" ");
    return { pid: Number(line.slice(0, at)), command: line.slice(at + 1).trim() };
  });
}

/**
 * Waits until nothing of a session is left.
 *
 * @param mark The value of `EXECKIT_SESSION`.
 * @param sessionId The id of the shell's session.
 * @throws {Error} When something is left, naming it.
 */
export async function waitUntilGone(mark: string, sessionId: number): Promise<void> {
  let left: ProcessInfo[] = [];
  try {
    await waitFor("the end of a session's processes", async () => {
      left = [...await processesWithMark(mark), ...await processesInSession(sessionId)];
      return left.length === 0 ? true : undefined;
    });
  } catch (cause) {
    throw new Error(`Left over: ${left.map(({ command }) => command).join(" | ")}`, { cause });
  }
}

/**
 * Tells whether a process lives.
 *
 * @param pid Its id.
 * @returns False for a zombie too.
 */
export async function isAlive(pid: number): Promise<boolean> {
  return await commandOf(pid) !== undefined;
}

/**
 * Reads what a process runs now: a shell's child is a copy of the shell at first.
 *
 * @param pid Its id.
 * @returns Its command line; undefined when it does not live.
 */
export async function commandOf(pid: number): Promise<string | undefined> {
  return parseProcesses(await runScript(`${DESCRIBE}\ndescribe "$1"`, String(pid)))[0]?.command;
}

/**
 * Kills one process.
 *
 * @param pid Its id.
 */
export async function killProcess(pid: number): Promise<void> {
  if (!Number.isInteger(pid) || pid <= 1) throw new Error(`Not a process of a test: ${pid}`);
  await runScript('kill -s KILL "$1" 2>/dev/null; exit 0', String(pid));
}

/**
 * Counts the descriptors that a process holds open.
 *
 * @param pid Its id.
 * @returns How many there are.
 */
export async function openFileCount(pid: number): Promise<number> {
  return Number(await runScript('ls "/proc/$1/fd" | wc -l', String(pid)));
}

/**
 * Waits until a process holds no more descriptors than before: a runtime closes them in its own time.
 *
 * @param pid Its id.
 * @param before How many it may hold.
 * @throws {Error} When it goes on holding more.
 */
export async function waitForFileCount(pid: number, before: number): Promise<void> {
  await waitFor(
    `${before} descriptors or fewer`,
    async () => await openFileCount(pid) <= before ? true : undefined,
  );
}

/** A process's memory. */
export interface ProcessMemory {
  /** KiB in memory now. */
  readonly residentKib: number;
  /** KiB in memory at its most. */
  readonly peakKib: number;
}

/**
 * Reads how much memory a process has.
 *
 * @param pid Its id.
 * @returns Its resident memory.
 */
export async function memoryOf(pid: number): Promise<ProcessMemory> {
  const status = await runScript('cat "/proc/$1/status"', String(pid));
  return { residentKib: fieldOf(status, "VmRSS"), peakKib: fieldOf(status, "VmHWM") };
}

function fieldOf(status: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  if (found === undefined) throw new Error(`/proc/PID/status has no ${name}`);
  return Number(found);
}

/**
 * Finds a program in PATH.
 *
 * @param name Its name.
 * @returns Its path; undefined when it is not installed.
 */
export function findProgram(name: string): string | undefined {
  try {
    return execFileSync("sh", ["-c", 'command -v "$1"', "sh", name], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

/**
 * Makes the `skip` option of a test.
 *
 * @param programs What the test needs.
 * @returns False when everything is there, else the reason.
 */
export function skipWithout(...programs: string[]): string | false {
  const missing = programs.filter((name) => findProgram(name) === undefined);
  return missing.length === 0 ? false : `${missing.join(", ")} is not installed`;
}
