/**
 * A coarse filter for groups of three bytes, which reads two bytes at a time.
 *
 * Wherever a group `abc` stands, the text read in pairs shows either `ab` and then `c?`, or `?a`
 * and then `bc`. So there are classes of groups: a pair says of which classes it may be the first
 * half and of which the second, and a group is possible where a pair and the next one agree.
 *
 * @module
 */

import {
  byteWeight,
  PAIR_CODES,
  pairCode,
  pairWeight,
  type SampleTriple,
  sampleTriples,
} from "./output_sample.ts";

/** Classes for each of the two ways in which a group lies in pairs. */
const CLASSES = 8;
/** Bits from the classes of which a pair may be the first half to those of the second. */
export const SECOND_HALF_SHIFT: number = 2 * CLASSES;
/** True where the first byte of a number in memory is its lowest, as nearly everywhere. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
/** Bits by which a word of four bytes is shifted to get at its first pair; 16 less for the other. */
export const FIRST_PAIR_SHIFT: number = IS_LITTLE_ENDIAN ? 0 : 16;

/** How much a group of the sample weighs that is let through, against one that it has not. */
const SAMPLE_WEIGHT = 1000;

/** Bytes of ASCII, from 0. */
const ASCII_CODES = 128;
const BYTE_CODES = 256;

/** A group of three bytes to let through. */
export interface ByteGroup {
  /** Its first byte: ASCII, as the others. */
  readonly first: number;
  /** Its second byte. */
  readonly second: number;
  /** Its third byte. */
  readonly third: number;
}

/** A group of three bytes, in two halves. */
interface Halves {
  /** Code of the half that is a whole pair. */
  readonly pair: number;
  /** How common that pair is. */
  readonly pairWeight: number;
  /** The half that is one byte. */
  readonly single: number;
}

/** What stands beside a half of a group in the sample, and how often. */
interface Neighbours {
  readonly halves: number[];
  readonly counts: number[];
}

/** Groups of the sample by either half. */
interface SampleHalves {
  /** Code of a pair → the bytes that stand beside it. */
  readonly byPair: ReadonlyMap<number, Neighbours>;
  /** Byte → the pairs that stand beside it. */
  readonly bySingle: ReadonlyMap<number, Neighbours>;
}

const NO_NEIGHBOURS: Neighbours = { halves: [], counts: [] };

/** Groups that are let through together: each of its pairs with each of its bytes. */
class GroupClass {
  /** Code of a pair → 1 when it is in the class. */
  readonly pairs = new Uint8Array(PAIR_CODES);
  /** Byte → 1 when it is in the class. */
  readonly singles = new Uint8Array(ASCII_CODES);
  #pairsWeight = 0;
  #singlesWeight = 0;

  include({ pair, pairWeight: weight, single }: Halves): void {
    if (this.pairs[pair] === 0) this.#pairsWeight += weight;
    if (this.singles[single] === 0) this.#singlesWeight += byteWeight(single);
    this.pairs[pair] = 1;
    this.singles[single] = 1;
  }

  /** How much more the class lets through when a group is put into it. */
  costOf(halves: Halves, sample: SampleHalves): number {
    const { pair, single } = halves;
    const isNewPair = this.pairs[pair] === 0;
    const isNewSingle = this.singles[single] === 0;
    const pairs = this.#pairsWeight + (isNewPair ? halves.pairWeight : 0);
    const singles = this.#singlesWeight + (isNewSingle ? byteWeight(single) : 0);
    let seen = 0;
    if (isNewPair) {
      const { halves: near, counts } = sample.byPair.get(pair) ?? NO_NEIGHBOURS;
      for (let at = 0; at < near.length; at++) {
        const half = near[at] ?? 0;
        if (half === single || this.singles[half] === 1) seen += counts[at] ?? 0;
      }
    }
    if (isNewSingle) {
      const { halves: near, counts } = sample.bySingle.get(single) ?? NO_NEIGHBOURS;
      for (let at = 0; at < near.length; at++) {
        if (this.pairs[near[at] ?? 0] === 1) seen += counts[at] ?? 0;
      }
    }
    return pairs * singles - this.#pairsWeight * this.#singlesWeight + SAMPLE_WEIGHT * seen;
  }
}

/**
 * Builds the filter.
 *
 * @param groups The groups to let through, each once.
 * @returns Pair of bytes as it lies in memory → the classes of which it may be the first half, and
 *   above them those of which it may be the second.
 */
export function buildPairFilter(groups: readonly ByteGroup[]): Uint32Array {
  // A group that begins where a pair begins.
  const even = groups.map(({ first, second, third }) => halvesOf(pairCode(first, second), third));
  const evenSample = sampleBy(even, ({ head, last }) => ({ pair: head, single: last }));
  // A group that ends where a pair ends.
  const odd = groups.map(({ first, second, third }) => halvesOf(pairCode(second, third), first));
  const oddSample = sampleBy(odd, ({ tail, first }) => ({ pair: tail, single: first }));
  const marks = new Marks();
  classesOf(even, evenSample).forEach(({ pairs, singles }, index) => {
    const bit = 1 << index;
    marks.markPairs(pairs, bit);
    marks.markSingles(marks.firsts, singles, bit << SECOND_HALF_SHIFT);
  });
  classesOf(odd, oddSample).forEach(({ pairs, singles }, index) => {
    const bit = 1 << (CLASSES + index);
    marks.markPairs(pairs, bit << SECOND_HALF_SHIFT);
    marks.markSingles(marks.seconds, singles, bit);
  });
  return marks.filter();
}

/** What is said of pairs: of one each, and of all with a certain byte. */
class Marks {
  /** First byte of a pair → bits. */
  readonly firsts = new Uint32Array(BYTE_CODES);
  /** Second byte of a pair → bits. */
  readonly seconds = new Uint32Array(BYTE_CODES);
  /** Index of a pair → bits. */
  readonly #pairs = new Map<number, number>();

  markPairs(members: Uint8Array, bits: number): void {
    for (let pair = members.indexOf(1); pair >= 0; pair = members.indexOf(1, pair + 1)) {
      const index = pairIndex(Math.floor(pair / ASCII_CODES), pair % ASCII_CODES);
      this.#pairs.set(index, (this.#pairs.get(index) ?? 0) | bits);
    }
  }

  markSingles(marked: Uint32Array, members: Uint8Array, bits: number): void {
    for (let byte = members.indexOf(1); byte >= 0; byte = members.indexOf(1, byte + 1)) {
      marked[byte] = (marked[byte] ?? 0) | bits;
    }
  }

  /** Puts all together, in few steps: it is made when a program starts, before code is fast. */
  filter(): Uint32Array {
    const filter = new Uint32Array(BYTE_CODES * BYTE_CODES);
    const lows = IS_LITTLE_ENDIAN ? this.firsts : this.seconds;
    const highs = IS_LITTLE_ENDIAN ? this.seconds : this.firsts;
    for (let high = 0; high < BYTE_CODES; high++) {
      const bits = highs[high] ?? 0;
      const row = bits === 0 ? lows : lows.map((low) => low | bits);
      filter.set(row, high * BYTE_CODES);
    }
    for (const [index, bits] of this.#pairs) filter[index] = (filter[index] ?? 0) | bits;
    return filter;
  }
}

function halvesOf(pair: number, single: number): Halves {
  return { pair, pairWeight: pairWeight(pair), single };
}

/**
 * Puts each group, the common ones first, into the class that lets the least more through. The
 * first class has all groups with a rare pair, whatever the bytes.
 */
function classesOf(groups: readonly Halves[], sample: SampleHalves): GroupClass[] {
  const classes = Array.from({ length: CLASSES }, () => new GroupClass());
  const [rare, ...others] = classes;
  const common: Halves[] = [];
  for (const halves of groups) {
    if (halves.pairWeight >= 1) common.push(halves);
    else rare?.include(halves);
  }
  common.sort((one, other) => other.pairWeight - one.pairWeight);
  for (const halves of common) {
    let best = others[0];
    let bestCost = Infinity;
    for (const one of others) {
      const cost = one.costOf(halves, sample);
      if (cost >= bestCost) continue;
      bestCost = cost;
      best = one;
    }
    best?.include(halves);
  }
  return classes;
}

/** Sorts the sample by the halves of groups, as far as there are groups with them. */
function sampleBy(
  groups: readonly Halves[],
  split: (triple: SampleTriple) => { readonly pair: number; readonly single: number },
): SampleHalves {
  const byPair = new Map<number, Neighbours>();
  const bySingle = new Map<number, Neighbours>();
  for (const { pair, single, pairWeight: weight } of groups) {
    if (weight < 1) continue;
    byPair.set(pair, { halves: [], counts: [] });
    bySingle.set(single, { halves: [], counts: [] });
  }
  for (const triple of sampleTriples()) {
    const { pair, single } = split(triple);
    const singles = byPair.get(pair);
    const pairs = bySingle.get(single);
    if (singles === undefined || pairs === undefined) continue;
    singles.halves.push(single);
    singles.counts.push(triple.count);
    pairs.halves.push(pair);
    pairs.counts.push(triple.count);
  }
  return { byPair, bySingle };
}

/** Gives two bytes as the number that they are in memory. */
function pairIndex(first: number, second: number): number {
  return IS_LITTLE_ENDIAN ? first | (second << 8) : (first << 8) | second;
}
