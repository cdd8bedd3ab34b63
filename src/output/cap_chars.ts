/**
 * Keeping a text under a number of characters: its start and its end, the middle goes.
 *
 * @module
 */

import { MARKER_MAX_CHARS } from "./elision.ts";
import { countLines, type LineSpan } from "./line_spans.ts";

/** The part of a half that may be given up to cut at a line end. */
const LINE_END_SHARE = 0.25;

/**
 * Keeps the spans' start and end, each with half of the characters. Markers are counted, so that
 * the assembled text stays under the limit too.
 *
 * @param text The text of the spans.
 * @param spans The spans.
 * @param maxChars Characters of the assembled text at most.
 * @returns The spans that fit; the same array when all do.
 */
export function capChars(
  text: string,
  spans: readonly LineSpan[],
  maxChars: number,
): readonly LineSpan[] {
  if (costOf(spans) <= maxChars) return spans;
  // Where a marker would take most of the room, it comes on top.
  const room = maxChars < 4 * MARKER_MAX_CHARS ? maxChars : maxChars - MARKER_MAX_CHARS;
  const backChars = Math.floor(room / 2);
  const front = takeFront(text, spans, room - backChars);
  return [...front, ...takeBack(text, spans, backChars)];
}

function costOf(spans: readonly LineSpan[]): number {
  let cost = 0;
  for (const span of spans) cost += span.to - span.from + MARKER_MAX_CHARS;
  return Math.max(0, cost - MARKER_MAX_CHARS);
}

function takeFront(text: string, spans: readonly LineSpan[], maxChars: number): LineSpan[] {
  const taken: LineSpan[] = [];
  let left = maxChars;
  for (const span of spans) {
    const length = span.to - span.from;
    if (length > left) {
      const to = cutBefore(text, span.from, span.from + left, maxChars);
      const lines = countLines(text, span.from, to);
      if (to > span.from) taken.push({ ...span, to, lastLine: span.firstLine + lines - 1 });
      break;
    }
    taken.push(span);
    left -= length + MARKER_MAX_CHARS;
    if (left <= 0) break;
  }
  return taken;
}

function takeBack(text: string, spans: readonly LineSpan[], maxChars: number): LineSpan[] {
  const taken: LineSpan[] = [];
  let left = maxChars;
  for (const span of spans.toReversed()) {
    const length = span.to - span.from;
    if (length > left) {
      const from = cutAfter(text, span.to - left, span.to, maxChars);
      const lines = countLines(text, from, span.to);
      if (from < span.to) taken.unshift({ ...span, from, firstLine: span.lastLine - lines + 1 });
      break;
    }
    taken.unshift(span);
    left -= length + MARKER_MAX_CHARS;
    if (left <= 0) break;
  }
  return taken;
}

/** Gives the best place to cut at or before an index. */
function cutBefore(text: string, from: number, at: number, halfChars: number): number {
  const lineEnd = Math.max(from, text.lastIndexOf("\n", at - 1) + 1);
  if (at - lineEnd <= halfChars * LINE_END_SHARE) return lineEnd;
  return splitsPair(text, at) ? at - 1 : at;
}

/** Gives the best place to cut at or after an index. */
function cutAfter(text: string, at: number, to: number, halfChars: number): number {
  if (text.charCodeAt(at - 1) === 0x0a) return at;
  const feed = text.indexOf("\n", at);
  const lineStart = feed < 0 || feed >= to ? to : feed + 1;
  if (lineStart - at <= halfChars * LINE_END_SHARE) return lineStart;
  return splitsPair(text, at) ? at + 1 : at;
}

function splitsPair(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}
