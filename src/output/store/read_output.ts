/**
 * Reading a part of a command's output: by line numbers, from the end, or what is new.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import type { StreamName } from "../output_store.ts";
import { cursorOf, offsetsOf, type StreamOffsets } from "./output_cursor.ts";
import {
  endOf,
  gapOf,
  isGap,
  isLine,
  lineOf,
  numberOf,
  type OutputPage,
  type OutputView,
  type PageItem,
  pageText,
} from "./output_page.ts";
import { OutputMoment, type ReadableOutput, sees } from "./output_view.ts";
import type { OutputRow, RowItem } from "./stream_rows.ts";
import { restOfCharacter } from "./utf8_edges.ts";

/** Characters below which a page would have no room for a character of UTF-8. */
const LEAST_CHARS = 16;

/** Which part is read. One of `from`, `tail` and `since` at most; without, from the first line. */
export interface ReadOptions {
  /** Whose lines. */
  readonly stream: OutputView;
  /** Number of the first line, from 1; negative ones count from the end. */
  readonly from?: number;
  /** Bytes of that line to leave out: `nextByte` of an earlier page. Default: 0. */
  readonly fromByte?: number;
  /** The last lines, so many. Where they are too long for the page, their ends. */
  readonly tail?: number;
  /** What is new since an earlier read. */
  readonly since?: string;
  /** Lines at most. Default: 200; 1,000,000 at most. */
  readonly lines?: number;
  /** Characters at most, line ends counted. Default: 100,000; from 16 to 10,000,000. */
  readonly maxChars?: number;
  /**
   * Lines as they were written: with every redraw that a terminal would have drawn over since.
   * Default: false. What can be read by its number can be read in both forms.
   */
  readonly raw?: boolean;
}

/** A part of the output, and the place behind it. */
export interface ReadPage extends OutputPage {
  /** For the next read's `since`. */
  readonly cursor: SafeText;
}

interface Plan {
  readonly view: OutputView;
  readonly moment: OutputMoment;
  readonly starts: StreamOffsets;
  /** Lines with smaller numbers are left out. */
  readonly firstLine: number;
  /** Bytes of the first line to leave out. */
  readonly skip: number;
  readonly maxLines: number;
  readonly maxChars: number;
  readonly isTail: boolean;
}

/**
 * Reads a part of the output.
 *
 * @param output The output.
 * @param options Which part.
 * @returns The part.
 * @throws {ExeckitError} `invalid_argument` for options out of range; `unknown_command` when the
 *   output was let go; `transfer_failed` when the disk does not answer.
 */
export async function readOutput(output: ReadableOutput, options: ReadOptions): Promise<ReadPage> {
  const plan = await planOf(output, options);
  const rows = await plan.moment.rows(plan.view, plan.starts, plan.maxChars);
  const page = new PageBuilder(plan);
  for (let item = await rows.next(); item !== undefined; item = rows.ready() ?? await rows.next()) {
    if (!page.take(item)) break;
  }
  return page.done();
}

async function planOf(output: ReadableOutput, options: ReadOptions): Promise<Plan> {
  checkOptions(options);
  const { stream: view, since, tail } = options;
  const moment = new OutputMoment(output, { raw: options.raw });
  const maxChars = options.maxChars ?? LIMITS.resultMaxChars;
  const common = { view, moment, maxChars, isTail: tail !== undefined, skip: 0 };
  const maxLines = tail ?? options.lines ?? LIMITS.outputReadLines;
  if (since !== undefined) {
    return { ...common, maxLines, starts: offsetsOf(since, moment.ends), firstLine: 0 };
  }
  const wanted = tail === undefined ? options.from ?? 1 : -tail;
  const firstLine = wanted < 0 ? Math.max(1, moment.lines(view) + 1 + wanted) : wanted;
  const starts = await moment.seek(view, firstLine);
  const plan = { ...common, maxLines, firstLine, starts };
  if (tail !== undefined) return { ...plan, starts: nearEnd(plan) };
  const skip = options.fromByte ?? 0;
  return skip === 0 ? plan : { ...plan, skip, starts: await skipBytes(plan, skip) };
}

/** A tail that is longer than the page begins within it. */
function nearEnd({ view, starts, moment: { ends }, maxChars }: Plan): StreamOffsets {
  const at = (stream: StreamName): number =>
    sees(view, stream) ? Math.max(starts[stream], ends[stream] - maxChars) : starts[stream];
  return { stdout: at("stdout"), stderr: at("stderr") };
}

/** Of both streams, only the one that the line is part of is skipped in. */
async function skipBytes(plan: Plan, bytes: number): Promise<StreamOffsets> {
  const { moment, view, starts, firstLine } = plan;
  const rows = await moment.rows(view, starts, LEAST_CHARS);
  for (let item = await rows.next(); item !== undefined; item = rows.ready() ?? await rows.next()) {
    if (item.type === "gap" || numberOf(item, view) < firstLine) continue;
    const at = item.from - item.fromByte + bytes;
    return { ...starts, [item.stream]: Math.min(at, moment.ends[item.stream]) };
  }
  return starts;
}

/** Collects what fits on a page. */
class PageBuilder {
  readonly #plan: Plan;
  readonly #items: PageItem[] = [];
  readonly #ends: Record<StreamName, number>;
  #lines = 0;
  #chars = 0;
  #next: OutputRow | undefined;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#ends = { stdout: plan.starts.stdout, stderr: plan.starts.stderr };
  }

  /** Takes an item; false when the page is full. */
  take(item: RowItem): boolean {
    if (item.type === "gap") {
      this.#items.push(gapOf(item));
    } else if (numberOf(item, this.#plan.view) >= this.#plan.firstLine) {
      if (!this.#takeRow(item)) return false;
    }
    this.#ends[item.stream] = endOf(item);
    return true;
  }

  done(): ReadPage {
    const { view, moment } = this.#plan;
    const next = this.#next;
    return {
      lines: this.#items.filter(isLine),
      text: pageText(this.#items),
      gaps: this.#items.filter(isGap),
      totalLines: moment.lines(view),
      hasMore: next !== undefined,
      ...(next === undefined ? {} : { nextLine: numberOf(next, view) }),
      ...(next === undefined || next.fromByte === 0 ? {} : { nextByte: next.fromByte }),
      cursor: cursorOf(this.#ends),
    };
  }

  #takeRow(row: OutputRow): boolean {
    const { view, maxLines, maxChars, isTail } = this.#plan;
    const line = lineOf(isTail ? this.#fromCharacter(row) : this.#withoutSkipped(row), view);
    const chars = line.text.length + 1;
    const isFull = this.#lines === maxLines || this.#chars + chars > maxChars + 1;
    if (isFull && !isTail && this.#lines > 0) {
      this.#next = row;
      return false;
    }
    this.#items.push(line);
    this.#lines++;
    this.#chars += chars;
    if (isTail) this.#trimFront();
    return true;
  }

  /** A line that was drawn comes whole, and is cut as it is shown. */
  #withoutSkipped(row: OutputRow): OutputRow {
    const { skip, starts } = this.#plan;
    if (skip === 0 || row.from >= starts[row.stream]) return row;
    const cut = row.bytes.subarray(skip);
    const rest = restOfCharacter(cut);
    return { ...row, bytes: cut.subarray(rest), fromByte: skip + rest };
  }

  /** A tail may begin anywhere in a line. */
  #fromCharacter(row: OutputRow): OutputRow {
    if (row.from !== this.#plan.starts[row.stream] || row.fromByte === 0) return row;
    const rest = restOfCharacter(row.bytes);
    return { ...row, bytes: row.bytes.subarray(rest), fromByte: row.fromByte + rest };
  }

  #trimFront(): void {
    const { maxLines, maxChars } = this.#plan;
    while (this.#lines > 1 && (this.#lines > maxLines || this.#chars > maxChars + 1)) {
      const item = this.#items.shift();
      if (item === undefined || !isLine(item)) continue;
      this.#lines--;
      this.#chars -= item.text.length + 1;
    }
  }
}

function checkOptions(options: ReadOptions): void {
  const { from, fromByte, tail, since, lines, maxChars, stream, raw } = options;
  const starts = [from, tail, since].filter((start) => start !== undefined);
  if (starts.length > 1) throw refused(safe`'from', 'tail' and 'since' exclude one another`);
  if (raw !== undefined && typeof raw !== "boolean") {
    throw refused(safe`'raw' must be true or false`);
  }
  if (!sees(stream, "stdout") && !sees(stream, "stderr")) {
    throw refused(safe`'stream' must be stdout, stderr or both`);
  }
  if (from === 0 || (from !== undefined && !Number.isSafeInteger(from))) {
    throw refused(safe`'from' must be a whole number other than 0`);
  }
  checkRange(fromByte, safe`'fromByte'`, 0, Number.MAX_SAFE_INTEGER);
  checkRange(tail, safe`'tail'`, 1, LIMITS.budgetMaxLines);
  checkRange(lines, safe`'lines'`, 1, LIMITS.budgetMaxLines);
  checkRange(maxChars, safe`'maxChars'`, LEAST_CHARS, LIMITS.budgetMaxChars);
}

function checkRange(value: number | undefined, name: SafeText, least: number, most: number): void {
  if (value === undefined) return;
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw refused(safe`${name} must be a whole number from ${least} to ${most}`);
}

function refused(because: SafeText): ExeckitError {
  return new ExeckitError({
    code: "invalid_argument",
    message: safe`Cannot read the output: ${because}`,
  });
}
