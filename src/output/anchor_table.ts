/**
 * The prefilter: which places in a stream are worth a rule's look.
 *
 * Every rule is filed under the rarest three bytes of its anchor, its key. Wherever a key stands,
 * two of its bytes are a pair that begins at an even place, so that the text is read four bytes
 * at a time and only pairs of some key are looked at again. Text without anchors, which is nearly
 * all text, costs half a table look-up a byte.
 *
 * @module
 */

import type { ByteWindow } from "./byte_window.ts";
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
const HASH_MASK = 0xffff;
const WORD_BYTES = 4;
/** True where the first byte of a number in memory is its lowest, as nearly everywhere. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** What most output looks like: pairs that it is full of make bad keys. */
const SAMPLE: readonly string[] = [
  '10.0.12.7 - - [14/Feb/2026:11:02:37 +0000] "GET /api/v1/items?page=2 HTTP/1.1" 200 5316 "-"',
  '"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari"',
  '{"level":"info","time":"2026-02-14T11:02:37.145Z","msg":"request completed","method":"POST",',
  '"path":"/users/1024","status":201,"duration_ms":18,"requestId":"c0ffee12-0a3b-4d5e-8f90-1a2b"}',
  "npm http fetch GET 200 https://registry.example.com/package 87ms (cache miss)",
  "added 312 packages, changed 4 packages, and audited 317 packages in 9s",
  "   Compiling parser v0.4.12   Finished dev [unoptimized + debuginfo] target(s) in 10.16s",
  "commit 1f3870be274f6c49b3e31a0c6728957f2026021a Author: Date: Merge branch 'main' into",
  " src/output/index.ts | 10 +++++----- 3 files changed, 29 insertions(+), 16 deletions(-)",
  "web-5d8f7c9b64-x2x7q   1/1   Running   0   12d   10.1.0.16   node-2   <none>",
  "    at Object.<anonymous> (/home/user/app/node_modules/module/lib/index.js:102:16)",
  "2026-02-14 11:02:37,145 INFO [main] org.apache.server.Listener - Started thread in 120 ms",
  "WARN connection reset by peer, retrying the operation (attempt 2 of 5); token and key are set",
  "drwxr-xr-x 2 root root 4096 Feb 14 11:02 the application is using that with this for all other",
  "ok 10 - test returns an error when the file does not exist # pass fail skipped duration_ms",
  "nested lists, the docs and a flaky test: checks that pages render, append and store by default",
  "login, logging, qualified names, next change, quick catch, each thing, such as v1.0-rc.1 or v1.2",
  "/usr/lib/python3/dist-packages/requests/api.py: line 61, in request return session.request",
];
/** How much a pair in the sample weighs against the rarest one. */
const SAMPLE_WEIGHT = 8;
/** What a pair of digits counts for beside the sample: numbers are never the same. */
const DIGIT_PAIR_COUNT = 3;
const PAIR_COUNTS: ReadonlyMap<number, number> = countPairs();
const BYTE_COUNTS: ReadonlyMap<number, number> = countBytes();

/** A table of anchors. */
export class AnchorTable {
  /** Pair of bytes as it lies in memory → 1 when it may be part of a key. */
  readonly pairs: Uint8Array = new Uint8Array(0x10000);
  /** Hash of three bytes → number of a bucket; 0 for none. */
  readonly slots: Uint16Array = new Uint16Array(HASH_MASK + 1);
  readonly #buckets: Anchor[][] = [[]];

  /**
   * Files a rule under an anchor of at least three ASCII characters.
   *
   * @param text The anchor.
   * @param judge The rule.
   * @param options `caseless` to take upper and lower case as the same.
   */
  add(text: string, judge: Judge, options: { caseless?: boolean } = {}): void {
    const bytes = new TextEncoder().encode(text);
    const caseless = options.caseless ?? false;
    const keyAt = rarestKeyAt(bytes);
    const anchor = { bytes, caseless, judge, keyReach: keyAt + KEY_BYTES - 1 };
    for (const [a = 0, b = 0, c = 0] of casesOf(bytes, keyAt, caseless)) {
      this.#mark(a, b);
      this.#mark(b, c);
      this.#fileUnder(keyHash(a, b, c), anchor);
    }
  }

  /**
   * Gives the rules of the key that ends at a byte, in the order in which they were filed.
   *
   * @param bytes The bytes.
   * @param last Index of the key's last byte.
   * @returns The anchors; some may be those of other keys with the same hash.
   */
  anchorsAt(bytes: Uint8Array, last: number): readonly Anchor[] {
    return this.#buckets[this.slots[hashEndingAt(bytes, last)] ?? 0] ?? [];
  }

  #mark(first: number, second: number): void {
    this.pairs[pairOf(first, second)] = 1;
  }

  #fileUnder(hash: number, anchor: Anchor): void {
    const slot = this.slots[hash] ?? 0;
    if (slot !== 0) {
      const bucket = this.#buckets[slot] ?? [];
      if (bucket.at(-1) !== anchor) bucket.push(anchor);
      return;
    }
    this.slots[hash] = this.#buckets.length;
    this.#buckets.push([anchor]);
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
  const { pairs } = table;
  let word = Math.max(0, from - KEY_BYTES + 1) >> 2;
  const last = end >> 2;
  // Four words a turn with one branch for all of them, and nothing called: this loop is what
  // clean output costs.
  while (word + 3 < last) {
    const a = words[word] ?? 0;
    const b = words[word + 1] ?? 0;
    const c = words[word + 2] ?? 0;
    const d = words[word + 3] ?? 0;
    const found = (pairs[a & 0xffff] ?? 0) | (pairs[a >>> 16] ?? 0) |
      (pairs[b & 0xffff] ?? 0) | (pairs[b >>> 16] ?? 0) |
      (pairs[c & 0xffff] ?? 0) | (pairs[c >>> 16] ?? 0) |
      (pairs[d & 0xffff] ?? 0) | (pairs[d >>> 16] ?? 0);
    if (found !== 0) {
      const to = (word + 4) * WORD_BYTES;
      for (let at = word * WORD_BYTES; at < to; at += 2) {
        const pair = pairOf(bytes[at] ?? 0, bytes[at + 1] ?? 0);
        if (pairs[pair] === 0) continue;
        // A hit that was asked about before may hide the one after it.
        if (at + 1 >= from && isKeyEnd(window, at + 1, table)) return at + 1;
        if (at + 2 >= from && isKeyEnd(window, at + 2, table)) return at + 2;
      }
    }
    word += 4;
  }
  for (let last = Math.max(from, word * WORD_BYTES + 1); last < end; last++) {
    if (isKeyEnd(window, last, table)) return last;
  }
  return end;
}

function isKeyEnd(window: ByteWindow, last: number, table: AnchorTable): boolean {
  return last >= KEY_BYTES - 1 && last < window.end &&
    table.slots[hashEndingAt(window.bytes, last)] !== 0;
}

function pairOf(first: number, second: number): number {
  return IS_LITTLE_ENDIAN ? first | (second << 8) : (first << 8) | second;
}

function hashEndingAt(bytes: Uint8Array, last: number): number {
  return keyHash(bytes[last - 2] ?? 0, bytes[last - 1] ?? 0, bytes[last] ?? 0);
}

function keyHash(first: number, second: number, third: number): number {
  return (Math.imul(first | (second << 8) | (third << 16), 0x9e3779b1) >>> 16) & HASH_MASK;
}

/** Gives a key in each mix of cases where case does not count. */
function casesOf(bytes: Uint8Array, keyAt: number, caseless: boolean): number[][] {
  let mixes: number[][] = [[]];
  for (const byte of bytes.subarray(keyAt, keyAt + KEY_BYTES)) {
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
    const cases = caseless && isLetter ? [byte | 0x20, byte & ~0x20] : [byte];
    mixes = mixes.flatMap((mix) => cases.map((one) => [...mix, one]));
  }
  return mixes;
}

/** Finds the three bytes of an anchor whose pairs are the least common in logs. */
function rarestKeyAt(bytes: Uint8Array): number {
  let best = 0;
  let bestScore = Infinity;
  for (let at = 0; at + KEY_BYTES <= bytes.length; at++) {
    const score = pairScore(bytes, at) + pairScore(bytes, at + 1);
    if (score < bestScore) {
      bestScore = score;
      best = at;
    }
  }
  return best;
}

function pairScore(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  const digits = isDigit(first) && isDigit(second) ? DIGIT_PAIR_COUNT : 0;
  const count = (PAIR_COUNTS.get((first << 8) | second) ?? 0) + digits;
  // Among pairs that the sample does not have, those of rarer characters are taken.
  return SAMPLE_WEIGHT * count * count +
    Math.sqrt((BYTE_COUNTS.get(first) ?? 0) * (BYTE_COUNTS.get(second) ?? 0)) / SAMPLE_WEIGHT;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function countPairs(): Map<number, number> {
  const counts = new Map<number, number>();
  for (const line of SAMPLE) {
    for (let at = 1; at < line.length; at++) {
      const pair = (line.charCodeAt(at - 1) << 8) | line.charCodeAt(at);
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
  }
  return counts;
}

function countBytes(): Map<number, number> {
  const counts = new Map<number, number>();
  for (const byte of new TextEncoder().encode(SAMPLE.join(""))) {
    counts.set(byte, (counts.get(byte) ?? 0) + 1);
  }
  return counts;
}
