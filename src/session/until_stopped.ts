/**
 * A running command until its end, its time-out or its cancellation.
 *
 * @module
 */

import { TIMED_OUT, withDeadline } from "../clock.ts";
import { climbLadder } from "../shell/interrupt_ladder.ts";
import type { RunOutcome, ShellChannel } from "../shell/shell_channel.ts";

/** What may end a command before its own end. */
export interface Stoppable {
  /** Milliseconds it may live. */
  readonly timeoutMs: number;
  /** Cancels it. */
  readonly signal?: AbortSignal;
  /**
   * Called shortly before its time is over, for a look at what it is doing. Nobody waits for that.
   *
   * @param tooLate Aborts when the command has ended, or begins to be ended.
   */
  readonly beforeTimeout?: (tooLate: AbortSignal) => void;
}

/** Why a command is stopped before its end. */
export type StopReason = "timed_out" | "interrupted";

/**
 * Milliseconds before a time-out that a command is looked at; before a short one, half its time. The
 * look is made ahead, so that a link that does not answer never delays the command's end.
 */
const LOOK_AHEAD_MS = 2000;

/**
 * Waits for the command; at its time-out or cancellation, climbs the ladder.
 *
 * @param channel The channel it runs on.
 * @param running Its outcome.
 * @param command What may end it.
 * @returns How it ended, and why it was stopped.
 */
export async function untilStopped(
  channel: ShellChannel,
  running: Promise<RunOutcome>,
  command: Stoppable,
): Promise<{ outcome: RunOutcome; stopped: StopReason | undefined }> {
  const aborted = abortOf(command.signal);
  const tooLate = new AbortController();
  const { timeoutMs } = command;
  const look = setTimeout(
    () => command.beforeTimeout?.(tooLate.signal),
    timeoutMs - Math.min(LOOK_AHEAD_MS, timeoutMs / 2),
  );
  try {
    const first = await withDeadline(Promise.race([running, aborted.promise]), timeoutMs);
    clearTimeout(look);
    tooLate.abort();
    if (typeof first === "object") return { outcome: first, stopped: undefined };
    if (!channel.busy) return { outcome: await running, stopped: undefined };
    const stopped = first === TIMED_OUT ? "timed_out" : "interrupted";
    return { outcome: await climbLadder(channel, running), stopped };
  } finally {
    clearTimeout(look);
    aborted.release();
  }
}

function abortOf(signal: AbortSignal | undefined): {
  promise: Promise<"aborted">;
  release: () => void;
} {
  let release = () => {};
  const promise = new Promise<"aborted">((resolve) => {
    if (signal === undefined) return;
    const listener = () => resolve("aborted");
    if (signal.aborted) return listener();
    signal.addEventListener("abort", listener, { once: true });
    release = () => signal.removeEventListener("abort", listener);
  });
  return { promise, release: () => release() };
}
