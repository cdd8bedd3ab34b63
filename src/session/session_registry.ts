/**
 * Many sessions under short ids: admission, history, idle closing. What MCP stands on.
 *
 * @module
 */

import { clearInterval, setInterval } from "node:timers";
import { withDeadline } from "../clock.ts";
import { ExeckitError } from "../errors.ts";
import type { ExecResult } from "../exec_result.ts";
import { LIMITS } from "../limits.ts";
import { createRedactor } from "../output/redact.ts";
import type { Redactor } from "../output/redactor.ts";
import { safe, type SafeText } from "../safe_text.ts";
import type { TransportKind } from "../transports/transport.ts";
import { ClosedSessions, type ClosedSessionSummary } from "./closed_sessions.ts";
import { busyError, type CommandSummary, type RegisteredCommand } from "./registered_command.ts";
import { Session } from "./session.ts";
import {
  forget,
  register,
  type RegistryEntry,
  type RegistrySession,
  runningIn,
} from "./registry_entry.ts";
import { nameSession } from "./session_name.ts";
import type { ExecOptions, SessionOptions } from "./session_options.ts";
import { SharedSecrets } from "./shared_secrets.ts";

export type { ClosedSessionSummary, CommandSummary, RegistrySession };

/** Session ids that an `unknown_session` hint names at most. */
const HINT_MAX_IDS = 10;
/** Milliseconds between two looks for idle sessions at most. */
const REAP_INTERVAL_MAX_MS = 30_000;
/** Milliseconds that output stays readable after its session closed: time for a last look. */
export const DEFAULT_OUTPUT_KEEP_MS: number = 10 * 60 * 1000;
/** Closing sessions bound themselves; this only guards against one that does not. */
const CLOSE_ALL_TIMEOUT_MS = 2 * LIMITS.closeTimeoutMs;

/** What a {@linkcode SessionRegistry} is made with. */
export interface SessionRegistryOptions {
  /** Sessions open at once at most, those being opened included. Default: 64. */
  maxSessions?: number;
  /** Milliseconds without a command after which a session is closed; 0 for never. Default: 30 min. */
  idleMs?: number;
  /** Milliseconds that output stays readable after its session closed. Default: 10 min. */
  outputKeepMs?: number;
  /** Opens a session. Default: {@linkcode Session.open}. */
  open?: (options: SessionOptions) => Promise<RegistrySession>;
}

/** A session that was just opened, and the id that it is reached by. */
export interface RegisteredSession {
  /** The id, such as `1_local`. */
  readonly id: SafeText;
  /** The session. Run commands through {@linkcode SessionRegistry.exec}, which remembers them. */
  readonly session: RegistrySession;
}

/** A session as a list shows it. */
export interface SessionSummary {
  /** The session's id. */
  readonly sessionId: SafeText;
  /** The kind of machine. */
  readonly transport: TransportKind;
  /** What a person would call the machine. */
  readonly target: SafeText;
  /** The working directory. */
  readonly cwd: SafeText;
  /** Milliseconds since the last command ended; 0 while one runs. */
  readonly idleMs: number;
  /** The running command and the recent ones, newest first. */
  readonly commands: readonly CommandSummary[];
}

/** Why a session is closed, for the audit. */
type CloseReason = NonNullable<Parameters<RegistrySession["close"]>[0]>;

/** Keeps sessions under ids, within a ceiling, and closes those that nobody uses. */
export class SessionRegistry implements AsyncDisposable {
  readonly #maxSessions: number;
  readonly #idleMs: number;
  readonly #openSession: (options: SessionOptions) => Promise<RegistrySession>;
  readonly #redactor: Redactor = createRedactor();
  readonly #secrets = new SharedSecrets();
  readonly #entries: Map<string, RegistryEntry> = new Map();
  readonly #ended: ClosedSessions;
  readonly #outputKeepMs: number;
  readonly #opening: Set<Promise<unknown>> = new Set();
  readonly #closing: Set<Promise<void>> = new Set();
  readonly #reaper: ReturnType<typeof setInterval> | undefined;
  /** A command's id alone must be enough to find it, so no two sessions count on their own. */
  readonly #nextCommandId = () => `c${++this.#lastCommandNumber}`;
  #lastCommandNumber = 0;
  #lastNumber = 0;
  #closed = false;

  /**
   * Makes an empty registry.
   *
   * @param options The ceiling, the idle time, and how sessions are opened.
   */
  constructor(options: SessionRegistryOptions = {}) {
    this.#maxSessions = options.maxSessions ?? LIMITS.maxSessions;
    this.#idleMs = options.idleMs ?? LIMITS.sessionIdleMs;
    this.#outputKeepMs = options.outputKeepMs ?? DEFAULT_OUTPUT_KEEP_MS;
    this.#ended = new ClosedSessions(this.#outputKeepMs);
    this.#openSession = options.open ?? ((open) => Session.open(open));
    if (this.#idleMs > 0) {
      const everyMs = Math.max(1, Math.min(this.#idleMs / 4, REAP_INTERVAL_MAX_MS));
      this.#reaper = setInterval(() => this.#reapIdle(), everyMs);
      // A process whose work is done must not be held by this timer.
      this.#reaper.unref();
    }
  }

  /**
   * Opens a session and gives it an id. Its password is hidden in all sessions from then on. The place
   * is taken before the shell starts, so that calls at the same time cannot pass the ceiling together.
   *
   * @param options The session's options; `id` is set by the registry.
   * @returns The session and its id.
   * @throws {ExeckitError} `limit_reached`, `session_closed`, or what opening a session throws.
   */
  async open(options: SessionOptions): Promise<RegisteredSession> {
    this.#assertOpen();
    const inUse = this.#entries.size + this.#opening.size;
    if (inUse >= this.#maxSessions) {
      throw new ExeckitError({
        code: "limit_reached",
        message: safe`Cannot open another session: ${inUse} of ${this.#maxSessions} are open`,
        hint: safe`Close a session that is no longer needed, or use an open one again`,
      });
    }
    this.#lastNumber += 1;
    this.#learnSecrets(options);
    const id = nameSession(this.#lastNumber, options, (text) => this.redact(text));
    const opening = this.#admit(id, options);
    this.#opening.add(opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(opening);
    }
  }

  /**
   * Finds a session.
   *
   * @param id The session's id.
   * @returns The session.
   * @throws {ExeckitError} `unknown_session`, whose hint names the open sessions.
   */
  get(id: string): RegistrySession {
    return this.#entry(id).session;
  }

  /**
   * Runs a command in a session and remembers it for {@linkcode SessionRegistry.list}.
   *
   * @param id The session's id.
   * @param command The command.
   * @param options As for {@linkcode Session.exec}.
   * @returns The result.
   * @throws {ExeckitError} `unknown_session`, `busy` at once when a command is running in the
   * session, or what {@linkcode Session.exec} throws.
   */
  async exec(id: string, command: string, options: ExecOptions = {}): Promise<ExecResult> {
    const entry = this.#entry(id);
    if (entry.session.running !== undefined) throw busyError(entry.id, runningIn(entry));
    // The session takes its command up, or refuses it, before it waits for anything.
    const work = entry.session.exec(command, options);
    const registered = register(entry, command);
    try {
      const result = await work;
      registered?.told(result);
      // From now on its machine knows of it, by another id.
      if (result.detachedId !== undefined) forget(entry, registered);
      return result;
    } catch (cause) {
      if (registered?.hold() === undefined) forget(entry, registered);
      throw cause;
    } finally {
      // A session that lost its shell for good takes no more commands; its place is free again.
      if (entry.session.closed) this.#discard(entry, "destroyed");
    }
  }

  /**
   * Finds a command by its id, also when its session is closed but its output is still kept.
   *
   * @param commandId The id.
   * @returns The command.
   * @throws {ExeckitError} `unknown_command`.
   */
  command(commandId: string): RegisteredCommand {
    const open = [...this.#entries.values()].flatMap(({ commands }) => commands);
    const found = open.find(({ id }) => id === commandId) ?? this.#ended.find(commandId);
    if (found !== undefined) return found;
    throw new ExeckitError({
      code: "unknown_command",
      message: safe`Cannot find a command with this id, or its output is no longer kept`,
      hint: safe`Call session_list for the commands that there are`,
    });
  }

  /**
   * Gives the command that runs in a session.
   *
   * @param id The session's id.
   * @returns The command; undefined when there is none.
   */
  running(id: string): RegisteredCommand | undefined {
    const entry = this.#entries.get(id);
    return entry === undefined ? undefined : runningIn(entry);
  }

  /**
   * Gives all commands that are remembered of sessions, oldest first.
   *
   * @param sessionId Only those of this session, open or closed.
   * @returns The commands.
   */
  commands(sessionId?: string): readonly RegisteredCommand[] {
    const open = [...this.#entries.values()].flatMap(({ commands }) => commands);
    return [...open, ...this.#ended.commands()]
      .filter((command) => sessionId === undefined || command.sessionId === sessionId)
      .sort((one, other) => other.ageMs - one.ageMs);
  }

  /**
   * Lists the open sessions in the order of their opening. What has become of commands that were not
   * waited for is known after {@linkcode SessionRegistry.look}.
   *
   * @returns A summary of each.
   */
  list(): SessionSummary[] {
    const open = [...this.#entries.values()].filter(({ session }) => !session.closed);
    return open.map(({ id, session, commands }) => ({
      sessionId: id,
      transport: session.transport,
      target: session.target,
      cwd: session.cwd,
      idleMs: session.running === undefined ? session.idleMs : 0,
      commands: commands.map(({ summary }) => summary),
    }));
  }

  /**
   * Lists the closed sessions whose output is still kept, the last closed first.
   *
   * @returns A summary of each.
   */
  listClosed(): ClosedSessionSummary[] {
    return this.#ended.list();
  }

  /** Looks how the commands stand that nobody waited for. */
  async look(): Promise<void> {
    await Promise.all(this.commands().map((command) => command.look()));
  }

  /**
   * Closes a session and ends what still runs in it.
   *
   * @param id The session's id.
   * @returns False when no session has this id, such as after an earlier call.
   */
  async destroy(id: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    await this.#remove(entry);
    return true;
  }

  /**
   * Redacts a text that belongs to no session, such as an argument to be named in an error.
   *
   * @param text The text.
   * @returns The redacted text.
   */
  redact(text: string): SafeText {
    return this.#redactor.text(text);
  }

  /** Closes every session, all at the same time, and opens no more. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#reaper);
    const closing = [...this.#entries.values()].map((entry) => this.#remove(entry));
    const all = [...closing, ...this.#closing, ...this.#opening];
    await withDeadline(Promise.allSettled(all), CLOSE_ALL_TIMEOUT_MS);
    await withDeadline(this.#ended.close(), LIMITS.closeTimeoutMs);
  }

  /** Closes every session. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #admit(id: SafeText, options: SessionOptions): Promise<RegisteredSession> {
    const session = await this.#openSession({
      nextCommandId: this.#nextCommandId,
      ...(this.#outputKeepMs === 0
        ? {}
        : { keepOutput: (release) => this.#ended.takeOutput(id, release) }),
      ...this.#secrets.addTo(options),
      id,
    });
    this.#secrets.tell(session);
    if (this.#closed) {
      await session.close();
      this.#assertOpen();
    }
    this.#entries.set(id, { id, session, commands: [] });
    return { id, session };
  }

  #learnSecrets(options: SessionOptions): void {
    const own = { hide: (secret: string) => this.#redactor.register(secret) };
    const sessions = [...this.#entries.values()].map(({ session }) => session);
    this.#secrets.learn(options, [own, ...sessions]);
  }

  #assertOpen(): void {
    if (!this.#closed) return;
    throw new ExeckitError({
      code: "session_closed",
      message: safe`Cannot open a session: the registry is closed`,
    });
  }

  #entry(id: string): RegistryEntry {
    const entry = this.#entries.get(id);
    if (entry !== undefined) return entry;
    throw new ExeckitError({
      code: "unknown_session",
      message: safe`Cannot find a session with this id`,
      hint: this.#openSessionsHint(),
    });
  }

  #openSessionsHint(): SafeText {
    const [first, ...more] = [...this.#entries.values()].map((entry) => entry.id);
    if (first === undefined) return safe`No session is open: open one with session_create`;
    let ids = first;
    for (const id of more.slice(0, HINT_MAX_IDS - 1)) ids = safe`${ids}, ${id}`;
    const unnamed = more.length - (HINT_MAX_IDS - 1);
    if (unnamed > 0) ids = safe`${ids} and ${unnamed} more`;
    return safe`Open sessions: ${ids}. Use one of these, or open a new one`;
  }

  #remove(entry: RegistryEntry, reason: CloseReason = "destroyed"): Promise<void> {
    // Two may find at the same time that a session is at its end.
    if (this.#entries.delete(entry.id)) this.#ended.add(entry.id, entry.commands);
    const closing = entry.session.close(reason).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    return closing;
  }

  #reapIdle(): void {
    for (const entry of this.#entries.values()) {
      const { session } = entry;
      if (session.running !== undefined) continue;
      if (session.idleMs < this.#idleMs && !session.closed) continue;
      this.#discard(entry, "reaped");
    }
  }

  /** Removes a session when nobody waits for its end, so that a failure has nobody to go to. */
  #discard(entry: RegistryEntry, reason: CloseReason): void {
    this.#remove(entry, reason).catch(() => {});
  }
}
