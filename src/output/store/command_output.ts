/**
 * A command's whole output: clean, redact, keep, and read in any order while it runs and after.
 *
 * The log takes only what the redactor's stream has passed, so no read, range or search can show
 * anything else, and no cut falls into a secret: what is cut is redacted already.
 *
 * @module
 */

import { epochMs } from "../../clock.ts";
import type { OutputTotals } from "../../exec_result.ts";
import { LIMITS } from "../../limits.ts";
import type { SafeBytes, SafeText } from "../../safe_text.ts";
import { applyBudget, type BudgetedText, DEFAULT_BUDGET, type ResolvedBudget } from "../budget.ts";
import type { ShapedOutput, ShapeOptions } from "../output_pipeline.ts";
import { OutputStore, type StreamName } from "../output_store.ts";
import type { RedactionStream, Redactor } from "../redactor.ts";
import { TerminalTextCleaner } from "../terminal_text_cleaner.ts";
import { BlockKeeper, type KeepOptions, outputClosed } from "./block_keeper.ts";
import type { OutputGap } from "./output_page.ts";
import type { ReadableOutput } from "./output_view.ts";
import { interleavedText, keptText, type StreamWindow, windowOf } from "./output_window.ts";
import { type ReadOptions, readOutput, type ReadPage } from "./read_output.ts";
import { type SearchOptions, searchOutput, type SearchPage } from "./search_output.ts";
import { StreamLog } from "./stream_log.ts";

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

interface StreamStages {
  readonly cleaner: TerminalTextCleaner;
  readonly redaction: RedactionStream;
}

/** Takes one command's raw output in, and gives any part of it, redacted, at any time. */
export class CommandOutput {
  readonly #keeper: BlockKeeper;
  readonly #output: ReadableOutput;
  readonly #redactor: Redactor;
  readonly #keepBytes: number;
  readonly #stages: Record<StreamName, StreamStages>;
  /** Counts what the command writes; it keeps nothing. */
  readonly #counts = new OutputStore({ keepBytes: 1 });
  #sequence = 0;
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
    this.#output = { logs, load, redactor: options.redactor };
    const stages = (): StreamStages => ({
      cleaner: new TerminalTextCleaner(),
      redaction: options.redactor.stream(),
    });
    this.#stages = { stdout: stages(), stderr: stages() };
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
    const { cleaner, redaction } = this.#stages[stream];
    this.#append(stream, redaction.push(cleaner.push(chunk)));
  }

  /** Ends both streams, so that what the redactor held back can be read. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const stream of ["stdout", "stderr"] as const) {
      const { cleaner, redaction } = this.#stages[stream];
      this.#append(stream, redaction.push(cleaner.end()));
      this.#append(stream, redaction.end());
    }
    for (const log of Object.values(this.#output.logs)) log.finish();
  }

  /** Exact totals of what the command wrote so far. */
  totals(): OutputTotals {
    return this.#counts.totals();
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
    const [stdoutWindow, stderrWindow] = await Promise.all([
      this.#window("stdout"),
      this.#window("stderr"),
    ]);
    const windows = { stdout: stdoutWindow, stderr: stderrWindow };
    const stdout = shapeStream(stdoutWindow, budget, totals.stdoutLines);
    const stderr = shapeStream(stderrWindow, budget, totals.stderrLines);
    const truncated = stdout.truncated || stderr.truncated;
    return {
      stdout: stdout.text,
      stderr: stderr.text,
      truncated,
      totals,
      ...(truncated ? { report: { stdout: stdout.report, stderr: stderr.report } } : {}),
      ...(options.interleave ? { interleaved: this.#interleave(windows, budget) } : {}),
    };
  }

  /**
   * Reads a part of the output, as it is at the moment of the call.
   *
   * @param options Which part.
   * @returns The part, and the place to go on from.
   * @throws {ExeckitError} `invalid_argument` for options out of range; `unknown_command` after
   *   {@linkcode close}; `transfer_failed` when the disk does not answer.
   */
  async read(options: ReadOptions): Promise<ReadPage> {
    this.#requireOpen();
    return await readOutput(this.#output, options);
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
    return await searchOutput(this.#output, options);
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
    if (stream !== this.#lastStream) {
      this.#lastStream = stream;
      this.#sequence++;
    }
    const { logs } = this.#output;
    const otherLineFeeds = logs[stream === "stdout" ? "stderr" : "stdout"].lineFeeds;
    logs[stream].append(bytes, { sequence: this.#sequence, ms: epochMs(), otherLineFeeds });
  }

  #window(stream: StreamName): Promise<StreamWindow> {
    const { logs, load } = this.#output;
    return windowOf(logs[stream], load, this.#keepBytes);
  }

  /** A secret of which each stream holds a part is whole only where they are together. */
  #interleave(
    windows: Readonly<Record<StreamName, StreamWindow>>,
    budget: ResolvedBudget,
  ): SafeText {
    return applyBudget(this.#redactor.text(interleavedText(windows)), budget).text;
  }

  #requireOpen(): void {
    if (this.#isClosed) throw outputClosed();
  }
}

function shapeStream(
  window: StreamWindow,
  budget: ResolvedBudget,
  linesTotal: number,
): BudgetedText {
  const { text, gap } = keptText(window);
  return applyBudget(text, budget, gap === undefined ? { linesTotal } : { linesTotal, gap });
}
