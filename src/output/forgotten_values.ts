/**
 * Values of which only a trace is kept: enough to hide them again, in memory that never grows.
 *
 * The trace is a Bloom filter. The more values it has taken in, the more often it hides what is
 * no secret; but it never lets one through.
 *
 * @module
 */

import { BitSet, BlockFilter, foldedHash, PREFIX_BYTES, prefixHash } from "./block_filter.ts";
import { isIn, LINE_BREAK } from "./byte_classes.ts";
import { byteAt, type ByteWindow, NEED_MORE, NO_MATCH } from "./byte_window.ts";
import { type Judgement, undecided } from "./judgement.ts";

/** 1 MiB: a hundred thousand values leave one wrong answer in ten thousand. */
const VALUE_BITS_LOG2 = 23;
/** Bits of each value. */
const PROBES = 4;
const EXACT_MULTIPLIER = 0x85ebca6b;

/** Values that are looked for as they once stood in a text, and in no other form. */
export class ForgottenValues {
  /** What they begin with. */
  readonly filter: BlockFilter = new BlockFilter();
  readonly #values = new BitSet(VALUE_BITS_LOG2);
  readonly #lengths = new Set<number>();
  #maxBytes = 0;

  /**
   * Takes a value in.
   *
   * @param value The value: seven bytes or more, without line ends.
   */
  add(value: Uint8Array): void {
    this.filter.add(value, 0, prefixHash(value, 0));
    let folded = 0;
    let exact = 0;
    for (let index = 0; index < value.length; index++) {
      const byte = value[index] ?? 0;
      folded = foldedHash(folded, byte);
      exact = exactHash(exact, byte);
    }
    for (let probe = 0; probe < PROBES; probe++) this.#values.add(probeAt(probe, folded, exact));
    this.#lengths.add(value.length);
    this.#maxBytes = Math.max(this.#maxBytes, value.length);
  }

  /**
   * Tells whether a value may begin with a prefix.
   *
   * @param hash The prefix's hash.
   */
  mayBegin(hash: number): boolean {
    return this.filter.hasPrefix(hash);
  }

  /**
   * Judges a place where a value may stand.
   *
   * @param window The bytes.
   * @param at The place.
   * @returns The longest value.
   */
  judge(window: ByteWindow, at: number): Judgement {
    const end = this.endAt(window, at);
    if (end === NEED_MORE) return undecided(at);
    return end === NO_MATCH ? undefined : { type: "secret", start: at, end, kind: "known" };
  }

  /**
   * Finds how far the longest value goes that stands at a place.
   *
   * @param window The bytes.
   * @param at The place.
   * @returns The index after it, {@linkcode NO_MATCH}, or {@linkcode NEED_MORE}.
   */
  endAt(window: ByteWindow, at: number): number {
    let folded = 0;
    let exact = 0;
    let end = NO_MATCH;
    let index = at;
    while (index < at + this.#maxBytes) {
      const byte = byteAt(window, index);
      if (byte === NEED_MORE) return NEED_MORE;
      if (byte < 0 || isIn(byte, LINE_BREAK)) break;
      folded = foldedHash(folded, byte);
      exact = exactHash(exact, byte);
      index++;
      if (index < at + PREFIX_BYTES || !this.#lengths.has(index - at)) continue;
      if (this.#hasProbes(folded, exact)) end = index;
    }
    window.workBytes += index - at;
    return end;
  }

  #hasProbes(folded: number, exact: number): boolean {
    for (let probe = 0; probe < PROBES; probe++) {
      if (!this.#values.has(probeAt(probe, folded, exact))) return false;
    }
    return true;
  }
}

/** Takes one more byte into a hash that tells all bytes apart. */
function exactHash(hash: number, byte: number): number {
  const mixed = Math.imul(hash ^ byte ^ 0x5bd1, EXACT_MULTIPLIER);
  return mixed ^ (mixed >>> 13);
}

/** Makes as many hashes of two as are needed. */
function probeAt(probe: number, folded: number, exact: number): number {
  return probe === 0 ? exact : folded + (probe - 1) * (exact | 1);
}
