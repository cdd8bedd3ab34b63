/**
 * Puts a result together from parts that are safe already.
 *
 * @module
 */

import type { ExecResult, InputWanted, LeftRunning } from "../exec_result.ts";
import type { ShapedOutput } from "../output/output_pipeline.ts";
import { shortenSafe } from "../output/shorten_safe.ts";
import { EMPTY_SAFE_TEXT, joinSafe, safe, type SafeText } from "../safe_text.ts";
import type { KeptOutcome } from "./shell_keeper.ts";

/** What names a command. */
export interface CommandLabel {
  /** Its id. */
  readonly commandId: SafeText;
  /** Its text, redacted. */
  readonly command: SafeText;
  /** The directory it starts in, redacted. */
  readonly cwd: SafeText;
}

/** The parts of a result. */
export interface ResultParts {
  /** What names the command. */
  readonly label: CommandLabel;
  /** How it ended. */
  readonly outcome: KeptOutcome;
  /** Its output within the budget. */
  readonly shaped: ShapedOutput;
  /** Milliseconds it took. */
  readonly durationMs: number;
  /** The directory it ended in, redacted. */
  readonly cwd: SafeText;
  /** What arrived before it, from background jobs. */
  readonly background: SafeText;
  /** What could not be kept of its output, and why. */
  readonly problems?: readonly SafeText[];
  /** What it left running, when that was looked at. */
  readonly leftRunning?: readonly LeftRunning[];
  /** How many more of them there are, which the next results name. */
  readonly leftUnnamed?: number;
  /** What it was doing shortly before its time-out, when that was looked at. */
  readonly activity?: SafeText;
  /** Processes of earlier commands whose output may be among its own, when that was looked at. */
  readonly mayHaveWritten?: readonly LeftRunning[];
}

/** What is known at the end only. */
type EndParts = "outcome" | "cwd" | "leftRunning" | "leftUnnamed" | "mayHaveWritten" | "activity";

/** The parts of the result of a command that runs. */
export interface RunningParts extends Omit<ResultParts, EndParts> {
  /** What it waits for. */
  readonly waiting?: InputWanted;
}

/**
 * Builds the result.
 *
 * @param parts Its parts.
 * @returns The result.
 */
export function buildResult(parts: ResultParts): ExecResult {
  const { label, outcome, shaped, durationMs, cwd, background, leftRunning = [] } = parts;
  const activity = outcome.status === "timed_out" ? parts.activity : undefined;
  const problems = parts.problems ?? [];
  const notes = [
    ...notesOf(outcome),
    mixedNote(parts),
    unnamedNote(parts),
    ...problems,
    cutNote(label),
  ];
  const note = joinSafe(notes, safe` `);
  return {
    commandId: label.commandId,
    command: shownCommand(label),
    status: outcome.status,
    ...(outcome.exitCode === undefined ? {} : { exitCode: outcome.exitCode }),
    stdout: shaped.stdout,
    stderr: shaped.stderr,
    cwd,
    durationMs: Math.round(durationMs * 10) / 10,
    truncated: shaped.truncated,
    totals: shaped.totals,
    ...(shaped.report === undefined ? {} : { budget: shaped.report }),
    ...(shaped.interleaved === undefined ? {} : { output: shaped.interleaved }),
    ...(background === EMPTY_SAFE_TEXT ? {} : { background }),
    ...(activity === undefined ? {} : { activity }),
    ...(leftRunning.length === 0 ? {} : { leftRunning }),
    ...(outcome.replaced === undefined ? {} : { shellReplaced: outcome.replaced }),
    ...(note === EMPTY_SAFE_TEXT ? {} : { note }),
  };
}

/**
 * Builds the result of a command that has not ended.
 *
 * @param parts Its parts.
 * @returns The result so far.
 */
export function buildRunningResult(parts: RunningParts): ExecResult {
  const { label, shaped, durationMs, background, waiting } = parts;
  const standing = waiting === undefined ? RUNNING : WAITING;
  const note = joinSafe([standing, ...parts.problems ?? [], cutNote(label)], safe` `);
  return {
    ...label,
    command: shownCommand(label),
    status: waiting === undefined ? "running" : "waiting_for_input",
    stdout: shaped.stdout,
    stderr: shaped.stderr,
    durationMs: Math.round(durationMs * 10) / 10,
    truncated: shaped.truncated,
    totals: shaped.totals,
    ...(shaped.report === undefined ? {} : { budget: shaped.report }),
    ...(shaped.interleaved === undefined ? {} : { output: shaped.interleaved }),
    ...(background === EMPTY_SAFE_TEXT ? {} : { background }),
    ...(waiting === undefined ? {} : { inputWanted: waiting }),
    note,
  };
}

const RUNNING = safe`The command goes on. The session takes no other until it has ended.`;
const WAITING = safe`The command waits for input, and goes on when it is given or interrupted.`;

/** Background jobs that a note names at most: enough to know what to look for. */
const MIXED_MAX_NAMED = 5;

/** The streams of a result for a command that wrote nothing. */
export const NO_OUTPUT = {
  stdout: EMPTY_SAFE_TEXT,
  stderr: EMPTY_SAFE_TEXT,
  truncated: false,
  totals: { stdoutBytes: 0, stdoutLines: 0, stderrBytes: 0, stderrLines: 0 },
} as const;

/** The parts of the result of a detached command. */
export interface DetachedResultParts extends Omit<ResultParts, "shaped"> {
  /** What it is found again by. */
  readonly detachedId: SafeText;
}

/**
 * Builds the result of a command that was started apart from its session.
 *
 * @param parts Its parts.
 * @returns The result.
 */
export function buildDetachedResult(parts: DetachedResultParts): ExecResult {
  const { label, outcome, durationMs, cwd, background, detachedId } = parts;
  return {
    ...label,
    command: shownCommand(label),
    ...NO_OUTPUT,
    status: "running",
    cwd,
    durationMs: Math.round(durationMs * 10) / 10,
    detachedId,
    ...(background === EMPTY_SAFE_TEXT ? {} : { background }),
    ...(outcome.replaced === undefined ? {} : { shellReplaced: outcome.replaced }),
    note: joinSafe([APART, cutNote(label)], safe` `),
  };
}

const APART =
  safe`The command runs apart from the session; its output and exit code are kept on the machine.`;

/** Characters of a command that a result repeats: enough to know it again by. */
const COMMAND_MAX_CHARS = 4000;

/**
 * Gives a command's text for a result. The audit and whoever approves it get the whole.
 *
 * @param label What names the command.
 * @returns At most 4000 characters of it.
 */
export function shownCommand({ command }: CommandLabel): SafeText {
  return shortenSafe(command, COMMAND_MAX_CHARS);
}

function cutNote({ command }: CommandLabel): SafeText {
  if (command.length <= COMMAND_MAX_CHARS) return EMPTY_SAFE_TEXT;
  return safe`Of the command's ${command.length} characters, the first are shown.`;
}

/** What the caller should know beside the numbers, and can do about it. */
function notesOf(outcome: KeptOutcome): SafeText[] {
  return [replacementNote(outcome), repairNote(outcome), statusNote(outcome)];
}

function replacementNote(outcome: KeptOutcome): SafeText {
  if (outcome.replaced === undefined) return EMPTY_SAFE_TEXT;
  if (outcome.replaced.stateKept) {
    return safe`The shell exited and was restarted in place: cwd, variables, functions and aliases are kept; shell options set with set -o, traps and the job table are not.`;
  }
  const lost =
    safe`cwd is kept; variables, functions, aliases and background jobs of the old shell are gone.`;
  switch (outcome.replaced.reason) {
    case "exit":
      return safe`The command ended the shell, and a new one was started: ${lost}`;
    case "killed":
      return safe`The shell was killed, and a new one was started: ${lost}`;
    case "unresponsive":
      return safe`The command could not be ended without its shell, and a new one was started: ${lost}`;
    case "link_lost":
      return safe`The link to the machine had broken, and the session connected again: cwd and the exported variables that could be read are as before; other variables, functions, aliases and background jobs are gone.`;
    case "untrusted":
      return safe`Commands had redefined the words that the shell is driven with, and a new one was started: ${lost}`;
  }
}

function repairNote(outcome: KeptOutcome): SafeText {
  if (!outcome.repaired) return EMPTY_SAFE_TEXT;
  return safe`Functions or disabled builtins that shadowed the shell's own words (builtin, eval, printf, …) were removed.`;
}

/** Jobs hold the same pipe as the command: what they write meanwhile cannot be told from its own. */
function mixedNote({ shaped: { totals }, mayHaveWritten = [] }: ResultParts): SafeText {
  if (mayHaveWritten.length === 0) return EMPTY_SAFE_TEXT;
  if (totals.stdoutBytes + totals.stderrBytes === 0) return EMPTY_SAFE_TEXT;
  const named = mayHaveWritten.slice(0, MIXED_MAX_NAMED).map(({ pid, command }) =>
    safe`${command} (pid ${pid})`
  );
  const more = mayHaveWritten.length > named.length ? safe` and others` : EMPTY_SAFE_TEXT;
  const names = joinSafe(named, safe`, `);
  return safe`Background jobs of earlier commands may have written a part of this output: ${names}${more}.`;
}

function unnamedNote({ leftRunning = [], leftUnnamed = 0 }: ResultParts): SafeText {
  if (leftUnnamed === 0) return EMPTY_SAFE_TEXT;
  const named = leftRunning.length;
  return safe`${
    named + leftUnnamed
  } processes were left running: ${named} are named here, the others with the next results that wait with waitMs.`;
}

function statusNote(outcome: KeptOutcome): SafeText {
  if (outcome.linkLoss !== undefined) return linkLossNote(outcome.linkLoss);
  if (outcome.closed) {
    return safe`The session was closed while the command ran; its outcome is not known.`;
  }
  if (outcome.status === "lost") {
    return safe`The connection to the shell broke while the command ran; its outcome is not known.`;
  }
  if (outcome.status === "timed_out") {
    return safe`The command was ended at its time-out; what it had written is kept.`;
  }
  return EMPTY_SAFE_TEXT;
}

function linkLossNote({ detail, reconnects }: NonNullable<KeptOutcome["linkLoss"]>): SafeText {
  const cause = detail === undefined ? EMPTY_SAFE_TEXT : safe` (${detail})`;
  const next = reconnects ? safe`The next command connects again.` : safe`Open a new session.`;
  return safe`The link to the machine broke${cause} while the command ran; its outcome is not known. ${next}`;
}
