/**
 * Progress notifications while a call runs: that it is alive, and what its command writes.
 *
 * @module
 */

import type { ServerContext } from "@modelcontextprotocol/server";
import { clearInterval, setInterval } from "node:timers";
import { monotonicMs, withDeadline } from "../clock.ts";
import type { SafeText } from "../safe_text.ts";

/** Milliseconds between two notifications at most: the idle watchdogs of clients wait longer. */
const PROGRESS_INTERVAL_MS = 5000;
/** Milliseconds between two looks for new output, and so between two notifications at least. */
const PROGRESS_LOOK_MS = 500;
/** Milliseconds that a client has to take the last notification before the result follows. */
const LAST_NOTICE_MAX_MS = 1000;
/** Characters of a message at most. */
const MESSAGE_MAX_CHARS = 200;

/** What progress needs of a request. */
export type ProgressRequest = Pick<ServerContext["mcpReq"], "_meta" | "notify">;

/** What can be read of a command while it runs, as far as progress goes. */
export interface WatchedOutput {
  /** Reads the last lines. */
  read(part: { readonly tail: number; readonly maxChars: number }): Promise<{
    readonly lines: readonly { readonly text: SafeText }[];
  }>;
}

/** Gives the command whose output is shown, once there is one. */
export type FindOutput = () => WatchedOutput | undefined;

/** When notifications are sent. */
export interface ProgressTimes {
  /** Milliseconds between two notifications at most. */
  readonly everyMs: number;
  /** Milliseconds between two looks for new output. */
  readonly lookMs: number;
}

/**
 * Runs work and tells the client what goes on, when the client asked for that. Nothing is sent once
 * the work is done.
 *
 * @param request The request that the work answers.
 * @param work The work; it may name the command whose last line is shown.
 * @param times When notifications are sent.
 * @returns What the work gives.
 */
export async function withProgress<T>(
  request: ProgressRequest,
  work: (watch: (find: FindOutput) => void) => Promise<T>,
  times: ProgressTimes = { everyMs: PROGRESS_INTERVAL_MS, lookMs: PROGRESS_LOOK_MS },
): Promise<T> {
  const progressToken = request._meta?.progressToken;
  if (progressToken === undefined) return await work(() => undefined);
  const reporter = new ProgressReporter(times.everyMs, (progress, message) =>
    request.notify({
      method: "notifications/progress",
      params: { progressToken, progress, message },
    }));
  const timer = setInterval(() => reporter.look(), times.lookMs);
  try {
    return await work((find) => reporter.find = find);
  } finally {
    clearInterval(timer);
    await reporter.end();
  }
}

type SendProgress = (progressS: number, message: string) => Promise<void>;

/** Looks at a command's output, and sends what is new or that time passes. */
class ProgressReporter {
  find: FindOutput = () => undefined;
  readonly #send: SendProgress;
  readonly #everyMs: number;
  readonly #startedMs = monotonicMs();
  #sentMs = this.#startedMs;
  #shown = "";
  #sending: Promise<void> | undefined;
  #isOver = false;

  constructor(everyMs: number, send: SendProgress) {
    this.#everyMs = everyMs;
    this.#send = send;
  }

  /** Looks, unless the look before is still under way. */
  look(): void {
    if (this.#sending !== undefined) return;
    // A client that went away misses its progress; its call is cancelled by other means.
    this.#sending = this.#report().catch(() => {}).finally(() => this.#sending = undefined);
  }

  /** Sends nothing more, and waits for what is being sent. */
  async end(): Promise<void> {
    this.#isOver = true;
    if (this.#sending !== undefined) await withDeadline(this.#sending, LAST_NOTICE_MAX_MS);
  }

  async #report(): Promise<void> {
    const line = await lastLine(this.find());
    const nowMs = monotonicMs();
    const isNew = line !== "" && line !== this.#shown;
    if (this.#isOver || (!isNew && nowMs - this.#sentMs < this.#everyMs)) return;
    // Time is counted in whole milliseconds, and a client must see it grow.
    if (Math.round(nowMs - this.#startedMs) <= Math.round(this.#sentMs - this.#startedMs)) return;
    this.#sentMs = nowMs;
    this.#shown = line;
    const elapsedMs = Math.round(nowMs - this.#startedMs);
    await this.#send(elapsedMs / 1000, line || `running for ${Math.round(elapsedMs / 1000)} s`);
  }
}

/** The text is redacted already, so that it can be cut anywhere. */
async function lastLine(output: WatchedOutput | undefined): Promise<string> {
  if (output === undefined) return "";
  const { lines } = await output.read({ tail: 2, maxChars: 2 * MESSAGE_MAX_CHARS });
  const texts = lines.map(({ text }) => text.trim()).filter((text) => text !== "");
  return (texts.at(-1) ?? "").slice(0, MESSAGE_MAX_CHARS).toWellFormed();
}
