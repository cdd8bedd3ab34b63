/**
 * The words that stand where output was left out.
 *
 * @module
 */

import { safe, type SafeText } from "../safe_text.ts";

/** Characters that a marker with its line end takes at most. */
export const MARKER_MAX_CHARS = 96;

/** What was left out. Line numbers count from 1. */
export interface Elision {
  /** Number of the first line that is missing, in whole or in part. */
  readonly firstLine: number;
  /** Number of the last one. */
  readonly lastLine: number;
  /** Characters left out, when the cut is inside a line. */
  readonly chars?: number;
}

/**
 * Gives the marker for lines, or for a part of a line, that were left out.
 *
 * @param elision What was left out.
 * @returns The marker, without a line end.
 */
export function elisionMarker(elision: Elision): SafeText {
  const { firstLine, lastLine, chars } = elision;
  const lines = lastLine - firstLine + 1;
  const where = lines === 1 ? safe`line ${firstLine}` : safe`lines ${firstLine}-${lastLine}`;
  if (chars !== undefined) return safe`... ${chars} characters elided (${where}) ...`;
  return lines === 1
    ? safe`... 1 line elided (${where}) ...`
    : safe`... ${lines} lines elided (${where}) ...`;
}

/**
 * Gives the marker for output that was too much to keep.
 *
 * @param dropped Bytes and lines that were dropped.
 * @returns The marker, without a line end.
 */
export function droppedMarker(dropped: { bytes: number; lines: number }): SafeText {
  return safe`... ${dropped.bytes} bytes elided (${dropped.lines} lines) ...`;
}
