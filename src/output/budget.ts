/**
 * Budgets: which part of a command's output is shown first.
 *
 * @module
 */

import type { StreamBudgetReport } from "../exec_result.ts";
import { LIMITS } from "../limits.ts";
import { markSafeText, type SafeText } from "../safe_text.ts";
import { capChars } from "./cap_chars.ts";
import { elisionMarker } from "./elision.ts";
import { grepLines, type GrepOptions } from "./grep_lines.ts";
import {
  firstLines,
  lastLines,
  linesIn,
  type LineSpan,
  merged,
  spansOf,
  type TextGap,
} from "./line_spans.ts";

/** Keeps only matching lines. */
export interface BudgetGrep {
  /** A pattern in RE2 syntax, matched within a line on a linear-time engine. */
  pattern: string;
  /** Lines of context around each match. Default: 0. */
  context?: number;
}

/** Keeps lines from the start, the end, or both. */
export type BudgetKeep =
  | { mode: "all" }
  | { mode: "head" | "tail"; n: number }
  | { mode: "head_tail"; head: number; tail: number };

/** How each stream is shortened: grep first, then lines, then characters. */
export interface Budget {
  /** Keep only matching lines. */
  grep?: BudgetGrep;
  /** Keep only some lines. */
  keep?: BudgetKeep;
  /** Characters of each stream at most; the middle is cut out. */
  maxChars?: number;
}

/** A budget that has been checked, with its pattern compiled and its defaults filled in. */
export interface ResolvedBudget {
  /** What lines must match; absent to keep all. */
  readonly grep?: GrepOptions;
  /** Which lines are kept. */
  readonly keep: BudgetKeep;
  /** Characters of each stream at most. */
  readonly maxChars: number;
}

/** What is known about a text besides its characters. */
export interface TextFacts {
  /** Lines that the command wrote to the stream. Default: the lines of the text. */
  readonly linesTotal?: number;
  /** Where the text has lines missing already. */
  readonly gap?: TextGap;
}

/** A text within its budget. */
export interface BudgetedText {
  /** The text, with markers where something was left out. */
  readonly text: SafeText;
  /** How it was shortened. */
  readonly report: StreamBudgetReport;
  /** True when something was left out. */
  readonly truncated: boolean;
}

/** The budget of a caller that asked for none. */
export const DEFAULT_BUDGET: ResolvedBudget = {
  keep: { mode: "all" },
  maxChars: LIMITS.resultMaxChars,
};

/** Characters of a text that are not worth a copy to be rid of. */
const LARGE_CHARS: number = 64 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Shortens a text: grep with context, then lines, then characters.
 *
 * @param text The redacted text of one stream.
 * @param budget The budget.
 * @param facts What is known about the text besides.
 * @returns The text within the budget, and how it was shortened.
 */
export function applyBudget(
  text: SafeText,
  budget: ResolvedBudget,
  facts: TextFacts = {},
): BudgetedText {
  const whole = spansOf(text, facts.gap);
  const found = budget.grep === undefined ? whole : grepLines(text, whole, budget.grep);
  const kept = keepLines(text, found, budget.keep);
  const capped = capChars(text, kept, budget.maxChars);
  const linesTotal = facts.linesTotal ?? linesIn(whole);
  return {
    text: assemble(text, capped),
    report: {
      mode: lastWord({ found, kept, capped, budget }),
      linesTotal,
      linesKept: Math.min(linesTotal, linesIn(capped)),
    },
    truncated: facts.gap !== undefined || charsIn(capped) < charsIn(whole),
  };
}

function keepLines(text: string, spans: LineSpan[], keep: BudgetKeep): LineSpan[] {
  switch (keep.mode) {
    case "all":
      return spans;
    case "head":
      return firstLines(text, spans, keep.n);
    case "tail":
      return lastLines(text, spans, keep.n);
    case "head_tail":
      if (linesIn(spans) <= keep.head + keep.tail) return spans;
      return merged([
        ...firstLines(text, spans, keep.head),
        ...lastLines(text, spans, keep.tail),
      ]);
  }
}

interface Steps {
  readonly found: readonly LineSpan[];
  readonly kept: readonly LineSpan[];
  readonly capped: readonly LineSpan[];
  readonly budget: ResolvedBudget;
}

function lastWord({ found, kept, capped, budget }: Steps): StreamBudgetReport["mode"] {
  if (charsIn(capped) < charsIn(kept)) return capped.length === 1 ? "head" : "head_tail";
  return charsIn(kept) < charsIn(found) ? budget.keep.mode : "all";
}

function charsIn(spans: readonly LineSpan[]): number {
  let chars = 0;
  for (const span of spans) chars += span.to - span.from;
  return chars;
}

/** Puts the spans together, with a marker for what is missing between two of them. */
function assemble(text: string, spans: readonly LineSpan[]): SafeText {
  let assembled = "";
  let previous: LineSpan | undefined;
  for (const span of spans) {
    const gap = previous === undefined ? "" : marker(text, previous, span);
    assembled = joined(assembled, gap) + text.slice(span.from, span.to);
    previous = span;
  }
  const isSmallPart = text.length > LARGE_CHARS && 2 * assembled.length < text.length;
  return markSafeText(isSmallPart ? ownCopy(assembled) : assembled);
}

/** A part of a text holds the whole of it in memory, and results are remembered. */
function ownCopy(text: string): string {
  return decoder.decode(encoder.encode(text));
}

function joined(assembled: string, markerText: string): string {
  if (markerText === "") return assembled;
  const lineEnd = assembled === "" || assembled.endsWith("\n") ? "" : "\n";
  return `${assembled}${lineEnd}${markerText}\n`;
}

/** Gives the marker for what is between two spans; empty when nothing is. */
function marker(text: string, before: LineSpan, after: LineSpan): string {
  const chars = after.from - before.to;
  const missing = { firstLine: before.lastLine + 1, lastLine: after.firstLine - 1 };
  if (chars === 0) return missing.lastLine < missing.firstLine ? "" : elisionMarker(missing);
  const isInLine = (at: number): boolean => text.charCodeAt(at - 1) !== 0x0a;
  const firstLine = missing.firstLine - (isInLine(before.to) ? 1 : 0);
  const lastLine = missing.lastLine + (isInLine(after.from) ? 1 : 0);
  const cutsLine = isInLine(before.to) || isInLine(after.from);
  return elisionMarker({ firstLine, lastLine, ...(cutsLine ? { chars } : {}) });
}
