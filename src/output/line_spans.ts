/**
 * Stretches of a text, in whole or part lines, with the line numbers they had.
 *
 * Text may have millions of lines, so it is never split: a span is four numbers.
 *
 * @module
 */

/** A stretch of a text. */
export interface LineSpan {
  /** Index of its first character. */
  readonly from: number;
  /** Index after its last character; a line end belongs to its line. */
  readonly to: number;
  /** Number of its first line, from 1. */
  readonly firstLine: number;
  /** Number of its last line. */
  readonly lastLine: number;
}

/** Where a text has lines missing already. */
export interface TextGap {
  /** Index of the first character after the gap. */
  readonly at: number;
  /** Lines that are missing there. */
  readonly lines: number;
}

const LF = 0x0a;

/**
 * Counts the lines in a stretch of text; a last line without a line end counts.
 *
 * @param text The text.
 * @param from First index.
 * @param to Index after the last.
 * @returns How many lines there are.
 */
export function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let index = from; index < to; index++) {
    if (text.charCodeAt(index) === LF) count++;
  }
  return to > from && text.charCodeAt(to - 1) !== LF ? count + 1 : count;
}

/**
 * Gives the spans of a whole text.
 *
 * @param text The text.
 * @param gap Where lines are missing already.
 * @returns One span, or one on each side of the gap; none for an empty text.
 */
export function spansOf(text: string, gap: TextGap | undefined): LineSpan[] {
  if (gap === undefined) return nonEmpty([spanFrom(text, 0, text.length, 1)]);
  const start = spanFrom(text, 0, gap.at, 1);
  return nonEmpty([start, spanFrom(text, gap.at, text.length, start.lastLine + gap.lines + 1)]);
}

function spanFrom(text: string, from: number, to: number, firstLine: number): LineSpan {
  return { from, to, firstLine, lastLine: firstLine + countLines(text, from, to) - 1 };
}

function nonEmpty(spans: LineSpan[]): LineSpan[] {
  return spans.filter((span) => span.to > span.from);
}

/**
 * Counts the lines that spans show; a line of which both ends are shown counts once.
 *
 * @param spans The spans, in order.
 * @returns How many lines.
 */
export function linesIn(spans: readonly LineSpan[]): number {
  let count = 0;
  let last = 0;
  for (const span of spans) {
    count += span.lastLine - Math.max(span.firstLine - 1, last);
    last = span.lastLine;
  }
  return count;
}

/**
 * Keeps the first lines.
 *
 * @param text The text of the spans.
 * @param spans The spans.
 * @param lines How many lines to keep.
 * @returns The spans of those lines.
 */
export function firstLines(text: string, spans: readonly LineSpan[], lines: number): LineSpan[] {
  const kept: LineSpan[] = [];
  let left = lines;
  for (const span of spans) {
    if (left <= 0) break;
    const count = span.lastLine - span.firstLine + 1;
    if (count <= left) {
      kept.push(span);
    } else {
      let to = span.from;
      for (let line = 0; line < left; line++) to = text.indexOf("\n", to) + 1;
      kept.push({ ...span, to, lastLine: span.firstLine + left - 1 });
    }
    left -= count;
  }
  return kept;
}

/**
 * Keeps the last lines.
 *
 * @param text The text of the spans.
 * @param spans The spans.
 * @param lines How many lines to keep.
 * @returns The spans of those lines.
 */
export function lastLines(text: string, spans: readonly LineSpan[], lines: number): LineSpan[] {
  const kept: LineSpan[] = [];
  let left = lines;
  for (const span of spans.toReversed()) {
    if (left <= 0) break;
    const count = span.lastLine - span.firstLine + 1;
    if (count <= left) {
      kept.unshift(span);
    } else {
      let from = span.to;
      for (let line = 0; line < left; line++) from = text.lastIndexOf("\n", from - 2) + 1;
      kept.unshift({ ...span, from, firstLine: span.lastLine - left + 1 });
    }
    left -= count;
  }
  return kept;
}

/**
 * Joins spans that follow one another without anything between.
 *
 * @param spans The spans, in order.
 * @returns Fewer spans of the same text.
 */
export function merged(spans: readonly LineSpan[]): LineSpan[] {
  const result: LineSpan[] = [];
  for (const span of spans) {
    const last = result[result.length - 1];
    if (last !== undefined && last.to === span.from && last.lastLine + 1 >= span.firstLine) {
      result[result.length - 1] = { ...last, to: span.to, lastLine: span.lastLine };
    } else {
      result.push(span);
    }
  }
  return result;
}
