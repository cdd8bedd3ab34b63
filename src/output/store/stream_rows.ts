/**
 * The lines of one stream from an offset on, in pieces of bounded size.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { safe } from "../../safe_text.ts";
import type { StreamName } from "../output_store.ts";
import type { ArrivalStamp, BlockContent, OutputBlock } from "./output_block.ts";
import type { LoadBlock, LogGap, StreamLog } from "./stream_log.ts";
import { withoutCutCharacter } from "./utf8_edges.ts";

const LF = 0x0a;

/** A line, or a piece of one. */
export interface OutputRow {
  /** Tells it from a gap. */
  readonly type: "row";
  /** The stream. */
  readonly stream: StreamName;
  /** The line's number in its stream, from 1. */
  readonly line: number;
  /** The line's number in both streams together; it changes while the line has no end. */
  readonly lineInBoth: number;
  /** Bytes of the line in front of the piece. */
  readonly fromByte: number;
  /** The bytes, without the line end. */
  readonly bytes: Uint8Array;
  /** Offset in the stream of the first byte. */
  readonly from: number;
  /** Offset in the stream after the piece, and after the line end when that follows. */
  readonly to: number;
  /** True when the line's end follows the piece. */
  readonly ended: boolean;
  /** True when the line's end has not arrived. */
  readonly isOpen: boolean;
  /** When the line's end, or what there is of it, arrived. */
  readonly stamp: ArrivalStamp;
}

/** Lines that are missing. */
export interface MissingRows {
  /** Tells it from a line. */
  readonly type: "gap";
  /** The stream. */
  readonly stream: StreamName;
  /** What is missing. */
  readonly gap: LogGap;
}

/** What a reader of lines meets. */
export type RowItem = OutputRow | MissingRows;

/**
 * Gives lines one after another. Most are at hand, and a promise for each of millions would cost more
 * than all that is done with them: `rows.ready() ?? await rows.next()`.
 */
export interface RowSource {
  /**
   * Gives the next line or gap when it is at hand.
   *
   * @returns The item; undefined when {@linkcode next} has to be asked.
   */
  ready(): RowItem | undefined;
  /**
   * Gives the next line or gap.
   *
   * @returns The item; undefined at the end.
   */
  next(): Promise<RowItem | undefined>;
}

/** Where a reader stops, so that both streams are seen as of one moment. */
export interface RowBounds {
  /** Offset of the first byte. */
  readonly from: number;
  /** Offset after the last byte. */
  readonly to: number;
  /** Bytes of a piece at most. */
  readonly pieceBytes: number;
  /** Number of a line without an end, in both streams together. */
  readonly openInBoth: number;
}

interface LoadedBlock {
  readonly block: OutputBlock;
  readonly content: BlockContent;
}

interface LineEnd {
  /** Offset after the line feed, or after the last byte that is there. */
  readonly to: number;
  readonly ended: boolean;
  /** True when bytes of the line are missing after it. */
  readonly isCut: boolean;
  readonly stamp: ArrivalStamp;
}

/** Reads one stream's lines. */
export class StreamRows implements RowSource {
  readonly #log: StreamLog;
  readonly #load: LoadBlock;
  readonly #bounds: RowBounds;
  #at: number;
  /** Number and start of the line at the position, once they are known. */
  #line: { readonly number: number; readonly start: number } | undefined;
  #loaded: LoadedBlock | undefined;
  #lineEnd: LineEnd | undefined;

  /**
   * Starts to read.
   *
   * @param log The stream's log.
   * @param load Loads its blocks.
   * @param bounds Where to begin and to stop.
   */
  constructor(log: StreamLog, load: LoadBlock, bounds: RowBounds) {
    this.#log = log;
    this.#load = load;
    this.#bounds = bounds;
    this.#at = bounds.from;
  }

  /** Gives the next line, piece of a line, or gap. */
  async next(): Promise<RowItem | undefined> {
    const quick = this.ready();
    if (quick !== undefined) return quick;
    while (this.#at < this.#bounds.to) {
      const place = this.#log.at(this.#at);
      if (place.type === "end") return undefined;
      if (place.type === "gap") return this.#skip(place.gap);
      const row = await this.#rowFrom(place.block);
      if (row !== undefined) return row === "none" ? undefined : row;
      // A block went away, perhaps between here and the end of the line.
      this.#lineEnd = undefined;
    }
    return undefined;
  }

  /** Gives the next line when it is whole in the block that is loaded, as most are. */
  ready(): OutputRow | undefined {
    const [loaded, line, at] = [this.#loaded, this.#line, this.#at];
    if (loaded === undefined || line === undefined || at < loaded.block.start.offset) return;
    const { bytes, marks } = loaded.content;
    const base = loaded.block.start.offset;
    const feed = bytes.indexOf(LF, at - base);
    const to = base + feed + 1;
    if (feed < 0 || to > this.#bounds.to || to - at > this.#bounds.pieceBytes) return undefined;
    const end = { to, ended: true, isCut: false, stamp: loaded.block.stampAt(marks, to - 1) };
    return this.#give(bytes.subarray(at - base, feed), end, to);
  }

  #skip(gap: LogGap): MissingRows {
    const from = Math.max(gap.from, this.#at);
    this.#at = gap.to;
    this.#line = undefined;
    this.#lineEnd = undefined;
    return { type: "gap", stream: this.#log.stream, gap: { ...gap, from } };
  }

  /** Undefined when a block went away meanwhile; `none` when the rest has to wait. */
  async #rowFrom(block: OutputBlock): Promise<OutputRow | "none" | undefined> {
    const content = await this.#contentOf(block);
    if (content === undefined) return undefined;
    this.#line ??= lineAt(block, content, this.#at);
    if (this.#lineEnd === undefined || this.#lineEnd.to <= this.#at) {
      this.#lineEnd = await this.#findLineEnd();
    }
    const end = this.#lineEnd;
    if (end === undefined) return undefined;
    const to = Math.min(end.to, this.#at + this.#bounds.pieceBytes);
    const bytes = await this.#read(this.#at, to);
    if (bytes === undefined) return undefined;
    if (to === end.to && end.ended) return this.#give(bytes.subarray(0, -1), end, to);
    const isAtEnd = this.#log.isEnded && to === this.#log.end;
    const mayBeCut = to < end.to || !(end.isCut || isAtEnd);
    const whole = mayBeCut ? withoutCutCharacter(bytes) : bytes;
    if (whole.length === 0) return "none";
    return this.#give(whole, end, this.#at + whole.length);
  }

  #give(bytes: Uint8Array, end: LineEnd, to: number): OutputRow {
    const line = this.#line ?? { number: 1, start: 0 };
    const from = this.#at;
    const ended = end.ended && to === end.to;
    const isOpen = !end.ended && !end.isCut;
    this.#at = to;
    if (ended) {
      this.#line = { number: line.number + 1, start: to };
      this.#lineEnd = undefined;
    }
    return {
      type: "row",
      stream: this.#log.stream,
      line: line.number,
      lineInBoth: isOpen ? this.#bounds.openInBoth : line.number + end.stamp.otherLineFeeds,
      fromByte: from - line.start,
      bytes,
      from,
      to,
      ended,
      isOpen,
      stamp: end.stamp,
    };
  }

  /** Finds where the line at the position ends, looking only into the block that holds its end. */
  async #findLineEnd(): Promise<LineEnd | undefined> {
    const { blocks } = this.#log;
    const start = this.#log.lastIndexWhere((block) => block.start.offset <= this.#at);
    let last: OutputBlock | undefined;
    for (let index = start; index < blocks.length; index++) {
      const block = blocks[index];
      if (block === undefined || block.start.offset >= this.#bounds.to) break;
      if (last !== undefined && block.start.offset !== last.end) break;
      last = block;
      if (block.lineFeeds === 0) continue;
      const content = await this.#contentOf(block);
      if (content === undefined) return undefined;
      const base = block.start.offset;
      const feed = content.bytes.indexOf(LF, Math.max(0, this.#at - base));
      const to = base + feed + 1;
      if (feed >= 0 && to <= this.#bounds.to) {
        return { to, ended: true, isCut: false, stamp: block.stampAt(content.marks, to - 1) };
      }
      // Blocks may have been dropped while this one was loaded.
      if (blocks[index] !== block) return undefined;
    }
    return last === undefined ? undefined : await this.#endAt(last);
  }

  async #endAt(block: OutputBlock): Promise<LineEnd | undefined> {
    const content = await this.#contentOf(block);
    if (content === undefined) return undefined;
    const to = Math.min(block.end, this.#bounds.to);
    // What stood here was dropped while the block was loaded.
    if (to < this.#at) return undefined;
    const isCut = this.#log.at(to).type === "gap";
    return { to, ended: false, isCut, stamp: block.stampAt(content.marks, to - 1) };
  }

  async #read(from: number, to: number): Promise<Uint8Array | undefined> {
    const whole = new Uint8Array(to - from);
    for (let at = from; at < to;) {
      const place = this.#log.at(at);
      if (place.type !== "block") return undefined;
      const content = await this.#contentOf(place.block);
      if (content === undefined) return undefined;
      const base = place.block.start.offset;
      const bytes = content.bytes.subarray(at - base, to - base);
      if (bytes.length === 0) throw misplaced();
      whole.set(bytes, at - from);
      at += bytes.length;
    }
    return whole;
  }

  async #contentOf(block: OutputBlock): Promise<BlockContent | undefined> {
    const loaded = this.#loaded;
    const isWhole = loaded?.block === block && loaded.content.bytes.length === block.length;
    if (loaded !== undefined && isWhole) return loaded.content;
    const content = await this.#load(block);
    if (content !== undefined) this.#loaded = { block, content };
    return content;
  }
}

/** Gives number and start of the line that an offset in a block is part of. */
function lineAt(
  block: OutputBlock,
  { bytes }: BlockContent,
  offset: number,
): { number: number; start: number } {
  const inBlock = offset - block.start.offset;
  let number = block.start.lineFeeds + 1;
  let start = block.start.lineStart;
  for (let at = bytes.indexOf(LF); at >= 0 && at < inBlock; at = bytes.indexOf(LF, at + 1)) {
    number++;
    start = block.start.offset + at + 1;
  }
  return { number, start };
}

function misplaced(): ExeckitError {
  return new ExeckitError({
    code: "internal",
    message: safe`Cannot read the kept output: a block is shorter than it should be`,
  });
}
