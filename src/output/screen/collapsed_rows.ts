/**
 * Lines of one stream as a terminal would show them, or as they were written.
 *
 * A line is looked at as a whole, from its start, before anything of it is given: cut in the middle
 * of what was drawn, it would show pieces of a secret that only the whole can be told from.
 *
 * @module
 */

import type { Redactor } from "../redactor.ts";
import type { OutputRow, RowItem, RowSource } from "../store/stream_rows.ts";
import { decodeText, withoutCutCharacter } from "../store/utf8_edges.ts";
import { collapseLines } from "./collapse.ts";
import { bytesDrawOver, stayingOnLine, textWithoutMarks, withoutMarks } from "./drawing_marks.ts";
import { isUndrawable, reduceLine } from "./line_reduction.ts";
import { unfinishedLine } from "./unfinished_text.ts";

/** Lines, and bytes of those that draw, that are looked at together. */
const BATCH_ITEMS = 256;
const BATCH_BYTES: number = 256 * 1024;
/** Characters of a long line after which it is reduced, so that memory is bounded. */
const REDUCE_CHARS: number = 512 * 1024;
/** Bytes of a piece of a line that the source gives at most. */
export const DRAWN_PIECE_BYTES: number = 64 * 1024;
/** Bytes in front of the first one that is wanted, from which on its line is drawn. */
export const DRAWN_BACK_BYTES: number = 512 * 1024;
/** Bytes of a line that are looked at for whether it draws, before anything of it is given. */
const LOOK_BYTES: number = 512 * 1024;

const encoder = new TextEncoder();

/** Which lines are wanted, and how. */
export interface CollapsedForm {
  /** Offset of the first byte that is wanted; the source may begin in front of it. */
  readonly from: number;
  /** Bytes of a row at most; the rest of a line that was drawn is not given. */
  readonly rowBytes: number;
  /** True for lines as they were written, but for those that hide a secret once they are drawn. */
  readonly isRaw: boolean;
  /** True when the stream has ended, so that a line without an end stays as it is. */
  readonly isOver: boolean;
}

/** The pieces of a line that are looked at together, and all of their text. */
interface LinePart {
  readonly pieces: readonly OutputRow[];
  readonly line: string;
}

/** A place in a batch where a line that was drawn goes. */
interface DrawnLine extends LinePart {
  readonly index: number;
}

/** Gives lines with what was drawn over left out. */
export class CollapsedRows implements RowSource {
  readonly #source: RowSource;
  readonly #redactor: Redactor;
  readonly #form: CollapsedForm;
  #ready: RowItem[] = [];
  #pulled: RowItem[] = [];

  /**
   * Starts to read.
   *
   * @param source The lines as they are kept, in pieces of {@linkcode DRAWN_PIECE_BYTES}.
   * @param redactor Looks again at lines that were drawn.
   * @param form Which lines, and how.
   */
  constructor(source: RowSource, redactor: Redactor, form: CollapsedForm) {
    this.#source = source;
    this.#redactor = redactor;
    this.#form = form;
  }

  /** Gives the next line, piece of one, or gap. */
  async next(): Promise<RowItem | undefined> {
    while (this.#ready.length === 0) if (!await this.#fill()) return undefined;
    return this.#ready.shift();
  }

  /** Gives it when it is in the present batch, or draws nothing. */
  ready(): RowItem | undefined {
    if (this.#ready.length > 0) return this.#ready.shift();
    const item = this.#pulled.shift() ?? this.#source.ready();
    if (item === undefined) return undefined;
    const { from, rowBytes } = this.#form;
    const isWhole = item.type === "gap" ||
      (item.ended && item.fromByte === 0 && !isDrawable(item) && item.from >= from &&
        item.bytes.length <= rowBytes);
    if (isWhole) return plainly(item);
    this.#pulled.unshift(item);
    return undefined;
  }

  /** Gets the next rows; false at the end. */
  async #fill(): Promise<boolean> {
    const batch: RowItem[][] = [];
    const drawn: DrawnLine[] = [];
    for (let bytes = 0; batch.length < BATCH_ITEMS && bytes < BATCH_BYTES;) {
      const item = await this.#pull();
      if (item === undefined) break;
      const part = item.type === "row" ? await this.#partOf(item) : undefined;
      if (part?.line === undefined) {
        batch.push(item.type === "gap" ? [item] : this.#plain(part?.pieces ?? [item]));
        // What draws nothing waits for nothing.
        if (drawn.length === 0) break;
        continue;
      }
      drawn.push({ pieces: part.pieces, line: part.line, index: batch.length });
      batch.push([]);
      bytes += part.line.length;
    }
    const lines = await collapseLines(drawn.map(({ line }) => line));
    for (const [at, part] of drawn.entries()) {
      batch[part.index] = this.#drawnRows(part, lines[at] ?? "");
    }
    this.#ready = batch.flat();
    return batch.length > 0;
  }

  #drawnRows(part: LinePart, collapsed: string): RowItem[] {
    const { pieces, line } = part;
    const [first, last] = [pieces[0], pieces.at(-1)];
    if (first === undefined || last === undefined || last.to <= this.#form.from) return [];
    const isOpen = last.isOpen && !this.#form.isOver;
    const shown = isOpen
      ? unfinishedLine(this.#redactor, collapsed)
      : this.#redactor.text(collapsed);
    if (this.#form.isRaw && shown === collapsed) {
      const written = textWithoutMarks(line).replaceAll("\r", "");
      if (this.#redactor.text(written) === written) return this.#plain(pieces);
    }
    const { rowBytes } = this.#form;
    const bytes = encoder.encode(shown);
    const kept = bytes.length <= rowBytes
      ? bytes
      : withoutCutCharacter(bytes.subarray(0, rowBytes));
    return [{ ...last, from: first.from, fromByte: first.fromByte, bytes: kept }];
  }

  /** Gives what is wanted of pieces that are shown as they were written. */
  #plain(pieces: readonly OutputRow[]): RowItem[] {
    const { from, rowBytes } = this.#form;
    const rows: OutputRow[] = [];
    for (const piece of pieces) {
      if (piece.to <= from) continue;
      let at = Math.max(0, from - piece.from);
      do {
        const isLast = piece.bytes.length - at <= rowBytes;
        const bytes = isLast
          ? piece.bytes.subarray(at)
          : withoutCutCharacter(piece.bytes.subarray(at, at + rowBytes));
        rows.push({
          ...piece,
          bytes: withoutMarks(bytes),
          from: piece.from + at,
          fromByte: piece.fromByte + at,
          to: isLast ? piece.to : piece.from + at + bytes.length,
          ended: isLast && piece.ended,
        });
        at += Math.max(1, bytes.length);
      } while (at < piece.bytes.length);
    }
    return rows;
  }

  /**
   * Gives the pieces of a line that belong together, and their text when they draw: a redraw in a later
   * piece draws over the earlier ones.
   */
  async #partOf(first: OutputRow): Promise<{ pieces: OutputRow[]; line?: string }> {
    const pieces = [first];
    let line = decodeText(first.bytes);
    let draws = isDrawable(first);
    let bytes = first.bytes.length;
    if (isUndrawable(line)) return { pieces };
    for (let last = first; !last.ended && (bytes < LOOK_BYTES || this.#takesAll(draws));) {
      const next = await this.#pull();
      if (next === undefined) break;
      const text = next.type === "row" ? decodeText(next.bytes) : "";
      if (next.type === "gap" || next.line !== first.line || isUndrawable(text)) {
        this.#pulled.unshift(next);
        break;
      }
      last = next;
      draws ||= isDrawable(next);
      line += text;
      bytes += next.bytes.length;
      // Of a line that is drawn, only its bounds matter.
      if (bytes > LOOK_BYTES && !this.#form.isRaw) pieces.splice(1);
      pieces.push(next);
      if (line.length > REDUCE_CHARS && draws) line = reduceLine(stayingOnLine(line));
    }
    return draws ? { pieces, line } : { pieces };
  }

  /** What was written is given in parts of bounded size; of what was drawn, one row is given. */
  #takesAll(draws: boolean): boolean {
    return draws && !this.#form.isRaw;
  }

  async #pull(): Promise<RowItem | undefined> {
    return this.#pulled.shift() ?? this.#source.ready() ?? await this.#source.next();
  }
}

function isDrawable({ bytes }: OutputRow): boolean {
  return bytesDrawOver(bytes) && !isUndrawable(decodeText(bytes));
}

function plainly(item: RowItem): RowItem {
  return item.type === "row" ? { ...item, bytes: withoutMarks(item.bytes) } : item;
}
