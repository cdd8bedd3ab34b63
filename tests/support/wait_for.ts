/**
 * Waiting with a deadline.
 *
 * @module
 */

import { sleepMs, TIMED_OUT, withDeadline } from "../../src/clock.ts";

/** Milliseconds after which something counts as never coming; generous, for a busy machine. */
const DEADLINE_MS = 60_000;
/** Milliseconds between two looks. */
const LOOK_EVERY_MS = 20;

/**
 * Waits until a look finds something.
 *
 * @param what What is waited for, for the error.
 * @param look Looks; undefined means not yet.
 * @returns What it found.
 * @throws {Error} When it found nothing in time.
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const deadlineMs = performance.now() + DEADLINE_MS;
  while (performance.now() < deadlineMs) {
    const found = await look();
    if (found !== undefined) return found;
    await sleepMs(LOOK_EVERY_MS);
  }
  throw new Error(`Waited ${DEADLINE_MS} ms in vain for ${what}`);
}

/**
 * Waits for a promise that has to settle in time.
 *
 * @param what What is waited for, for the error.
 * @param promise The promise.
 * @param deadlineMs Milliseconds after which it counts as never coming. Default: 60 000.
 * @returns Its value.
 * @throws {Error} When it is not there in time.
 */
export async function withinTime<T>(
  what: string,
  promise: Promise<T>,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const value = await withDeadline(promise, deadlineMs);
  if (value === TIMED_OUT) throw new Error(`Waited ${deadlineMs} ms in vain for ${what}`);
  return value;
}
