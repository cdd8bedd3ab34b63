/**
 * The prefilter: which places in a stream are worth a rule's look.
 *
 * Every rule is filed under the rarest three bytes of its anchor, its key. A coarse filter reads
 * the text two bytes at a time; where it lets something through, three bytes are looked up. Text
 * without anchors, which is nearly all text, costs half a table look-up a byte.
 *
 * @module
 */

import type { ByteWindow } from "./byte_window.ts";
import type { Judge } from "./judgement.ts";
import { tripleWeight } from "./output_sample.ts";
import {
  buildPairFilter,
  type ByteGroup,
  FIRST_PAIR_SHIFT,
  SECOND_HALF_SHIFT,
} from "./pair_filter.ts";

/** The rules to ask when the table has an entry. */
export interface Anchor {
  /** What must stand there; ASCII. */
  readonly bytes: Uint8Array;
  /** True when upper and lower case are the same. */
  readonly caseless: boolean;
  /** Bytes from the anchor's first byte to the last byte of its key. */
  readonly keyReach: number;
  /** The rule. */
  readonly judge: Judge;
}

/** An anchor and its rule, to be filed. */
export interface AnchorEntry {
  /** The anchor: at least three ASCII characters. */
  readonly text: string;
  /** The rule. */
  readonly judge: Judge;
  /** True to take upper and lower case as the same. Default: false. */
  readonly caseless?: boolean;
}

const KEY_BYTES = 3;
const SLOT_BITS = 11;
const SLOT_MASK: number = (1 << SLOT_BITS) - 1;
const WORD_BYTES = 4;
const encoder = new TextEncoder();
const NO_ANCHORS: readonly Anchor[] = [];

/** A table of anchors. */
export class AnchorTable {
  /** What {@linkcode buildPairFilter} says of each pair of bytes. */
  readonly filter: Uint32Array;
  /** Hash of a key → the key; 0 for none. What does not fit is in the next free slot. */
  readonly #keys: Uint32Array = new Uint32Array(SLOT_MASK + 1);
  readonly #anchors: Anchor[][] = [];

  /**
   * Makes a table.
   *
   * @param entries The anchors with their rules, in the order in which they are to be asked.
   */
  constructor(entries: Iterable<AnchorEntry>) {
    const groups: ByteGroup[] = [];
    for (const { text, judge, caseless = false } of entries) {
      const bytes = encoder.encode(text);
      const keyAt = rarestKeyAt(bytes);
      const anchor: Anchor = { bytes, caseless, judge, keyReach: keyAt + KEY_BYTES - 1 };
      for (const group of groupsAt(bytes, keyAt, caseless)) {
        if (this.#file(keyOf(group.first, group.second, group.third), anchor)) groups.push(group);
      }
    }
    this.filter = buildPairFilter(groups);
  }

  /**
   * Gives the rules of the key that ends at a byte, in the order in which they were filed.
   *
   * @param bytes The bytes.
   * @param last Index of the key's last byte.
   * @returns The anchors.
   */
  anchorsAt(bytes: Uint8Array, last: number): readonly Anchor[] {
    const key = keyOf(bytes[last - 2] ?? 0, bytes[last - 1] ?? 0, bytes[last] ?? 0);
    const slot = this.#slotOf(key);
    return this.#keys[slot] === 0 ? NO_ANCHORS : this.#anchors[slot] ?? NO_ANCHORS;
  }

  /**
   * Tells whether a key ends at a byte.
   *
   * @param bytes The bytes.
   * @param last Index of the key's last byte.
   */
  hasKeyAt(bytes: Uint8Array, last: number): boolean {
    if (last < KEY_BYTES - 1) return false;
    const key = keyOf(bytes[last - 2] ?? 0, bytes[last - 1] ?? 0, bytes[last] ?? 0);
    return this.#keys[this.#slotOf(key)] !== 0;
  }

  /** Gives the slot where a key is, or where it would be. */
  #slotOf(key: number): number {
    const keys = this.#keys;
    let slot = (Math.imul(key, 0x9e3779b1) >>> (32 - SLOT_BITS)) & SLOT_MASK;
    while (keys[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & SLOT_MASK;
    return slot;
  }

  /** Files an anchor; true when it is the first one of its key. */
  #file(key: number, anchor: Anchor): boolean {
    const slot = this.#slotOf(key);
    const anchors = this.#anchors[slot];
    if (anchors !== undefined) {
      anchors.push(anchor);
      return false;
    }
    this.#keys[slot] = key;
    this.#anchors[slot] = [anchor];
    return true;
  }
}

/**
 * Finds the next place where a key of the table ends.
 *
 * @param window The stream's bytes.
 * @param from First index to look at as the end of a key.
 * @param table The table.
 * @returns The index of the key's last byte, or the window's end.
 */
export function nextHit(window: ByteWindow, from: number, table: AnchorTable): number {
  const { bytes, words, end } = window;
  const { filter } = table;
  const last = end >> 2;
  // Local, because a bundler makes variables of a module's constants.
  const [low, high, second] = [FIRST_PAIR_SHIFT, 16 - FIRST_PAIR_SHIFT, SECOND_HALF_SHIFT];
  let word = Math.max(0, from - KEY_BYTES + 1) >> 2;
  let before = 0;
  // This loop is what clean output costs, so that nothing is called in it.
  for (; word < last; word++) {
    const pairs = words[word] ?? 0;
    const one = filter[(pairs >>> low) & 0xffff] ?? 0;
    const two = filter[(pairs >>> high) & 0xffff] ?? 0;
    const found = (before & (one >>> second)) | (one & (two >>> second));
    before = two;
    if (found === 0) continue;
    const to = (word + 1) * WORD_BYTES;
    for (let at = Math.max(word * WORD_BYTES, from); at < to; at++) {
      if (table.hasKeyAt(bytes, at)) return at;
    }
  }
  for (let at = Math.max(from, word * WORD_BYTES); at < end; at++) {
    if (table.hasKeyAt(bytes, at)) return at;
  }
  return end;
}

function keyOf(first: number, second: number, third: number): number {
  return first | (second << 8) | (third << 16);
}

/** Gives the key at a place, in each mix of cases where case does not count. */
function groupsAt(bytes: Uint8Array, at: number, caseless: boolean): ByteGroup[] {
  const groups: ByteGroup[] = [];
  for (const first of casesOf(bytes[at] ?? 0, caseless)) {
    for (const second of casesOf(bytes[at + 1] ?? 0, caseless)) {
      for (const third of casesOf(bytes[at + 2] ?? 0, caseless)) {
        groups.push({ first, second, third });
      }
    }
  }
  return groups;
}

function casesOf(byte: number, caseless: boolean): number[] {
  const lower = byte | 0x20;
  const isLetter = lower >= 0x61 && lower <= 0x7a;
  return caseless && isLetter ? [lower, lower & ~0x20] : [byte];
}

/** Finds the three bytes of an anchor that are the least common in output. */
function rarestKeyAt(bytes: Uint8Array): number {
  let best = 0;
  let bestWeight = Infinity;
  for (let at = 0; at + KEY_BYTES <= bytes.length; at++) {
    const weight = tripleWeight(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0);
    if (weight >= bestWeight) continue;
    bestWeight = weight;
    best = at;
  }
  return best;
}
