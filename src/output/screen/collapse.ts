/**
 * Shows kept output as a terminal would: what was drawn over is gone.
 *
 * What comes in was redacted, and what goes out has to be redacted again: text that was drawn piece
 * by piece may be a secret only where it stands together.
 *
 * @module
 */

import {
  drawsOver,
  leavesLine,
  stayingOnLine,
  textWithoutMarks,
  toSequences,
} from "./drawing_marks.ts";
import { columnsFor, isUndrawable, lastRedraw, reduceLine } from "./line_reduction.ts";
import { drawScreen, SCREEN_ROWS } from "./screen_drawing.ts";
import { BUFFER_MAX_CELLS, openTerminal, writeTo } from "./terminal_library.ts";

/** Lines that one terminal draws, whatever their length. */
const BATCH_MAX_LINES = 4096;

/**
 * Collapses a text of several lines, which may draw over lines above.
 *
 * @param text Kept text.
 * @returns The text as a terminal shows it; lines that draw nothing are as they were, unless lines
 *   around them are drawn over.
 */
export async function collapseText(text: string): Promise<string> {
  if (!drawsOver(text)) return text;
  const lines = text.split("\n");
  const firstAway = lines.findIndex((line) => leavesLine(line) && !isUndrawable(line));
  if (firstAway < 0) return (await collapseLines(lines)).join("\n");
  const from = Math.max(0, firstAway - SCREEN_ROWS);
  const before = await collapseLines(lines.slice(0, from));
  const after = lines.slice(from).map((line) => {
    if (isUndrawable(line)) return textWithoutMarks(line);
    return leavesLine(line) ? line : reduceLine(line);
  });
  return [...before, ...await drawScreen(after)].join("\n");
}

/** A line that only a terminal can tell the looks of. */
interface Drawing {
  readonly index: number;
  readonly line: string;
  readonly cols: number;
}

/**
 * Collapses lines each by itself.
 *
 * @param lines Kept text of lines, without line ends.
 * @returns As many lines; those that draw nothing as they were.
 */
export async function collapseLines(lines: readonly string[]): Promise<readonly string[]> {
  const collapsed = [...lines];
  const drawings: Drawing[] = [];
  for (const [index, line] of lines.entries()) {
    if (!drawsOver(line)) continue;
    const quick = collapseQuickly(line);
    if (typeof quick === "string") collapsed[index] = quick;
    else drawings.push({ index, ...quick });
  }
  for (const batch of batchesOf(drawings)) {
    const drawn = await drawEach(batch);
    for (const [at, { index }] of batch.entries()) collapsed[index] = drawn[at] ?? "";
  }
  return collapsed;
}

/** Most redraws write over the whole line: they need no terminal. */
function collapseQuickly(line: string): string | Omit<Drawing, "index"> {
  if (isUndrawable(line)) return textWithoutMarks(line);
  const reduced = withoutReturns(reduceLine(stayingOnLine(line)));
  if (!reduced.includes("\r") && textWithoutMarks(reduced) === reduced) return trimmed(reduced);
  const cols = columnsFor(reduced);
  return cols === undefined ? trimmed(lastRedraw(reduced)) : { line: reduced, cols };
}

function batchesOf(drawings: readonly Drawing[]): Drawing[][] {
  const batches: Drawing[][] = [];
  let [batch, cols]: [Drawing[], number] = [[], 0];
  for (const drawing of drawings) {
    cols = Math.max(cols, drawing.cols);
    const isFull = batch.length === BATCH_MAX_LINES ||
      (batch.length + 1) * cols > BUFFER_MAX_CELLS;
    if (isFull || batches.length === 0) {
      batch = [];
      batches.push(batch);
      cols = drawing.cols;
    }
    batch.push(drawing);
  }
  return batches;
}

/** Draws lines each on a row of its own: the terminal is so wide that none wraps. */
async function drawEach(batch: readonly Drawing[]): Promise<string[]> {
  const cols = Math.max(2, ...batch.map((drawing) => drawing.cols));
  const terminal = await openTerminal({ rows: 2, cols, scrollback: batch.length });
  try {
    await writeTo(terminal, toSequences(batch.map(({ line }) => line).join("\n")));
    const { normal } = terminal.buffer;
    return batch.map((_, row) => trimmed(normal.getLine(row)?.translateToString(true) ?? ""));
  } finally {
    terminal.dispose();
  }
}

/** Blanks at the end are what something longer was wiped out with. */
function trimmed(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === " ") end--;
  return line.slice(0, end);
}

function withoutReturns(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === "\r") end--;
  return line.slice(0, end);
}
