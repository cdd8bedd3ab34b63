/**
 * A block of one stream's redacted bytes, with marks that say when they arrived.
 *
 * @module
 */

import { countLineFeeds } from "../line_feeds.ts";
import type { StreamName } from "../output_store.ts";

/** Bytes of a block with its marks at most: one slot of a spool file. */
export const BLOCK_BYTES: number = 64 * 1024;

/** Numbers of a mark: offset, then differences of sequence, time and the other stream's lines. */
const MARK_NUMBERS = 4;
/** Bytes of a mark. */
const MARK_BYTES: number = MARK_NUMBERS * Uint32Array.BYTES_PER_ELEMENT;
/** Milliseconds after which bytes get a mark of their own; the times are for people. */
const MARK_EVERY_MS = 250;
/** Bytes of the first buffer of a stream's first block: most commands say little. */
const FIRST_BUFFER_BYTES = 512;
const LF = 0x0a;
const FOUR_LINE_FEEDS = 0x0a0a0a0a;
/** All bits of four bytes but the top ones. */
const LOW_BITS = 0x7f7f7f7f;

/**
 * Buffers that blocks no longer need. A flood takes a thousand a second, and memory of its own for
 * each adds up long before it is collected.
 */
const spareBuffers: Uint8Array[] = [];
/** Spare buffers at most: as many blocks are written at once. */
const SPARE_MAX_BUFFERS = 32;

/** When bytes arrived. */
export interface ArrivalStamp {
  /** Grows by one with each change from one stream to the other. */
  readonly sequence: number;
  /** Wall-clock milliseconds since the Unix epoch. */
  readonly ms: number;
  /** Line feeds that had arrived on the other stream. */
  readonly otherLineFeeds: number;
}

/** Where in its stream a block begins. */
export interface BlockStart {
  /** Offset of its first byte in the stream. */
  readonly offset: number;
  /** Line feeds in front of it. */
  readonly lineFeeds: number;
  /** Offset at which the line begins that its first byte is part of. */
  readonly lineStart: number;
}

/** The content of a block, as it is in memory. */
export interface BlockContent {
  /** The redacted bytes. */
  readonly bytes: Uint8Array;
  /** The marks, four numbers each. */
  readonly marks: Uint32Array;
}

/** Where a block's content is. */
type Place =
  | { readonly type: "open" }
  | { readonly type: "memory"; readonly sealed: Uint8Array }
  | { readonly type: "file"; readonly slot: number }
  | { readonly type: "dropped" };

/** Bytes of one stream that are kept, written and dropped together. */
export class OutputBlock {
  /** The stream that the bytes are part of. */
  readonly stream: StreamName;
  /** Where the block begins. */
  readonly start: BlockStart;
  /** When its first byte arrived. */
  readonly firstStamp: ArrivalStamp;
  #lastStamp: ArrivalStamp;
  #lastMarkMs: number;
  #length = 0;
  #lineFeeds = 0;
  #buffer: Uint8Array;
  #marks = new Uint32Array(MARK_NUMBERS);
  #markCount = 0;
  #place: Place = { type: "open" };
  /** True once somebody may look at the content for as long as he likes. */
  #isLent = false;
  /** True once the file may be reading the content, until it has. */
  #isWritten = false;

  /**
   * Begins a block.
   *
   * @param stream The stream.
   * @param start Where in the stream.
   * @param stamp When its first byte arrives.
   */
  constructor(stream: StreamName, start: BlockStart, stamp: ArrivalStamp) {
    this.stream = stream;
    this.start = start;
    this.firstStamp = stamp;
    this.#lastStamp = stamp;
    this.#lastMarkMs = stamp.ms;
    this.#buffer = start.offset === 0
      ? new Uint8Array(FIRST_BUFFER_BYTES)
      : spareBuffers.pop() ?? new Uint8Array(BLOCK_BYTES);
  }

  /** Bytes of output in it. */
  get length(): number {
    return this.#length;
  }

  /** Offset in the stream after its last byte. */
  get end(): number {
    return this.start.offset + this.#length;
  }

  /** Line feeds in it. */
  get lineFeeds(): number {
    return this.#lineFeeds;
  }

  /** When its last byte arrived. */
  get lastStamp(): ArrivalStamp {
    return this.#lastStamp;
  }

  /** Bytes that it takes once it is sealed. */
  get sealedBytes(): number {
    return wholeWords(this.#length) + this.#markCount * MARK_BYTES;
  }

  /** The slot that its content was written to, if it was. */
  get slot(): number | undefined {
    return this.#place.type === "file" ? this.#place.slot : undefined;
  }

  /** True once its content is gone. */
  get isDropped(): boolean {
    return this.#place.type === "dropped";
  }

  /** True when its last byte is a line feed. */
  get endsLine(): boolean {
    return this.#length > 0 && this.#buffer[this.#length - 1] === LF;
  }

  /**
   * Gives how many bytes still fit in.
   *
   * @param stamp When they arrived.
   * @returns Bytes; none or fewer when the block is full.
   */
  room(stamp: ArrivalStamp): number {
    const marks = this.#markCount + (this.#needsMark(stamp) ? 1 : 0);
    return BLOCK_BYTES - marks * MARK_BYTES - this.#length;
  }

  /**
   * Adds bytes that fit in.
   *
   * @param bytes The bytes; they are copied.
   * @param stamp When they arrived.
   * @returns Line feeds in them.
   */
  add(bytes: Uint8Array, stamp: ArrivalStamp): number {
    if (this.#needsMark(stamp)) this.#mark(stamp);
    this.#lastStamp = stamp;
    const length = this.#length + bytes.length;
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(Math.min(BLOCK_BYTES, Math.max(length, 2 * length)));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#length);
    const lineFeeds = this.#countLineFeeds(this.#length, length);
    this.#length = length;
    this.#lineFeeds += lineFeeds;
    return lineFeeds;
  }

  /** The copy begins at a whole word, so four bytes are looked at in one step. */
  #countLineFeeds(from: number, to: number): number {
    const [firstWord, lastWord] = [(from + 3) >> 2, to >> 2];
    if (firstWord >= lastWord) return countLineFeeds(this.#buffer, from, to);
    const words = new Int32Array(this.#buffer.buffer, 4 * firstWord, lastWord - firstWord);
    let count = countLineFeeds(this.#buffer, from, 4 * firstWord) +
      countLineFeeds(this.#buffer, 4 * lastWord, to);
    for (let index = 0; index < words.length; index++) {
      // A byte that is 0 here was a line feed; the sum sets the top bit of all others.
      const bytes = (words[index] ?? 0) ^ FOUR_LINE_FEEDS;
      const others = ((bytes & LOW_BITS) + LOW_BITS) | bytes | LOW_BITS;
      if (others === -1) continue;
      const found = ~others;
      count += ((found >>> 7) & 1) + ((found >>> 15) & 1) + ((found >>> 23) & 1) + (found >>> 31);
    }
    return count;
  }

  /** Ends the block; its content takes hardly more memory than it needs. */
  seal(): void {
    const isFull = this.sealedBytes >= (this.#buffer.length * 3) / 4;
    const fits = isFull && this.sealedBytes <= this.#buffer.length;
    const sealed = fits
      ? this.#buffer.subarray(0, this.sealedBytes)
      : new Uint8Array(this.sealedBytes);
    if (!fits) sealed.set(this.#buffer.subarray(0, this.#length));
    const marks = this.#marks.subarray(0, this.#markCount * MARK_NUMBERS);
    sealed.set(new Uint8Array(marks.buffer, 0, marks.byteLength), wholeWords(this.#length));
    this.#release({ type: "memory", sealed });
  }

  /** The sealed content, as it is written and until then; undefined when it is not in memory. */
  sealedContent(): Uint8Array | undefined {
    if (this.#place.type !== "memory") return undefined;
    this.#isWritten = true;
    return this.#place.sealed;
  }

  /**
   * Says that the content was written, so that memory need not hold it.
   *
   * @param slot The slot that holds it.
   */
  wroteTo(slot: number): void {
    this.#giveBack();
    this.#place = { type: "file", slot };
  }

  /** Lets go of the content. */
  drop(): void {
    if (!this.#isWritten) this.#giveBack();
    this.#release({ type: "dropped" });
  }

  /** Gives the content when it is in memory. Later additions do not change what was given. */
  content(): BlockContent | undefined {
    this.#isLent = true;
    if (this.#place.type === "memory") return this.contentOf(this.#place.sealed);
    if (this.#place.type !== "open") return undefined;
    const marks = this.#marks.subarray(0, this.#markCount * MARK_NUMBERS);
    return { bytes: this.#buffer.subarray(0, this.#length), marks };
  }

  /**
   * Reads sealed bytes that came back from a file.
   *
   * @param sealed The bytes; they begin where their buffer has a whole word.
   * @returns The content.
   */
  contentOf(sealed: Uint8Array): BlockContent {
    const marksFrom = sealed.byteOffset + wholeWords(this.#length);
    return {
      bytes: sealed.subarray(0, this.#length),
      marks: new Uint32Array(sealed.buffer, marksFrom, this.#markCount * MARK_NUMBERS),
    };
  }

  /**
   * Says when a byte of it arrived.
   *
   * @param marks The block's marks.
   * @param offset Offset of the byte in the stream.
   * @returns When it arrived; its time is that of the mark before it.
   */
  stampAt(marks: Uint32Array, offset: number): ArrivalStamp {
    const wanted = offset - this.start.offset;
    let [low, high] = [0, marks.length / MARK_NUMBERS - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((marks[middle * MARK_NUMBERS] ?? 0) <= wanted) low = middle;
      else high = middle - 1;
    }
    return this.#stampOf(marks, low);
  }

  /**
   * Gives the stretches that arrived together.
   *
   * @param marks The block's marks.
   * @returns Offset in the stream and arrival of each, in order.
   */
  stretches(marks: Uint32Array): { readonly offset: number; readonly stamp: ArrivalStamp }[] {
    return Array.from({ length: marks.length / MARK_NUMBERS }, (_, index) => ({
      offset: this.start.offset + (marks[index * MARK_NUMBERS] ?? 0),
      stamp: this.#stampOf(marks, index),
    }));
  }

  #stampOf(marks: Uint32Array, index: number): ArrivalStamp {
    const at = index * MARK_NUMBERS;
    return {
      sequence: this.firstStamp.sequence + (marks[at + 1] ?? 0),
      ms: this.firstStamp.ms + (marks[at + 2] ?? 0),
      otherLineFeeds: this.firstStamp.otherLineFeeds + (marks[at + 3] ?? 0),
    };
  }

  #needsMark(stamp: ArrivalStamp): boolean {
    return this.#markCount === 0 || stamp.sequence !== this.#lastStamp.sequence ||
      stamp.ms - this.#lastMarkMs >= MARK_EVERY_MS;
  }

  #mark(stamp: ArrivalStamp): void {
    const at = this.#markCount * MARK_NUMBERS;
    if (at === this.#marks.length) {
      const grown = new Uint32Array(2 * at);
      grown.set(this.#marks);
      this.#marks = grown;
    }
    const first = this.firstStamp;
    // A clock that was set back must not become a time far in the future.
    const laterMs = Math.max(0, stamp.ms - first.ms);
    const otherLineFeeds = stamp.otherLineFeeds - first.otherLineFeeds;
    this.#marks.set([this.#length, stamp.sequence - first.sequence, laterMs, otherLineFeeds], at);
    this.#markCount++;
    this.#lastMarkMs = stamp.ms;
  }

  #giveBack(): void {
    if (this.#place.type !== "memory" || this.#isLent) return;
    const { buffer } = this.#place.sealed;
    if (buffer.byteLength !== BLOCK_BYTES || spareBuffers.length === SPARE_MAX_BUFFERS) return;
    spareBuffers.push(new Uint8Array(buffer));
  }

  #release(place: Place): void {
    this.#place = place;
    this.#buffer = new Uint8Array(0);
    this.#marks = new Uint32Array(0);
  }
}

/** Marks are read as words, so they begin at one. */
function wholeWords(bytes: number): number {
  return (bytes + 3) & ~3;
}
