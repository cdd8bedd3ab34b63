/**
 * Framing cases: commands with what each shell has to make of them, read from `tests/fixtures/`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecResult, ShellReplacement } from "../../src/exec_result.ts";
import type { TestShell } from "./open_session.ts";

/** A text that must be exactly so, or match a pattern. */
export type ExpectedText = string | { readonly match: string };

/** A value for every shell, or one for each with `*` for the rest. */
export type PerShell<T> = T | Readonly<Partial<Record<TestShell["dialect"] | "*", T>>>;

/** One command and what it has to give. Paths below /tmp/ek-framing are in the test's folder. */
export interface FramingCase {
  /** Its number in its file. */
  readonly n: number;
  /** What it is about. */
  readonly name: string;
  /** The command; `@generate N` stands for an assignment of N characters. */
  readonly command: string;
  /** Text for its standard input. */
  readonly stdin?: string;
  /** Whether it runs on the terminal. */
  readonly tty?: boolean;
  /** Whether it needs the session to have one. */
  readonly terminal?: boolean;
  /** The exit code. Default: 0. */
  readonly exit?: PerShell<number>;
  /** Standard output. Default: empty. */
  readonly stdout?: PerShell<ExpectedText>;
  /** Standard error. Default: empty. */
  readonly stderr?: PerShell<ExpectedText>;
  /** The directory afterwards. Default: /var/tmp. */
  readonly cwd?: PerShell<ExpectedText>;
  /** Bytes on standard output, where the text does not tell. */
  readonly stdoutBytes?: number;
  /** That the shell was replaced. Default: it was not. */
  readonly replaced?: PerShell<ShellReplacement | null>;
  /** Why the session's state is not looked at afterwards. */
  readonly noProbe?: string;
  /** Why names of execkit's own may be in the output. */
  readonly internal?: string;
  /** Why it is as it is, where that is not obvious. */
  readonly why?: string;
}

/** What every session of framing cases begins with; the state that must last. */
export const SETUP =
  "cd /var/tmp; EKV=keep1; export EKX=keep2; ekf(){ echo F$1; }; alias eka='echo ALIAS'";

/** Prints the state that {@linkcode SETUP} made. */
export const PROBE = 'echo "$EKV $EKX"; ekf 1; eka';

/** What {@linkcode PROBE} prints while the state is there. */
export const PROBE_OUTPUT = "keep1 keep2\nF1\nALIAS\n";

/** Reads a file of cases. */
export function readFramingCases(file: string): FramingCase[] {
  const text = readFileSync(join(import.meta.dirname ?? "", "../fixtures", file), "utf8");
  // The files are ours; a wrong member shows as a failing case.
  return text.trim().split("\n").map((line) => JSON.parse(line) as FramingCase);
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 * 1024 };

/** Gives a case's command as it is sent, with its files in the test's own folder. */
export function commandOf({ command }: FramingCase, folder: string): string {
  const generate = /^@generate (\d+)(B|KiB|MiB)( multi)?$/.exec(command);
  if (generate === null) return inFolder(command, folder);
  const length = Number(generate[1]) * (UNITS[generate[2] ?? ""] ?? 1);
  const value = generate[3] === undefined
    ? "a".repeat(length)
    : `'${"abcdefghi\n".repeat(Math.floor(length / 10))}'`;
  return `x=${value}; echo \${#x}; unset x`;
}

function inFolder(text: string, folder: string): string {
  return text.replaceAll("/tmp/ek-framing", folder);
}

/** Gives what holds for a shell. */
function forShell<T>(value: PerShell<T> | undefined, shell: TestShell, otherwise: T): T {
  if (value === undefined) return otherwise;
  if (!isPerShell(value)) return value;
  return value[shell.dialect] ?? value["*"] ?? otherwise;
}

function isPerShell<T>(
  value: PerShell<T>,
): value is Readonly<Partial<Record<TestShell["dialect"] | "*", T>>> {
  if (typeof value !== "object" || value === null) return false;
  const keys = Object.keys(value);
  return keys.every((key) => ["bash", "zsh", "dash", "ash", "*"].includes(key));
}

/** Asserts that a result is what its case says. */
export function assertFraming(
  framingCase: FramingCase,
  result: ExecResult,
  where: { readonly shell: TestShell; readonly folder: string },
): void {
  const { shell, folder } = where;
  const told = `${result.status} ${JSON.stringify([result.stdout, result.stderr])} ${result.note}`;
  assert.equal(result.status, "exited", told);
  assert.equal(result.exitCode, forShell<number>(framingCase.exit, shell, 0), told);
  for (const stream of ["stdout", "stderr"] as const) {
    const isCounted = stream === "stdout" && framingCase.stdoutBytes !== undefined;
    const expected = forShell<ExpectedText>(framingCase[stream], shell, "");
    assertText(result[stream], expected, { folder, name: stream });
    if (isCounted) assert.equal(result.totals.stdoutBytes, framingCase.stdoutBytes);
  }
  const cwd = forShell<ExpectedText>(framingCase.cwd, shell, "/var/tmp");
  assertText(result.cwd, cwd, { folder, name: "cwd" });
  const replaced = forShell<ShellReplacement | null>(framingCase.replaced, shell, null);
  assert.deepEqual(result.shellReplaced ?? null, replaced, "shellReplaced");
  if (framingCase.internal === undefined) assertNoInternals(result);
}

function assertText(
  text: string,
  expected: ExpectedText,
  where: { readonly folder: string; readonly name: string },
): void {
  if (typeof expected === "string") {
    assert.equal(text, inFolder(expected, where.folder), where.name);
  } else {
    assert.match(text, new RegExp(expected.match, "m"), where.name);
  }
}

/** Asserts that nothing in a result is of execkit's own making, but its note. */
export function assertNoInternals(result: ExecResult): void {
  for (const name of ["stdout", "stderr", "output", "background", "cwd"] as const) {
    assert.doesNotMatch(result[name] ?? "", /__ek_/, name);
  }
}
