/**
 * A command's whole output: clean, redact, keep, and read in any order while it runs and after.
 *
 * The log takes only what the redactor's stream has passed, so no read, range or search can show
 * anything else, and no cut falls into a secret: what is cut is redacted already.
 *
 * @module
 */

import { epochMs, monotonicMs, nextTurn } from "../../clock.ts";
import type { OutputTotals } from "../../exec_result.ts";
import { LIMITS } from "../../limits.ts";
import {
  EMPTY_SAFE_TEXT,
  markSafeText,
  safe,
  type SafeBytes,
  type SafeText,
} from "../../safe_text.ts";
import { applyBudget, type BudgetedText, DEFAULT_BUDGET, type ResolvedBudget } from "../budget.ts";
import type { ShapedOutput, ShapeOptions } from "../output_pipeline.ts";
import { type KeptStream, OutputStore, type StreamName } from "../output_store.ts";
import type { Redactor } from "../redactor.ts";
import { collapseText } from "../screen/collapse.ts";
import { unfinishedLine } from "../screen/unfinished_text.ts";
import { DrawnRedaction } from "../screen/drawn_redaction.ts";
import { BlockKeeper, type KeepOptions, outputClosed } from "./block_keeper.ts";
import type { OutputGap } from "./output_page.ts";
import type { ReadableOutput, StreamDrawing } from "./output_view.ts";
import { interleavedText, keptText, type StreamWindow, windowOf } from "./output_window.ts";
import { type ReadOptions, readOutput, type ReadPage } from "./read_output.ts";
import { type SearchOptions, searchOutput, type SearchPage } from "./search_output.ts";
import { StreamLog } from "./stream_log.ts";

const CR = 0x0d;
/** Milliseconds of silence after which what tells nothing of a secret is held back no longer. */
const RELEASE_AFTER_MS = 200;

/** What a command's output is made of. */
export interface CommandOutputOptions extends KeepOptions {
  /** The session's redactor. */
  readonly redactor: Redactor;
  /** Bytes of each stream that a result is shaped from, half from each end. Default: 8 MiB. */
  readonly keepBytes?: number;
}

/** How much of the output is kept. */
export interface KeptReport {
  /** Bytes that are kept, in memory and in the file. */
  readonly keptBytes: number;
  /** True when a spool file is in use. */
  readonly isSpooling: boolean;
  /** What is missing, by stream and line. */
  readonly gaps: readonly OutputGap[];
  /** Why something is missing, or will be; empty when all is well. */
  readonly problems: readonly SafeText[];
}

/** Takes one command's raw output in, and gives any part of it, redacted, at any time. */
export class CommandOutput {
  readonly #keeper: BlockKeeper;
  readonly #output: ReadableOutput;
  readonly #redactor: Redactor;
  readonly #keepBytes: number;
  readonly #stages: Record<StreamName, DrawnRedaction>;
  readonly #hasReturns = { stdout: false, stderr: false };
  /** Counts what the command writes; it keeps nothing. */
  readonly #counts = new OutputStore({ keepBytes: 1 });
  #sequence = 0;
  #lastPushMs = 0;
  #releasing: ReturnType<typeof setTimeout> | undefined;
  #onRelease: () => void = () => undefined;
  #lastStream: StreamName | undefined;
  #isEnded = false;
  #isClosed = false;

  /**
   * Starts to keep a command's output.
   *
   * @param options The redactor, where output goes, and how much is kept.
   */
  constructor(options: CommandOutputOptions) {
    this.#redactor = options.redactor;
    this.#keepBytes = options.keepBytes ?? LIMITS.streamKeepBytes;
    this.#keeper = new BlockKeeper(options);
    const { take, load } = this.#keeper;
    const logs = { stdout: new StreamLog("stdout", take), stderr: new StreamLog("stderr", take) };
    const stages = (): DrawnRedaction => new DrawnRedaction(() => options.redactor.stream());
    this.#stages = { stdout: stages(), stderr: stages() };
    const drawing = (stream: StreamName) => this.#drawing(stream);
    this.#output = { logs, load, redactor: options.redactor, drawing };
  }

  /**
   * Takes the next raw bytes of a stream. After {@linkcode end} they are only counted. It never
   * waits and never fails for want of space.
   *
   * @param stream The stream.
   * @param chunk The bytes; they are not kept.
   */
  push(stream: StreamName, chunk: Uint8Array): void {
    this.#counts.countRaw(stream, chunk);
    if (this.#isEnded) return;
    this.#append(stream, this.#stages[stream].push(chunk));
    this.#lastPushMs = monotonicMs();
    if (this.#stages[stream].isHolding) this.#releaseLater(RELEASE_AFTER_MS);
  }

  /**
   * Says who is to hear when something comes that was held back, with no new output. One at most.
   *
   * @param listener It must not throw.
   */
  onRelease(listener: () => void): void {
    this.#onRelease = listener;
  }

  #releaseLater(afterMs: number): void {
    this.#releasing ??= setTimeout(() => {
      this.#releasing = undefined;
      const leftMs = RELEASE_AFTER_MS - (monotonicMs() - this.#lastPushMs);
      if (leftMs > 0) this.#releaseLater(Math.ceil(leftMs));
      else this.#release();
    }, afterMs);
  }

  #release(): void {
    const { logs } = this.#output;
    const endBefore = logs.stdout.end + logs.stderr.end;
    for (const stream of ["stdout", "stderr"] as const) {
      this.#append(stream, this.#stages[stream].release());
    }
    if (logs.stdout.end + logs.stderr.end > endBefore) this.#onRelease();
  }

  /**
   * Says whether the next bytes should wait, since the disk does not keep up. Who cannot wait pushes
   * them all the same; then the middle of the output may be lost.
   *
   * @returns Undefined when there is room; else settles soon, and never rejects.
   */
  room(): Promise<void> | undefined {
    return this.#keeper.room();
  }

  /** Ends both streams, so that what the redactor held back can be read. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#releasing);
    for (const stream of ["stdout", "stderr"] as const) {
      this.#append(stream, this.#stages[stream].end());
    }
    for (const log of Object.values(this.#output.logs)) log.finish();
  }

  /** Whether it was given back, so that nothing of it can be read any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Exact totals of what the command wrote so far. */
  totals(): OutputTotals {
    return this.#counts.totals();
  }

  /** Why something is not kept, or will not be; empty when all is well. */
  get problems(): readonly SafeText[] {
    return this.#keeper.problems;
  }

  /** Says how much of the output is kept, and what is wrong, at any time. */
  report(): KeptReport {
    const gaps = Object.values(this.#output.logs).flatMap((log) =>
      log.gaps().map(({ firstLine, lastLine, from, to }) => ({
        stream: log.stream,
        firstLine,
        lastLine,
        bytes: to - from,
      }))
    );
    const { keptBytes, isSpooling, problems } = this.#keeper;
    return { keptBytes, isSpooling, gaps: this.#isClosed ? [] : gaps, problems };
  }

  /**
   * Shapes the start and the end of each stream for a result.
   *
   * @param options Budget and form.
   * @returns The output within the budget.
   * @throws {ExeckitError} `unknown_command` after {@linkcode close}; `transfer_failed` when the
   *   disk does not answer.
   */
  async shape(options: ShapeOptions = {}): Promise<ShapedOutput> {
    this.#requireOpen();
    const budget = options.budget ?? DEFAULT_BUDGET;
    const totals = this.totals();
    const { logs } = this.#output;
    if (logs.stdout.end === 0 && logs.stderr.end === 0) {
      const shaped = { stdout: EMPTY_SAFE_TEXT, stderr: EMPTY_SAFE_TEXT, truncated: false, totals };
      return options.interleave ? { ...shaped, interleaved: EMPTY_SAFE_TEXT } : shaped;
    }
    const [stdoutWindow, stderrWindow] = await Promise.all([
      this.#window("stdout"),
      this.#window("stderr"),
    ]);
    const windows = { stdout: stdoutWindow, stderr: stderrWindow };
    const [stdoutKept, stderrKept] = await Promise.all([
      this.#shown("stdout", keptText(stdoutWindow)),
      this.#shown("stderr", keptText(stderrWindow)),
    ]);
    const stdout = shapeStream(stdoutKept, budget, totals.stdoutLines);
    const stderr = shapeStream(stderrKept, budget, totals.stderrLines);
    const truncated = stdout.truncated || stderr.truncated;
    return {
      stdout: stdout.text,
      stderr: stderr.text,
      truncated,
      totals,
      ...(truncated ? { report: { stdout: stdout.report, stderr: stderr.report } } : {}),
      ...(options.interleave ? { interleaved: await this.#interleave(windows, budget) } : {}),
    };
  }

  /**
   * Reads a part of the output, as it is at the moment of the call. Who reads in a loop leaves the
   * command its turns.
   *
   * @param options Which part.
   * @returns The part, and the place to go on from.
   * @throws {ExeckitError} `invalid_argument` for options out of range; `unknown_command` after
   *   {@linkcode close}; `transfer_failed` when the disk does not answer.
   */
  async read(options: ReadOptions): Promise<ReadPage> {
    this.#requireOpen();
    const page = await readOutput(this.#output, options);
    await nextTurn();
    return page;
  }

  /**
   * Searches the output, as it is at the moment of the call.
   *
   * @param options What for.
   * @returns Lines that match, and their context.
   * @throws {ExeckitError} As {@linkcode read}.
   */
  async search(options: SearchOptions): Promise<SearchPage> {
    this.#requireOpen();
    const page = await searchOutput(this.#output, options);
    await nextTurn();
    return page;
  }

  /** Waits until what goes to the file is there. Nothing needs it to be read. */
  async settled(): Promise<void> {
    await this.#keeper.settled();
  }

  /** Ends the output and frees memory, file and quota. A second call does nothing more. */
  async close(): Promise<void> {
    this.end();
    this.#isClosed = true;
    await this.#keeper.close();
  }

  #append(stream: StreamName, bytes: SafeBytes): void {
    if (bytes.length === 0) return;
    this.#hasReturns[stream] ||= bytes.includes(CR);
    if (stream !== this.#lastStream) {
      this.#lastStream = stream;
      this.#sequence++;
    }
    const { logs } = this.#output;
    const otherLineFeeds = logs[stream === "stdout" ? "stderr" : "stdout"].lineFeeds;
    logs[stream].append(bytes, { sequence: this.#sequence, ms: epochMs(), otherLineFeeds });
    this.#stages[stream].reuse();
  }

  #window(stream: StreamName): Promise<StreamWindow> {
    const { logs, load } = this.#output;
    return windowOf(logs[stream], load, this.#keepBytes);
  }

  #drawing(stream: StreamName): StreamDrawing {
    return { draws: this.#stages[stream].hasMarks || this.#hasReturns[stream] };
  }

  /** What was drawn piece by piece may be a secret only now. */
  async #shown(stream: StreamName, kept: KeptStream): Promise<KeptStream> {
    if (!this.#drawing(stream).draws) return kept;
    const { text, gap } = kept;
    const show = async (part: string): Promise<SafeText> => {
      const collapsed = await collapseText(part);
      // A part of what is kept is as safe as the whole.
      return collapsed === part ? markSafeText(part) : this.#redactor.text(collapsed);
    };
    const showEnd = async (part: string): Promise<SafeText> => {
      if (this.#isEnded || part.endsWith("\n")) return await show(part);
      const collapsed = await collapseText(part);
      return collapsed === part ? markSafeText(part) : unfinishedLine(this.#redactor, collapsed);
    };
    if (gap === undefined) return { text: await showEnd(text) };
    const head = await show(text.slice(0, gap.at));
    const tail = await showEnd(text.slice(gap.at));
    return { text: safe`${head}${tail}`, gap: { ...gap, at: head.length } };
  }

  /** A secret of which each stream holds a part is whole only where they are together. */
  async #interleave(
    windows: Readonly<Record<StreamName, StreamWindow>>,
    budget: ResolvedBudget,
  ): Promise<SafeText> {
    const text = interleavedText(windows);
    const draws = this.#drawing("stdout").draws || this.#drawing("stderr").draws;
    const shown = draws ? await collapseText(text) : text;
    const isOpen = draws && !this.#isEnded && !text.endsWith("\n");
    const redacted = isOpen ? unfinishedLine(this.#redactor, shown) : this.#redactor.text(shown);
    return applyBudget(redacted, budget).text;
  }

  #requireOpen(): void {
    if (this.#isClosed) throw outputClosed();
  }
}

function shapeStream(
  { text, gap }: KeptStream,
  budget: ResolvedBudget,
  linesTotal: number,
): BudgetedText {
  return applyBudget(text, budget, gap === undefined ? { linesTotal } : { linesTotal, gap });
}
