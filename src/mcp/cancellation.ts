/**
 * What a client means by cancelling a call: that its own patience is over, or that the command is.
 *
 * @module
 */

import { SdkError, SdkErrorCode } from "@modelcontextprotocol/server";
import type { OnCancel } from "./operator_config.ts";

/** A cancellation, split by what it means. */
export interface Cancellation {
  /** Aborts when what the call started is to be interrupted. */
  readonly interrupt: AbortSignal;
  /** Aborts when only the wait for it is to end. */
  readonly detach: AbortSignal;
}

/** What clients write when their own time-out has passed. */
const TIMED_OUT_REASON = /timed? ?out|-32001/i;

/**
 * Splits a request's cancellation. A client that gave up waiting, or that is gone, leaves the command
 * alone: it is found again with session_list. Whoever stops a call on purpose stops its command.
 *
 * @param signal Aborts when the request is cancelled; its reason is the client's.
 * @param onCancel What the operator wants.
 * @returns Two signals, of which one at most aborts.
 */
export function splitCancellation(signal: AbortSignal, onCancel: OnCancel): Cancellation {
  const interrupt = new AbortController();
  const detach = new AbortController();
  const split = () => {
    const isLeft = onCancel === "auto" ? leavesCommand(signal.reason) : onCancel === "detach";
    (isLeft ? detach : interrupt).abort();
  };
  if (signal.aborted) split();
  else signal.addEventListener("abort", split, { once: true });
  return { interrupt: interrupt.signal, detach: detach.signal };
}

function leavesCommand(reason: unknown): boolean {
  if (typeof reason === "string") return TIMED_OUT_REASON.test(reason);
  return reason instanceof SdkError && reason.code === SdkErrorCode.ConnectionClosed;
}
