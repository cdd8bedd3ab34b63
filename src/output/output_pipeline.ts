/**
 * A command's output on its way to the result: clean, redact, store, and at the end budget.
 *
 * The order is fixed. Terminal codes go first, so that a token cut by them is seen whole; the
 * budget comes last, so that no cut can hide a part of a secret from the redactor.
 *
 * @module
 */

import type { BudgetReport, OutputTotals } from "../exec_result.ts";
import type { SafeText } from "../safe_text.ts";
import { applyBudget, type BudgetedText, DEFAULT_BUDGET, type ResolvedBudget } from "./budget.ts";
import { OutputStore, type OutputStoreOptions, type StreamName } from "./output_store.ts";
import type { RedactionStream, Redactor } from "./redactor.ts";
import { TerminalTextCleaner } from "./terminal_text_cleaner.ts";

/** What a pipeline is made of. */
export interface OutputPipelineOptions extends OutputStoreOptions {
  /** The session's redactor. */
  readonly redactor: Redactor;
}

/** How output is to be shaped. */
export interface ShapeOptions {
  /** The budget of each stream. Default: {@linkcode DEFAULT_BUDGET}. */
  readonly budget?: ResolvedBudget;
  /** True to give both streams in order of arrival as well. Default: false. */
  readonly interleave?: boolean;
}

/** A command's output as its result shows it. */
export interface ShapedOutput {
  /** Standard output within its budget. */
  readonly stdout: SafeText;
  /** Standard error within its budget. */
  readonly stderr: SafeText;
  /** Both in order of arrival, within the budget, when asked for. */
  readonly interleaved?: SafeText;
  /** True when `stdout` or `stderr` do not hold everything the command wrote. */
  readonly truncated: boolean;
  /** Exact totals of what the command wrote. */
  readonly totals: OutputTotals;
  /** How the streams were shortened; absent when they were not. */
  readonly report?: BudgetReport;
}

/** The stages of one stream. */
interface StreamStages {
  readonly cleaner: TerminalTextCleaner;
  readonly redaction: RedactionStream;
}

/** Takes one command's raw output in and gives safe, bounded text. */
export class OutputPipeline {
  readonly #store: OutputStore;
  readonly #redactor: Redactor;
  readonly #stages: Partial<Record<StreamName, StreamStages>> = {};
  #ended = false;

  /**
   * Starts a pipeline for one command.
   *
   * @param options The redactor, and how much is kept.
   */
  constructor(options: OutputPipelineOptions) {
    this.#store = new OutputStore(options);
    this.#redactor = options.redactor;
  }

  /**
   * Takes the next raw bytes of a stream. After {@linkcode end} they are only counted.
   *
   * @param stream The stream.
   * @param chunk The bytes; they are not kept.
   */
  push(stream: StreamName, chunk: Uint8Array): void {
    this.#store.countRaw(stream, chunk);
    if (this.#ended) return;
    // Most commands leave a stream empty, and an empty stream needs no stages.
    const { cleaner, redaction } = this.#stages[stream] ??= this.#makeStages();
    this.#store.append(stream, redaction.push(cleaner.push(chunk)));
  }

  /** Ends both streams, so that what the redactor held back is in the result. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const stream of ["stdout", "stderr"] as const) {
      const stages = this.#stages[stream];
      if (stages === undefined) continue;
      const { cleaner, redaction } = stages;
      this.#store.append(stream, redaction.push(cleaner.end()));
      this.#store.append(stream, redaction.end());
    }
  }

  #makeStages(): StreamStages {
    return { cleaner: new TerminalTextCleaner(), redaction: this.#redactor.stream() };
  }

  /** Exact totals so far. */
  totals(): OutputTotals {
    return this.#store.totals();
  }

  /**
   * Shapes what has arrived. While the command runs, the last bytes may still be held back.
   *
   * @param options Budget and form.
   * @returns The output within the budget.
   */
  shape(options: ShapeOptions = {}): ShapedOutput {
    const budget = options.budget ?? DEFAULT_BUDGET;
    const totals = this.#store.totals();
    const stdout = this.#shapeStream("stdout", budget, totals.stdoutLines);
    const stderr = this.#shapeStream("stderr", budget, totals.stderrLines);
    const truncated = stdout.truncated || stderr.truncated;
    return {
      stdout: stdout.text,
      stderr: stderr.text,
      truncated,
      totals,
      ...(truncated ? { report: { stdout: stdout.report, stderr: stderr.report } } : {}),
      ...(options.interleave ? { interleaved: this.#interleave(budget) } : {}),
    };
  }

  /** A secret of which each stream holds a part is whole only where they are together. */
  #interleave(budget: ResolvedBudget): SafeText {
    return applyBudget(this.#redactor.text(this.#store.interleaved()), budget).text;
  }

  #shapeStream(stream: StreamName, budget: ResolvedBudget, linesTotal: number): BudgetedText {
    const { text, gap } = this.#store.kept(stream);
    return applyBudget(text, budget, gap === undefined ? { linesTotal } : { linesTotal, gap });
  }
}
