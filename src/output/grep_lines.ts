/**
 * Keeping only the lines that match a pattern, with lines of context around them.
 *
 * @module
 */

import { type LineSpan, merged } from "./line_spans.ts";
import type { Pattern } from "./pattern.ts";

/** What to look for. */
export interface GrepOptions {
  /** The pattern. */
  readonly pattern: Pattern;
  /** Lines of context on each side of a match. */
  readonly context: number;
}

/**
 * Keeps the lines that match, and those around them.
 *
 * @param text The text of the spans.
 * @param spans The spans to look through.
 * @param options Pattern and context.
 * @returns The spans of matching lines and their context.
 */
export function grepLines(
  text: string,
  spans: readonly LineSpan[],
  options: GrepOptions,
): LineSpan[] {
  return spans.flatMap((span) => grepSpan(text, span, options));
}

function grepSpan(text: string, span: LineSpan, options: GrepOptions): LineSpan[] {
  const kept: LineSpan[] = [];
  const before: LineSpan[] = [];
  let following = 0;
  let line = span.firstLine;
  for (let from = span.from; from < span.to; line++) {
    const feed = text.indexOf("\n", from);
    const to = feed < 0 || feed >= span.to ? span.to : feed + 1;
    const lineSpan = { from, to, firstLine: line, lastLine: line };
    if (options.pattern.test(lineText(text, from, to))) {
      kept.push(...before.splice(0), lineSpan);
      following = options.context;
    } else if (following > 0) {
      kept.push(lineSpan);
      following--;
    } else if (options.context > 0) {
      if (before.length === options.context) before.shift();
      before.push(lineSpan);
    }
    from = to;
  }
  return merged(kept);
}

function lineText(text: string, from: number, to: number): string {
  let end = to;
  if (end > from && text.charCodeAt(end - 1) === 0x0a) end--;
  if (end > from && text.charCodeAt(end - 1) === 0x0d) end--;
  return text.slice(from, end);
}
