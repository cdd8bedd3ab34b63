/**
 * A persistent session on a machine: state, and the order of opening and closing.
 *
 * @module
 */

import type { AuditSink } from "../audit/audit_event.ts";
import { epochMs, monotonicMs } from "../clock.ts";
import { ExeckitError } from "../errors.ts";
import type { ExecResult } from "../exec_result.ts";
import { createRedactor } from "../output/redact.ts";
import type { Redactor } from "../output/redactor.ts";
import { allowAllPolicy } from "../policy/allow_all.ts";
import { safe, type SafeText } from "../safe_text.ts";
import { DEFAULT_OPEN_TIMEOUT_MS } from "../shell/launch_handshake.ts";
import { randomKey } from "../shell/markers.ts";
import { quoteForShell } from "../shell_text/quote.ts";
import type { TransportFactory, TransportKind } from "../transports/transport.ts";
import { resolveApproval } from "./approval.ts";
import { BackgroundOutput } from "./background_output.ts";
import { DetachedCommands } from "./detached/detached_commands.ts";
import { execThroughHouse, type House } from "./exec_pipeline.ts";
import { SessionFiles } from "./files/session_files.ts";
import { loginEnvironment, machineFacts, processEnvironment } from "./login_environment.ts";
import {
  requireCommand,
  type ResolvedSession,
  resolveExec,
  resolveSession,
} from "./resolve_options.ts";
import { openFactory, secretsOf } from "./resolve_target.ts";
import type { ExecOptions, SessionOptions } from "./session_options.ts";
import { ShellKeeper } from "./shell_keeper.ts";

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
  readonly #nextCommandId: () => string;
  readonly #detached: DetachedCommands;
  readonly #files: SessionFiles;
  #running: SafeText | undefined;
  #idleSinceMs: number = monotonicMs();
  #closing: Promise<void> | undefined;

  /** Use {@linkcode Session.open}. */
  private constructor(
    house: House,
    defaults: ResolvedSession,
    identity: { readonly id: string; readonly nextCommandId: () => string },
  ) {
    this.id = identity.id;
    this.transport = house.keeper.channel.transport.kind;
    this.target = house.target;
    this.#house = house;
    this.#defaults = defaults;
    this.#nextCommandId = identity.nextCommandId;
    const reach = () => {
      this.#requireOpen();
      return house.keeper.reach();
    };
    this.#detached = new DetachedCommands({ redactor: house.redactor, transport: reach });
    this.#files = new SessionFiles({
      ...house,
      transportKind: this.transport,
      cwd: () => house.keeper.cwd,
      shell: () => house.keeper.channel.dialect.name,
      reach,
      sandboxed: defaults.sandbox !== undefined,
      maxTransferBytes: defaults.maxTransferBytes,
    });
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
    const approval = resolveApproval(options);
    const factory = await openFactory(defaults.target);
    const id = options.id ?? `s-${randomKey().slice(0, 10)}`;
    const redactor = createRedactor({
      secrets: [...options.secrets ?? [], ...secretsOf(defaults.target)],
    });
    const background = new BackgroundOutput(redactor);
    learnEnvironment(redactor, defaults.env);
    const keeper = await openKeeper(factory, defaults, background);
    const house: House = {
      sessionId: redactor.text(id),
      target: redactor.text(factory.target),
      policy: options.policy?.forSession?.() ?? options.policy ?? allowAllPolicy,
      redactor,
      keeper,
      background,
      closing: new AbortController(),
      ...(approval === undefined ? {} : { approval }),
      ...(options.audit === undefined ? {} : { audit: options.audit }),
    };
    const nextCommandId = options.nextCommandId ?? countCommands();
    try {
      await takeLoginEnvironment(keeper, defaults, redactor);
      await options.audit?.record(openEvent(house));
    } catch (cause) {
      await keeper.close();
      throw cause;
    }
    return new Session(house, defaults, { id, nextCommandId });
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
    return this.#running;
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
        message: safe`Command ${this.#running} is still running in this session`,
      });
    }
    if (resolved.detach && this.#defaults.sandbox !== undefined) throw noDetachInSandbox();
    if (resolved.tty && !this.#house.keeper.channel.terminal) throw noTerminal();
    const commandId = this.#house.redactor.text(this.#nextCommandId());
    this.#running = commandId;
    try {
      return await execThroughHouse(this.#house, command, commandId, resolved);
    } finally {
      this.#running = undefined;
      this.#idleSinceMs = monotonicMs();
    }
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
    await this.#house.audit?.record({
      event: "close",
      ts: epochMs(),
      session: this.#house.sessionId,
      transport: this.#house.redactor.text(this.transport),
      reason,
    });
  }
}

async function openKeeper(
  factory: TransportFactory,
  defaults: ResolvedSession,
  background: BackgroundOutput,
): Promise<ShellKeeper> {
  const setup = {
    shell: defaults.shell,
    terminal: defaults.terminal,
    env: defaults.env,
    openTimeoutMs: DEFAULT_OPEN_TIMEOUT_MS,
    ...(defaults.cwd === undefined ? {} : { cwd: defaults.cwd }),
    ...(defaults.sandbox === undefined ? {} : { sandbox: defaults.sandbox }),
  };
  return await ShellKeeper.open(factory, setup, {
    background: (stream, bytes) => background.push(stream, bytes),
    reconnect: defaults.reconnect,
  });
}

/**
 * A value under a name that the rules take for a secret's is hidden in all its encodings. A redactor
 * of its own finds out: one that has learned a value already would not register it anew.
 */
function learnEnvironment(
  redactor: Redactor,
  entries: readonly (readonly [string, string])[],
): void {
  const probe = createRedactor();
  for (const [name, value] of entries) {
    const line = `${name}=${quoteForShell(value)}`;
    if (probe.text(line) !== line) redactor.register(value, name.replaceAll("_", "-"));
  }
}

async function takeLoginEnvironment(
  keeper: ShellKeeper,
  defaults: ResolvedSession,
  redactor: Redactor,
): Promise<void> {
  const { transport, shellPid } = keeper.channel;
  learnEnvironment(redactor, await processEnvironment(transport, shellPid));
  if (!defaults.loginEnv) return;
  const entries = await loginEnvironment(transport);
  if (entries === undefined) {
    throw new ExeckitError({
      code: "open_timed_out",
      message: safe`Cannot take the login environment: the profile did not end in time`,
      hint: safe`Mend the login profile, or open the session without loginEnv`,
    });
  }
  learnEnvironment(redactor, entries);
  await keeper.exportAll(entries.filter(([name]) => !defaults.env.some(([own]) => own === name)));
}

function countCommands(): () => string {
  let count = 0;
  return () => `c${++count}`;
}

function openEvent(house: House): Parameters<AuditSink["record"]>[0] {
  return {
    event: "open",
    ts: epochMs(),
    session: house.sessionId,
    transport: house.redactor.text(house.keeper.channel.transport.kind),
    target: house.target,
    shell: house.redactor.text(house.keeper.channel.dialect.name),
  };
}

function noDetachInSandbox(): ExeckitError {
  return new ExeckitError({
    code: "unsupported",
    message: safe`Cannot detach the command: everything in a sandbox ends with its session`,
  });
}

function noTerminal(): ExeckitError {
  return new ExeckitError({
    code: "unsupported",
    message: safe`Cannot run on a terminal: the session has none`,
    hint: safe`Leave out tty, or open a session with a terminal on a machine that has script(1)`,
  });
}
