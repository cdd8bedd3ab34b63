/**
 * A running command until its end, its time-out or its cancellation.
 *
 * @module
 */

import { climbLadder } from "../shell/interrupt_ladder.ts";
import type { RunOutcome, ShellChannel } from "../shell/shell_channel.ts";
import type { StopSwitch } from "./command/stop_switch.ts";

/** What may end a command before its own end. */
export interface Stoppable {
  /** Milliseconds it may live. */
  readonly timeoutMs: number;
  /** Cancels it. */
  readonly stop?: StopSwitch;
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
  const first = await firstOf(running, command);
  if (typeof first === "object") return { outcome: first, stopped: undefined };
  if (!channel.busy) return { outcome: await running, stopped: undefined };
  return { outcome: await climbLadder(channel, running), stopped: first };
}

/** What comes first. One timer at a time, and nothing more: almost every command just ends. */
function firstOf(
  running: Promise<RunOutcome>,
  { timeoutMs, stop, beforeTimeout }: Stoppable,
): Promise<RunOutcome | StopReason> {
  const aheadMs = Math.min(LOOK_AHEAD_MS, timeoutMs / 2);
  return new Promise((resolve, reject) => {
    let tooLate: AbortController | undefined;
    const look = () => {
      timer = setTimeout(() => end("timed_out"), aheadMs);
      if (beforeTimeout === undefined) return;
      tooLate = new AbortController();
      beforeTimeout(tooLate.signal);
    };
    let timer = setTimeout(look, timeoutMs - aheadMs);
    const release = () => {
      clearTimeout(timer);
      tooLate?.abort();
      stop?.listen();
    };
    const end = (first: RunOutcome | StopReason) => {
      release();
      resolve(first);
    };
    stop?.listen(() => end("interrupted"));
    if (stop?.aborted) end("interrupted");
    running.then(end, (cause: unknown) => {
      release();
      reject(cause);
    });
  });
}
