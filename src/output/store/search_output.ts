/**
 * Searching a command's output with a linear-time pattern.
 *
 * @module
 */

import { monotonicMs, sleepMs } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { markSafeText, safe } from "../../safe_text.ts";
import type { Pattern } from "../pattern.ts";
import {
  gapOf,
  isGap,
  isLine,
  lineOf,
  numberOf,
  type OutputLine,
  type OutputPage,
  type OutputView,
  type PageItem,
  pageText,
} from "./output_page.ts";
import { OutputMoment, type ReadableOutput } from "./output_view.ts";
import type { OutputRow } from "./stream_rows.ts";

/** Bytes of a long line that are matched at once; matching a piece blocks the process. */
const PIECE_BYTES: number = 64 * 1024;
/** Characters of a long line that are matched with the next piece as well. */
const OVERLAP_CHARS: number = 4 * 1024;
/** Milliseconds after which others get a turn. */
const TURN_MS = 20;
/** Lines between two looks at the clock. */
const LINES_PER_LOOK = 64;

/** What is searched for. */
export interface SearchOptions {
  /** Whose lines. */
  readonly stream: OutputView;
  /** The pattern, from `compilePattern`. */
  readonly pattern: Pattern;
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

/** What was found. Lines that match have `isMatch`. */
export interface SearchPage extends OutputPage {
  /** Lines that match. */
  readonly matches: number;
  /** Why the search stopped with more to look at; absent when it looked at everything. */
  readonly stoppedBy?: "matches" | "chars" | "time";
}

/**
 * Searches the output.
 *
 * @param output The output.
 * @param options What for.
 * @returns Matching lines and their context.
 * @throws {ExeckitError} As `readOutput`.
 */
export async function searchOutput(
  output: ReadableOutput,
  options: SearchOptions,
): Promise<SearchPage> {
  checkOptions(options);
  const { stream: view, fromLine = 1 } = options;
  const moment = new OutputMoment(output, { raw: options.raw });
  const first = fromLine < 0 ? Math.max(1, moment.lines(view) + 1 + fromLine) : fromLine;
  const rows = await moment.rows(view, await moment.seek(view, first), PIECE_BYTES);
  const search = new Search(options);
  const turns = new Turns();
  for (let item = await rows.next(); item !== undefined; item = rows.ready() ?? await rows.next()) {
    if (item.type === "gap") search.gap(gapOf(item));
    else if (numberOf(item, view) >= first && !search.row(item)) break;
    if (turns.isDue() && await turns.isOver()) search.timeOut();
  }
  return search.done(moment.lines(view));
}

/** Lets others run now and then, and says when the time is over. */
class Turns {
  readonly #endMs = monotonicMs() + LIMITS.outputSearchMaxMs;
  #turnEndMs = monotonicMs() + TURN_MS;
  #looks = 0;

  isDue(): boolean {
    return ++this.#looks % LINES_PER_LOOK === 0 && monotonicMs() >= this.#turnEndMs;
  }

  async isOver(): Promise<boolean> {
    await sleepMs(0);
    this.#turnEndMs = monotonicMs() + TURN_MS;
    return this.#turnEndMs > this.#endMs;
  }
}

/** Goes over the lines once. */
class Search {
  readonly #options: Required<Omit<SearchOptions, "fromLine">>;
  readonly #items: PageItem[] = [];
  #before: OutputLine[] = [];
  #following = 0;
  #matches = 0;
  #chars = 0;
  #stoppedBy: SearchPage["stoppedBy"];
  #nextLine: number | undefined;
  /** The end of the pieces of a long line so far, and whether it has matched. */
  #carried = "";
  #hasMatched = false;

  constructor(options: SearchOptions) {
    this.#options = {
      context: 0,
      maxMatches: LIMITS.outputSearchMatches,
      maxChars: LIMITS.resultMaxChars,
      raw: false,
      ...options,
    };
  }

  gap(gap: PageItem): void {
    this.#before = [];
    this.#following = 0;
    // What is on both sides of a gap never stood together.
    this.#carried = "";
    this.#items.push(gap);
  }

  timeOut(): void {
    this.#stoppedBy ??= "time";
  }

  /** Looks at a line or a piece of one; false when the search ends in front of it. */
  row(row: OutputRow): boolean {
    const line = lineOf(row, this.#options.stream);
    const isFull = this.#matches >= this.#options.maxMatches && this.#following === 0;
    const isOver = this.#stoppedBy !== undefined || isFull;
    if (isOver && row.fromByte === 0) return this.#stopAt(line, this.#stoppedBy ?? "matches");
    if (this.#test(row, line.text)) {
      // A match within the context of the last one that is wanted is for the next search.
      if (this.#matches >= this.#options.maxMatches) return this.#stopAt(line, "matches");
      this.#found(line);
    } else if (row.fromByte === 0) {
      this.#around(line);
    }
    return true;
  }

  done(totalLines: number): SearchPage {
    const lines = this.#items.filter(isLine);
    return {
      lines,
      text: pageText(this.#items),
      gaps: this.#items.filter(isGap),
      totalLines,
      hasMore: this.#nextLine !== undefined,
      ...(this.#nextLine === undefined ? {} : { nextLine: this.#nextLine }),
      matches: this.#matches,
      ...(this.#nextLine === undefined || this.#stoppedBy === undefined
        ? {}
        : { stoppedBy: this.#stoppedBy }),
    };
  }

  #stopAt(line: OutputLine, reason: SearchPage["stoppedBy"]): false {
    this.#stoppedBy = reason;
    this.#nextLine = line.line;
    return false;
  }

  /** Tells whether a line matches for the first time. */
  #test(row: OutputRow, text: string): boolean {
    if (row.fromByte === 0) {
      this.#carried = "";
      this.#hasMatched = false;
    }
    const whole = this.#carried + text;
    this.#carried = row.ended ? "" : whole.slice(-OVERLAP_CHARS);
    if (this.#hasMatched) return false;
    const isEnd = row.ended && whole.endsWith("\r");
    this.#hasMatched = this.#options.pattern.test(isEnd ? whole.slice(0, -1) : whole);
    return this.#hasMatched;
  }

  #found(line: OutputLine): void {
    // The start of a long line is no context of its own end.
    for (const before of this.#before.splice(0)) {
      if (before.line !== line.line) this.#show(before);
    }
    this.#show({ ...narrowed(line, this.#options.pattern), isMatch: true });
    this.#matches++;
    this.#following = this.#options.context;
  }

  #around(line: OutputLine): void {
    const { context } = this.#options;
    if (this.#following > 0) {
      this.#following--;
      this.#show(shortened(line));
    } else if (context > 0) {
      if (this.#before.length === context) this.#before.shift();
      this.#before.push(shortened(line));
    }
  }

  /** The line that fills the page is shown, so that a search always gets on. */
  #show(line: OutputLine): void {
    this.#items.push(line);
    this.#chars += line.text.length + 1;
    if (this.#chars >= this.#options.maxChars) this.#stoppedBy ??= "chars";
  }
}

/** Of a long line, the part is shown in which the match is. */
function narrowed(line: OutputLine, pattern: Pattern): OutputLine {
  const width = LIMITS.outputSearchLineChars;
  if (line.text.length <= width) return line;
  for (let at = 0; at < line.text.length; at += width / 2) {
    const part = wellFormed(line.text.slice(at, at + width));
    if (!pattern.test(part)) continue;
    const bytesBefore = new TextEncoder().encode(line.text.slice(0, at)).length;
    const endsLine = line.endsLine && at + width >= line.text.length;
    const fromByte = line.fromByte + bytesBefore;
    return { ...line, text: markSafeText(part), fromByte, endsLine };
  }
  return shortened(line);
}

function shortened(line: OutputLine): OutputLine {
  const width = LIMITS.outputSearchLineChars;
  if (line.text.length <= width) return line;
  return { ...line, text: markSafeText(wellFormed(line.text.slice(0, width))), endsLine: false };
}

/** A cut may have left half of a character. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}

function checkOptions(options: SearchOptions): void {
  const { context = 0, maxMatches = 1, fromLine = 1, maxChars = 1 } = options;
  const isValid = isWithin(context, 0, LIMITS.budgetMaxContext) &&
    isWithin(maxMatches, 1, LIMITS.budgetMaxLines) &&
    isWithin(maxChars, 1, LIMITS.budgetMaxChars) &&
    Number.isSafeInteger(fromLine) && fromLine !== 0;
  if (isValid) return;
  throw new ExeckitError({
    code: "invalid_argument",
    message: safe`Cannot search the output: a number is out of its range`,
  });
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
