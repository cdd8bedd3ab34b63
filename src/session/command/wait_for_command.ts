/**
 * Waiting for a command: for its end, or for something that comes before.
 *
 * @module
 */

import { sleepMs } from "../../clock.ts";
import type { Pattern } from "../../output/pattern.ts";
import type { StreamName } from "../../output/output_store.ts";
import { waitForPort } from "../../shell/probe/wait_for_port.ts";
import type { ProbedSession } from "../../shell/probe/probe_command.ts";
import type { CommandRecord } from "./command_record.ts";
import type { InputWatch } from "./input_watch.ts";

/** What a caller waits for, checked and complete. */
export interface ResolvedWait {
  /** Milliseconds to wait at most. */
  readonly waitMs: number;
  /** Also until a line matches. */
  readonly pattern?: Pattern;
  /** Also until something listens on this port of the session's machine. */
  readonly port?: number;
  /** Ends the wait, not the command. */
  readonly signal?: AbortSignal;
}

/** What ended a wait. */
export type WaitEnd = "ended" | "waiting_for_input" | "pattern" | "port" | "time" | "aborted";

/** What waiting needs of the session. */
export interface WaitContext {
  /** Tells whether the command waits for somebody. */
  readonly watch: InputWatch;
  /** The processes of the session. */
  readonly session: ProbedSession;
}

/** Milliseconds between two searches of output that keeps coming. */
const SEARCH_EVERY_MS = 30;

/** A promise that others settle before. */
const NEVER = new Promise<never>(() => undefined);

/**
 * Waits for a command.
 *
 * @param record The command.
 * @param wait What for, and how long.
 * @param context What waiting needs of the session.
 * @returns What came first. The command goes on unless it has ended.
 * @throws {ExeckitError} `unsupported` when a port cannot be looked at on the machine.
 */
export async function waitForCommand(
  record: CommandRecord,
  wait: ResolvedWait,
  { watch, session }: WaitContext,
): Promise<WaitEnd> {
  if (record.isOver) return "ended";
  const over = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const { signal } = wait;
  let onAbort = () => {};
  const ends: Promise<WaitEnd>[] = [
    record.ended.then(() => "ended"),
    watch.untilWaiting().then((isWaiting) => isWaiting ? "waiting_for_input" : NEVER),
    new Promise((resolve) => timer = setTimeout(() => resolve("time"), wait.waitMs)),
    new Promise((resolve) => {
      onAbort = () => resolve("aborted");
      if (signal?.aborted) onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
  ];
  if (wait.pattern !== undefined) ends.push(untilMatch(record, wait.pattern, over.signal));
  if (wait.port !== undefined) {
    ends.push(untilPort(session, wait.port, { timeoutMs: wait.waitMs, signal: over.signal }));
  }
  try {
    return await Promise.race(ends);
  } finally {
    over.abort();
    watch.stop();
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

async function untilPort(
  session: ProbedSession,
  port: number,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<WaitEnd> {
  const { status } = await waitForPort(session, { port, listener: "anybody", ...limits });
  return status === "listening" ? "port" : NEVER;
}

/** Each stream is searched on its own, since a line's number in both may change until it ends. */
async function untilMatch(
  record: CommandRecord,
  pattern: Pattern,
  over: AbortSignal,
): Promise<WaitEnd> {
  const next: Record<StreamName, number> = { stdout: 1, stderr: 1 };
  while (!over.aborted) {
    const more = record.moreOutput();
    for (const stream of ["stdout", "stderr"] as const) {
      const fromLine = next[stream];
      const page = await record.output.search({
        stream,
        pattern,
        fromLine,
        maxMatches: 1,
        raw: true,
      });
      if (page.matches > 0) return "pattern";
      // The last line may not be whole yet.
      next[stream] = Math.max(1, page.nextLine ?? page.totalLines);
    }
    if (record.isOver) return NEVER;
    await more;
    await sleepMs(SEARCH_EVERY_MS);
  }
  return NEVER;
}
