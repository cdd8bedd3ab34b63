/**
 * The prefilter: which places in a stream are worth a rule's look.
 *
 * Each byte is folded to one of 32 classes, and three of them make a key into a table of 32,768
 * entries. Every rule is filed under the rarest three bytes of its anchor. Text without anchors,
 * which is nearly all text, costs one table look-up a byte.
 *
 * @module
 */

import type { Judge } from "./judgement.ts";

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

const KEY_BYTES = 3;
const KEY_MASK = 0x7fff;
const EXACT_MASK = 0xffff;
const NO_HIT = -1;
const SPACE_CLASS = 31;

/** Byte → one of 32 classes: each letter without case, digits, and groups of signs. */
export const FOLD: Uint8Array = buildFold();

function buildFold(): Uint8Array {
  const fold = new Uint8Array(256);
  for (let letter = 0; letter < 26; letter++) {
    fold[0x41 + letter] = letter + 1;
    fold[0x61 + letter] = letter + 1;
  }
  const groups: readonly [string, number][] = [
    ["0123456789", 27],
    ["_-", 28],
    [":=", 29],
    ["/.~", 30],
    [" \t\r\n\"'", SPACE_CLASS],
  ];
  for (const [characters, group] of groups) {
    for (const character of characters) fold[character.charCodeAt(0)] = group;
  }
  return fold;
}

/** How common a class is in logs, roughly per mille; rare keys make a quick filter. */
const COMMONNESS: readonly number[] = [
  60,
  62,
  15,
  33,
  35,
  95,
  18,
  16,
  30,
  60,
  3,
  8,
  35,
  25,
  58,
  58,
  22,
  2,
  52,
  56,
  70,
  26,
  10,
  12,
  4,
  14,
  2,
  150,
  40,
  35,
  60,
  150,
];

/** Words that logs are full of: keys inside them would hit all the time. */
const LOG_WORDS =
  "the and ing ion ent for request response http https www web get post put error warn warning info " +
  "debug trace level message module modules node npm registry package packages version path file " +
  "files home user users lib bin src dist test tests build running running compiling installed " +
  "connection content date time type length status code name value api app data server client host " +
  "port mozilla windows linux start started starting stop stopped done failed success total count " +
  "index internal function object string number return default system service worker process thread";

/** Keys of {@linkcode LOG_WORDS}. */
const LOG_KEYS: ReadonlySet<number> = new Set(keysOfWords());

/** How much rarer a key outside those words is taken to be. */
const LOG_KEY_PENALTY = 1000;

/** A table of anchors. */
export class AnchorTable {
  /** Key → number of a bucket; 0 for none. Read directly by the scanning loop. */
  readonly slots: Uint16Array;
  /** Hash of three exact bytes → 1 when an anchor's key may be there. Read directly as well. */
  readonly exact: Uint8Array;
  readonly #buckets: Anchor[][];
  /** Numbers of the buckets that still belong to the table that this one started with. */
  readonly #shared: Set<number>;

  /**
   * Makes a table.
   *
   * @param base A table whose anchors this one starts with; it is not changed.
   */
  constructor(base?: AnchorTable) {
    this.slots = base === undefined ? new Uint16Array(KEY_MASK + 1) : base.slots.slice();
    this.exact = base === undefined ? new Uint8Array(EXACT_MASK + 1) : base.exact.slice();
    this.#buckets = base === undefined ? [[]] : base.#buckets.slice();
    this.#shared = new Set(base === undefined ? [] : this.#buckets.keys());
  }

  /**
   * Files a rule under an anchor of at least three ASCII characters.
   *
   * @param text The anchor.
   * @param judge The rule.
   * @param options `caseless` to take upper and lower case as the same.
   */
  add(text: string, judge: Judge, options: { caseless?: boolean } = {}): void {
    const bytes = new TextEncoder().encode(text);
    this.#file(rarestKeyAt(bytes), { bytes, caseless: options.caseless ?? false, judge });
  }

  /**
   * Files a rule under three exact bytes.
   *
   * @param bytes The three bytes.
   * @param judge The rule.
   * @param options `caseless` to take upper and lower case as the same.
   */
  addKey(bytes: Uint8Array, judge: Judge, options: { caseless?: boolean } = {}): void {
    this.#file(0, { bytes, caseless: options.caseless ?? false, judge });
  }

  /**
   * Gives the rules of a slot, in the order in which they were filed.
   *
   * @param slot The slot's number, not 0.
   * @returns The anchors.
   */
  bucket(slot: number): readonly Anchor[] {
    return this.#buckets[slot] ?? [];
  }

  #file(keyAt: number, anchor: Omit<Anchor, "keyReach">): void {
    const key = keyOf(anchor.bytes, keyAt);
    const filed: Anchor = { ...anchor, keyReach: keyAt + KEY_BYTES - 1 };
    for (const hash of exactHashes(anchor.bytes.subarray(keyAt, keyAt + KEY_BYTES), anchor)) {
      this.exact[hash] = 1;
    }
    const slot = this.slots[key] ?? 0;
    if (slot === 0) {
      this.slots[key] = this.#buckets.length;
      this.#buckets.push([filed]);
      return;
    }
    if (this.#shared.delete(slot)) this.#buckets[slot] = (this.#buckets[slot] ?? []).slice();
    this.#buckets[slot]?.push(filed);
  }
}

/**
 * Finds the next place where a table has an entry.
 *
 * @param bytes The stream's bytes.
 * @param from First index to look at as the end of a key.
 * @param end Index after the last byte.
 * @param table The table.
 * @returns The index of the key's last byte, or `end`.
 */
export function nextHit(
  bytes: Uint8Array,
  from: number,
  end: number,
  table: AnchorTable,
): number {
  const { slots } = table;
  // A key needs three bytes, so none ends before the third byte of a stream.
  let index = Math.max(from, KEY_BYTES - 1);
  if (index >= end) return end;
  let key = ((FOLD[bytes[index - 2] ?? 0] ?? 0) << 5) | (FOLD[bytes[index - 1] ?? 0] ?? 0);
  // Four bytes a turn with one branch for all of them, and nothing called: this loop is what
  // clean output costs.
  for (; index + 3 < end; index += 4) {
    const first = (key << 5) | (FOLD[bytes[index] ?? 0] ?? 0);
    const second = (first << 5) | (FOLD[bytes[index + 1] ?? 0] ?? 0);
    const third = (second << 5) | (FOLD[bytes[index + 2] ?? 0] ?? 0);
    key = (third << 5) | (FOLD[bytes[index + 3] ?? 0] ?? 0);
    const found = (slots[first & KEY_MASK] ?? 0) | (slots[second & KEY_MASK] ?? 0) |
      (slots[third & KEY_MASK] ?? 0) | (slots[key & KEY_MASK] ?? 0);
    if (found === 0) continue;
    const hit = hitWithin(bytes, index, index + 4, table);
    if (hit !== NO_HIT) return hit;
  }
  const hit = hitWithin(bytes, index, end, table);
  return hit === NO_HIT ? end : hit;
}

/** Looks at a few bytes again, now exactly: digits, signs and both cases share classes. */
function hitWithin(bytes: Uint8Array, from: number, to: number, table: AnchorTable): number {
  for (let last = from; last < to; last++) {
    if (table.slots[keyEndingAt(bytes, last)] === 0) continue;
    if (table.exact[exactHash(bytes, last)] !== 0) return last;
  }
  return NO_HIT;
}

function exactHash(bytes: Uint8Array, last: number): number {
  const first = bytes[last - 2] ?? 0;
  return ((first << 10) ^ ((bytes[last - 1] ?? 0) << 5) ^ (bytes[last] ?? 0)) & EXACT_MASK;
}

/** Gives the hashes of a key, in each mix of cases where case does not count. */
function exactHashes(key: Uint8Array, anchor: { caseless: boolean }): number[] {
  let mixes: number[][] = [[]];
  for (const byte of key) {
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
    const cases = anchor.caseless && isLetter ? [byte | 0x20, byte & ~0x20] : [byte];
    mixes = mixes.flatMap((mix) => cases.map((one) => [...mix, one]));
  }
  return mixes.map((mix) => exactHash(Uint8Array.from(mix), KEY_BYTES - 1));
}

/**
 * Gives the key that ends at a byte.
 *
 * @param bytes The bytes.
 * @param last Index of the key's last byte.
 * @returns The key.
 */
export function keyEndingAt(bytes: Uint8Array, last: number): number {
  return keyOf(bytes, last - KEY_BYTES + 1);
}

/**
 * Finds the three bytes of a text that are the least common in logs.
 *
 * @param bytes The text, at least three bytes.
 * @param from First index to consider.
 * @param to Index after the last byte to consider.
 * @returns Where they begin.
 */
export function rarestKeyAt(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  let best = from;
  let bestScore = Infinity;
  for (let at = from; at + KEY_BYTES <= to; at++) {
    let score = 1;
    for (let offset = 0; offset < KEY_BYTES; offset++) {
      score *= COMMONNESS[FOLD[bytes[at + offset] ?? 0] ?? 0] ?? 1;
    }
    if (LOG_KEYS.has(keyOf(bytes, at))) score *= LOG_KEY_PENALTY;
    if (score < bestScore) {
      bestScore = score;
      best = at;
    }
  }
  return best;
}

function keysOfWords(): number[] {
  return LOG_WORDS.split(" ").flatMap((word) => {
    const bytes = new TextEncoder().encode(word);
    return Array.from({ length: word.length - KEY_BYTES + 1 }, (_, at) => keyOf(bytes, at));
  });
}

function keyOf(bytes: Uint8Array, at: number): number {
  let key = 0;
  for (let offset = 0; offset < KEY_BYTES; offset++) {
    key = (key << 5) | (FOLD[bytes[at + offset] ?? 0] ?? 0);
  }
  return key;
}
