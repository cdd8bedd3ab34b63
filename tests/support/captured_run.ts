/**
 * Runs a subcommand of the command line with its output kept.
 *
 * @module
 */

import type { PolicyCheckIo } from "../../src/cli/commands/policy_check.ts";

/** How a subcommand ended, and what it wrote. */
export interface Run {
  /** Its exit code. */
  readonly exitCode: number;
  /** What it wrote to standard output. */
  readonly output: string;
  /** What it wrote to standard error. */
  readonly errors: string;
}

/**
 * Runs a subcommand.
 *
 * @param run Runs it with the output that it is given.
 * @returns How it ended, and what it wrote.
 */
export async function captured(
  run: (output: Pick<PolicyCheckIo, "write" | "writeError">) => Promise<number>,
): Promise<Run> {
  let [output, errors] = ["", ""];
  const exitCode = await run({
    write: (text) => {
      output += text;
      return Promise.resolve(true);
    },
    writeError: (text) => {
      errors += text;
    },
  });
  return { exitCode, output, errors };
}
