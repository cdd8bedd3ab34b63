/**
 * One command of a session: how it stands, what it has written, and what has become of it.
 *
 * A record outlives its command, so that what a budget left out can be read later.
 *
 * @module
 */

import { monotonicMs } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import type { CommandStatus, ExecResult, InputWanted, LeftRunning } from "../../exec_result.ts";
import type { ResolvedBudget } from "../../output/budget.ts";
import type { StreamName } from "../../output/output_store.ts";
import type { LiveScreen } from "../../output/screen/live_screen.ts";
import type { CommandOutput } from "../../output/store/command_output.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { buildResult, buildRunningResult, type CommandLabel } from "../result_builder.ts";
import type { KeptOutcome } from "../shell_keeper.ts";
import { RawTail } from "./raw_tail.ts";
import { StopSwitch } from "./stop_switch.ts";
import { TypedLine } from "./typed_line.ts";

/** Characters at the end of the output that prompts are looked for in. */
const TAIL_CHARS = 2000;

/** How a result is shaped. */
export interface ResultForm {
  /** How each stream is shortened. */
  readonly budget: ResolvedBudget;
  /** Whether both streams are wanted in order of arrival too. */
  readonly interleave: boolean;
}

/** What a record is made of. */
export interface RecordParts {
  /** What names the command. */
  readonly label: CommandLabel;
  /** Takes what it writes. */
  readonly output: CommandOutput;
  /** What arrived before it, from background jobs. */
  readonly background: SafeText;
  /** Whether it runs on the terminal. */
  readonly tty: boolean;
  /** What it draws on the terminal; absent when it runs on none. */
  readonly screen?: LiveScreen;
  /** Its text as it was given, for the policy only; it has not been redacted. */
  readonly source: string;
}

/** How a command ended. */
export interface CommandEnd {
  /** How it ended. */
  readonly outcome: KeptOutcome;
  /** The working directory afterwards, redacted. */
  readonly cwd: SafeText;
  /** What it left running, when that was looked at. */
  readonly leftRunning?: readonly LeftRunning[];
  /** How many more of them there are, which the next results name. */
  readonly leftUnnamed?: number;
  /** Processes of earlier commands whose output may be among its own, when that was looked at. */
  readonly mayHaveWritten?: readonly LeftRunning[];
}

/** One command, from its start until nobody asks for it any more. */
export class CommandRecord {
  /** What names it. */
  readonly label: CommandLabel;
  /** What it writes. */
  readonly output: CommandOutput;
  /** Whether it runs on the terminal. */
  readonly tty: boolean;
  /** What it draws on the terminal; undefined when it runs on none. */
  readonly screen: LiveScreen | undefined;
  /** Its text as it was given, for the policy only; it has not been redacted. */
  readonly source: string;
  /** The end of what it wrote, not redacted: only for telling what it asks. */
  readonly rawTail: RawTail = new RawTail();
  /** What was typed for it and not yet entered. */
  readonly line: TypedLine = new TypedLine();
  /** Aborting it interrupts the command. */
  readonly stop: StopSwitch = new StopSwitch();
  /** Settles when the command has ended, in whatever way; it never rejects. */
  readonly ended: Promise<void>;
  readonly #background: SafeText;
  readonly #beganMs = monotonicMs();
  #settle: () => void = () => undefined;
  #isSettled = false;
  #lastWork: (() => Promise<void>) | undefined;
  #end: (CommandEnd & { readonly durationMs: number }) | undefined;
  #failure: ExeckitError | undefined;
  #final: { readonly form: ResultForm; readonly result: ExecResult } | undefined;
  #lastOutputMs = monotonicMs();
  #waiting: InputWanted | undefined;
  #activity: SafeText | undefined;
  readonly #listeners = new Set<() => void>();

  /** @param parts What it is made of. */
  constructor({ label, output, background, tty, screen, source }: RecordParts) {
    this.screen = screen;
    this.label = label;
    this.output = output;
    this.tty = tty;
    this.source = source;
    this.#background = background;
    this.ended = new Promise((resolve) => this.#settle = resolve);
    output.onRelease(() => this.#wake());
  }

  /** How it stands. */
  get status(): CommandStatus {
    if (this.#failure !== undefined) return "lost";
    return this.#end?.outcome.status ??
      (this.#waiting === undefined ? "running" : "waiting_for_input");
  }

  /** Whether it has ended, and everything that belongs to its end is done. */
  get isOver(): boolean {
    return this.#isSettled;
  }

  /** How it ended; absent while it runs. */
  get outcome(): KeptOutcome | undefined {
    return this.#end?.outcome;
  }

  /** Milliseconds since its last output, the last input to it, or its start. */
  get quietMs(): number {
    return monotonicMs() - this.#lastOutputMs;
  }

  /** What it waits for, as far as anybody has looked. */
  get waiting(): InputWanted | undefined {
    return this.isOver ? undefined : this.#waiting;
  }

  /** Notes what somebody saw it wait for. */
  set waiting(waiting: InputWanted | undefined) {
    this.#waiting = waiting;
  }

  /**
   * Notes what the command was doing shortly before its time was over.
   *
   * @param looking The look at it; nothing when the machine does not tell.
   * @param tooLate Aborted when what is seen is the command's end.
   */
  noteActivity(looking: Promise<SafeText | undefined>, tooLate: AbortSignal): void {
    const note = (activity: SafeText | undefined) => {
      if (!tooLate.aborted) this.#activity = activity;
    };
    // What cannot be told is left out: the command itself is well.
    void looking.then(note, () => note(undefined));
  }

  /**
   * Takes what it writes.
   *
   * @param stream The stream.
   * @param bytes The bytes.
   * @returns What more of the stream should wait for: a disk that does not keep up.
   */
  push(stream: StreamName, bytes: Uint8Array): Promise<void> | undefined {
    this.output.push(stream, bytes);
    this.screen?.push(bytes);
    this.rawTail.push(bytes);
    this.touched();
    this.#wake();
    return this.output.room();
  }

  #wake(): void {
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  /** Says that something was typed or written: what it waited for may be there. */
  touched(): void {
    this.#lastOutputMs = monotonicMs();
    this.#waiting = undefined;
  }

  /** Resolves with the next output, or at the end. */
  async moreOutput(): Promise<void> {
    await Promise.race([
      new Promise<void>((resolve) => this.#listeners.add(resolve)),
      this.ended,
    ]);
  }

  /**
   * Says that the command has ended. Whoever waits for it hears of it with {@linkcode settle}.
   *
   * @param end How.
   */
  finish(end: CommandEnd): void {
    this.#end = { ...end, durationMs: monotonicMs() - this.#beganMs };
    this.output.end();
    this.screen?.end();
  }

  /**
   * Says what has to be done behind the command's end, before the next one may begin. It is left out
   * when the shell was lost.
   *
   * @param work What; it takes the place of what was said before.
   */
  beforeNext(work: () => Promise<void>): void {
    this.#lastWork = work;
  }

  /** Wakes whoever waits for the end. */
  settle(): void {
    const wake = () => {
      this.#isSettled = true;
      this.#settle();
    };
    if (this.#lastWork === undefined || this.status === "lost") return wake();
    // How the command ended is known already: a machine that fails now fails the next command.
    void this.#lastWork().then(wake, wake);
  }

  /**
   * Says that there is no trustworthy result.
   *
   * @param error Why.
   */
  fail(error: ExeckitError): void {
    this.#failure = error;
    this.output.end();
    this.screen?.end();
    this.settle();
  }

  /** The end of its output as it may be shown, for prompts. */
  async tail(): Promise<string> {
    const page = await this.output.read({
      stream: "both",
      tail: 3,
      maxChars: TAIL_CHARS,
      // A prompt ends in the blank that a drawn line has no more.
      raw: true,
    });
    const last = page.lines.at(-1);
    return last === undefined || !last.endsLine ? page.text.replace(/\n$/, "") : page.text;
  }

  /**
   * Gives the result as it stands.
   *
   * @param form How it is shaped.
   * @returns The result.
   * @throws {ExeckitError} Why there is none to trust.
   */
  async result(form: ResultForm): Promise<ExecResult> {
    if (this.#failure !== undefined) throw this.#failure;
    // Who asked for the command gets what the audit got, also when the output is gone by then.
    if (this.#final?.form === form) return this.#final.result;
    // When the session has closed under a wait, the last form of the output is all there is.
    if (this.#final !== undefined && this.output.isClosed) return this.#final.result;
    const end = this.#end;
    const shaped = await this.output.shape(form);
    const { problems } = this.output;
    const { label } = this;
    const background = this.#background;
    if (end !== undefined) {
      const activity = this.#activity === undefined ? {} : { activity: this.#activity };
      const result = buildResult({ ...end, label, shaped, background, problems, ...activity });
      this.#final ??= { form, result };
      return result;
    }
    return buildRunningResult({
      label,
      shaped,
      background,
      problems,
      durationMs: monotonicMs() - this.#beganMs,
      ...(this.#waiting === undefined ? {} : { waiting: this.#waiting }),
    });
  }
}

/**
 * The error of a command that is not known.
 *
 * @returns The error.
 */
export function unknownCommand(): ExeckitError {
  return new ExeckitError({
    code: "unknown_command",
    message: safe`Cannot find a command with this id`,
  });
}
