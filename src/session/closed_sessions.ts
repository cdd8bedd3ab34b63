/**
 * What is left of closed sessions: their commands and their output, for a while.
 *
 * @module
 */

import { clearTimeout, setTimeout } from "node:timers";
import type { SafeText } from "../safe_text.ts";
import type { CommandSummary, RegisteredCommand } from "./registered_command.ts";

/** A closed session whose output can still be read, as a list shows it. */
export interface ClosedSessionSummary {
  /** The id that it had. */
  readonly sessionId: SafeText;
  /** Its last commands, newest first. */
  readonly commands: readonly CommandSummary[];
}

/** Closed sessions that are remembered at most; the oldest go first. */
const MAX_CLOSED_SESSIONS = 64;

interface ClosedSession {
  readonly id: SafeText;
  readonly commands: readonly RegisteredCommand[];
  readonly timer: ReturnType<typeof setTimeout>;
  release?: () => Promise<void>;
}

/** Keeps what is left of closed sessions, for a time that the operator sets. */
export class ClosedSessions {
  readonly #keepMs: number;
  readonly #sessions = new Map<string, ClosedSession>();

  /** @param keepMs Milliseconds that output stays readable after its session was closed. */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  /**
   * Remembers a session that is being closed.
   *
   * @param id Its id.
   * @param commands Its commands, newest first.
   */
  add(id: SafeText, commands: readonly RegisteredCommand[]): void {
    const kept = commands.filter((command) => command.hold() !== undefined);
    if (this.#keepMs === 0 || kept.length === 0) return;
    const timer = setTimeout(() => this.#forget(id), this.#keepMs);
    // A process whose work is done must not be held by this timer.
    timer.unref();
    this.#sessions.set(id, { id, commands: kept, timer });
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MAX_CLOSED_SESSIONS && oldest !== undefined) this.#forget(oldest);
  }

  /**
   * Takes over the output of a session that has closed.
   *
   * @param id The session's id.
   * @param release Frees the output. It is called at once when nobody remembers the session.
   */
  takeOutput(id: string, release: () => Promise<void>): void {
    const session = this.#sessions.get(id);
    if (session === undefined) letGo(release);
    else session.release = release;
  }

  /**
   * Finds a command.
   *
   * @param commandId Its id.
   * @returns The command, if it is remembered.
   */
  find(commandId: string): RegisteredCommand | undefined {
    return this.commands().find(({ id }) => id === commandId);
  }

  /** All remembered commands, the last closed session's first. */
  commands(): readonly RegisteredCommand[] {
    return [...this.#sessions.values()].reverse().flatMap(({ commands }) => commands);
  }

  /** What is remembered, the last closed session first. */
  list(): ClosedSessionSummary[] {
    return [...this.#sessions.values()].reverse().map(({ id, commands }) => ({
      sessionId: id,
      commands: commands.map(({ summary }) => summary),
    }));
  }

  /** Forgets all, and frees memory and files. */
  async close(): Promise<void> {
    const all = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const { timer } of all) clearTimeout(timer);
    await Promise.allSettled(all.map(({ release }) => release?.()));
  }

  #forget(id: string): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    clearTimeout(session.timer);
    if (session.release !== undefined) letGo(session.release);
  }
}

/** Nobody waits for the output to be freed, so that a failure has nobody to go to. */
function letGo(release: () => Promise<void>): void {
  release().catch(() => {});
}
