/**
 * Connecting to a host that may be busy: not too many at once, and again when it drops a connection.
 *
 * @module
 */

import { monotonicMs, sleepMs, withDeadline } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { safe } from "../../safe_text.ts";
import { connectFailed, connectTimedOut } from "./connect_errors.ts";
import { connectThrough, type Hop, type SshRoute } from "./jump_chain.ts";
import { EarlyCloseError } from "./ssh_login.ts";

/** Connections to one address that log in at a time: OpenSSH drops some from the tenth on. */
const MAX_AT_ONCE = 3;
/** Milliseconds that a connection waits for its turn: one that hangs must not hold up the others. */
const TURN_WAIT_MS = 1000;
/** Milliseconds before the second try; each next waits twice as long. */
const RETRY_FIRST_MS = 50;
/** Milliseconds between two tries at most. */
const RETRY_MAX_MS = 1000;

/** How many connections are logging in, by address; those that wait for a turn. */
const turns = new Map<string, { active: number; readonly waiting: Set<() => void> }>();

/**
 * Connects, and tries again while the host drops connections before it names itself (`MaxStartups`
 * of OpenSSH), until time is up.
 *
 * @param hops The hosts on the way; the last is the target.
 * @param deadlineMs The moment in {@linkcode monotonicMs} at which time is up.
 * @returns The way to the target.
 * @throws {ExeckitError} As {@linkcode connectThrough}.
 */
export async function connectHost(
  hops: readonly [...Hop[], Hop],
  deadlineMs: number,
): Promise<SshRoute> {
  const address = hops.slice(0, 1).map(({ host }) => `${host.hostName} ${host.port}`).join();
  const timeoutMs = hops[hops.length - 1]?.host.connectTimeoutMs ?? 0;
  let drops = 0;
  for (;;) {
    try {
      const giveBack = await takeTurn(address, { timeoutMs, deadlineMs });
      try {
        return await connectThrough(hops, deadlineMs);
      } finally {
        giveBack();
      }
    } catch (cause) {
      if (cause instanceof EarlyCloseError) drops += 1;
      else if (drops === 0 || !isOutOfTime(cause, deadlineMs)) throw cause;
      const pauseMs = retryPauseMs(drops);
      if (monotonicMs() + pauseMs >= deadlineMs) {
        throw connectFailed(
          safe`it closed ${drops} connections before it named itself; it is busy or bars us`,
          cause,
        );
      }
      await sleepMs(pauseMs);
    }
  }
}

/** A try that time cut short says less of the host than the drops before it. */
function isOutOfTime(cause: unknown, deadlineMs: number): boolean {
  const isConnecting = cause instanceof ExeckitError && cause.code === "connect_failed";
  return isConnecting && monotonicMs() >= deadlineMs;
}

/** Those that were dropped together must not come back together. */
function retryPauseMs(drops: number): number {
  const pauseMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** (drops - 1));
  return pauseMs * (0.5 + Math.random());
}

/** Waits for a turn, but not long; gives back what ends the turn. */
async function takeTurn(
  address: string,
  { timeoutMs, deadlineMs }: { readonly timeoutMs: number; readonly deadlineMs: number },
): Promise<() => void> {
  const leftMs = deadlineMs - monotonicMs();
  if (leftMs <= 0) throw connectTimedOut(timeoutMs);
  const entry = turns.get(address) ?? { active: 0, waiting: new Set() };
  turns.set(address, entry);
  if (entry.active >= MAX_AT_ONCE) {
    let wake = () => {};
    const called = new Promise<void>((resolve) => wake = resolve);
    entry.waiting.add(wake);
    await withDeadline(called, Math.min(TURN_WAIT_MS, leftMs));
    entry.waiting.delete(wake);
  }
  entry.active += 1;
  let taken = true;
  return () => {
    if (!taken) return;
    taken = false;
    entry.active -= 1;
    for (const wake of entry.waiting) {
      entry.waiting.delete(wake);
      wake();
      break;
    }
    if (entry.active === 0 && entry.waiting.size === 0) turns.delete(address);
  };
}
