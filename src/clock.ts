/**
 * The one time seam: monotonic time, deadlines and waits that always end.
 *
 * @module
 */

import { setImmediate } from "node:timers";

/** Monotonic milliseconds since an arbitrary origin. */
export function monotonicMs(): number {
  return performance.now();
}

/** Wall-clock milliseconds since the Unix epoch, for records that people read. */
export function epochMs(): number {
  return Date.now();
}

/**
 * Waits.
 *
 * @param ms Milliseconds to wait.
 * @returns A promise that resolves after at least that time.
 */
export function sleepMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Lets timers and input and output have their turn.
 *
 * A caller that awaits in a loop what never waits for anything would keep them from it for ever.
 *
 * @returns A promise that resolves in the next turn of the event loop.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** What {@linkcode withDeadline} gives when time ran out first. */
export const TIMED_OUT: unique symbol = Symbol("timed out");

/**
 * Waits for a promise, but not longer than a deadline. The promise itself goes on.
 *
 * @param promise What to wait for.
 * @param ms Milliseconds to wait at most.
 * @returns The promise's value, or {@linkcode TIMED_OUT}.
 */
export async function withDeadline<T>(
  promise: Promise<T>,
  ms: number,
): Promise<T | typeof TIMED_OUT> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<typeof TIMED_OUT>((resolve) => {
    timer = setTimeout(() => resolve(TIMED_OUT), ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
