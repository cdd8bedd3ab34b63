/**
 * Runs bundled tests with `node --test`.
 *
 * @module
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { NODE_REPORTER_SOURCE, readNodeReport } from "./node_report.ts";
import { runProgram } from "./run_program.ts";
import type { TestRun } from "./test_run.ts";

/** Which bundles to run and how. */
export interface NodeRun {
  /** The temporary directory, which receives the report. */
  tempPath: string;
  /** The JavaScript test files. */
  files: readonly string[];
  /** The part of a name that tests must have, if given. */
  filter: string | undefined;
  /** The directory to run in. */
  cwd: string;
  /** Variables that tell the tests how to start our programs. */
  env: Readonly<Record<string, string>>;
}

/**
 * Runs test files under the `node` of PATH, and shows their results.
 *
 * @param run What to run.
 * @returns What the report says.
 */
export async function runNodeTests(run: NodeRun): Promise<TestRun> {
  const reporter = join(run.tempPath, "reporter.mjs");
  const report = join(run.tempPath, "report.jsonl");
  writeFileSync(reporter, NODE_REPORTER_SOURCE);
  const filter = run.filter === undefined ? [] : ["--test-name-pattern", escapeRegExp(run.filter)];
  const { exitCode } = await runProgram([
    "node",
    "--enable-source-maps",
    "--test",
    "--test-concurrency=1",
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    `--test-reporter=${pathToFileURL(reporter).href}`,
    `--test-reporter-destination=${report}`,
    ...filter,
    ...run.files,
    // A runner inside a test run would report to the outer one instead of running.
  ], { cwd: run.cwd, env: { ...run.env, NODE_TEST_CONTEXT: undefined } });
  const lines = existsSync(report) ? readFileSync(report, "utf8") : "";
  return { cases: readNodeReport(lines), exitCode };
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
