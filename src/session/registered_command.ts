/**
 * A command as a registry knows it: found by its id alone, read on from where the last read stopped,
 * and still there when its session is not.
 *
 * @module
 */

import { monotonicMs } from "../clock.ts";
import { ExeckitError } from "../errors.ts";
import type { CommandStatus, ExecResult } from "../exec_result.ts";
import { safe, type SafeText } from "../safe_text.ts";
import type { SessionCommand, WaitOptions } from "./command/session_command.ts";
import type { Session } from "./session.ts";

/** A part of a command's output, and the place behind it. */
export type OutputPart = Awaited<ReturnType<SessionCommand["read"]>>;

/** Whose lines are read: one stream's, or those of both in order of arrival. */
export type OutputStreams = NonNullable<
  NonNullable<Parameters<SessionCommand["read"]>[0]>["stream"]
>;

/** What a registered command uses of its session. */
export type CommandSession = Pick<Session, "redact" | "command">;

/** A command as a list shows it. */
export interface CommandSummary {
  /** The command's id. */
  readonly commandId: SafeText;
  /** The first 80 characters of its text, redacted. */
  readonly command: SafeText;
  /** How it stands. */
  readonly status: CommandStatus;
  /** The exit code, once known. */
  readonly exitCode?: number;
  /** Lines that it wrote on both streams so far; absent when they are no longer kept. */
  readonly lines?: number;
  /** Milliseconds since it was started; absent when it has ended. */
  readonly runningMs?: number;
}

/** How a command stands, as far as that can be told. */
export type Standing =
  & Pick<ExecResult, "status">
  & Partial<
    Pick<
      ExecResult,
      | "exitCode"
      | "cwd"
      | "durationMs"
      | "inputWanted"
      | "untilMet"
      | "activity"
      | "leftRunning"
      | "shellReplaced"
      | "note"
    >
  >;

/** Which part of the output is read. */
export interface ReadFrom {
  /** Whose lines. */
  readonly stream: OutputStreams;
  /** The first line, negative from the end. Default: where the last read of the same stopped. */
  readonly from?: number;
  /** Lines at most. */
  readonly lines: number;
  /** Characters at most. */
  readonly maxChars: number;
}

/** A result that shows the output up to a place that is known. */
export interface ShownResult {
  /** The result. */
  readonly result: ExecResult;
  /** The line that the next read begins with, numbered over both streams; absent at the end. */
  readonly nextLine?: number;
}

/** Characters of a command's text in a list: enough to recognise it by. */
const LISTED_COMMAND_MAX_CHARS = 80;
/** Characters that finding the end of the output takes. */
const END_MAX_CHARS = 200;
/** The budget of a result whose output nobody looks at. */
const NO_OUTPUT = { keep: { mode: "tail", n: 1 }, maxChars: END_MAX_CHARS } as const;
/** A wait that ends at once, without a look at what the command is doing. */
const AT_ONCE = { waitMs: 1, signal: AbortSignal.abort() };

/** A command as a registry knows it. */
export class RegisteredCommand {
  /** Its id. */
  readonly id: SafeText;
  /** The id of its session. */
  readonly sessionId: SafeText;
  /** Who stopped it, in a sentence; absent when nobody did. */
  stopNote: SafeText | undefined;
  readonly #session: CommandSession;
  readonly #text: SafeText;
  readonly #startedMs = monotonicMs();
  readonly #places = new Map<OutputStreams, SafeText>();
  #handle: SessionCommand | undefined;
  #lines: number | undefined;
  #ended: Pick<CommandSummary, "status" | "exitCode" | "lines"> | undefined;

  /**
   * Registers a command.
   *
   * @param session Its session.
   * @param names The session's id, the command's, and its text, all redacted.
   */
  constructor(
    session: CommandSession,
    names: { readonly sessionId: SafeText; readonly id: SafeText; readonly text: SafeText },
  ) {
    this.#session = session;
    this.id = names.id;
    this.sessionId = names.sessionId;
    this.#text = names.text;
  }

  /** Its text, redacted by what is known to be secret by now. */
  get text(): SafeText {
    return this.#session.redact(this.#text);
  }

  /** Milliseconds since it was started. */
  get ageMs(): number {
    return monotonicMs() - this.#startedMs;
  }

  /** The first 80 characters of its text, redacted. */
  get shortText(): SafeText {
    const redacted = this.text;
    if (redacted.length <= LISTED_COMMAND_MAX_CHARS) return redacted;
    const start = redacted.slice(0, LISTED_COMMAND_MAX_CHARS - 1).replace(/[\uD800-\uDBFF]$/, "");
    // Redacting again changes nothing; it gives the shorter text its type.
    return this.#session.redact(`${start}…`);
  }

  /**
   * Gives the hold on the command. Once taken it outlives the session.
   *
   * @returns The command; undefined while it is being judged, and when it was not run.
   */
  hold(): SessionCommand | undefined {
    try {
      this.#handle ??= this.#session.command(this.id);
    } catch (cause) {
      if (!(cause instanceof ExeckitError && cause.code === "unknown_command")) throw cause;
    }
    return this.#handle;
  }

  /**
   * Gives the hold on the command.
   *
   * @returns The command.
   * @throws {ExeckitError} `unknown_command` when it was not run.
   */
  require(): SessionCommand {
    const handle = this.hold();
    if (handle !== undefined) return handle;
    throw new ExeckitError({
      code: "unknown_command",
      message: safe`Command ${this.id} has no output: it has not been run`,
      hint: safe`It is still being judged, or was refused: see session_list`,
    });
  }

  /**
   * Notes how the command ended, as its caller was told.
   *
   * @param result What the caller was told.
   */
  told(result: ExecResult): void {
    if (!isEnd(result.status)) return;
    const { status, exitCode, totals } = result;
    const lines = totals.stdoutLines + totals.stderrLines;
    this.#ended = { status, ...(exitCode === undefined ? {} : { exitCode }), lines };
  }

  /**
   * Waits for the command, without its output.
   *
   * @param wait What for, and how long. Default: not at all.
   * @returns How it stands then; `lost` when that cannot be told.
   * @throws {ExeckitError} `invalid_argument` or `unsupported` for what cannot be waited for.
   */
  async stand(wait: WaitOptions = AT_ONCE): Promise<Standing> {
    const handle = this.require();
    try {
      const result = await handle.wait({ ...wait, budget: NO_OUTPUT });
      this.told(result);
      return standingOf(result);
    } catch (cause) {
      // Its output is still there to be read.
      if (!(cause instanceof ExeckitError) || handle.status !== "lost") throw cause;
      return { status: "lost", note: cause.detail };
    }
  }

  /**
   * Reads output, from a line or on from where the last read stopped.
   *
   * @param part Which part.
   * @returns The part. The place is kept only by {@linkcode keepPlace}.
   * @throws {ExeckitError} As `SessionCommand.read`.
   */
  async read({ stream, from, lines, maxChars }: ReadFrom): Promise<OutputPart> {
    const since = this.#places.get(stream);
    const start = from !== undefined ? { from } : since === undefined ? {} : { since };
    return await this.require().read({ stream, lines, maxChars, ...start });
  }

  /**
   * Lets the next read begin behind a part.
   *
   * @param stream Whose lines were read.
   * @param part What was read, and has reached its reader.
   */
  keepPlace(stream: OutputStreams, { cursor }: Pick<OutputPart, "cursor">): void {
    this.#places.set(stream, cursor);
  }

  /**
   * Makes a result of which it is known up to where it shows the output, and lets the next read begin
   * there. Of an ended command whose output was shortened, the next read begins at the start.
   *
   * @param result The result.
   * @param options The budget that it was made with, and whether it reaches anybody.
   * @returns The result, with at least the output of the one given.
   */
  async shown(
    result: ExecResult,
    options: Pick<WaitOptions, "budget"> & { readonly isReceived: () => boolean },
  ): Promise<ShownResult> {
    const { isReceived, ...form } = options;
    const handle = this.hold();
    if (handle === undefined) return { result };
    const isOver = isEnd(result.status);
    if (isOver && result.truncated) return { result, nextLine: 1 };
    // First the place, then the result: what arrives between the two is shown twice, and not lost.
    const end = await handle.read({ stream: "both", tail: 1, maxChars: END_MAX_CHARS });
    const latest = isOver ? result : await this.#anew(handle, result, form);
    if (isReceived()) this.keepPlace("both", end);
    if (isEnd(latest.status)) return { result: latest };
    const last = end.lines.at(-1);
    const nextLine = last?.endsLine === false ? last.line : end.totalLines + 1;
    return { result: latest, nextLine };
  }

  /** How the command stands, as far as anybody has looked; {@linkcode look} looks. */
  get summary(): CommandSummary {
    const names = { commandId: this.id, command: this.shortText };
    if (this.#ended !== undefined) return { ...names, ...this.#ended };
    const status = this.hold()?.status ?? "running";
    const lines = this.#lines === undefined ? {} : { lines: this.#lines };
    return { ...names, status, ...lines, ...(isEnd(status) ? {} : { runningMs: this.ageMs }) };
  }

  /** Looks how it stands, so that {@linkcode summary} knows of its end and its lines. */
  async look(): Promise<void> {
    const handle = this.hold();
    if (handle === undefined || this.#ended !== undefined) return;
    try {
      if (handle.isOver) this.told(await handle.wait({ ...AT_ONCE, budget: NO_OUTPUT }));
      else this.#lines = (await handle.read({ tail: 1, maxChars: END_MAX_CHARS })).totalLines;
    } catch (cause) {
      // Its output was freed, or nobody knows how it ended.
      if (!(cause instanceof ExeckitError)) throw cause;
    }
  }

  async #anew(
    handle: SessionCommand,
    result: ExecResult,
    form: Pick<WaitOptions, "budget">,
  ): Promise<ExecResult> {
    const anew = await handle.wait({ ...AT_ONCE, ...form });
    this.told(anew);
    const { untilMet, activity, note } = result;
    return {
      ...anew,
      // Whose port was met is known to the wait that met it.
      ...(untilMet !== "port" || note === undefined || isEnd(anew.status) ? {} : { note }),
      ...(untilMet === undefined ? {} : { untilMet }),
      ...(activity === undefined || isEnd(anew.status) ? {} : { activity }),
    };
  }
}

/** Everything that a result says but its output. */
function standingOf(result: ExecResult): Standing {
  const { status, exitCode, cwd, durationMs, inputWanted, untilMet, activity } = result;
  const { leftRunning, shellReplaced, note } = result;
  return {
    status,
    cwd,
    durationMs,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(inputWanted === undefined ? {} : { inputWanted }),
    ...(untilMet === undefined ? {} : { untilMet }),
    ...(activity === undefined ? {} : { activity }),
    ...(leftRunning === undefined ? {} : { leftRunning }),
    ...(shellReplaced === undefined ? {} : { shellReplaced }),
    ...(note === undefined ? {} : { note }),
  };
}

/**
 * Tells whether a status is the last that a command has.
 *
 * @param status The status.
 * @returns False while it goes on.
 */
export function isEnd(status: CommandStatus): boolean {
  return status !== "running" && status !== "waiting_for_input";
}

/**
 * The error of a session that takes no other command yet.
 *
 * @param sessionId The session's id.
 * @param running The command that runs in it, when that is known.
 * @returns The error.
 */
export function busyError(
  sessionId: SafeText,
  running: RegisteredCommand | undefined,
): ExeckitError {
  const which = running === undefined
    ? safe`a command`
    : safe`${running.id} (${running.shortText}) after ${Math.round(running.ageMs / 1000)} s`;
  return new ExeckitError({
    code: "busy",
    message: safe`Session ${sessionId} is still running ${which}`,
    hint:
      safe`Follow it with session_read, interrupt it with session_input and signal INT, or use another session`,
  });
}
