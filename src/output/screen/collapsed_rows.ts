/**
 * Lines of one stream as a terminal would show them, or as they were written.
 *
 * @module
 */

import type { Redactor } from "../redactor.ts";
import type { OutputRow, RowItem, RowSource } from "../store/stream_rows.ts";
import { decodeText, withoutCutCharacter } from "../store/utf8_edges.ts";
import { collapseLines } from "./collapse.ts";
import { bytesDrawOver, stayingOnLine, withoutMarks } from "./drawing_marks.ts";
import { isUndrawable, reduceLine } from "./line_reduction.ts";

/** Lines, and bytes of those that draw, that are looked at together. */
const BATCH_ITEMS = 256;
const BATCH_BYTES: number = 256 * 1024;
/** Characters of a long line after which it is reduced, so that memory is bounded. */
const REDUCE_CHARS: number = 512 * 1024;

const encoder = new TextEncoder();

/** Gives lines with what was drawn over left out. */
export class CollapsedRows implements RowSource {
  readonly #source: RowSource;
  readonly #redactor: Redactor;
  readonly #rowBytes: number;
  #ready: RowItem[] = [];
  #pulled: RowItem | undefined;

  /**
   * Starts to read.
   *
   * @param source The lines as they are kept.
   * @param redactor Looks again at lines that were drawn.
   * @param rowBytes Bytes of a line that was drawn at most; the rest of it is not given.
   */
  constructor(source: RowSource, redactor: Redactor, rowBytes: number) {
    this.#source = source;
    this.#redactor = redactor;
    this.#rowBytes = rowBytes;
  }

  /** Gives the next line, piece of one, or gap. */
  async next(): Promise<RowItem | undefined> {
    if (this.#ready.length === 0) await this.#fill();
    return this.#ready.shift();
  }

  /** Gives it when it is in the present batch, or draws nothing. */
  ready(): RowItem | undefined {
    if (this.#ready.length > 0) return this.#ready.shift();
    const item = this.#pulled ?? this.#source.ready();
    const isPlain = item !== undefined && (item.type === "gap" || !isDrawable(item));
    this.#pulled = isPlain ? undefined : item;
    return isPlain ? plainly(item) : undefined;
  }

  async #fill(): Promise<void> {
    const items: RowItem[] = [];
    const drawn: { readonly index: number; readonly line: string }[] = [];
    for (let bytes = 0; items.length < BATCH_ITEMS && bytes < BATCH_BYTES;) {
      const item = await this.#pull();
      if (item === undefined) break;
      if (item.type === "gap" || !isDrawable(item)) {
        items.push(plainly(item));
        // What draws nothing waits for nothing.
        if (drawn.length === 0) break;
        continue;
      }
      const { row, line } = await this.#wholeLine(item);
      drawn.push({ index: items.length, line });
      items.push(row);
      bytes += line.length;
    }
    const lines = await collapseLines(drawn.map(({ line }) => line));
    for (const [at, { index }] of drawn.entries()) {
      const row = items[index];
      if (row?.type === "row") items[index] = { ...row, bytes: this.#shown(lines[at] ?? "") };
    }
    this.#ready = items;
  }

  #shown(line: string): Uint8Array {
    const bytes = encoder.encode(this.#redactor.text(line));
    return bytes.length <= this.#rowBytes
      ? bytes
      : withoutCutCharacter(bytes.subarray(0, this.#rowBytes));
  }

  /** A redraw in a later piece of a line draws over the earlier ones. */
  async #wholeLine(first: OutputRow): Promise<{ row: OutputRow; line: string }> {
    let [row, line] = [first, decodeText(first.bytes)];
    while (!row.ended) {
      const next = await this.#pull();
      if (next === undefined) break;
      if (next.type === "gap" || next.line !== row.line || isUndrawable(decodeText(next.bytes))) {
        this.#pulled = next;
        break;
      }
      line += decodeText(next.bytes);
      if (line.length > REDUCE_CHARS) line = reduceLine(stayingOnLine(line));
      row = { ...next, from: first.from, fromByte: first.fromByte };
    }
    return { row, line };
  }

  async #pull(): Promise<RowItem | undefined> {
    const pulled = this.#pulled;
    this.#pulled = undefined;
    return pulled ?? this.#source.ready() ?? await this.#source.next();
  }
}

function isDrawable({ bytes }: OutputRow): boolean {
  return bytesDrawOver(bytes) && !isUndrawable(decodeText(bytes));
}

function plainly(item: RowItem): RowItem {
  return item.type === "row" ? { ...item, bytes: withoutMarks(item.bytes) } : item;
}

/** Gives lines as they were written, without marks. */
export class WrittenRows implements RowSource {
  readonly #source: RowSource;

  /** @param source The lines as they are kept. */
  constructor(source: RowSource) {
    this.#source = source;
  }

  /** Gives the next line, piece of one, or gap. */
  async next(): Promise<RowItem | undefined> {
    const item = await this.#source.next();
    return item === undefined ? undefined : plainly(item);
  }

  /** Gives it when it is at hand. */
  ready(): RowItem | undefined {
    const item = this.#source.ready();
    return item === undefined ? undefined : plainly(item);
  }
}
