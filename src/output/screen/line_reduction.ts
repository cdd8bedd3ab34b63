/**
 * Leaves out of a line what nobody would see of it on a terminal, before a terminal draws it.
 *
 * A progress bar of a million steps is one line of which all but the last step is drawn over.
 *
 * @module
 */

import { MARK, textWithoutMarks } from "./drawing_marks.ts";

/** Characters of a reduced line at most: beyond, the oldest redraws go. */
const REDUCED_MAX_CHARS: number = 64 * 1024;
/** Characters of text that one redraw of a line may have to be drawn by the terminal. */
const SEGMENT_MAX_COLS = 2048;

const ERASE_RIGHT = String.fromCharCode(MARK.ERASE_RIGHT);
const ERASE_LINE = String.fromCharCode(MARK.ERASE_LINE);
const BARRIER = String.fromCharCode(MARK.BARRIER);
const RIGHT_16 = String.fromCharCode(MARK.RIGHT_16);
const RETURN = String.fromCharCode(MARK.RETURN);
const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * Reduces a line, or the part of it that there is so far. It may be reduced again with more behind
 * it.
 *
 * @param line Kept text of one line, without its line end.
 * @returns A text that looks the same on a terminal.
 */
export function reduceLine(line: string): string {
  const segments = line.replaceAll(RETURN, "\r").split("\r");
  const kept: string[] = [];
  let [coveredCols, chars] = [0, 0];
  for (let index = segments.length - 1; index >= 0; index--) {
    const segment = segments[index] ?? "";
    const isLast = index === segments.length - 1;
    const isErasing = segment.endsWith(ERASE_RIGHT);
    const text = isErasing ? segment.slice(0, -1) : segment;
    const isPlain = PRINTABLE.test(text);
    // What is as short as what was written over it later cannot be seen.
    if (!isLast && isPlain && !isErasing && text.length <= coveredCols) continue;
    chars += segment.length;
    if (chars > REDUCED_MAX_CHARS && !isLast) break;
    kept.push(segment);
    if (erasesAll(segment) || (isErasing && isPlain)) break;
    if (isPlain) coveredCols = Math.max(coveredCols, text.length);
  }
  return kept.reverse().join("\r");
}

/**
 * Gives the columns that a terminal needs so that a reduced line does not wrap.
 *
 * @param line The reduced line.
 * @returns The columns; undefined when the line is too long to be drawn.
 */
export function columnsFor(line: string): number | undefined {
  let cols = 0;
  for (const segment of line.split("\r")) {
    let jumps = 0;
    for (let at = segment.indexOf(RIGHT_16); at >= 0; at = segment.indexOf(RIGHT_16, at + 1)) {
      jumps++;
    }
    // A character takes two columns at most; a tab, eight.
    const width = (PRINTABLE.test(segment) ? 1 : segment.includes("\t") ? 8 : 2) * segment.length;
    cols = Math.max(cols, width + 15 * jumps);
    if (cols > SEGMENT_MAX_COLS) return undefined;
  }
  return cols + 1;
}

/**
 * Tells whether a line goes where lines cannot tell, so that it is shown as it was written.
 *
 * @param line Kept text of one line.
 * @returns True when it does.
 */
export function isUndrawable(line: string): boolean {
  return line.includes(BARRIER);
}

/**
 * Gives the text of the last redraw that shows something.
 *
 * @param line A reduced line that is too long to be drawn.
 * @returns Its text.
 */
export function lastRedraw(line: string): string {
  const texts = line.split("\r").map(textWithoutMarks);
  return texts.findLast((text) => text.trim() !== "") ?? "";
}

function erasesAll(segment: string): boolean {
  return segment.startsWith(ERASE_RIGHT) || segment.startsWith(ERASE_LINE);
}
