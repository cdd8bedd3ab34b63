/**
 * Draws lines that go up and down on a screen of some rows, and reads what is left of them.
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

/**
 * Draws lines.
 *
 * @param lines Kept text of lines, without line ends.
 * @returns The lines that are left, without blanks at their ends.
 */
export async function drawScreen(lines: readonly string[]): Promise<string[]> {
  const longest = lines.reduce((most, line) => Math.max(most, line.length), 0);
  const cols = Math.min(MOST_COLS, Math.max(LEAST_COLS, 2 * longest + 1));
  const maxRows = Math.floor(BUFFER_MAX_CELLS / cols);
  const shape = { rows: SCREEN_ROWS, cols, scrollback: maxRows };
  const left: string[] = [];
  let terminal = await openTerminal(shape);
  try {
    for (let from = 0; from < lines.length;) {
      let [to, rows] = [from, SCREEN_ROWS];
      while (to < lines.length && (to === from || rows < maxRows)) {
        rows += 1 + Math.ceil((2 * (lines[to]?.length ?? 0)) / cols);
        to++;
      }
      const isLast = to === lines.length;
      const text = toSequences(lines.slice(from, to).join("\n"));
      await writeTo(terminal, isLast ? text : `${text}\n`);
      from = to;
      if (isLast) {
        left.push(...rowsOf(terminal, 0, endOf(terminal)));
      } else {
        left.push(...rowsOf(terminal, 0, terminal.buffer.normal.baseY));
        const next = await openTerminal(shape);
        const screen = screenOf(terminal);
        terminal.dispose();
        terminal = next;
        await writeTo(terminal, screen);
      }
    }
    return left;
  } finally {
    terminal.dispose();
  }
}

/** Reads rows, and puts together those that wrapped. */
function rowsOf(terminal: HeadlessTerminal, from: number, to: number): string[] {
  const rows: string[] = [];
  for (let row = from; row < to; row++) {
    const line = terminal.buffer.normal.getLine(row);
    const text = line?.translateToString(true) ?? "";
    if (line?.isWrapped && rows.length > 0) rows.push(`${rows.pop()}${text}`);
    else rows.push(text);
  }
  return rows.map((row) => row.replace(/ +$/, ""));
}

/** Gives the row behind the last one that shows something, or that the cursor is on. */
function endOf(terminal: HeadlessTerminal): number {
  const { normal } = terminal.buffer;
  const cursorRow = normal.baseY + normal.cursorY;
  for (let row = normal.length - 1; row > cursorRow; row--) {
    if ((normal.getLine(row)?.translateToString(true) ?? "") !== "") return row + 1;
  }
  return cursorRow + 1;
}

/** What makes a new terminal's screen look like this one's. */
function screenOf(terminal: HeadlessTerminal): string {
  const { normal } = terminal.buffer;
  const rows: string[] = [];
  for (let row = normal.baseY; row < endOf(terminal); row++) {
    rows.push(normal.getLine(row)?.translateToString(true) ?? "");
  }
  return `${rows.join("\r\n")}\x1b[${normal.cursorY + 1};${normal.cursorX + 1}H`;
}
