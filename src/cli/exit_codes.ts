/**
 * What the exit codes of the command line mean. `docs/cli.md` holds the same tables.
 *
 * @module
 */

import type { CommandStatus, Decision } from "../exec_result.ts";

/** Meaning → exit code. A command's own exit code is in its result, never here. */
export const EXIT_CODES = {
  /** Every command gave a result, whatever its own exit code. */
  ok: 0,
  /** execkit could not give a result: an `ExeckitError`. */
  error: 1,
  /** The command line was wrong. */
  usage: 2,
  /** The shell or link went away under a command; its outcome is not known. */
  lost: 3,
  /** The policy refused a command, or nobody was there to approve it. */
  blocked: 4,
  /** ^C: the running command was interrupted and no further one was run. */
  interrupted: 130,
} as const;

/** Decision → exit code of `policy check` and `policy explain`. */
export const VERDICT_EXIT_CODES: { readonly [decision in Decision]: number } = {
  allow: 0,
  ask: 3,
  deny: 4,
};

/**
 * Gives the exit code that a result stands for.
 *
 * @param status The status of the result.
 * @returns The exit code.
 */
export function exitCodeOf(status: CommandStatus): number {
  if (status === "blocked" || status === "needs_approval") return EXIT_CODES.blocked;
  if (status === "lost") return EXIT_CODES.lost;
  return EXIT_CODES.ok;
}
