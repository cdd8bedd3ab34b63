/**
 * Hides secrets on a screen, in every row that they cover.
 *
 * A screen is read in several ways, and what any of them finds is hidden: each row by itself; rows
 * put together where the terminal wrapped them; and rows put together where they are full, all of
 * them and two by two, since programs that place each row themselves cut long lines at the margin
 * too, and do not say which.
 *
 * @module
 */

import { markSafeText, type SafeText } from "../../safe_text.ts";
import type { Redactor } from "../redactor.ts";
import { type HiddenSpan, hiddenSpans, type Span } from "./hidden_spans.ts";
import { endsOf } from "./unfinished_text.ts";

/** A row of a screen. */
export interface ScreenRow {
  /** What is on it, without blanks at its end that nobody wrote. */
  readonly text: string;
  /** True when the terminal put it here because the row above was full. */
  readonly isWrapped: boolean;
}

/** A part of a row that is hidden, and what stands for it. */
interface Mask extends Span {
  readonly label: string;
}

/** Where on a screen the program writes next. */
export interface ScreenCursor {
  /** The row, from 0. */
  readonly row: number;
  /** UTF-16 units of the row's text in front of it. */
  readonly at: number;
}

/** Stands for what may be the beginning of a secret. */
const HELD = "[REDACTED:held]";
/** Fills a mask up to the width of what it hides, so that the columns of a screen stay. */
const FILL = "*";

/**
 * Redacts a screen.
 *
 * @param screen Its rows.
 * @param above Rows above it, in which a secret may begin.
 * @param redactor The session's redactor.
 * @param cursor Where the program writes next; undefined once it has ended. What the redactor's stream
 *   would hold back there is hidden.
 * @returns As many rows, of the same width, without blanks at their ends.
 */
export function redactScreen(
  screen: readonly ScreenRow[],
  above: readonly ScreenRow[],
  redactor: Redactor,
  cursor?: ScreenCursor,
): readonly SafeText[] {
  const rows = [...above, ...screen];
  const masks = rows.map((): Mask[] => []);
  const width = rows.reduce((most, { text }) => Math.max(most, text.length), 0);
  const isFull = (row: ScreenRow | undefined): boolean => fills(row, width);
  const isFullAbove = (index: number): boolean => isFull(rows[index - 1]);
  const ways: ((row: ScreenRow, index: number) => boolean)[] = [
    ({ isWrapped }) => isWrapped,
    ({ isWrapped }, index) => isWrapped || isFullAbove(index),
    (_, index) => index % 2 === 0 && isFullAbove(index),
    (_, index) => index % 2 === 1 && isFullAbove(index),
    () => false,
  ];
  const seen = new Set<string>();
  for (const joins of ways) {
    const joints = rows.map((row, index) => index > 0 && joins(row, index));
    const text = joinedText(rows, joints);
    if (seen.has(text)) continue;
    seen.add(text);
    const reading = { rows, joints, masks };
    maskIn(reading, hiddenSpans(text, redactor.text(text)));
    if (cursor === undefined) continue;
    const start = startOf(reading, above.length + cursor.row);
    maskIn(reading, heldSpans(text, redactor, { start, at: cursor.at }));
  }
  return rows.map(({ text }, index) => masked(text, masks[index] ?? []).trimEnd())
    .slice(above.length)
    // Every way of reading the rows has been through the redactor, and what it found is masked.
    .map(markSafeText);
}

/** Wide characters take two columns each; a row one short may have had no room for one. */
function fills(row: ScreenRow | undefined, width: number): boolean {
  if (row === undefined || width < 2) return false;
  return row.text.length >= width - 1 && !row.text.endsWith(" ");
}

function joinedText(rows: readonly ScreenRow[], joints: readonly boolean[]): string {
  let text = "";
  for (const [index, row] of rows.entries()) {
    text += (index === 0 || joints[index] ? "" : "\n") + row.text;
  }
  return text;
}

/** One way to read the rows, and what is hidden in any of them. */
interface Reading {
  readonly rows: readonly ScreenRow[];
  readonly joints: readonly boolean[];
  readonly masks: readonly Mask[][];
}

/** Gives where a row begins in a reading. */
function startOf({ rows, joints }: Reading, row: number): number {
  let start = 0;
  for (let index = 0; index < row; index++) {
    start += (rows[index]?.text.length ?? 0) + (joints[index + 1] ? 0 : 1);
  }
  return start;
}

/** Finds what may be the beginning of a secret where the program writes next. */
function heldSpans(
  text: string,
  redactor: Redactor,
  place: { readonly start: number; readonly at: number },
): HiddenSpan[] {
  const cursor = place.start + place.at;
  // In the middle of a word the rest of it is there.
  if (/^[A-Za-z0-9]/.test(text.slice(cursor))) return [];
  const inRow = endsOf(text.slice(place.start, cursor)).filter((end) => end > 0);
  const ends = new Set([cursor, ...inRow.map((end) => place.start + end)]);
  return [...ends].flatMap((end) => {
    const part = text.slice(0, end);
    const { shown, isHeld } = redactor.textSoFar(part);
    return isHeld ? hiddenSpans(part, shown + HELD) : [];
  });
}

/** Masks what is hidden in a reading of the rows, in each row that it covers. */
function maskIn({ rows, joints, masks }: Reading, spans: readonly HiddenSpan[]): void {
  if (spans.length === 0) return;
  let start = 0;
  for (const [index, row] of rows.entries()) {
    if (index > 0 && !joints[index]) start++;
    const end = start + row.text.length;
    for (const span of spans) {
      if (span.to <= start || span.from >= end) continue;
      const [from, to] = [Math.max(span.from, start) - start, Math.min(span.to, end) - start];
      masks[index]?.push({ from, to, label: span.label });
    }
    start = end;
  }
}

function masked(text: string, masks: readonly Mask[]): string {
  if (masks.length === 0) return text;
  const spans = [...masks].sort((one, other) => one.from - other.from);
  let shown = "";
  let at = 0;
  for (let index = 0; index < spans.length;) {
    const from = spans[index]?.from ?? 0;
    let to = from;
    // Masks that touch or overlap are one.
    for (; (spans[index]?.from ?? Infinity) <= Math.max(from, to); index++) {
      to = Math.max(to, spans[index]?.to ?? 0);
    }
    // The first reading of the rows is the likeliest one, and so is its name for the secret.
    const named = masks.find((mask) => mask.from >= from && mask.to <= to);
    const label = named !== undefined && named.label.length <= to - from ? named.label : "";
    shown += text.slice(at, from) + label.padEnd(to - from, FILL);
    at = to;
  }
  return shown + text.slice(at);
}
