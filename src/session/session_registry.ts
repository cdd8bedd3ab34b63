/**
 * Many sessions under short ids: admission, history, idle closing. What MCP stands on.
 *
 * @module
 */

import { clearInterval, setInterval } from "node:timers";
import { monotonicMs, withDeadline } from "../clock.ts";
import { ExeckitError } from "../errors.ts";
import type { CommandStatus, ExecResult } from "../exec_result.ts";
import { LIMITS } from "../limits.ts";
import { createRedactor } from "../output/redact.ts";
import type { Redactor } from "../output/redactor.ts";
import { safe, type SafeText } from "../safe_text.ts";
import type { TransportKind } from "../transports/transport.ts";
import { Session } from "./session.ts";
import type { ExecOptions, SessionOptions } from "./session_options.ts";

/** Characters of a command's text in a list: enough to recognise it by. */
const LISTED_COMMAND_MAX_CHARS = 80;
/** Session ids that an `unknown_session` hint names at most. */
const HINT_MAX_IDS = 10;
/** Characters of a target in an id: a full host name still fits. */
const ID_TARGET_MAX_CHARS = 64;
/** Milliseconds between two looks for idle sessions at most. */
const REAP_INTERVAL_MAX_MS = 30_000;
/** Closing sessions bound themselves; this only guards against one that does not. */
const CLOSE_ALL_TIMEOUT_MS = 2 * LIMITS.closeTimeoutMs;

/** The part of a {@linkcode Session} that a registry uses. */
export type RegistrySession = Pick<
  Session,
  | "transport"
  | "target"
  | "cwd"
  | "shell"
  | "closed"
  | "running"
  | "idleMs"
  | "redact"
  | "describeMachine"
  | "exec"
  | "close"
>;

/** What a {@linkcode SessionRegistry} is made with. */
export interface SessionRegistryOptions {
  /** Sessions open at once at most, those being opened included. Default: 64. */
  maxSessions?: number;
  /** Milliseconds without a command after which a session is closed; 0 for never. Default: 30 min. */
  idleMs?: number;
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

/** A command as a list shows it. */
export interface CommandSummary {
  /** The command's id. */
  readonly commandId: string;
  /** The first 80 characters of its text, redacted. */
  readonly command: SafeText;
  /** How it stands. */
  readonly status: CommandStatus;
  /** The exit code, once known. */
  readonly exitCode?: number;
  /** Lines that it wrote on both streams, once it ended. */
  readonly lines?: number;
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

interface RunningCommand {
  /** The text as it was given. It is redacted before it is shown. */
  readonly command: string;
  readonly startedMs: number;
}

interface RegistryEntry {
  readonly id: SafeText;
  readonly session: RegistrySession;
  readonly recent: CommandSummary[];
  running?: RunningCommand;
}

/** Keeps sessions under ids, within a ceiling, and closes those that nobody uses. */
export class SessionRegistry implements AsyncDisposable {
  readonly #maxSessions: number;
  readonly #idleMs: number;
  readonly #openSession: (options: SessionOptions) => Promise<RegistrySession>;
  readonly #redactor: Redactor = createRedactor();
  readonly #entries: Map<string, RegistryEntry> = new Map();
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
    this.#openSession = options.open ?? ((open) => Session.open(open));
    if (this.#idleMs > 0) {
      const everyMs = Math.max(1, Math.min(this.#idleMs / 4, REAP_INTERVAL_MAX_MS));
      this.#reaper = setInterval(() => this.#reapIdle(), everyMs);
      // A process whose work is done must not be held by this timer.
      this.#reaper.unref();
    }
  }

  /**
   * Opens a session and gives it an id. The place is taken before the shell starts, so that
   * calls at the same time cannot pass the ceiling together.
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
    const id = this.#makeId(this.#lastNumber, options);
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
    if (entry.running !== undefined) throw busyError(entry, entry.running);
    entry.running = { command, startedMs: monotonicMs() };
    try {
      const result = await entry.session.exec(command, options);
      entry.recent.unshift(summaryOf(entry.session, result));
      entry.recent.splice(LIMITS.recentCommands);
      return result;
    } finally {
      delete entry.running;
      // A session that lost its shell for good takes no more commands; its place is free again.
      if (entry.session.closed) this.#discard(entry, "destroyed");
    }
  }

  /**
   * Lists the open sessions in the order of their opening.
   *
   * @returns A summary of each.
   */
  list(): SessionSummary[] {
    return [...this.#entries.values()]
      .filter((entry) => !entry.session.closed)
      .map((entry) => ({
        sessionId: entry.id,
        transport: entry.session.transport,
        target: entry.session.target,
        cwd: entry.session.cwd,
        idleMs: entry.running === undefined ? entry.session.idleMs : 0,
        commands: [...runningSummary(entry), ...entry.recent].slice(0, LIMITS.recentCommands),
      }));
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
  }

  /** Closes every session. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #admit(id: SafeText, options: SessionOptions): Promise<RegisteredSession> {
    const session = await this.#openSession({
      nextCommandId: this.#nextCommandId,
      ...options,
      id,
    });
    if (this.#closed) {
      await session.close();
      this.#assertOpen();
    }
    this.#entries.set(id, { id, session, recent: [] });
    return { id, session };
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
    if (first === undefined) return safe`No session is open: open one first`;
    let ids = first;
    for (const id of more.slice(0, HINT_MAX_IDS - 1)) ids = safe`${ids}, ${id}`;
    const unnamed = more.length - (HINT_MAX_IDS - 1);
    if (unnamed > 0) ids = safe`${ids} and ${unnamed} more`;
    return safe`Open sessions: ${ids}. Use one of these, or open a new one`;
  }

  #makeId(number: number, options: SessionOptions): SafeText {
    const [kind, target] = nameOf(options);
    if (target === undefined) return safe`${number}_${this.redact(kind)}`;
    const name = `${kind}_${target.replace(/[^A-Za-z0-9_.@-]/g, "-")}`;
    return safe`${number}_${this.redact(name.slice(0, ID_TARGET_MAX_CHARS))}`;
  }

  #remove(entry: RegistryEntry, reason: CloseReason = "destroyed"): Promise<void> {
    this.#entries.delete(entry.id);
    const closing = entry.session.close(reason).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    return closing;
  }

  #reapIdle(): void {
    for (const entry of this.#entries.values()) {
      const { session, running } = entry;
      if (running !== undefined || session.running !== undefined) continue;
      if (session.idleMs < this.#idleMs && !session.closed) continue;
      this.#discard(entry, "reaped");
    }
  }

  /** Removes a session when nobody waits for its end, so that a failure has nobody to go to. */
  #discard(entry: RegistryEntry, reason: CloseReason): void {
    this.#remove(entry, reason).catch(() => {});
  }
}

/** The kind of transport and the target, as far as they are known before anything is opened. */
function nameOf(options: SessionOptions): readonly [kind: string, target?: string] {
  switch (options.transport) {
    case "local":
      return ["local"];
    case "ssh": {
      const { host, user, port } = options;
      const place = port === undefined ? `${host}` : `${host}:${port}`;
      return ["ssh", user === undefined ? place : `${user}@${place}`];
    }
    case "docker":
      return ["docker", options.container ?? options.image];
  }
  return [options.transport.kind, options.transport.target];
}

function busyError(entry: RegistryEntry, running: RunningCommand): ExeckitError {
  const seconds = Math.round((monotonicMs() - running.startedMs) / 1000);
  const { id, session } = entry;
  const commandId = session.running === undefined
    ? safe`a command`
    : session.redact(session.running);
  return new ExeckitError({
    code: "busy",
    message: safe`Session ${id} is still running ${commandId} after ${seconds} s`,
  });
}

function summaryOf(session: RegistrySession, result: ExecResult): CommandSummary {
  const { commandId, status, exitCode, totals } = result;
  return {
    commandId,
    command: shortened(session, result.command),
    status,
    ...(exitCode === undefined ? {} : { exitCode }),
    lines: totals.stdoutLines + totals.stderrLines,
  };
}

function runningSummary({ session, running }: RegistryEntry): CommandSummary[] {
  const commandId = session.running;
  if (running === undefined || commandId === undefined) return [];
  return [{
    commandId,
    command: shortened(session, session.redact(running.command)),
    status: "running",
  }];
}

/** Cuts text that is redacted already, so that no half of a secret is left over at the cut. */
function shortened(session: RegistrySession, redacted: SafeText): SafeText {
  if (redacted.length <= LISTED_COMMAND_MAX_CHARS) return redacted;
  const start = redacted.slice(0, LISTED_COMMAND_MAX_CHARS - 1).replace(/[\uD800-\uDBFF]$/, "");
  // Redacting again changes nothing; it gives the shorter text its type.
  return session.redact(`${start}…`);
}
