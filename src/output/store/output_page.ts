/**
 * What a reader is given of a command's output.
 *
 * @module
 */

import { markSafeText, safe, type SafeText } from "../../safe_text.ts";
import type { StreamName } from "../output_store.ts";
import type { MissingRows, OutputRow, RowItem } from "./stream_rows.ts";
import { decodeText } from "./utf8_edges.ts";

/** Whose lines are read: one stream's, or those of both in order of arrival. */
export type OutputView = StreamName | "both";

/** A line of output, or a piece of one. */
export interface OutputLine {
  /** The stream that it was written to. */
  readonly stream: StreamName;
  /** Its number from 1: in the stream, or in both together when both are read. */
  readonly line: number;
  /** The redacted text, without the line end. */
  readonly text: SafeText;
  /** Bytes of the line in front of the text; 0 unless this is a later piece of it. */
  readonly fromByte: number;
  /** False when more of the line follows, is missing, or has not arrived yet. */
  readonly endsLine: boolean;
  /** When it arrived, in wall-clock milliseconds since the Unix epoch; exact to 250 ms. */
  readonly arrivedMs: number;
  /** True for a line that a search found, as opposed to its context. */
  readonly isMatch?: boolean;
}

/** Lines that are no longer kept. */
export interface OutputGap {
  /** The stream that they were written to. */
  readonly stream: StreamName;
  /** Number in the stream of the first line that is missing, in whole or in part. */
  readonly firstLine: number;
  /** Number of the last one. */
  readonly lastLine: number;
  /** Bytes of redacted output that are missing. */
  readonly bytes: number;
}

/** A part of a command's output. */
export interface OutputPage {
  /** The lines, in order. */
  readonly lines: readonly OutputLine[];
  /** The same as text, with a marker where lines are missing. */
  readonly text: SafeText;
  /** What is missing within the part, or right in front of or behind it. */
  readonly gaps: readonly OutputGap[];
  /** Lines that there are so far; one without an end counts. */
  readonly totalLines: number;
  /** True when there is more behind the part already. */
  readonly hasMore: boolean;
  /** The line to go on from, when there is more. */
  readonly nextLine?: number;
  /** The byte in that line to go on from; absent at its start. */
  readonly nextByte?: number;
}

/** What goes into a page, in order. */
export type PageItem = OutputLine | OutputGap;

/**
 * Makes a line from a row.
 *
 * @param row The row.
 * @param view Whose numbers the line has.
 * @returns The line.
 */
export function lineOf(row: OutputRow, view: OutputView): OutputLine {
  return {
    stream: row.stream,
    line: numberOf(row, view),
    // The log takes SafeBytes only, so what is decoded from it has passed the redactor.
    text: markSafeText(decodeText(row.bytes)),
    fromByte: row.fromByte,
    endsLine: row.ended,
    arrivedMs: row.stamp.ms,
  };
}

/**
 * Makes a gap as readers are told about it.
 *
 * @param item The gap.
 * @returns The gap.
 */
export function gapOf({ stream, gap }: MissingRows): OutputGap {
  const { firstLine, lastLine } = gap;
  return { stream, firstLine, lastLine, bytes: gap.to - gap.from };
}

/**
 * Gives the number that a row has for a reader.
 *
 * @param row The row.
 * @param view Whose lines are read.
 * @returns The number, from 1.
 */
export function numberOf(row: OutputRow, view: OutputView): number {
  return view === "both" ? row.lineInBoth : row.line;
}

/**
 * Tells lines from gaps.
 *
 * @param item A part of a page.
 * @returns True for a line.
 */
export function isLine(item: PageItem): item is OutputLine {
  return "text" in item;
}

/**
 * Tells gaps from lines.
 *
 * @param item A part of a page.
 * @returns True for a gap.
 */
export function isGap(item: PageItem): item is OutputGap {
  return !isLine(item);
}

/**
 * Writes a page's lines and gaps as one text.
 *
 * @param items Lines and gaps, in order.
 * @returns The text; lines that have no end yet, or are cut, end the text or their line.
 */
export function pageText(items: readonly PageItem[]): SafeText {
  const parts: string[] = [];
  let previous: OutputLine | undefined;
  for (const item of items) {
    const goesOn = isLine(item) && item.fromByte > 0 && previous?.stream === item.stream &&
      previous.line === item.line;
    if (previous?.endsLine === false && !goesOn) parts.push("\n");
    parts.push(isLine(item) ? item.text : gapMarker(item));
    if (!isLine(item) || item.endsLine) parts.push("\n");
    previous = isLine(item) ? item : undefined;
  }
  return markSafeText(parts.join(""));
}

function gapMarker({ stream, firstLine, lastLine, bytes }: OutputGap): SafeText {
  const of = stream === "stdout" ? safe`stdout` : safe`stderr`;
  const where = firstLine === lastLine
    ? safe`line ${firstLine} of ${of}`
    : safe`lines ${firstLine}-${lastLine} of ${of}`;
  return safe`... ${bytes} bytes not kept (${where}) ...`;
}

/**
 * Gives the offset behind an item.
 *
 * @param item A row or a gap.
 * @returns The offset in its stream.
 */
export function endOf(item: RowItem): number {
  return item.type === "row" ? item.to : item.gap.to;
}
