/**
 * Shows kept output as a terminal would: what was drawn over is gone.
 *
 * What comes in was redacted, and what goes out has to be redacted again: text that was drawn piece
 * by piece may be a secret only where it stands together.
 *
 * @module
 */

import { drawsOver, leavesLine, stayingOnLine, textWithoutMarks } from "./drawing_marks.ts";
import { columnsFor, isUndrawable, lastRedraw, reduceLine } from "./line_reduction.ts";
import { drawLines, drawScreen, SCREEN_ROWS, trimmed, type WideLine } from "./screen_drawing.ts";

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
interface Drawing extends WideLine {
  readonly index: number;
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
  if (drawings.length === 0) return collapsed;
  const drawn = await drawLines(drawings);
  for (const [at, { index }] of drawings.entries()) collapsed[index] = drawn[at] ?? "";
  return collapsed;
}

/** Most redraws write over the whole line: they need no terminal. */
function collapseQuickly(line: string): string | WideLine {
  if (isUndrawable(line)) return textWithoutMarks(line);
  const reduced = withoutReturns(reduceLine(stayingOnLine(line)));
  if (!reduced.includes("\r") && textWithoutMarks(reduced) === reduced) return trimmed(reduced);
  const cols = columnsFor(reduced);
  return cols === undefined ? trimmed(lastRedraw(reduced)) : { line: reduced, cols };
}

function withoutReturns(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === "\r") end--;
  return line.slice(0, end);
}
