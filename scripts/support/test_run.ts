/**
 * What the three test runners share: which files to run, and how a run ends.
 *
 * @module
 */

import process from "node:process";
import { listFiles, PROJECT_ROOT } from "./source_files.ts";
import {
  closingLine,
  countTests,
  matchingCases,
  type TestCase,
  type TestCounts,
} from "./test_counts.ts";

/** What the caller of a test runner chose. */
export interface TestSelection {
  /** Test files, relative to the root. */
  files: string[];
  /** The part of a name that tests must have, if given. */
  filter: string | undefined;
}

/**
 * Reads a runner's arguments: files or folders, and `--filter TEXT`.
 *
 * @param root The project's root.
 * @param args The arguments.
 * @param defaultFolder Where tests are looked for when no file or folder is named.
 * @returns The chosen tests.
 * @throws {Error} When an option is not known.
 */
export function selectTests(
  root: string,
  args: readonly string[],
  defaultFolder: string,
): TestSelection {
  const starts: string[] = [];
  let filter: string | undefined;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (arg === "--filter") filter = args[++index];
    else if (arg.startsWith("--filter=")) filter = arg.slice("--filter=".length);
    else if (arg.startsWith("-")) throw new Error(`Failed to read the arguments: unknown "${arg}"`);
    else starts.push(arg);
  }
  const files = listFiles(root, starts.length > 0 ? starts : [defaultFolder], "_test.ts")
    .filter((file) => !file.startsWith("tests/fixtures/"));
  return { files, filter };
}

/** What a program that ran tests left behind. */
export interface TestRun {
  /** Every case of its report; none when there is no report. */
  cases: readonly TestCase[];
  /** Its exit code. */
  exitCode: number;
}

/** How the runner's program ended. */
export interface RunEnd {
  /** What the reports say. */
  counts: TestCounts;
  /** The exit code of the program that ran the tests. */
  exitCode: number;
  /** Whether a skip fails the run. */
  isSkipAFailure: boolean;
}

/** How a run is judged. */
export interface RunVerdict {
  /** Lines to show, the closing line last. */
  lines: string[];
  /** The exit code. */
  exitCode: number;
}

/**
 * Judges a run. A failed program, no test at all, and a skip where none is allowed all fail.
 *
 * @param end How the program ended.
 * @returns What to show and the exit code.
 */
export function judgeRun(end: RunEnd): RunVerdict {
  const counts: TestCounts = { ...end.counts };
  const lines = counts.skipped.map(({ name, reason }) =>
    `skipped: ${name} (${reason ?? "no reason given"})`
  );
  if (end.exitCode !== 0 && counts.failed === 0) {
    lines.push(`failed: the run itself ended with exit code ${end.exitCode}`);
    counts.failed = 1;
  }
  const isEmpty = counts.passed + counts.failed + counts.skipped.length === 0;
  if (isEmpty) lines.push("failed: no test was found");
  const hasForbiddenSkip = end.isSkipAFailure && counts.skipped.length > 0;
  if (hasForbiddenSkip) lines.push("failed: EXECKIT_REQUIRE=all allows no skip");
  lines.push(closingLine(counts));
  return { lines, exitCode: counts.failed > 0 || isEmpty || hasForbiddenSkip ? 1 : 0 };
}

function endRun(run: TestRun, filter: string | undefined): void {
  const verdict = judgeRun({
    counts: countTests(matchingCases(run.cases, filter)),
    exitCode: run.exitCode,
    isSkipAFailure: process.env["EXECKIT_REQUIRE"] === "all",
  });
  process.stdout.write("\n" + verdict.lines.join("\n") + "\n");
  process.exitCode = verdict.exitCode;
}

/**
 * Runs a test runner from its arguments to its closing line, whatever happens on the way.
 *
 * @param defaultFolder Where tests are looked for when no file or folder is named.
 * @param run Runs the chosen tests and gives what the reports say.
 */
export async function runTests(
  defaultFolder: string,
  run: (selection: TestSelection) => Promise<TestRun>,
): Promise<void> {
  try {
    const selection = selectTests(PROJECT_ROOT, process.argv.slice(2), defaultFolder);
    const isEmpty = selection.files.length === 0;
    endRun(isEmpty ? { cases: [], exitCode: 0 } : await run(selection), selection.filter);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    endRun({ cases: [], exitCode: 1 }, undefined);
  }
}
