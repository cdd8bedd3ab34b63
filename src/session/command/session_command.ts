/**
 * A command of a session, as its caller holds it: wait, read, search, type, signal, explain.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import type { CommandStatus, ExecResult } from "../../exec_result.ts";
import { LIMITS } from "../../limits.ts";
import { invalidArgument } from "../../option_checks.ts";
import type { Budget } from "../../output/budget.ts";
import { compilePattern } from "../../output/pattern.ts";
import type { ScreenSnapshot } from "../../output/screen/live_screen.ts";
import type { ReadOptions, ReadPage } from "../../output/store/read_output.ts";
import type { OutputView } from "../../output/store/output_page.ts";
import type { SearchPage } from "../../output/store/search_output.ts";
import { resolveBudget } from "../../output/resolve_budget.ts";
import { EMPTY_SAFE_TEXT, joinSafe, safe, type SafeText } from "../../safe_text.ts";
import { explainStuck, type StuckReport } from "../../shell/probe/explain_stuck.ts";
import { probeCommand } from "../../shell/probe/probe_command.ts";
import type { ProbeReport } from "../../shell/probe/probe_report.ts";
import { type CommandInput, CommandKeyboard } from "./command_keyboard.ts";
import type { CommandHouse } from "./command_house.ts";
import type { CommandRecord, ResultForm } from "./command_record.ts";
import { InputWatch } from "./input_watch.ts";
import { portNote } from "./port_note.ts";
import { type ResolvedWait, type WaitEnd, waitForCommand } from "./wait_for_command.ts";

/** What a caller waits for beside the command's end. */
export interface WaitUntil {
  /** A pattern in RE2 syntax that a line of either stream matches. */
  pattern?: string;
  /** A TCP port of the session's machine that something listens on. */
  port?: number;
}

/** How long to wait for a command, and how to show what came. */
export interface WaitOptions {
  /** Milliseconds to wait at most. Default: 10 000; at most a day. */
  waitMs?: number;
  /** Ends the wait when it comes before the command's end. */
  until?: WaitUntil;
  /** Ends the wait, not the command. */
  signal?: AbortSignal;
  /** How output is shortened. Default: the command's. */
  budget?: Budget;
  /** Also give both streams in order of arrival. Default: the command's. */
  interleave?: boolean;
}

/** A search of a command's output. */
export interface CommandSearch {
  /** Whose lines. Default: those of both streams. */
  readonly stream?: OutputView;
  /** A pattern in RE2 syntax, matched within a line on a linear-time engine. */
  readonly pattern: string;
  /** Lines around each match, from 0 to 1000. Default: 0. */
  readonly context?: number;
  /** Matches at most. Default: 100; 1,000,000 at most. */
  readonly maxMatches?: number;
  /** Number of the first line that is looked at; negative ones count from the end. Default: 1. */
  readonly fromLine?: number;
  /** Characters at most, line ends counted. Default: 100,000; 10,000,000 at most. */
  readonly maxChars?: number;
  /** Look at lines as they were written, redraws and all. Default: false. */
  readonly raw?: boolean;
}

/** One command of a session. It can be asked about as long as the session remembers it. */
export interface SessionCommand {
  /** The command's id. */
  readonly id: SafeText;
  /** The command's text, redacted. */
  readonly text: SafeText;
  /** How it stands, as far as anybody has looked. */
  readonly status: CommandStatus;
  /** Whether it has ended. */
  readonly isOver: boolean;
  /**
   * Waits for the command's end, for what `until` names, for it to want input, or for time to pass.
   *
   * @param options How long, and for what else.
   * @returns The result as it stands then.
   * @throws {ExeckitError} `invalid_argument`; `unsupported` for a port that cannot be looked at;
   *   else why there is no trustworthy result.
   */
  wait(options?: WaitOptions): Promise<ExecResult>;
  /**
   * Reads a part of the output: by line numbers, from the end, or what is new since an earlier read.
   *
   * @param options Which part. Default: the first 200 lines of both streams.
   * @returns The lines, and the place to go on from.
   * @throws {ExeckitError} `invalid_argument`, `unknown_command` when the output is no longer kept,
   *   or `transfer_failed` when the disk does not answer.
   */
  read(options?: Partial<ReadOptions>): Promise<ReadPage>;
  /**
   * Searches the output.
   *
   * @param search What for, and where.
   * @returns Lines that match, and their context.
   * @throws {ExeckitError} As {@linkcode SessionCommand.read}.
   */
  search(search: CommandSearch): Promise<SearchPage>;
  /**
   * Shows the command's terminal as a person would see it now, or saw it at the end.
   *
   * @returns The screen, redacted: what a secret covers is masked in every row.
   * @throws {ExeckitError} `unsupported` when the command does not run on a terminal; `internal`.
   */
  screen(): Promise<ScreenSnapshot>;
  /**
   * Types at the command's terminal, or signals it. Text passes the session's policy first.
   *
   * @param input Text, named keys, or a signal.
   * @throws {ExeckitError} `invalid_argument`, `blocked_by_policy`, `unsupported` without a terminal,
   *   `busy` when the command has ended, or `session_lost`.
   */
  input(input: CommandInput): Promise<void>;
  /** Ends the command as a time-out would: ^C, TERM, KILL, until the shell is back. */
  interrupt(): void;
  /**
   * Says what the command is doing: its processes, what they wait for, what they used of the
   * processor since the last time, how long there was no output, and which ports are listened on.
   *
   * @returns What was found; little where the machine does not tell.
   * @throws {ExeckitError} `session_lost` when the machine does not answer.
   */
  explain(): Promise<StuckReport>;
}

/** A command as its session holds it. */
export class HeldCommand implements SessionCommand {
  readonly #record: CommandRecord;
  readonly #house: CommandHouse;
  readonly #form: ResultForm;
  readonly #keyboard: CommandKeyboard;
  #before: ProbeReport | undefined;

  /**
   * Makes a hold on a command.
   *
   * @param record The command.
   * @param house What its session lends.
   * @param form How its results are shaped when nobody says otherwise.
   */
  constructor(record: CommandRecord, house: CommandHouse, form: ResultForm) {
    this.#record = record;
    this.#house = house;
    this.#form = form;
    this.#keyboard = new CommandKeyboard(record, house);
  }

  /** As {@linkcode SessionCommand.id}. */
  get id(): SafeText {
    return this.#record.label.commandId;
  }

  /** As {@linkcode SessionCommand.text}. */
  get text(): SafeText {
    return this.#record.label.command;
  }

  /** As {@linkcode SessionCommand.status}. */
  get status(): CommandStatus {
    return this.#record.status;
  }

  /** As {@linkcode SessionCommand.isOver}. */
  get isOver(): boolean {
    return this.#record.isOver;
  }

  /** As {@linkcode SessionCommand.wait}. */
  async wait(options: WaitOptions = {}): Promise<ExecResult> {
    const wait = resolveWait(options);
    const form = {
      budget: options.budget === undefined ? this.#form.budget : resolveBudget(options.budget),
      interleave: options.interleave ?? this.#form.interleave,
    };
    return await this.follow(wait, form);
  }

  /**
   * Waits as {@linkcode SessionCommand.wait} does, by options that are checked already.
   *
   * @param wait What for, and how long.
   * @param form How the result is shaped.
   * @returns The result as it stands then.
   */
  async follow(wait: ResolvedWait, form: ResultForm): Promise<ExecResult> {
    return await this.#resultAfter(await this.#wait(wait), wait, form);
  }

  /** As {@linkcode SessionCommand.read}. */
  async read(options: Partial<ReadOptions> = {}): Promise<ReadPage> {
    return await this.#record.output.read({ stream: "both", ...options });
  }

  /** As {@linkcode SessionCommand.search}. */
  async search(search: CommandSearch): Promise<SearchPage> {
    return await this.#record.output.search({
      stream: "both",
      ...search,
      pattern: compilePattern(search.pattern),
    });
  }

  /** As {@linkcode SessionCommand.screen}. */
  async screen(): Promise<ScreenSnapshot> {
    const { screen } = this.#record;
    if (screen !== undefined) return await screen.snapshot();
    throw new ExeckitError({
      code: "unsupported",
      message: safe`Cannot show a screen: the command does not run on a terminal`,
      hint: safe`Run it with tty`,
    });
  }

  /** As {@linkcode SessionCommand.input}. */
  async input(input: CommandInput): Promise<void> {
    await this.#keyboard.give(input);
  }

  /** As {@linkcode SessionCommand.interrupt}. */
  interrupt(): void {
    this.#record.stop.abort();
  }

  /** As {@linkcode SessionCommand.explain}. */
  async explain(): Promise<StuckReport> {
    const report = await probeCommand(this.#house.session(), "ports");
    const { quietMs } = this.#record;
    const before = this.#before;
    this.#before = report;
    return explainStuck(report, {
      redact: (text) => this.#house.redactor.text(text),
      quietMs,
      ...(before === undefined ? {} : { before }),
    });
  }

  async #wait(wait: ResolvedWait): Promise<WaitEnd> {
    const session = this.#house.session();
    const watch = new InputWatch(this.#record, session, this.#house.redactor);
    if (wait.waitMs === 0 && !this.#record.isOver) await watch.look();
    return await waitForCommand(this.#record, wait, { watch, session });
  }

  async #resultAfter(end: WaitEnd, wait: ResolvedWait, form: ResultForm): Promise<ExecResult> {
    const result = await this.#record.result(form);
    if (end === "port" && wait.port !== undefined) return await this.#portMet(result, wait.port);
    const met = end === "pattern" ? { untilMet: end } : {};
    if (result.status !== "running" || end !== "time") return { ...result, ...met };
    const activity = await this.#activity();
    return activity === undefined ? result : { ...result, activity };
  }

  async #portMet(result: ExecResult, port: number): Promise<ExecResult> {
    const { note = EMPTY_SAFE_TEXT, durationMs } = result;
    const more = await portNote(this.#house.session(), port, durationMs);
    const notes = joinSafe([note, more], safe` `);
    return { ...result, untilMet: "port", ...(notes === EMPTY_SAFE_TEXT ? {} : { note: notes }) };
  }

  /** What cannot be told is left out: the command itself is well. */
  async #activity(): Promise<SafeText | undefined> {
    try {
      return (await this.explain()).summary;
    } catch (cause) {
      if (cause instanceof ExeckitError) return undefined;
      throw cause;
    }
  }
}

/**
 * Checks and completes what a caller waits for.
 *
 * @param options What the caller gave.
 * @returns The complete wait.
 * @throws {ExeckitError} `invalid_argument`, naming the option.
 */
export function resolveWait(options: Omit<WaitOptions, "budget" | "interleave">): ResolvedWait {
  const { waitMs = LIMITS.waitMs, until = {}, signal } = options;
  const maxMs = LIMITS.commandTimeoutMaxMs;
  if (typeof waitMs !== "number" || !(waitMs >= 0 && waitMs <= maxMs)) {
    throw invalidArgument(safe`'waitMs' must be a number of milliseconds from 0 to ${maxMs}`);
  }
  const { pattern, port } = until;
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535)) {
    throw invalidArgument(safe`'until.port' must be a whole number from 1 to 65535`);
  }
  return {
    waitMs,
    ...(pattern === undefined ? {} : { pattern: compilePattern(pattern, safe`until.pattern`) }),
    ...(port === undefined ? {} : { port }),
    ...(signal === undefined ? {} : { signal }),
  };
}
