/**
 * What a command gives back: the contract towards agents and programs.
 *
 * @module
 */

import type { SafeText } from "./safe_text.ts";

/**
 * How a command stands.
 *
 * - `exited`: it ended by itself; `exitCode` is known.
 * - `timed_out`: `timeoutMs` passed and it was ended; `exitCode` is 124, as timeout(1) gives.
 * - `interrupted`: the caller cancelled it.
 * - `blocked`: the policy refused it; nothing ran. `verdict` says why.
 * - `lost`: the shell or the link went away under it; its outcome is not known.
 * - `needs_approval`: the policy asks, and nobody has allowed it; nothing ran. `verdict` says why.
 * - `running`, `waiting_for_input`: it has not ended yet.
 */
export type CommandStatus =
  | "exited"
  | "running"
  | "waiting_for_input"
  | "timed_out"
  | "interrupted"
  | "blocked"
  | "needs_approval"
  | "lost";

/** What a policy decided about a command. */
export type Decision = "allow" | "ask" | "deny";

/** A policy's decision as data: the same object in the library, MCP, the CLI and the audit. */
export interface Verdict {
  /** The decision. */
  readonly decision: Decision;
  /** The rule that decided, such as `deny:rm`; absent when nothing matched. */
  readonly rule?: SafeText;
  /** Why, and what to do instead, in words. */
  readonly reason?: SafeText;
  /** What the operator says to do instead. */
  readonly say?: SafeText;
  /** The exact words that the rule matched. */
  readonly words?: SafeText;
  /** Where they stand in the command: UTF-16 offsets, end exclusive; of text inside a word, the word. */
  readonly at?: { readonly start: number; readonly end: number };
  /** The wrappers that led there, outermost first, such as `sudo`, `env`. */
  readonly via?: readonly SafeText[];
  /** The program and its arguments as it would see them; `?` where that is not known. */
  readonly resolved?: readonly SafeText[];
}

/** How one stream was shortened by a budget. */
export interface StreamBudgetReport {
  /** The rule that had the last word: `all`, `head`, `tail` or `head_tail`. */
  readonly mode: "all" | "head" | "tail" | "head_tail";
  /** Lines the command wrote to the stream. */
  readonly linesTotal: number;
  /** Lines of those that are in the result. */
  readonly linesKept: number;
}

/** How the budget shaped a result; absent when it changed nothing. */
export interface BudgetReport {
  /** The report for stdout. */
  readonly stdout: StreamBudgetReport;
  /** The report for stderr. */
  readonly stderr: StreamBudgetReport;
}

/** Exact totals of what a command wrote, however much of it is shown. */
export interface OutputTotals {
  /** Bytes on stdout, as the command wrote them. */
  readonly stdoutBytes: number;
  /** Lines on stdout; a last line without a newline counts. */
  readonly stdoutLines: number;
  /** Bytes on stderr, as the command wrote them. */
  readonly stderrBytes: number;
  /** Lines on stderr; a last line without a newline counts. */
  readonly stderrLines: number;
}

/** That the shell under a session was replaced, and what went with it. */
export interface ShellReplacement {
  /**
   * Why. `link_lost`: the link to the machine broke, and the session connected again; cwd and
   * exported variables were put back.
   */
  readonly reason: "exit" | "killed" | "unresponsive" | "untrusted" | "link_lost";
  /** True when variables, functions and aliases were carried over; cwd always is. */
  readonly stateKept: boolean;
}

/** What a command waits for, as far as it can be told. */
export interface InputWanted {
  /** What for: a password, a yes or no, a key in a pager, an editor, a line in a REPL. */
  readonly kind: "password" | "confirmation" | "pager" | "editor" | "repl" | "unknown";
  /** The prompt: the last 200 characters of the output's last line; empty when there is none. */
  readonly prompt: SafeText;
  /**
   * Why it is believed: a process is blocked in a read of the terminal or of an input that nobody
   * writes to, has the terminal in single-key mode, or the last line looks like a prompt.
   */
  readonly evidence: "terminal_read" | "stdin_read" | "terminal_mode" | "prompt_like_line";
}

/** A process that a command left running. */
export interface LeftRunning {
  /** Its id on the session's machine. */
  readonly pid: number;
  /** Its name and arguments, redacted. */
  readonly command: SafeText;
}

/** The result of one command. A non-zero exit is a result like any other. */
export interface ExecResult {
  /** The command's id, unique within the session's registry. */
  readonly commandId: SafeText;
  /** The command's text, redacted; the first 4000 characters of a longer one. */
  readonly command: SafeText;
  /** How the command stands. */
  readonly status: CommandStatus;
  /** The exit code, once known: 0-255, and 124 with `timed_out`. */
  readonly exitCode?: number;
  /** Standard output, decoded, redacted, within the budget. */
  readonly stdout: SafeText;
  /** Standard error, decoded, redacted, within the budget. */
  readonly stderr: SafeText;
  /** The working directory after the command, redacted. */
  readonly cwd: SafeText;
  /** Wall time from sending the command to its end, in milliseconds. */
  readonly durationMs: number;
  /** True when `stdout` or `stderr` do not hold everything the command wrote. */
  readonly truncated: boolean;
  /** Exact totals of what the command wrote. */
  readonly totals: OutputTotals;
  /** How the budget shaped the streams, when it did. */
  readonly budget?: BudgetReport;
  /** Both streams in order of arrival, when `interleave` was asked for. */
  readonly output?: SafeText;
  /** Output of background jobs that arrived since the previous command ended. */
  readonly background?: SafeText;
  /** With `waiting_for_input`: what for. The command goes on, and takes input. */
  readonly inputWanted?: InputWanted;
  /** What of `until` came before the end of the command or of the wait. */
  readonly untilMet?: "pattern" | "port";
  /**
   * What a running command is doing, in a sentence; of one that timed out, what it was doing shortly
   * before. Absent where the machine does not tell in time.
   */
  readonly activity?: SafeText;
  /**
   * Processes that the command left running, each named once and 20 at most: `note` says how many
   * more the next results name. Looked at with `waitMs` only.
   */
  readonly leftRunning?: readonly LeftRunning[];
  /** What a command that was started with `detach` is found again by, on its machine. */
  readonly detachedId?: SafeText;
  /** Set when the shell was replaced during or after the command. */
  readonly shellReplaced?: ShellReplacement;
  /** The verdict, when the status is `blocked` or `needs_approval`. */
  readonly verdict?: Verdict;
  /** What else the caller should know, in a sentence or two. */
  readonly note?: SafeText;
}

/** A JSON value in wire (snake_case) names. */
export type WireValue =
  | string
  | number
  | boolean
  | readonly WireValue[]
  | { readonly [key: string]: WireValue };

/**
 * Gives an {@linkcode ExecResult}, or any part of one, in wire names: `exitCode` → `exit_code`.
 * Absent members stay absent.
 *
 * @param value The value with camelCase keys.
 * @returns The same data with snake_case keys.
 */
export function toWire(value: object): { readonly [key: string]: WireValue } {
  const wire: Record<string, WireValue> = {};
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    wire[key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] = wireMember(member);
  }
  return wire;
}

function wireMember(member: unknown): WireValue {
  if (Array.isArray(member)) return member.map(wireMember);
  if (typeof member === "object" && member !== null) return toWire(member);
  if (typeof member === "string" || typeof member === "boolean") return member;
  if (typeof member === "number") return Number.isInteger(member) ? member : Math.round(member);
  throw new TypeError(`Cannot put a ${typeof member} on the wire`);
}
