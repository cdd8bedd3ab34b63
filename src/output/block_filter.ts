/**
 * A coarse filter for bytes that a value may begin with, which reads four bytes at a time.
 *
 * Wherever the first seven bytes of a value stand, their prefix, four of them begin at a place
 * that divides by four. So a prefix is filed as the four blocks that it may show there.
 *
 * @module
 */

import { isIn, LINE_BREAK } from "./byte_classes.ts";
import type { ByteWindow } from "./byte_window.ts";

/** Bytes of a prefix. */
export const PREFIX_BYTES = 7;
/** Bytes of a block. */
const BLOCK_BYTES = 4;
/** Sets both cases of a letter equal; for other bytes it makes the filter a little coarser. */
const FOLD = 0x20;
const FOLD_BLOCK = 0x20202020;
/** One bit in a million: with some thousands of prefixes, one block in a hundred gets through. */
const BITS_LOG2 = 20;
/** A byte for each; with some thousands of prefixes, one in ten has a wrong bit. */
const OFFSETS_LOG2 = 17;
const MULTIPLIER = 0x9e3779b1;
const OFFSETS_MULTIPLIER = 0x85ebca6b;
/** True where the first byte of a number in memory is its lowest, as nearly everywhere. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Bits by number, which have to be taken as the lowest of a hash. */
export class BitSet {
  /** The bits, 32 to a number. */
  readonly words: Uint32Array;

  /**
   * Makes a set without members.
   *
   * @param bitsLog2 How many bits there are, as a power of two.
   */
  constructor(bitsLog2: number) {
    this.words = new Uint32Array(1 << (bitsLog2 - 5));
  }

  /**
   * Adds a member.
   *
   * @param hash Its hash; the bits above those that are used do not matter.
   */
  add(hash: number): void {
    const index = (hash >>> 5) & (this.words.length - 1);
    this.words[index] = (this.words[index] ?? 0) | (1 << (hash & 31));
  }

  /** Takes all members out. */
  clear(): void {
    this.words.fill(0);
  }

  /**
   * Tells whether a member may have been added.
   *
   * @param hash Its hash.
   */
  has(hash: number): boolean {
    return ((this.words[(hash >>> 5) & (this.words.length - 1)] ?? 0) >>> (hash & 31) & 1) === 1;
  }
}

/** Some prefixes, and their blocks. */
export class BlockFilter {
  readonly #blocks = new BitSet(BITS_LOG2);
  readonly #prefixes = new BitSet(BITS_LOG2);
  /** Hash of a block → a bit for each number of bytes that are in front of it. */
  readonly #offsets = new Uint8Array(1 << OFFSETS_LOG2);

  /**
   * Adds a prefix.
   *
   * @param bytes Where it is.
   * @param at Index of the first of its seven bytes.
   * @param hash Its hash.
   */
  add(bytes: Uint8Array, at: number, hash: number): void {
    this.#prefixes.add(hash);
    for (let offset = 0; offset < BLOCK_BYTES; offset++) {
      const block = blockAt(bytes, at + offset);
      this.#blocks.add(hashOf(block));
      const index = offsetsIndex(block);
      this.#offsets[index] = (this.#offsets[index] ?? 0) | (1 << offset);
    }
  }

  /**
   * Becomes the same as another filter.
   *
   * @param other The other one; nothing when absent.
   */
  reset(other: BlockFilter | undefined): void {
    if (other === undefined) {
      this.#blocks.clear();
      this.#prefixes.clear();
      this.#offsets.fill(0);
    } else {
      this.#blocks.words.set(other.#blocks.words);
      this.#prefixes.words.set(other.#prefixes.words);
      this.#offsets.set(other.#offsets);
    }
  }

  /**
   * Tells where in prefixes a block may stand that {@linkcode next} found.
   *
   * @param window The bytes.
   * @param at The block's index.
   * @returns A bit for each number of bytes that may be in front of it.
   */
  offsetsAt(window: ByteWindow, at: number): number {
    return this.#offsets[offsetsIndex(window.words[at >> 2] ?? 0)] ?? 0;
  }

  /**
   * Tells whether a prefix may have been added.
   *
   * @param hash Its hash.
   */
  hasPrefix(hash: number): boolean {
    return this.#prefixes.has(hash);
  }

  /**
   * Finds the next block that may be part of a prefix.
   *
   * @param window The bytes.
   * @param from First index of a block to look at; it divides by four.
   * @param to Index after the last byte.
   * @returns The block's index; `to` or more when there is none.
   */
  next(window: ByteWindow, from: number, to: number): number {
    const { words: text } = window;
    const { words: bits } = this.#blocks;
    // Local, because a bundler makes variables of a module's constants.
    const [fold, multiplier, shift] = [FOLD_BLOCK, MULTIPLIER, 32 - BITS_LOG2];
    const last = to >> 2;
    // These loops run over all output once a value is known, so that nothing is called in them.
    let word = from >> 2;
    for (; word + 3 < last; word += 4) {
      const one = Math.imul((text[word] ?? 0) | fold, multiplier) >>> shift;
      const two = Math.imul((text[word + 1] ?? 0) | fold, multiplier) >>> shift;
      const three = Math.imul((text[word + 2] ?? 0) | fold, multiplier) >>> shift;
      const four = Math.imul((text[word + 3] ?? 0) | fold, multiplier) >>> shift;
      // A shift by more than 31 counts from 0 again.
      const found = ((bits[one >>> 5] ?? 0) >>> one) | ((bits[two >>> 5] ?? 0) >>> two) |
        ((bits[three >>> 5] ?? 0) >>> three) | ((bits[four >>> 5] ?? 0) >>> four);
      if ((found & 1) !== 0) break;
    }
    for (; word < last; word++) {
      const hash = Math.imul((text[word] ?? 0) | fold, multiplier) >>> shift;
      if (((bits[hash >>> 5] ?? 0) >>> (hash & 31) & 1) === 1) return word * BLOCK_BYTES;
    }
    return to;
  }
}

/**
 * Takes one more byte into a hash that does not tell cases apart.
 *
 * @param hash The hash so far; 0 for none.
 * @param byte The byte.
 * @returns The hash.
 */
export function foldedHash(hash: number, byte: number): number {
  const mixed = Math.imul(hash ^ (byte | FOLD), MULTIPLIER);
  return mixed ^ (mixed >>> 15);
}

/**
 * Gives the hash of a prefix, which does not tell cases apart.
 *
 * @param bytes The bytes.
 * @param at Where it begins; seven bytes follow.
 * @returns The hash.
 */
export function prefixHash(bytes: Uint8Array, at: number): number {
  // Two numbers instead of seven: this is asked for far more places than have a value.
  const head = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24);
  const tail = (bytes[at + 4] ?? 0) | ((bytes[at + 5] ?? 0) << 8) | ((bytes[at + 6] ?? 0) << 16);
  const mixed = Math.imul(
    (head | FOLD_BLOCK) ^ Math.imul(tail | FOLD_BLOCK, OFFSETS_MULTIPLIER),
    MULTIPLIER,
  );
  const again = Math.imul(mixed ^ (mixed >>> 15), OFFSETS_MULTIPLIER);
  return again ^ (again >>> 13);
}

/** The first two bytes of prefixes: what tells whether a text may end in the middle of one. */
export class PrefixStarts {
  readonly #pairs = new BitSet(16);
  readonly #firsts = new BitSet(8);

  /**
   * Adds a prefix.
   *
   * @param bytes Where it is.
   * @param at Index of its first byte.
   */
  add(bytes: Uint8Array, at: number): void {
    this.#firsts.add((bytes[at] ?? 0) | FOLD);
    this.#pairs.add(pairOf(bytes, at));
  }

  /**
   * Tells whether a prefix may stand at a place and go on after the bytes that have arrived.
   *
   * @param window The bytes.
   * @param at The place, fewer than seven bytes before the end.
   */
  mayBeCut(window: ByteWindow, at: number): boolean {
    const { bytes, end, final } = window;
    if (final || !this.#firsts.has((bytes[at] ?? 0) | FOLD)) return false;
    if (at + 1 < end && !this.#pairs.has(pairOf(bytes, at))) return false;
    for (let index = at; index < end; index++) {
      if (isIn(bytes[index] ?? 0, LINE_BREAK)) return false;
    }
    return true;
  }
}

function pairOf(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) | FOLD) << 8 | (bytes[at + 1] ?? 0) | FOLD;
}

/** Reads four bytes as the number that they are in memory. */
function blockAt(bytes: Uint8Array, at: number): number {
  const a = bytes[at] ?? 0;
  const b = bytes[at + 1] ?? 0;
  const c = bytes[at + 2] ?? 0;
  const d = bytes[at + 3] ?? 0;
  return IS_LITTLE_ENDIAN
    ? a | (b << 8) | (c << 16) | (d << 24)
    : d | (c << 8) | (b << 16) | (a << 24);
}

function offsetsIndex(block: number): number {
  return Math.imul(block | FOLD_BLOCK, OFFSETS_MULTIPLIER) >>> (32 - OFFSETS_LOG2);
}

function hashOf(block: number): number {
  return Math.imul(block | FOLD_BLOCK, MULTIPLIER) >>> (32 - BITS_LOG2);
}
