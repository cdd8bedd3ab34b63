/**
 * Why a command does not end: what its processes wait for, in words and as data.
 *
 * @module
 */

import { safe, type SafeText } from "../../safe_text.ts";
import {
  type Listener,
  type ProbedProcess,
  type ProbeReport,
  type ProcessState,
  sessionListeners,
  type WaitKind,
} from "./probe_report.ts";

/** What an explanation needs beside the probe. */
export interface StuckFacts {
  /** Redacts names and arguments of processes. */
  readonly redact: (text: string) => SafeText;
  /** Milliseconds since the command's last output, or since it began. */
  readonly quietMs: number;
  /** An earlier probe of the same command: tells what was used of the processor since then. */
  readonly before?: ProbeReport;
}

/** One process of a stuck command. */
export interface StuckProcess {
  /** Its id on the session's machine. */
  readonly pid: number;
  /** Its parent's id. */
  readonly ppid: number;
  /** Its name. */
  readonly name: SafeText;
  /** Its arguments, joined by spaces; absent where they cannot be read. */
  readonly command?: SafeText;
  /** Its state. */
  readonly state: ProcessState;
  /** What it waits for. */
  readonly waitsFor: WaitKind;
  /** The same in words, as part of a sentence: `is asleep for a time`. */
  readonly words: SafeText;
  /** Milliseconds of processor time used. */
  readonly cpuMs: number;
  /** The same since the earlier probe; absent without one. */
  readonly cpuSinceMs?: number;
  /** Milliseconds since it was started; absent where the machine does not tell. */
  readonly ageMs?: number;
}

/** Why a command does not end. */
export interface StuckReport {
  /** The process that matters most: the one the others wait for. Absent where nothing is known. */
  readonly main?: StuckProcess;
  /** All processes of the foreground, parents first. */
  readonly processes: readonly StuckProcess[];
  /** Milliseconds since the command's last output, or since it began. */
  readonly quietMs: number;
  /** Milliseconds between the two probes; absent without an earlier one. */
  readonly sinceMs?: number;
  /** Milliseconds of processor time that all of them used between the two probes. */
  readonly cpuSinceMs?: number;
  /** TCP ports that the session's processes listen on; absent when they were not looked at. */
  readonly listening?: readonly Pick<Listener, "port" | "reach" | "pid">[];
  /** One sentence: the main process, what it waits for, and how long there was no output. */
  readonly summary: SafeText;
}

const WORDS: Readonly<Record<WaitKind, SafeText>> = {
  running: safe`is running on the processor`,
  terminal_read: safe`is reading the terminal`,
  terminal_event: safe`is waiting for events, which may be keys at the terminal`,
  stdin_read: safe`is reading its standard input, which nobody writes to`,
  pipe_read: safe`is reading a pipe`,
  output: safe`is waiting until its output is read`,
  sleep: safe`is asleep for a time`,
  child: safe`is waiting for a child process to end`,
  network: safe`is waiting for the network or a local socket`,
  event: safe`is waiting for events, such as connections or a timer`,
  lock: safe`is waiting for a lock or another thread (futex)`,
  file_lock: safe`is waiting for the lock of a file`,
  signal: safe`is waiting for a signal`,
  disk: safe`is in uninterruptible sleep, nearly always on a disk or network file system`,
  stopped: safe`is stopped by a signal`,
  ended: safe`has ended`,
  unknown: safe`is waiting for something that the system does not tell`,
};

/** Bytes of a process's name that the kernel keeps: TASK_COMM_LEN without its end (proc(5)). */
const KERNEL_NAME_BYTES = 15;
/** Characters of a name that are shown: as many as a file's name has at most. */
const NAME_MAX_CHARS = 255;

const encoder = new TextEncoder();

/** What speaks for being the cause, strongest first; equals are decided by depth. */
const CAUSES: readonly (readonly WaitKind[])[] = [
  ["terminal_read", "stdin_read"],
  ["running"],
  ["disk", "stopped"],
  ["network", "lock", "file_lock", "output", "terminal_event", "event", "sleep", "signal"],
  ["pipe_read", "unknown"],
  ["child", "ended"],
];

/**
 * Explains why a command does not end.
 *
 * @param report A probe; one of scope `ports` also tells the ports.
 * @param facts What is known beside it.
 * @returns The explanation. All text in it is redacted.
 */
export function explainStuck(report: ProbeReport, facts: StuckFacts): StuckReport {
  const { before, quietMs } = facts;
  const earlier = new Map(before?.foreground.map((one) => [one.pid, one.cpuMs]));
  const sinceOf = (one: ProbedProcess) =>
    before === undefined ? undefined : Math.max(0, one.cpuMs - (earlier.get(one.pid) ?? 0));
  const processes = report.foreground.map((one) => describe(one, sinceOf(one), facts.redact));
  const main = findMain(processes);
  return {
    ...(main === undefined ? {} : { main }),
    processes,
    quietMs,
    ...(before === undefined ? {} : {
      sinceMs: Math.round(report.takenAtMs - before.takenAtMs),
      cpuSinceMs: processes.reduce((sum, one) => sum + (one.cpuSinceMs ?? 0), 0),
    }),
    ...(report.listeners === undefined ? {} : {
      listening: sessionListeners(report, before).map(({ port, reach, pid }) => ({
        port,
        reach,
        ...(pid === undefined ? {} : { pid }),
      })),
    }),
    summary: summarise(main, quietMs),
  };
}

function describe(
  process: ProbedProcess,
  cpuSinceMs: number | undefined,
  redact: StuckFacts["redact"],
): StuckProcess {
  const { pid, ppid, state, wait, cpuMs, ageMs, rawArguments } = process;
  return {
    pid,
    ppid,
    name: processName(process, redact),
    ...(rawArguments === undefined ? {} : { command: redact(rawArguments.join(" ")) }),
    state,
    waitsFor: wait.kind,
    words: WORDS[wait.kind],
    cpuMs,
    ...(cpuSinceMs === undefined ? {} : { cpuSinceMs }),
    ...(ageMs === undefined ? {} : { ageMs }),
  };
}

/**
 * Names a process. A name that the kernel has cut could be the start of a secret, which no redactor
 * would find: it is taken from the arguments, where it stands whole.
 *
 * @param process The process.
 * @param redact Redacts text.
 * @returns The name, redacted; `?` when only the cut one is known.
 */
export function processName(
  { rawName, rawArguments = [] }: Pick<ProbedProcess, "rawName" | "rawArguments">,
  redact: StuckFacts["redact"],
): SafeText {
  if (encoder.encode(rawName).length < KERNEL_NAME_BYTES) return redact(rawName);
  const start = rawName.replace(/\uFFFD+$/, "");
  const isWhole = (argument: string) => fileName(argument).startsWith(start);
  const whole = rawArguments.find(isWhole) ?? rawArguments[0];
  if (whole === undefined || whole === "") return safe`?`;
  // Redacting again changes nothing; it gives the shorter text its type.
  return redact(fileName(redact(whole)).slice(0, NAME_MAX_CHARS));
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function findMain(processes: readonly StuckProcess[]): StuckProcess | undefined {
  for (const kinds of CAUSES) {
    const found = processes.findLast(({ waitsFor }) => kinds.includes(waitsFor));
    if (found !== undefined) return found;
  }
  return undefined;
}

function summarise(main: StuckProcess | undefined, quietMs: number): SafeText {
  const quiet = safe`no output for ${Math.round(quietMs / 100) / 10} s`;
  if (main === undefined) return safe`No process of the foreground can be seen; ${quiet}`;
  const used = main.cpuSinceMs === undefined
    ? safe`${main.cpuMs} ms of processor time in all`
    : safe`${main.cpuSinceMs} ms of processor time since the last look`;
  return safe`Process ${main.pid} (${main.name}) ${main.words}; ${used}, ${quiet}`;
}
