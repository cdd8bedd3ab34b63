/**
 * Time-outs of commands that have to have begun by then.
 *
 * @module
 */

/** Milliseconds that a command is given; the next, where a busy machine had not begun it by then. */
const TIMEOUTS_MS = [300, 3000, 15_000] as const;

/**
 * Runs a command with a short time-out, and again with a longer one where it had not begun.
 *
 * @param attempt Runs it with a time-out.
 * @param hasBegun Tells by what came of it whether it had begun.
 * @returns What came of the first run in which it had begun, or of the last one.
 */
export async function untilBegun<T>(
  attempt: (timeoutMs: number) => Promise<T>,
  hasBegun: (seen: T) => boolean,
): Promise<T> {
  const [first, ...longer] = TIMEOUTS_MS;
  let seen = await attempt(first);
  for (const timeoutMs of longer) {
    if (hasBegun(seen)) break;
    seen = await attempt(timeoutMs);
  }
  return seen;
}
