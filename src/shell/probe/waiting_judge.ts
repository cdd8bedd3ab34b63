/**
 * Whether a running command waits for somebody to type, by evidence where the system gives it.
 *
 * @module
 */

import { hasRole, takesCommands } from "./known_programs.ts";
import type { ProbedProcess, ProbeReport, TerminalModes } from "./probe_report.ts";
import {
  asksForName,
  findPrompt,
  looksLikePrompt,
  meaningOf,
  type PromptLine,
} from "./prompt_shapes.ts";

/** What a command waits for. */
export type InputKind = "password" | "confirmation" | "pager" | "editor" | "repl" | "unknown";

/**
 * Why it is believed, from strong to weak.
 *
 * - `terminal_read`: a foreground process is blocked in a read of a terminal, or waits for a key.
 * - `stdin_read`: it is blocked in a read of a stdin that nobody in the session writes to.
 * - `terminal_mode`: a known program of another user has set the terminal to single keys.
 * - `prompt_like_line`: the output ends in what looks like a question, and is quiet.
 */
export type InputEvidence = "terminal_read" | "stdin_read" | "terminal_mode" | "prompt_like_line";

/** What is known of the command's output. */
export interface OutputFacts {
  /**
   * The end of its output: 2000 characters are looked at. The verdict's prompt is a part of it, so
   * that it may be shown only when this has been redacted.
   */
  readonly tail: string;
  /** Milliseconds since its last output, or since it began. */
  readonly quietMs: number;
  /** Whether its streams are the terminal. */
  readonly tty: boolean;
  /**
   * Whether the session's terminal echoes when no program has changed that. When it does, a terminal
   * that does not echo is a password prompt. Default: false, which execkit's terminals are set to.
   */
  readonly terminalEchoes?: boolean;
}

/** That a command waits for input. */
export interface WaitingForInput {
  /** Always true. */
  readonly waiting: true;
  /** What for. */
  readonly kind: InputKind;
  /** The prompt: the last 200 characters of the output's last line; empty when there is none. */
  readonly prompt: string;
  /** Why it is believed. */
  readonly evidence: InputEvidence;
  /** The process that asks; absent when the machine does not tell. */
  readonly pid?: number;
}

/** Whether a command waits for input. */
export type WaitingVerdict = WaitingForInput | { readonly waiting: false };

/** Milliseconds of quiet after which a program that watches the terminal has asked its question. */
export const EVENT_QUIET_MS = 200;
/** Milliseconds of quiet after which a prompt-like line counts where there is no evidence. */
export const PROMPT_QUIET_MS = 1000;

const NOT_WAITING: WaitingVerdict = { waiting: false };

/**
 * Judges whether a command waits for input. It keeps nothing between calls.
 *
 * A blocked read of the terminal is proof. A program that waits for several things with the terminal
 * among them is believed when it has set the terminal to single keys, or asks something. Only where
 * the system tells nothing about the processes does a line that looks like a question suffice.
 *
 * @param report A probe, of either scope.
 * @param output What is known of the output.
 * @returns The verdict.
 */
export function judgeWaiting(report: ProbeReport, output: OutputFacts): WaitingVerdict {
  const prompt = findPrompt(output.tail);
  const verdict = (process: ProbedProcess | undefined, evidence: InputEvidence) => ({
    waiting: true,
    ...describePrompt(report, process, prompt, output),
    evidence,
    ...(process === undefined ? {} : { pid: process.pid }),
  } as const);
  // The deepest is the one that asks: its parents wait for it or pass its terminal on.
  const processes = report.foreground.toReversed();
  const readers = processes.filter((one) => readsTerminal(one, report));
  const reader = readers.find((one) => !hasRole(one, "relay")) ?? readers[0];
  if (reader !== undefined) return verdict(reader, "terminal_read");
  const asks = looksLikePrompt(prompt);
  const fed = processes.find(({ wait }) => wait.kind === "stdin_read");
  if (fed !== undefined) return verdict(fed, "stdin_read");
  const watcher = processes.find((one) => watchesForKeys(one, report, output.quietMs, asks));
  if (watcher !== undefined) {
    const seen = watcher.wait.watched || report.terminal?.canonical === false;
    return verdict(watcher, seen ? "terminal_read" : "prompt_like_line");
  }
  return judgeUnseen(report, output, asks, verdict);
}

type Verdict = (process: ProbedProcess | undefined, evidence: InputEvidence) => WaitingForInput;

/**
 * busybox's `read`, and bash's with a time-out, poll their input. The session's shell and its forks
 * take their commands from elsewhere: one that polls a single descriptor, with the terminal as its
 * input, is in `read`.
 */
function readsTerminal(process: ProbedProcess, { shell }: ProbeReport): boolean {
  const { kind, fd, alone } = process.wait;
  if (kind === "terminal_read") return true;
  if (kind !== "terminal_event" || fd !== 0 || alone !== true) return false;
  return isSessionShell(process, shell);
}

/** A fork, such as a subshell, keeps the arguments; a shell that a person starts has others. */
function isSessionShell(process: ProbedProcess, shell: ProbedProcess | undefined): boolean {
  if (process.pid === shell?.pid) return true;
  const [own, other] = [process.rawArguments, shell?.rawArguments];
  return own !== undefined && own.length > 0 && own.join("\0") === other?.join("\0");
}

function watchesForKeys(
  process: ProbedProcess,
  report: ProbeReport,
  quietMs: number,
  asks: boolean,
): boolean {
  if (process.wait.kind !== "terminal_event" || quietMs < EVENT_QUIET_MS) return false;
  if (hasRole(process, "follower")) return false;
  const takesKeys = report.terminal?.canonical === false && !hasRole(process, "relay");
  return takesKeys || asks;
}

/** The processes of another user, or on a machine without /proc, show nothing of themselves. */
function judgeUnseen(
  report: ProbeReport,
  output: OutputFacts,
  asks: boolean,
  verdict: Verdict,
): WaitingVerdict {
  const unseen = report.foreground.findLast((one) => one.opaque);
  if (report.proc && unseen === undefined) return NOT_WAITING;
  const fullScreen = report.foreground.findLast((one) =>
    one.opaque && (hasRole(one, "editor") || hasRole(one, "pager"))
  );
  if (fullScreen !== undefined && report.terminal?.canonical === false) {
    return verdict(fullScreen, "terminal_mode");
  }
  if (asks && output.quietMs >= PROMPT_QUIET_MS) return verdict(unseen, "prompt_like_line");
  return NOT_WAITING;
}

/** An editor fills the screen: whatever it drew last is no prompt. */
function describePrompt(
  report: ProbeReport,
  process: ProbedProcess | undefined,
  prompt: PromptLine,
  output: OutputFacts,
): Pick<WaitingForInput, "kind" | "prompt"> {
  const isShell = process !== undefined && isSessionShell(process, report.shell);
  const asked = { process, prompt, output, isShell };
  const kind = kindOf({ ...asked, modes: report.terminal });
  return { kind, prompt: kind === "editor" ? "" : prompt.text };
}

/** What the kind of a prompt is told by. */
interface Asked {
  readonly process: ProbedProcess | undefined;
  /** Whether that is the session's shell or its fork, which take no commands from the terminal. */
  readonly isShell: boolean;
  readonly prompt: PromptLine;
  readonly output: OutputFacts;
  readonly modes: TerminalModes | undefined;
}

/** The program first, since a pager may show any words; then what the prompt asks. */
function kindOf({ process, isShell, prompt, output, modes }: Asked): InputKind {
  if (process !== undefined && hasRole(process, "editor")) return "editor";
  if (process !== undefined && hasRole(process, "pager")) return "pager";
  const meaning = meaningOf(prompt.text);
  if (meaning === "password" || meaning === "confirmation") return meaning;
  if (hidesTyping(modes, output)) return "password";
  if (process === undefined) return meaning;
  if (hasRole(process, "repl")) return "repl";
  if (!isShell && hasRole(process, "interpreter") && takesCommands(process)) return "repl";
  if (hasRole(process, "asks_password") && prompt.open) return "password";
  if (meaning === "unknown" && opensTerminal(process, prompt, modes)) return "password";
  return meaning === "pager" && !prompt.open ? "unknown" : meaning;
}

/**
 * getpass(3) and what follows it (python, ssh, git, database clients) open the terminal themselves,
 * past any redirection, and read a line of it. The modes do not tell where nothing is echoed anyway.
 * A shell's `read </dev/tty` has the terminal as descriptor 0.
 */
function opensTerminal(
  process: ProbedProcess,
  prompt: PromptLine,
  modes: TerminalModes | undefined,
): boolean {
  const { kind, fd = 0 } = process.wait;
  if (kind !== "terminal_read" || fd <= 2 || modes?.canonical !== true) return false;
  if (hasRole(process, "file_reader") || asksForName(prompt)) return false;
  return prompt.open ? /[:：]$/.test(prompt.text.trimEnd()) : hasRole(process, "interpreter");
}

/** execkit's terminals echo nothing anyway; bash's `read -s` shows itself by another mode. */
function hidesTyping(modes: TerminalModes | undefined, output: OutputFacts): boolean {
  if (modes === undefined || !modes.canonical || modes.echo) return false;
  return output.terminalEchoes === true || !modes.echoKill;
}
