/**
 * The second look at lines of both streams: what is a secret only where they are together.
 *
 * Lines are redacted in batches, with lines in front and behind that are not given, so that a
 * secret over the edge of a batch or of a page is seen whole on both sides of it.
 *
 * @module
 */

import type { StreamName } from "../output_store.ts";
import type { Redactor } from "../redactor.ts";
import type { OutputRow, RowItem, RowSource } from "./stream_rows.ts";
import { decodeText } from "./utf8_edges.ts";

/** Bytes in front of a batch that are looked at again: more than an RSA key of 4096 bits. */
export const BEFORE_BYTES: number = 8 * 1024;
/** Bytes behind a batch that are looked at already: what the redactor's rules look ahead. */
const AHEAD_BYTES: number = 4 * 1024;
/** Bytes of a batch, and rows of it. */
const BATCH_BYTES: number = 32 * 1024;
const BATCH_ROWS = 512;
/** Characters on each side of the place where a line without an end meets another stream's. */
const SEAM_CHARS: number = 4 * 1024;
/** Stands for a line of which it is not certain what of it may be shown. */
const WITHHELD = "[REDACTED:both-streams]";

const encoder = new TextEncoder();

/** A row that was looked at already. */
export interface SeenRow {
  /** The stream. */
  readonly stream: StreamName;
  /** Its text. */
  readonly text: string;
  /** True when its line's end follows. */
  readonly ended: boolean;
}

/** Redacts the lines of a source once more. */
export class RedactedRows implements RowSource {
  readonly #source: RowSource;
  readonly #redactor: Redactor;
  #before: SeenRow[];
  #ready: RowItem[] = [];
  #given = 0;
  #ahead: RowItem[] = [];
  #isAtEnd = false;

  /**
   * Starts to read.
   *
   * @param source The lines of both streams.
   * @param redactor The session's redactor.
   * @param before Rows in front of the first one.
   */
  constructor(source: RowSource, redactor: Redactor, before: readonly SeenRow[]) {
    this.#source = source;
    this.#redactor = redactor;
    this.#before = [...before];
  }

  /** Gives the next line or gap. */
  async next(): Promise<RowItem | undefined> {
    if (this.#given === this.#ready.length) await this.#fill();
    return this.#ready[this.#given++];
  }

  /** Gives it when it is in the present batch. */
  ready(): RowItem | undefined {
    return this.#given < this.#ready.length ? this.#ready[this.#given++] : undefined;
  }

  async #fill(): Promise<void> {
    await this.#pull(BATCH_BYTES + AHEAD_BYTES);
    const batch: RowItem[] = [];
    for (let bytes = 0; bytes < BATCH_BYTES && batch.length < BATCH_ROWS;) {
      const item = this.#ahead.shift();
      if (item === undefined) break;
      batch.push(item);
      bytes += sizeOf(item);
    }
    const rows = batch.filter(isRow);
    const lines = [...rows, ...this.#ahead.filter(isRow)].map(textOf);
    const redacted = this.#redacted(lines);
    let line = 0;
    this.#ready = batch.map((item) => {
      if (item.type === "gap") return item;
      const text = lines[line] ?? "";
      const shown = this.#joinsToSecret(item, text) ? WITHHELD : redacted[line] ?? WITHHELD;
      line++;
      this.#before.push({ stream: item.stream, text, ended: item.ended });
      return shown === text ? item : { ...item, bytes: encoder.encode(shown) };
    });
    this.#given = 0;
    this.#forget();
  }

  /** What follows a line without an end is read as its continuation, whichever stream it is. */
  #joinsToSecret(row: OutputRow, text: string): boolean {
    const previous = this.#before.at(-1);
    const goesOn = previous?.stream === row.stream && row.fromByte > 0;
    if (previous === undefined || previous.ended || goesOn) return false;
    const joined = previous.text.slice(-SEAM_CHARS) + text.slice(0, SEAM_CHARS);
    return this.#redactor.text(joined) !== joined;
  }

  async #pull(bytes: number): Promise<void> {
    let pulled = this.#ahead.reduce((sum, item) => sum + sizeOf(item), 0);
    const maxRows = 2 * BATCH_ROWS;
    while (!this.#isAtEnd && pulled < bytes && this.#ahead.length < maxRows) {
      const item = this.#source.ready() ?? await this.#source.next();
      this.#isAtEnd = item === undefined;
      if (item === undefined) break;
      this.#ahead.push(item);
      pulled += sizeOf(item);
    }
  }

  #redacted(lines: readonly string[]): readonly string[] {
    const all = [...this.#before.map(({ text }) => text), ...lines];
    const text = all.join("\n");
    const redacted = this.#redactor.text(text);
    if (redacted === text) return lines;
    return matched(all, redacted.split("\n")).slice(this.#before.length);
  }

  #forget(): void {
    let bytes = 0;
    let from = this.#before.length;
    while (from > 0 && bytes < BEFORE_BYTES) {
      from--;
      bytes += (this.#before[from]?.text.length ?? 0) + 1;
    }
    this.#before = this.#before.slice(from);
  }
}

/**
 * Gives each line its redacted form. A secret of several lines took line ends along; then lines
 * that are still there are kept, and the others withheld.
 */
function matched(lines: readonly string[], redacted: readonly string[]): readonly string[] {
  if (redacted.length === lines.length) return redacted;
  let next = 0;
  return lines.map((line) => {
    const found = redacted.indexOf(line, next);
    if (found < 0) return WITHHELD;
    next = found + 1;
    return line;
  });
}

function isRow(item: RowItem): item is OutputRow {
  return item.type === "row";
}

function textOf(row: OutputRow): string {
  return decodeText(row.bytes);
}

function sizeOf(item: RowItem): number {
  return item.type === "row" ? item.bytes.length + 1 : 1;
}
