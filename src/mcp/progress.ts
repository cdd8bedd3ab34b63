/**
 * Progress notifications while a call runs, so that watchful clients see that it is alive.
 *
 * @module
 */

import type { ServerContext } from "@modelcontextprotocol/server";
import { clearInterval, setInterval } from "node:timers";
import { monotonicMs } from "../clock.ts";

/** Milliseconds between two notifications: the idle watchdogs of clients wait longer. */
export const PROGRESS_INTERVAL_MS = 5000;

/** What progress needs of a request. */
export type ProgressRequest = Pick<ServerContext["mcpReq"], "_meta" | "notify">;

/**
 * Runs work and tells the client every few seconds how long it has been running, when the client
 * asked for that. Nothing is sent once the work is done.
 *
 * @param request The request that the work answers.
 * @param work The work.
 * @param intervalMs Milliseconds between two notifications.
 * @returns What the work gives.
 */
export async function withProgress<T>(
  request: ProgressRequest,
  work: () => Promise<T>,
  intervalMs: number = PROGRESS_INTERVAL_MS,
): Promise<T> {
  const progressToken = request._meta?.progressToken;
  if (progressToken === undefined) return await work();
  const startedMs = monotonicMs();
  const timer = setInterval(() => {
    const elapsedMs = Math.round(monotonicMs() - startedMs);
    const message = `running for ${Math.round(elapsedMs / 1000)} s`;
    request.notify({
      method: "notifications/progress",
      params: { progressToken, progress: elapsedMs / 1000, message },
      // A client that went away misses its progress; its call is cancelled by other means.
    }).catch(() => {});
  }, intervalMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
