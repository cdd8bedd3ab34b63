/**
 * The blocks of one stream, in order, with what is missing between them.
 *
 * The list of blocks is the index: a line is found by a search in it and a look into one block.
 *
 * @module
 */

import type { StreamName } from "../output_store.ts";
import { type ArrivalStamp, BLOCK_BYTES, type BlockContent, OutputBlock } from "./output_block.ts";

/** Bytes from which a block is sealed at the next line end, so that cuts fall between lines. */
const NEARLY_FULL_BYTES: number = (BLOCK_BYTES * 3) / 4;
const LF = 0x0a;

/** Bytes of a stream that are no longer kept. */
export interface LogGap {
  /** Offset of the first missing byte. */
  readonly from: number;
  /** Offset after the last one. */
  readonly to: number;
  /** Number of the first line that is missing, in whole or in part, from 1. */
  readonly firstLine: number;
  /** Number of the last one. */
  readonly lastLine: number;
  /** Sequence of what is kept in front of it. */
  readonly sequence: number;
}

/** What is at an offset of a stream. */
export type LogPlace =
  | { readonly type: "block"; readonly block: OutputBlock; readonly index: number }
  | { readonly type: "gap"; readonly gap: LogGap }
  | { readonly type: "end" };

/** Loads a block's content; undefined when it is no longer kept. */
export type LoadBlock = (block: OutputBlock) => Promise<BlockContent | undefined>;

/** Takes a block that is complete. */
export type TakeBlock = (block: OutputBlock, log: StreamLog) => void;

/** One stream's redacted bytes. */
export class StreamLog {
  /** The stream. */
  readonly stream: StreamName;
  readonly #take: TakeBlock;
  readonly #blocks: OutputBlock[] = [];
  #open: OutputBlock | undefined;
  #end = 0;
  #lineFeeds = 0;
  #lineStart = 0;
  #isEnded = false;

  /**
   * Makes an empty log.
   *
   * @param stream The stream.
   * @param take Is given each block that is complete.
   */
  constructor(stream: StreamName, take: TakeBlock) {
    this.stream = stream;
    this.#take = take;
  }

  /** Bytes that were ever appended. */
  get end(): number {
    return this.#end;
  }

  /** Line feeds that were ever appended. */
  get lineFeeds(): number {
    return this.#lineFeeds;
  }

  /** True when the last line has no line end. */
  get endsInLine(): boolean {
    return this.#lineStart < this.#end;
  }

  /** True once nothing more is appended. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The kept blocks in order; the last one may still grow. */
  get blocks(): readonly OutputBlock[] {
    return this.#blocks;
  }

  /**
   * Adds redacted bytes.
   *
   * @param bytes The bytes; they are copied.
   * @param stamp When they arrived.
   */
  append(bytes: Uint8Array, stamp: ArrivalStamp): void {
    let rest = bytes;
    while (rest.length > 0) {
      const block = this.#open ?? this.#begin(stamp);
      const count = bytesToAdd(block, rest, block.room(stamp));
      if (count > 0) this.#add(block, rest.subarray(0, count), stamp);
      rest = rest.subarray(count);
      const isNearlyFull = block.length >= NEARLY_FULL_BYTES && block.endsLine;
      if (rest.length > 0 || isNearlyFull) this.#sealOpen();
    }
  }

  /** Ends the log. */
  finish(): void {
    this.#isEnded = true;
    this.#sealOpen();
  }

  /**
   * Takes a block out.
   *
   * @param index Its index in {@linkcode blocks}; never that of a block that still grows.
   */
  remove(index: number): void {
    this.#blocks.splice(index, 1);
  }

  /**
   * Tells what is at an offset.
   *
   * @param offset The offset.
   * @returns The kept block that holds it, what is missing there, or the end.
   */
  at(offset: number): LogPlace {
    if (offset >= this.#end) return { type: "end" };
    const index = this.lastIndexWhere((block) => block.start.offset <= offset);
    const block = this.#blocks[index];
    if (block !== undefined && offset < block.end) return { type: "block", block, index };
    return { type: "gap", gap: this.#gapAfter(index) };
  }

  /** Everything that is missing, in order. */
  gaps(): LogGap[] {
    const gaps: LogGap[] = [];
    for (let index = -1; index < this.#blocks.length; index++) {
      const gap = this.#gapAfter(index);
      if (gap.from < gap.to) gaps.push(gap);
    }
    return gaps;
  }

  /**
   * Finds the last block of which something holds that holds of all blocks before it too.
   *
   * @param holds The condition.
   * @returns Its index, or -1.
   */
  lastIndexWhere(holds: (block: OutputBlock) => boolean): number {
    let [low, high] = [-1, this.#blocks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const block = this.#blocks[middle];
      if (block !== undefined && holds(block)) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #gapAfter(index: number): LogGap {
    const before = this.#blocks[index];
    const after = this.#blocks[index + 1];
    const [to, lineStart] = after === undefined
      ? [this.#end, this.#lineStart]
      : [after.start.offset, after.start.lineStart];
    const lines = after === undefined ? this.#lineFeeds : after.start.lineFeeds;
    return {
      from: before?.end ?? 0,
      to,
      firstLine: before === undefined ? 1 : before.start.lineFeeds + before.lineFeeds + 1,
      lastLine: lineStart < to ? lines + 1 : lines,
      sequence: before?.lastStamp.sequence ?? 0,
    };
  }

  #begin(stamp: ArrivalStamp): OutputBlock {
    const start = { offset: this.#end, lineFeeds: this.#lineFeeds, lineStart: this.#lineStart };
    const block = new OutputBlock(this.stream, start, stamp);
    this.#open = block;
    this.#blocks.push(block);
    return block;
  }

  #add(block: OutputBlock, bytes: Uint8Array, stamp: ArrivalStamp): void {
    const lineFeeds = block.add(bytes, stamp);
    if (lineFeeds > 0) this.#lineStart = this.#end + bytes.lastIndexOf(LF) + 1;
    this.#end += bytes.length;
    this.#lineFeeds += lineFeeds;
  }

  #sealOpen(): void {
    const block = this.#open;
    if (block === undefined) return;
    this.#open = undefined;
    block.seal();
    this.#take(block, this);
  }
}

/** Gives how many of the bytes go into the block: up to a line end where one is near. */
function bytesToAdd(block: OutputBlock, bytes: Uint8Array, room: number): number {
  if (bytes.length <= room) return bytes.length;
  if (room <= 0) return 0;
  const lineEnd = bytes.subarray(0, room).lastIndexOf(LF) + 1;
  const isFilled = block.length + lineEnd >= BLOCK_BYTES / 2;
  if (!isFilled) return room;
  return lineEnd === 0 && !block.endsLine ? room : lineEnd;
}
