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

/**
 * Parts that a grace is counted in. A part that lasts longer than it should counts as one, so that a
 * machine that stands still for seconds costs a tenth of the grace.
 */
const GRACE_PARTS = 10;

/**
 * Calls back when this process has had a time to run in.
 *
 * Where the whole machine stands still, its timers are over before anybody could have answered. A
 * grace is counted in parts, and what arrived meanwhile is read between two of them.
 *
 * @param ms Milliseconds that the process has to run.
 * @param onOver Called when they are over.
 * @returns Ends the wait.
 */
export function startGrace(ms: number, onOver: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let partsLeft = GRACE_PARTS;
  function countPart(): void {
    if (partsLeft === 0) return onOver();
    partsLeft -= 1;
    timer = setTimeout(countPart, ms / GRACE_PARTS);
  }
  countPart();
  return () => clearTimeout(timer);
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
export function withDeadline<T>(
  promise: Promise<T>,
  ms: number,
): Promise<T | typeof TIMED_OUT> {
  return firstOf(promise, (onOver) => {
    const timer = setTimeout(onOver, ms);
    return () => clearTimeout(timer);
  });
}

/**
 * Waits for a promise as long as {@linkcode startGrace} counts, which is longer than a deadline on a
 * machine that stands still. For what would be given up wrongly then.
 *
 * @param promise What to wait for; it goes on.
 * @param ms Milliseconds of grace.
 * @returns The promise's value, or {@linkcode TIMED_OUT}.
 */
export function withGrace<T>(promise: Promise<T>, ms: number): Promise<T | typeof TIMED_OUT> {
  return firstOf(promise, (onOver) => startGrace(ms, onOver));
}

async function firstOf<T>(
  promise: Promise<T>,
  start: (onOver: () => void) => () => void,
): Promise<T | typeof TIMED_OUT> {
  let stop = () => {};
  const over = new Promise<typeof TIMED_OUT>((resolve) => stop = start(() => resolve(TIMED_OUT)));
  try {
    return await Promise.race([promise, over]);
  } finally {
    stop();
  }
}
