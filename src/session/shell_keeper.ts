/**
 * Keeps a working shell under a session: runs commands, stops them, replaces what cannot go on.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import type { ShellReplacement } from "../exec_result.ts";
import { LIMITS } from "../limits.ts";
import { safe } from "../safe_text.ts";
import { commandVariable } from "../shell/dialects/dialect.ts";
import type { ShellSetup } from "../shell/launch_handshake.ts";
import type { OutputSink } from "../shell/frame_state.ts";
import { type RunOutcome, ShellChannel } from "../shell/shell_channel.ts";
import { uploadBeside, type UploadedFile } from "../shell/upload.ts";
import { quoteForShell } from "../shell_text/quote.ts";
import type { Transport, TransportFactory } from "../transports/transport.ts";
import {
  ENVIRONMENT_COMMAND,
  environmentToRestore,
  type LinkLoss,
  linkLossOf,
  linkLostError,
  unsetUnknown,
} from "./link_loss.ts";
import type { EnvironmentEntry } from "./login_environment.ts";
import { type Stoppable, type StopReason, untilStopped } from "./until_stopped.ts";

/** A command as the keeper takes it. */
export interface KeptCommand extends Stoppable {
  /** The command's text. */
  readonly command: string;
  /** Text for its standard input; absent for none. */
  readonly stdin?: string;
  /** Whether it runs on the terminal. */
  readonly tty: boolean;
  /** Receives its output. */
  readonly onOutput: OutputSink;
}

/** How a kept command ended. */
export interface KeptOutcome {
  /** Why it ended; `lost` when nobody can tell. */
  readonly status: "exited" | "timed_out" | "interrupted" | "lost";
  /** Its exit code, when known. */
  readonly exitCode?: number;
  /** That the shell was replaced. */
  readonly replaced?: ShellReplacement;
  /** True when shadowed words of the shell were given their meaning back. */
  readonly repaired: boolean;
  /** That the link to the machine broke under it. */
  readonly linkLoss?: LinkLoss & { readonly reconnects: boolean };
  /** That the session was closed under it. */
  readonly closed?: true;
}

/** What a keeper is made with beside where and which shell. */
export interface KeeperOptions {
  /** Receives what arrives while no command runs. */
  readonly background: OutputSink;
  /** Whether to connect again after the link was lost. */
  readonly reconnect: boolean;
}

/** The exit code of timeout(1) for a command that ran too long. */
const TIMEOUT_EXIT_CODE = 124;
/** 128 + SIGINT, as a shell reports it. */
const INTERRUPT_EXIT_CODE = 130;

const encoder = new TextEncoder();

/** A shell that is there for every command of a session. */
export class ShellKeeper {
  readonly #factory: TransportFactory;
  #setup: ShellSetup;
  readonly #options: KeeperOptions;
  #channel: ShellChannel;
  #cwd: string;
  #previousStatus = 0;
  #lost = false;
  #remembered: readonly EnvironmentEntry[] | undefined;
  #active: Promise<unknown> = Promise.resolve();
  #reviving: Promise<void> | undefined;
  #unreported: ShellReplacement | undefined;

  /** Use {@linkcode ShellKeeper.open}. */
  private constructor(
    factory: TransportFactory,
    setup: ShellSetup,
    options: KeeperOptions,
    channel: ShellChannel,
  ) {
    this.#factory = factory;
    this.#setup = setup;
    this.#options = options;
    this.#channel = channel;
    this.#cwd = channel.startCwd;
  }

  /**
   * Launches the first shell.
   *
   * @param factory Where. Closed by {@linkcode ShellKeeper.close}, or here when there is no shell.
   * @param setup Which shell, and how.
   * @param options Who gets background output, and what becomes of a lost link.
   * @returns The keeper.
   * @throws {ExeckitError} As {@linkcode ShellChannel.open}.
   */
  static async open(
    factory: TransportFactory,
    setup: ShellSetup,
    options: KeeperOptions,
  ): Promise<ShellKeeper> {
    try {
      const channel = await ShellChannel.open(factory, setup, options.background);
      return new ShellKeeper(factory, setup, options, channel);
    } catch (cause) {
      await factory.close?.();
      throw cause;
    }
  }

  /** The current channel. */
  get channel(): ShellChannel {
    return this.#channel;
  }

  /** The working directory after the last command. */
  get cwd(): string {
    return this.#cwd;
  }

  /** Whether there is no shell any more. */
  get lost(): boolean {
    return this.#lost;
  }

  /**
   * Runs a command to its end, its time-out or its cancellation.
   *
   * @param command The command.
   * @returns How it ended. Afterwards there is a shell for the next one, unless `lost` is set.
   * @throws {ExeckitError} `session_lost` when there is no shell to run it in.
   */
  async run(command: KeptCommand): Promise<KeptOutcome> {
    if (command.stop?.aborted) {
      return { status: "interrupted", exitCode: INTERRUPT_EXIT_CODE, repaired: false };
    }
    if (this.#channel.dead) await this.#revive();
    const replaced = this.#unreported;
    this.#unreported = undefined;
    const running = this.#runToEnd(command);
    this.#active = running.catch(() => undefined);
    const outcome = await running;
    // Before the result is given: what it says is set would be lost with the link otherwise.
    if (this.#options.reconnect && !this.#channel.dead) await this.#remember();
    return replaced === undefined ? outcome : { replaced, ...outcome };
  }

  /**
   * The way to the machine, for what runs beside the shell. A shell that has gone is replaced first,
   * where the session does that.
   *
   * @returns The transport of a living shell.
   * @throws {ExeckitError} `session_lost`, or what stands in the way of a new connection.
   */
  async reach(): Promise<Transport> {
    if (this.#channel.dead) await this.#active;
    if (this.#channel.dead) await this.#revive();
    return this.#channel.transport;
  }

  async #runToEnd(command: KeptCommand): Promise<KeptOutcome> {
    let { outcome, stopped } = await this.#runOnce(command);
    if (outcome.kind === "refused" && stopped === undefined) {
      await this.#replace();
      ({ outcome, stopped } = await this.#runOnce(command));
      return {
        ...this.#report(outcome, stopped),
        replaced: { reason: "untrusted", stateKept: false },
      };
    }
    const report = this.#report(outcome, stopped);
    if (outcome.usable) return report;
    // Closed under the command: no shell follows, and what came of the command is not known.
    if (this.#lost) return { status: "lost", repaired: false, closed: true };
    const loss = this.#channel.dead ? await linkLossOf(this.#channel) : undefined;
    if (loss !== undefined) {
      const { reconnect } = this.#options;
      return { status: "lost", repaired: false, linkLoss: { ...loss, reconnects: reconnect } };
    }
    const reason = replacementReason(outcome, stopped);
    if (!await this.#tryReplace()) return report;
    return { ...report, replaced: { reason, stateKept: false } };
  }

  /**
   * Exports variables in the shell, and again in every shell that replaces it.
   *
   * @param entries The variables.
   */
  async exportAll(entries: readonly (readonly [string, string])[]): Promise<void> {
    this.#setup = { ...this.#setup, env: [...entries, ...this.#setup.env] };
    const text = entries.map(([name, value]) => `export ${name}=${quoteForShell(value)}`);
    await this.#channel.synchronise(text.join("\n"));
  }

  /** Ends the shell and everything that it started. */
  async close(): Promise<void> {
    this.#lost = true;
    try {
      await this.#channel.close();
    } finally {
      await this.#factory.close?.();
    }
  }

  /** What was replaced is said with the next command's result. */
  #revive(): Promise<void> {
    this.#reviving ??= this.#replaceDead()
      .then((replaced) => void (this.#unreported = replaced))
      .finally(() => void (this.#reviving = undefined));
    return this.#reviving;
  }

  /** The shell went away while nothing ran in it. */
  async #replaceDead(): Promise<ShellReplacement> {
    const loss = await linkLossOf(this.#channel);
    if (loss === undefined || this.#lost) {
      await this.#replace();
      return { reason: "killed", stateKept: false };
    }
    if (!this.#options.reconnect) throw linkLostError(loss);
    const remembered = this.#remembered;
    if (remembered !== undefined) this.#setup = { ...this.#setup, env: remembered };
    // What stands in the way of a new connection is for the caller to know; he may try again.
    await this.#reopen();
    if (remembered !== undefined) await unsetUnknown(this.#channel, remembered);
    return { reason: "link_lost", stateKept: false };
  }

  /** Looks at the exported variables after a command, for a shell on the next connection. */
  async #remember(): Promise<void> {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    const { outcome } = await this.#runOnce({
      command: ENVIRONMENT_COMMAND,
      tty: false,
      timeoutMs: LIMITS.resyncTimeoutMs,
      onOutput: (stream, bytes) => {
        if (stream === "stdout") chunks.push(bytes.slice());
      },
    });
    if (outcome.kind !== "ended" || outcome.status !== 0) return;
    this.#remembered = environmentToRestore(
      new Uint8Array(await new Blob(chunks).arrayBuffer()),
    );
  }

  async #runOnce(
    command: KeptCommand,
  ): Promise<{ outcome: RunOutcome; stopped: StopReason | undefined }> {
    const channel = this.#channel;
    const files: UploadedFile[] = [];
    const upload = async (text: string): Promise<string> => {
      const file = await uploadBeside(channel.transport, channel.directory, encoder.encode(text));
      files.push(file);
      return file.path;
    };
    try {
      const isLarge = command.command.length > LIMITS.inlineCommandMaxBytes / 4 &&
        encoder.encode(command.command).length > LIMITS.inlineCommandMaxBytes;
      const assignment = () =>
        `${commandVariable(channel.token)}=${quoteForShell(` ${command.command}`)}\n`;
      const running = channel.run({
        command: isLarge ? { file: await upload(assignment()) } : { text: command.command },
        input: command.stdin === undefined ? "/dev/null" : await upload(command.stdin),
        previousStatus: this.#previousStatus,
        tty: command.tty,
        onOutput: command.onOutput,
      });
      return await untilStopped(channel, running, command);
    } finally {
      if (files.length > 0 && !channel.dead) {
        await Promise.all(files.map((file) => file.remove()));
      }
    }
  }

  #report(outcome: RunOutcome, stopped: StopReason | undefined): KeptOutcome {
    if (outcome.cwd !== undefined && outcome.cwd !== "") this.#cwd = outcome.cwd;
    this.#previousStatus = outcome.status ?? 0;
    const repaired = outcome.repaired ?? false;
    const replaced: ShellReplacement | undefined = outcome.restarted
      ? { reason: "exit", stateKept: true }
      : undefined;
    const base = replaced === undefined ? { repaired } : { repaired, replaced };
    if (stopped === "timed_out") {
      return { ...base, status: "timed_out", exitCode: TIMEOUT_EXIT_CODE };
    }
    if (stopped === "interrupted") {
      return { ...base, status: "interrupted", exitCode: outcome.status || INTERRUPT_EXIT_CODE };
    }
    if (outcome.status === undefined) return { ...base, status: "lost" };
    return replaced === undefined
      ? { status: "exited", exitCode: outcome.status, repaired }
      : { status: "exited", exitCode: outcome.status, repaired, replaced };
  }

  /** Tells whether there is a shell again. Without one, the next command says what is wrong. */
  async #tryReplace(): Promise<boolean> {
    try {
      await this.#replace();
      return true;
    } catch (cause) {
      if (!(cause instanceof ExeckitError)) throw cause;
      return false;
    }
  }

  async #replace(): Promise<void> {
    if (this.#lost) throw sessionLost();
    try {
      await this.#reopen();
    } catch (cause) {
      throw cause instanceof ExeckitError ? sessionLost(cause) : cause;
    }
  }

  /** A new shell at the last working directory, or where the transport starts if that is gone. */
  async #reopen(): Promise<void> {
    await this.#channel.close();
    this.#previousStatus = 0;
    const open = (setup: ShellSetup) =>
      ShellChannel.open(this.#factory, setup, this.#options.background);
    try {
      this.#channel = await open({ ...this.#setup, cwd: this.#cwd });
    } catch (cause) {
      if (!(cause instanceof ExeckitError) || cause.code !== "invalid_cwd") throw cause;
      this.#channel = await open(this.#setup);
      this.#cwd = this.#channel.startCwd;
    }
  }
}

function replacementReason(
  outcome: RunOutcome,
  stopped: StopReason | undefined,
): ShellReplacement["reason"] {
  if (stopped !== undefined) return "unresponsive";
  if (outcome.kind !== "died") return "untrusted";
  return outcome.status === undefined || outcome.status > 128 ? "killed" : "exit";
}

function sessionLost(cause?: unknown): ExeckitError {
  return new ExeckitError({
    code: "session_lost",
    message: safe`The session's shell is gone and cannot be started again`,
    cause,
  });
}
