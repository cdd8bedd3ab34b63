/**
 * Starts a command apart from its session.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { safe } from "../../safe_text.ts";
import { randomKey } from "../../shell/markers.ts";
import { quoteForShell } from "../../shell_text/quote.ts";
import { runAside } from "../../transports/run_aside.ts";
import type { KeptOutcome, ShellKeeper } from "../shell_keeper.ts";
import { LAUNCH_SCRIPT, PREPARE_SCRIPT } from "./detached_scripts.ts";

/** Days after its end that a detached command's files are kept at least. */
const KEEP_DAYS = 7;

/** A command that was started. */
export interface LaunchedDetached {
  /** The id by which it is found again. */
  readonly id: string;
  /** How a command that does nothing ended before it; it says whether the shell was replaced. */
  readonly before: KeptOutcome;
}

/**
 * Starts a command apart from its session: with the exported variables and the directory of the
 * session's shell, without its other variables, functions and aliases, and without input.
 *
 * @param keeper The session's shell.
 * @param command The command's text.
 * @returns Its id, and what became of the shell.
 * @throws {ExeckitError} `session_lost`, or `transfer_failed` when its files cannot be made.
 */
export async function launchDetached(
  keeper: ShellKeeper,
  command: string,
): Promise<LaunchedDetached> {
  const id = randomKey();
  // A session whose link broke connects again first.
  const before = await keeper.run({ ...QUIET, command: ":" });
  const { transport, dialect } = keeper.channel;
  const prepared = await runAside(transport, {
    script: PREPARE_SCRIPT,
    args: [id, String(KEEP_DAYS)],
    stdin: new TextEncoder().encode(command),
    timeoutMs: LIMITS.asideTimeoutMs,
  });
  const directory = new TextDecoder().decode(prepared.stdout);
  if (prepared.exitCode !== 0 || directory === "") throw cannotStart();
  const words = [LAUNCH_SCRIPT, "execkit", directory, SHELL_OF[dialect.name]].map(quoteForShell);
  const launched = await keeper.run({
    ...QUIET,
    command: `\\command -p sh -c ${words.join(" ")}`,
  });
  if (launched.status !== "exited" || launched.exitCode !== 0) throw cannotStart();
  return { id, before };
}

const QUIET = { tty: false, timeoutMs: LIMITS.asideTimeoutMs, onOutput: () => undefined } as const;

/** What runs the command's file; busybox's own shell has no other name. */
const SHELL_OF = { bash: "bash", zsh: "zsh", dash: "dash", ash: "sh" } as const;

function cannotStart(): ExeckitError {
  return new ExeckitError({
    code: "transfer_failed",
    message: safe`Cannot start the command apart from the session: its files cannot be made`,
    hint: safe`Give the session's user a writable home or /tmp, or run it without detach`,
  });
}
