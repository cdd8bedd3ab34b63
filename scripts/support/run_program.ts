/**
 * Runs a program for the scripts: its output goes straight to ours.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";

/** How to run a program. */
export interface RunOptions {
  /** The directory to run in; the current one by default. */
  cwd?: string;
  /** Variables to add to the environment; `undefined` takes one out. */
  env?: Readonly<Record<string, string | undefined>>;
  /** `capture` gives standard output back instead of showing it. Default: `show`. */
  stdout?: "show" | "capture";
  /** Milliseconds after which the program is killed. Default: 40 minutes. */
  timeoutMs?: number;
}

/** How a program ended. */
export interface ProgramResult {
  /** Its exit code; 124 after a time-out, 128 for another signal. */
  exitCode: number;
  /** Its standard output when that was captured. */
  stdout: string;
}

const DEFAULT_TIMEOUT_MS = 40 * 60 * 1000;

/**
 * Runs a program to its end.
 *
 * @param argv The program and its arguments.
 * @param options Directory, environment, output, time-out.
 * @returns How it ended.
 */
export function runProgram(
  argv: readonly [string, ...string[]],
  options: RunOptions = {},
): Promise<ProgramResult> {
  const [program, ...args] = argv;
  const child = spawn(program, args, {
    cwd: options.cwd ?? process.cwd(),
    env: { ...process.env, ...options.env },
    stdio: ["ignore", options.stdout === "capture" ? "pipe" : "inherit", "inherit"],
  });
  const chunks: Uint8Array[] = [];
  child.stdout?.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  let isTimedOut = false;
  const timer = setTimeout(() => {
    isTimedOut = true;
    child.kill("SIGKILL");
  }, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      const stdout = new TextDecoder().decode(concatBytes(chunks));
      resolve({ exitCode: isTimedOut ? 124 : code ?? 128, stdout });
    });
  });
}

/**
 * Runs a program that must succeed.
 *
 * @param argv The program and its arguments.
 * @param options Directory, environment, output, time-out.
 * @returns Its standard output when that was captured.
 * @throws {Error} When it exits with another code than 0.
 */
export async function runOrFail(
  argv: readonly [string, ...string[]],
  options: RunOptions = {},
): Promise<string> {
  const { exitCode, stdout } = await runProgram(argv, options);
  if (exitCode !== 0) throw new Error(`Failed to run "${argv.join(" ")}": exit code ${exitCode}`);
  return stdout;
}

function concatBytes(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}
