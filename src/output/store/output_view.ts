/**
 * A command's output as of one moment: its lines from any place on.
 *
 * @module
 */

import type { StreamName } from "../output_store.ts";
import type { Redactor } from "../redactor.ts";
import { CollapsedRows, DRAWN_BACK_BYTES, DRAWN_PIECE_BYTES } from "../screen/collapsed_rows.ts";
import { type LineNumbers, seekLine } from "./line_seek.ts";
import { MergedRows } from "./merged_rows.ts";
import type { StreamOffsets } from "./output_cursor.ts";
import type { OutputView } from "./output_page.ts";
import { BEFORE_BYTES, RedactedRows, type SeenRow } from "./redacted_rows.ts";
import type { LoadBlock, StreamLog } from "./stream_log.ts";
import { type RowSource, StreamRows } from "./stream_rows.ts";
import { decodeText } from "./utf8_edges.ts";

/** The logs of a command, and what is needed to read them. */
export interface ReadableOutput {
  /** Each stream's log. */
  readonly logs: Readonly<Record<StreamName, StreamLog>>;
  /** Loads blocks. */
  readonly load: LoadBlock;
  /** Looks again at lines of both streams. */
  readonly redactor: Redactor;
  /** What a stream did to the terminal so far. Default: nothing. */
  readonly drawing?: (stream: StreamName) => StreamDrawing;
}

/** What a stream did to the terminal so far. */
export interface StreamDrawing {
  /** Whether it may have drawn over what it had written: there are carriage returns or marks. */
  readonly draws: boolean;
}

/** What both streams hold at one moment; what arrives later is not seen through it. */
export class OutputMoment {
  /** Bytes of each stream. */
  readonly ends: StreamOffsets;
  readonly #output: ReadableOutput;
  readonly #lines: Readonly<Record<OutputView, number>>;
  readonly #openInBoth: number;
  readonly #isRaw: boolean;

  /**
   * Takes the moment.
   *
   * @param output The output.
   * @param form `raw` for lines as they were written; else they are as a terminal would show them.
   */
  constructor(output: ReadableOutput, form: { readonly raw?: boolean | undefined } = {}) {
    this.#isRaw = form.raw === true;
    const { stdout, stderr } = output.logs;
    this.#output = output;
    this.ends = { stdout: stdout.end, stderr: stderr.end };
    const lines = { stdout: linesOf(stdout), stderr: linesOf(stderr) };
    this.#lines = { ...lines, both: lines.stdout + lines.stderr };
    this.#openInBoth = stdout.lineFeeds + stderr.lineFeeds + 1;
  }

  /**
   * Counts lines; one without an end counts.
   *
   * @param view Whose lines.
   * @returns How many there are.
   */
  lines(view: OutputView): number {
    return this.#lines[view];
  }

  /**
   * Finds a line.
   *
   * @param view Whose lines are counted.
   * @param number The line's number, from 1.
   * @returns Where to read from; lines with smaller numbers may still come first.
   */
  async seek(view: OutputView, number: number): Promise<StreamOffsets> {
    const numbers: LineNumbers = view === "both" ? "both" : "own";
    const at = async (stream: StreamName): Promise<number> => {
      const { logs, load } = this.#output;
      if (!sees(view, stream)) return 0;
      // The line may have arrived after the moment.
      return Math.min(await seekLine(logs[stream], load, number - 1, numbers), this.ends[stream]);
    };
    return { stdout: await at("stdout"), stderr: await at("stderr") };
  }

  /**
   * Reads lines.
   *
   * @param view Whose lines.
   * @param from Where to begin.
   * @param pieceBytes Bytes of a piece of a line at most.
   * @returns The lines, redacted again where both streams come together.
   */
  async rows(view: OutputView, from: StreamOffsets, pieceBytes: number): Promise<RowSource> {
    if (view !== "both") return await this.#streamRows(view, from, this.ends, pieceBytes);
    const before = await this.#rowsBefore(from);
    return new RedactedRows(
      await this.#merged(from, this.ends, pieceBytes),
      this.#output.redactor,
      before,
    );
  }

  async #rowsBefore(to: StreamOffsets): Promise<SeenRow[]> {
    const from = {
      stdout: Math.max(0, to.stdout - BEFORE_BYTES),
      stderr: Math.max(0, to.stderr - BEFORE_BYTES),
    };
    const rows = await this.#merged(from, to, BEFORE_BYTES);
    const seen: SeenRow[] = [];
    for (
      let item = await rows.next();
      item !== undefined;
      item = rows.ready() ?? await rows.next()
    ) {
      if (item.type === "gap") continue;
      const { stream, bytes, ended } = item;
      seen.push({ stream, text: decodeText(bytes), ended });
    }
    return seen;
  }

  async #merged(
    from: StreamOffsets,
    to: StreamOffsets,
    pieceBytes: number,
  ): Promise<MergedRows> {
    const rows = (stream: StreamName) => this.#streamRows(stream, from, to, pieceBytes);
    return new MergedRows([await rows("stdout"), await rows("stderr")]);
  }

  async #streamRows(
    stream: StreamName,
    from: StreamOffsets,
    to: StreamOffsets,
    pieceBytes: number,
  ): Promise<RowSource> {
    const { logs, load, redactor, drawing } = this.#output;
    const openInBoth = this.#openInBoth;
    const at = from[stream];
    const rowsFrom = (start: number, bytes: number): StreamRows =>
      new StreamRows(logs[stream], load, {
        from: start,
        to: to[stream],
        pieceBytes: bytes,
        openInBoth,
      });
    if (drawing?.(stream).draws !== true) return rowsFrom(at, pieceBytes);
    const first = await rowsFrom(at, DRAWN_PIECE_BYTES).next();
    const back = first?.type === "row" ? Math.min(first.fromByte, DRAWN_BACK_BYTES) : 0;
    return new CollapsedRows(rowsFrom(at - back, DRAWN_PIECE_BYTES), redactor, {
      from: at,
      rowBytes: pieceBytes,
      isRaw: this.#isRaw,
      isOver: logs[stream].isEnded,
    });
  }
}

/**
 * Tells whether a view has a stream's lines.
 *
 * @param view Whose lines are read.
 * @param stream The stream.
 * @returns True when they are among them.
 */
export function sees(view: OutputView, stream: StreamName): boolean {
  return view === "both" || view === stream;
}

function linesOf(log: StreamLog): number {
  return log.lineFeeds + (log.endsInLine ? 1 : 0);
}
