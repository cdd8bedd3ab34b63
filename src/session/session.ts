/**
 * A persistent session on a machine: state, and the order of opening and closing.
 *
 * @module
 */

import { epochMs, monotonicMs } from "../clock.ts";
import { ExeckitError } from "../errors.ts";
import type { ExecResult } from "../exec_result.ts";
import { safe, type SafeText } from "../safe_text.ts";
import type { TransportKind } from "../transports/transport.ts";
import { resolveApproval } from "./approval.ts";
import { CommandHistory } from "./command/command_history.ts";
import { CommandRecord } from "./command/command_record.ts";
import type { SessionCommand } from "./command/session_command.ts";
import { DetachedCommands } from "./detached/detached_commands.ts";
import { type House, startThroughHouse } from "./exec_pipeline.ts";
import { SessionFiles } from "./files/session_files.ts";
import { machineFacts } from "./login_environment.ts";
import { lendToCommands, openHouse } from "./open_house.ts";
import { ownsContainer } from "./resolve_target.ts";
import {
  requireCommand,
  type ResolvedExec,
  type ResolvedSession,
  resolveExec,
  resolveSession,
} from "./resolve_options.ts";
import type { ExecOptions, SessionOptions } from "./session_options.ts";

/** The shell under a session. */
export interface ShellInfo {
  /** The kind of shell. */
  readonly dialect: "bash" | "zsh" | "dash" | "ash";
  /** Whether it has a controlling terminal. */
  readonly terminal: boolean;
  /** Its process id on the session's machine; in a sandbox the shell itself sees another. */
  readonly pid: number;
}

/** What a session's machine says of itself. */
export interface MachineDescription {
  /** The system's name in lower case, such as `linux`; empty when it is not known. */
  readonly os: SafeText;
  /** The user that commands run as. */
  readonly user: SafeText;
  /** What the machine calls itself. */
  readonly host: SafeText;
}

/** A persistent session on a machine: cwd, environment and shell state last between commands. */
export class Session implements AsyncDisposable {
  /** The session's id. */
  readonly id: string;
  /** The kind of machine. */
  readonly transport: TransportKind;
  /** What a person would call the machine. */
  readonly target: SafeText;
  readonly #house: House;
  readonly #defaults: ResolvedSession;
  readonly #nextCommandId: () => SafeText;
  readonly #detached: DetachedCommands;
  readonly #files: SessionFiles;
  readonly #history: CommandHistory;
  /** The id of a command that is being judged, or the record of one that runs. */
  #running: { readonly label: { readonly commandId: SafeText } } | undefined;
  #idleSinceMs: number = monotonicMs();
  #closing: Promise<void> | undefined;

  /** Use {@linkcode Session.open}. */
  private constructor(house: House, defaults: ResolvedSession, nextCommandId: () => SafeText) {
    this.id = house.id;
    this.transport = house.keeper.channel.transport.kind;
    this.target = house.target;
    this.#house = house;
    this.#defaults = defaults;
    this.#nextCommandId = nextCommandId;
    const reach = () => {
      this.#requireOpen();
      return house.keeper.reach();
    };
    const lent = lendToCommands(
      house,
      (commandId) => this.#running?.label.commandId === commandId,
    );
    this.#detached = new DetachedCommands({
      redactor: house.redactor,
      transport: reach,
      openOutput: house.openOutput,
      record: lent.record,
    });
    this.#files = new SessionFiles({
      ...house,
      transportKind: this.transport,
      cwd: () => house.keeper.cwd,
      shell: () => house.keeper.channel.dialect.name,
      reach,
      sandboxed: defaults.sandbox !== undefined,
      maxTransferBytes: defaults.maxTransferBytes,
    });
    this.#history = new CommandHistory(lent);
  }

  /**
   * Opens a session: starts a shell and waits until it takes commands.
   *
   * @param options Where, which shell, and by which rules.
   * @returns The session. Close it, or declare it with `await using`.
   * @throws {ExeckitError} `invalid_argument`, `shell_not_found`, `invalid_cwd`, `open_timed_out`,
   *   `connect_failed`, `permission_denied`, `audit_failed`, or `unsupported` when a sandbox is asked
   *   for that cannot be had.
   */
  static async open(options: SessionOptions): Promise<Session> {
    const defaults = resolveSession(options);
    const house = await openHouse(options, defaults, resolveApproval(options));
    const { nextCommandId } = options;
    const nextId = nextCommandId && (() => house.redactor.text(nextCommandId()));
    return new Session(house, defaults, nextId ?? countCommands());
  }

  /** The working directory after the last command, redacted. */
  get cwd(): SafeText {
    return this.#house.redactor.text(this.#house.keeper.cwd);
  }

  /** The shell that runs the commands. */
  get shell(): ShellInfo {
    const { dialect, terminal, shellPid } = this.#house.keeper.channel;
    return { dialect: dialect.name, terminal, pid: shellPid };
  }

  /** The commands that run apart from sessions on this machine, and their output. */
  get detached(): DetachedCommands {
    return this.#detached;
  }

  /** The files of the session's machine. */
  get files(): SessionFiles {
    return this.#files;
  }

  /** Whether the session takes no more commands. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** The id of the running command, if any. */
  get running(): string | undefined {
    return this.#running?.label.commandId;
  }

  /** Milliseconds since the last command or file access ended, or since opening; 0 during one. */
  get idleMs(): number {
    if (this.#running !== undefined) return 0;
    return Math.min(monotonicMs() - this.#idleSinceMs, this.#files.idleMs);
  }

  /**
   * Redacts a text by the session's rules and the values it knows to be secret.
   *
   * @param text The text.
   * @returns The redacted text.
   */
  redact(text: string): SafeText {
    return this.#house.redactor.text(text);
  }

  /**
   * Takes a value for a secret from now on, in all that the session has not shown yet.
   *
   * @param secret The value. One of less than six characters is hidden only where it stands alone.
   */
  hide(secret: string): void {
    this.#house.redactor.register(secret);
  }

  /**
   * Tells what kind of system the session is on, and who it is there.
   *
   * @returns The system's name in lower case, such as `linux`, the user and the host; empty where the
   *   machine does not say.
   * @throws {ExeckitError} `session_closed` or `session_lost`.
   */
  async describeMachine(): Promise<MachineDescription> {
    this.#requireOpen();
    const { keeper, redactor } = this.#house;
    const [os = "", user = "", host = ""] = await machineFacts(await keeper.reach());
    return {
      os: redactor.text(os.toLowerCase()),
      user: redactor.text(user),
      host: redactor.text(host),
    };
  }

  /**
   * Runs a command and waits for its end, its time-out or its cancellation.
   *
   * A non-zero exit, a time-out and a refusal by the policy are results. One command runs at a
   * time.
   *
   * @param command Shell text, of one or more lines.
   * @param options Time-out, input, budget and cancellation.
   * @returns The result.
   * @throws {ExeckitError} `invalid_argument`, `limit_reached`, `busy`, `unsupported`,
   *   `session_closed`, `session_lost`, `transfer_failed` or `audit_failed`: there is no trustworthy
   *   result.
   */
  async exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
    requireCommand(command);
    const resolved = resolveExec(options, this.#defaults);
    this.#requireOpen();
    if (this.#running !== undefined) {
      throw new ExeckitError({
        code: "busy",
        message: safe`Command ${this.#running.label.commandId} is still running in this session`,
      });
    }
    if (resolved.detach) requireOutlivingPlace(this.#defaults);
    if (resolved.tty && !this.#house.keeper.channel.terminal) throw noTerminal();
    const commandId = this.#nextCommandId();
    this.#running = { label: { commandId } };
    try {
      const started = await startThroughHouse(this.#house, command, commandId, resolved);
      if (!(started instanceof CommandRecord)) return this.#idle(started);
      this.#running = started;
      void started.ended.then(() => this.#idle(undefined));
      return await this.#follow(started, resolved);
    } catch (cause) {
      throw this.#running instanceof CommandRecord ? cause : this.#idle(cause);
    }
  }

  /**
   * Gives a hold on a command of this session, for as long as it is remembered: the running one and
   * the last ones, until the session closes.
   *
   * @param commandId Its id.
   * @returns The command.
   * @throws {ExeckitError} `unknown_command`.
   */
  command(commandId: string): SessionCommand {
    return this.#history.get(commandId);
  }

  /** The commands that are remembered, newest first. */
  get commands(): readonly SessionCommand[] {
    return this.#history.list();
  }

  /** Waits as the caller wants to; his signal interrupts the command for as long as he waits. */
  async #follow(record: CommandRecord, options: ResolvedExec): Promise<ExecResult> {
    const command = this.#history.add(record, options);
    const interrupt = () => record.stop.abort();
    const { signal, wait } = options;
    if (signal?.aborted) interrupt();
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      if (wait !== undefined) return await command.follow(wait, options);
      await record.ended;
      return await record.result(options);
    } finally {
      signal?.removeEventListener("abort", interrupt);
    }
  }

  #idle<T>(value: T): T {
    this.#running = undefined;
    this.#idleSinceMs = monotonicMs();
    return value;
  }

  /**
   * Closes the session and ends every process that it started. Closing twice is no error.
   *
   * @param reason Why, for the audit. Default: `destroyed`.
   */
  close(reason: "destroyed" | "reaped" = "destroyed"): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  /** Closes the session; the same as {@linkcode Session.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #requireOpen(): void {
    if (this.#closing === undefined) return;
    throw new ExeckitError({ code: "session_closed", message: safe`The session is closed` });
  }

  async #close(reason: "destroyed" | "reaped"): Promise<void> {
    this.#house.closing.abort();
    await this.#house.keeper.close();
    await this.#history.close(this.#defaults.keepOutput);
    await this.#house.audit?.record({
      event: "close",
      ts: epochMs(),
      session: this.#house.sessionId,
      transport: this.#house.redactor.text(this.transport),
      reason,
    });
  }
}

function countCommands(): () => SafeText {
  let count = 0;
  return () => safe`c${++count}`;
}

/** What would end with the session all the same is refused, so that nobody counts on it. */
function requireOutlivingPlace({ sandbox, target }: ResolvedSession): void {
  if (sandbox === undefined && !ownsContainer(target)) return;
  const place = sandbox === undefined ? safe`a container of the session's own` : safe`a sandbox`;
  throw new ExeckitError({
    code: "unsupported",
    message: safe`Cannot detach the command: everything in ${place} ends with the session`,
    hint: safe`Leave out detach and keep the session open, or open one elsewhere for it`,
  });
}

function noTerminal(): ExeckitError {
  return new ExeckitError({
    code: "unsupported",
    message: safe`Cannot run on a terminal: the session has none`,
    hint: safe`Leave out tty, or open a session with a terminal on a machine that has script(1)`,
  });
}
