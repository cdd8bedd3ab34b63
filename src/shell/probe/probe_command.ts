/**
 * A look at the processes of a session: what runs in its foreground, what waits for input, what was
 * left running, and which ports are listened on.
 *
 * @module
 */

import { monotonicMs } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { safe } from "../../safe_text.ts";
import { runAside } from "../../transports/run_aside.ts";
import type { SessionProcesses } from "../process_control.ts";
import type { Listener, ProbedProcess, ProbeReport, ProcessState } from "./probe_report.ts";
import { PROBE_EXITS, PROBE_SCRIPT } from "./probe_script.ts";
import { type ProbeFacts, type ProcessFacts, readProbe } from "./read_probe.ts";
import { classifyWait, isTerminal } from "./wait_channels.ts";

/** The processes of a session, and by what those that left it are known. */
export interface ProbedSession extends SessionProcesses {
  /**
   * The launch's directory, whose name ends in the session's mark. Without it, processes that have
   * left the shell's session (setsid, daemons) are not found.
   */
  readonly directory?: string;
}

/**
 * How much is looked at.
 *
 * - `descendants`: what descends from the shell. Cheap, for looking often.
 * - `session`: also what has left it (daemons, orphans). Reads all of /proc once.
 * - `ports`: also the listening ports. The kernel walks all its sockets for that: the dearest.
 */
export type ProbeScope = "descendants" | "session" | "ports";

/** Milliseconds in a tick of the times in /proc: USER_HZ is 100 on every Linux that is in use. */
const TICK_MS = 10;
/** Bits of SIGINT and SIGQUIT in a signal mask: what a shell without job control makes `&` ignore. */
const INTERRUPTS = 6;
/** Index in the fields behind the name; field N of proc(5) is at N - 3. */
const FIELD = { ppid: 1, group: 2, session: 3, tty: 4, tpgid: 5, utime: 11, stime: 12 } as const;
const START_TIME = 19;
const IGNORED_SIGNALS = 30;

/**
 * Looks at the processes of a session, by one script beside its shell.
 *
 * @param session The session's processes; a {@linkcode ShellChannel} is one.
 * @param scope How much to look at. Default: `ports`, which is everything.
 * @returns What was found. Members are absent where the machine does not tell them.
 * @throws {ExeckitError} `session_lost` when the machine does not answer in time.
 */
export async function probeCommand(
  session: ProbedSession,
  scope: ProbeScope = "ports",
): Promise<ProbeReport> {
  const takenAtMs = monotonicMs();
  const done = await runAside(session.transport, {
    script: PROBE_SCRIPT,
    args: [String(session.shellPid), markOf(session), scope],
    timeoutMs: LIMITS.asideTimeoutMs,
  });
  const nothing = { takenAtMs, foreground: [], background: [], truncated: false };
  if (done.exitCode === PROBE_EXITS.noProc) return { ...nothing, proc: false };
  if (done.exitCode === PROBE_EXITS.shellGone) return { ...nothing, proc: true };
  if (done.exitCode !== 0) {
    throw new ExeckitError({
      code: "session_lost",
      message: safe`Cannot look at the session's processes: the machine does not answer`,
    });
  }
  const facts = readProbe(new TextDecoder().decode(done.stdout));
  return assembleReport(facts, session, scope, takenAtMs);
}

/** Lower-case hexadecimal, so that nothing in it means anything to grep. */
export function markOf({ directory = "" }: ProbedSession): string {
  return /\.([0-9a-f]{8,})$/.exec(directory)?.[1] ?? "none";
}

function assembleReport(
  facts: ProbeFacts,
  session: ProbedSession,
  scope: ProbeScope,
  takenAtMs: number,
): ProbeReport {
  const everything = [...facts.processes.values()];
  const shell = facts.processes.get(session.shellPid);
  const base = { takenAtMs, proc: true, truncated: facts.truncated };
  if (shell === undefined) return { ...base, foreground: [], background: [] };
  const infrastructure = ancestorsOf(shell, facts, session.supervisorPid);
  const living = everything.filter((one) => isAlive(one) && !infrastructure.has(one.pid));
  const foreground = foregroundOf(shell, living);
  const isWritten = writtenBy(living, shell);
  const outputs = outputsOf(shell);
  const describe = (one: ProcessFacts) => ({
    ...describeProcess(one, facts, isWritten),
    ...(sharesOutput(one, outputs) ? { sharesOutput: true as const } : {}),
  });
  return {
    ...base,
    shell: describe(shell),
    foreground: living.filter(({ pid }) => foreground.has(pid)).map(describe),
    ...(facts.terminal === undefined ? {} : { terminal: facts.terminal }),
    background: living
      .filter((one) => one !== shell && !foreground.has(one.pid))
      .map(describe),
    ...(scope === "ports" ? { listeners: listenersOf(facts, living) } : {}),
  };
}

function isAlive(process: ProcessFacts): boolean {
  return !/^[ZXx]/.test(process.fields[0] ?? "");
}

function fieldOf(process: ProcessFacts, field: number): number {
  return Number(process.fields[field]);
}

/** What stands between the supervisor and the shell: script and the like. */
function ancestorsOf(shell: ProcessFacts, facts: ProbeFacts, supervisorPid: number): Set<number> {
  const found = new Set([supervisorPid]);
  let parent = fieldOf(shell, FIELD.ppid);
  while (parent > 1 && !found.has(parent)) {
    found.add(parent);
    const next = facts.processes.get(parent);
    parent = next === undefined ? 0 : fieldOf(next, FIELD.ppid);
  }
  return found;
}

/**
 * The terminal's foreground group; when that is the shell's own, or there is no terminal, the shell
 * and those of its children in its group that do not ignore INT and QUIT, as `&` makes them do where
 * there is no job control. Their descendants belong to them wherever they went, or sudo's child in
 * its own terminal would be missed.
 */
function foregroundOf(shell: ProcessFacts, living: readonly ProcessFacts[]): Set<number> {
  const group = fieldOf(shell, FIELD.group);
  const terminalGroup = fieldOf(shell, FIELD.tpgid);
  const found = new Set<number>();
  for (const one of living) {
    if (terminalGroup > 0 && terminalGroup !== group) {
      if (fieldOf(one, FIELD.group) === terminalGroup) found.add(one.pid);
      continue;
    }
    const isChild = fieldOf(one, FIELD.ppid) === shell.pid && fieldOf(one, FIELD.group) === group;
    const isApart = (fieldOf(one, IGNORED_SIGNALS) & INTERRUPTS) === INTERRUPTS;
    if (one === shell || isChild && !isApart) found.add(one.pid);
  }
  let grown = true;
  while (grown) {
    const children = living.filter((one) =>
      !found.has(one.pid) && fieldOf(one, FIELD.ppid) !== shell.pid &&
      found.has(fieldOf(one, FIELD.ppid))
    );
    for (const one of children) found.add(one.pid);
    grown = children.length > 0;
  }
  return found;
}

/**
 * A process that cannot be read may hold the other end of any pipe. What the shell itself reads is
 * the road of its commands, which the relay writes to.
 */
function writtenBy(
  living: readonly ProcessFacts[],
  shell: ProcessFacts,
): (target: string) => boolean {
  const targets = new Set([...shell.links.values()].map(({ target }) => target));
  for (const one of living) {
    for (const { target, writes } of one.links.values()) if (writes) targets.add(target);
  }
  const hidden = living.some(({ links }) => links.size === 0);
  return (target) => hidden || targets.has(target);
}

/** Where the shell can write to: its streams, and the copies of them that commands get. */
function outputsOf(shell: ProcessFacts): ReadonlySet<string> {
  const written = [...shell.links.values()].filter(({ writes }) => writes);
  return new Set(written.map(({ target }) => target).filter((target) => target !== "/dev/null"));
}

/** All names of a terminal mean the session's: its commands have no other. */
function sharesOutput(process: ProcessFacts, outputs: ReadonlySet<string>): boolean {
  return [1, 2].some((fd) => {
    const link = process.links.get(fd);
    return link !== undefined && (outputs.has(link.target) || isTerminal(process, fd));
  });
}

function describeProcess(
  process: ProcessFacts,
  facts: ProbeFacts,
  isWritten: (target: string) => boolean,
): ProbedProcess {
  const wait = classifyWait(process, isWritten);
  const terminal = terminalName(fieldOf(process, FIELD.tty));
  const startedMs = fieldOf(process, START_TIME) * TICK_MS;
  const ageMs = (facts.uptimeSeconds ?? NaN) * 1000 - startedMs;
  return {
    pid: process.pid,
    ppid: fieldOf(process, FIELD.ppid),
    group: fieldOf(process, FIELD.group),
    rawName: process.name,
    ...(process.arguments === undefined ? {} : { rawArguments: process.arguments }),
    state: stateOf(process.fields[0] ?? ""),
    wait,
    opaque: wait.kind === "unknown" && wait.channel === undefined && wait.syscall === undefined,
    cpuMs: (fieldOf(process, FIELD.utime) + fieldOf(process, FIELD.stime)) * TICK_MS,
    ...(process.writtenBytes === undefined ? {} : { writtenBytes: process.writtenBytes }),
    ...(ageMs >= 0 ? { ageMs: Math.round(ageMs) } : {}),
    ...(terminal === undefined ? {} : { terminal }),
  };
}

function stateOf(letter: string): ProcessState {
  const states: Readonly<Record<string, ProcessState>> = {
    R: "running",
    S: "sleeping",
    D: "disk",
    T: "stopped",
    t: "stopped",
    Z: "ended",
    X: "ended",
    I: "idle",
  };
  return states[letter] ?? "sleeping";
}

/** Pseudo-terminals have the major numbers 136 to 143; the minor's upper bits stand above it. */
function terminalName(number: number): string | undefined {
  if ((number >> 8 & 0xff8) !== 136) return undefined;
  return `/dev/pts/${number & 0xff | number >> 12 & 0xfff00}`;
}

function listenersOf(facts: ProbeFacts, living: readonly ProcessFacts[]): Listener[] {
  const owners = new Map<string, number>();
  for (const one of living) {
    for (const { target } of one.links.values()) {
      if (!owners.has(target)) owners.set(target, one.pid);
    }
  }
  return facts.sockets.map(({ address, port, inode }) => {
    const pid = owners.get(`socket:[${inode}]`);
    return { port, reach: reachOf(address), inode, ...(pid === undefined ? {} : { pid }) };
  });
}

/** Addresses are words in the machine's byte order: 127.0.0.1 ends in 7F, or begins with it. */
function reachOf(address: string): Listener["reach"] {
  if (/^0+$/.test(address)) return "any";
  const isV4 = address.length === 8;
  const v4 = isV4 ? address : /^0{16}(?:FFFF0000|0000FFFF)(.{8})$/.exec(address)?.[1];
  if (v4 !== undefined) return /^7F|7F$/.test(v4) ? "loopback" : "address";
  return /^0{24}(?:01000000|00000001)$/.test(address) ? "loopback" : "address";
}
