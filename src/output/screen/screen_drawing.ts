/**
 * Draws lines and reads what is left of them: each by itself, or together on a screen of some rows.
 *
 * One terminal draws them all. It is read before rows fall out of its memory, and uses them again:
 * a terminal for every batch would leave a hundred megabytes to the garbage collector.
 *
 * @module
 */

import { toSequences } from "./drawing_marks.ts";
import {
  BUFFER_MAX_CELLS,
  type HeadlessTerminal,
  openTerminal,
  writeTo,
} from "./terminal_library.ts";

/** Rows that a program may move up: those of the session's terminal by default. */
export const SCREEN_ROWS = 40;
/** Columns of the session's terminal by default; lines of a redraw that are longer make it wider. */
const LEAST_COLS = 120;
/** Columns at most; longer lines wrap, and are put together again. */
const MOST_COLS = 1024;
/** Rows that are drawn before they are read, where lines are not longer than that. */
const ROWS_AT_ONCE = 256;

/** A line, and what it needs to be drawn by itself. */
export interface WideLine {
  /** Kept text of the line, without its line end; it stays on the line. */
  readonly line: string;
  /** Columns in which it does not wrap. */
  readonly cols: number;
}

/**
 * Draws lines each on a row of its own.
 *
 * @param lines The lines.
 * @returns As many lines, without blanks at their ends.
 */
export async function drawLines(lines: readonly WideLine[]): Promise<string[]> {
  const cols = lines.reduce((most, line) => Math.max(most, line.cols), 2);
  const terminal = await openTerminal({ rows: 2, cols, scrollback: ROWS_AT_ONCE });
  const { normal } = terminal.buffer;
  const drawn: string[] = [];
  try {
    for (let from = 0; from < lines.length; from += ROWS_AT_ONCE) {
      const batch = lines.slice(from, from + ROWS_AT_ONCE).map(({ line }) => line);
      await writeTo(terminal, toSequences(`${batch.join("\n")}\n`));
      const end = normal.baseY + normal.cursorY;
      for (let row = end - batch.length; row < end; row++) {
        drawn.push(trimmed(textOf(terminal, row)));
      }
    }
    return drawn;
  } finally {
    terminal.dispose();
  }
}

/**
 * Draws lines together.
 *
 * @param lines Kept text of lines, without line ends.
 * @returns The lines that are left, without blanks at their ends.
 */
export async function drawScreen(lines: readonly string[]): Promise<string[]> {
  const longest = lines.reduce((most, line) => Math.max(most, line.length), 0);
  const cols = Math.min(MOST_COLS, Math.max(LEAST_COLS, 2 * longest + 1));
  // A character takes two columns at most.
  const rowsFor = (length: number): number => 1 + Math.ceil((2 * length) / cols);
  const wantedRows = Math.max(ROWS_AT_ONCE, rowsFor(longest));
  const scrollback = Math.min(Math.floor(BUFFER_MAX_CELLS / cols), wantedRows);
  const terminal = await openTerminal({ rows: SCREEN_ROWS, cols, scrollback });
  const { normal } = terminal.buffer;
  const left: string[] = [];
  try {
    for (let from = 0; from < lines.length;) {
      let [to, rows] = [from + 1, rowsFor(lines[from]?.length ?? 0)];
      for (; to < lines.length; to++) {
        rows += rowsFor(lines[to]?.length ?? 0);
        if (rows > scrollback) break;
      }
      const isLast = to === lines.length;
      const text = toSequences(lines.slice(from, to).join("\n"));
      from = to;
      const top = terminal.registerMarker(-normal.cursorY);
      await writeTo(terminal, isLast ? text : `${text}\n`);
      const end = isLast ? endOf(terminal) : normal.baseY;
      // Where the screen began has moved with the rows; of an endless line it has fallen out.
      addRows(left, terminal, { from: Math.max(0, top?.line ?? 0), to: end });
      top?.dispose();
    }
    return left.map(trimmed);
  } finally {
    terminal.dispose();
  }
}

/**
 * Leaves out the blanks at the end of a line: they are what something longer was wiped out with.
 *
 * @param line The line.
 * @returns The line without them.
 */
export function trimmed(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === " ") end--;
  return line.slice(0, end);
}

/**
 * Adds rows to lines, and puts together those that wrapped. The library builds a row from its
 * characters one by one; trimming it at once lets go of all those pieces.
 */
function addRows(
  lines: string[],
  terminal: HeadlessTerminal,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  for (let row = from; row < to; row++) {
    const text = textOf(terminal, row);
    const last = lines.pop();
    if (last === undefined) lines.push(text);
    else if (terminal.buffer.normal.getLine(row)?.isWrapped) lines.push(`${last}${text}`);
    else lines.push(trimmed(last), text);
  }
}

/** Gives the row behind the last one that shows something, or that the cursor is on. */
function endOf(terminal: HeadlessTerminal): number {
  const { normal } = terminal.buffer;
  const cursorRow = normal.baseY + normal.cursorY;
  for (let row = normal.length - 1; row > cursorRow; row--) {
    if (textOf(terminal, row) !== "") return row + 1;
  }
  return cursorRow + 1;
}

function textOf(terminal: HeadlessTerminal, row: number): string {
  return terminal.buffer.normal.getLine(row)?.translateToString(true) ?? "";
}
