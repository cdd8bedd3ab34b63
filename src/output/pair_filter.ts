/**
 * A coarse filter for groups of three bytes, which reads two bytes at a time.
 *
 * Wherever a group `abc` stands, the text read in pairs shows either `ab` and then `c?`, or `?a`
 * and then `bc`. So there are classes of groups: a pair says of which classes it may be the first
 * half and of which the second, and a group is possible where a pair and the next one agree.
 *
 * @module
 */

import { byteWeight, pairWeight, sampleTriples } from "./output_sample.ts";

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

/** Groups of three bytes, in two halves. */
interface Halves {
  /** The half that is a whole pair. */
  readonly pair: string;
  /** The half that is one byte. */
  readonly single: string;
}

/** Groups of the sample by either half, with how often they stand there. */
interface SampleHalves {
  /** Pair → the bytes that stand beside it. */
  readonly byPair: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Byte → the pairs that stand beside it. */
  readonly bySingle: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** Groups that are let through together: each of its pairs with each of its bytes. */
interface GroupClass {
  readonly pairs: Set<string>;
  readonly singles: Set<string>;
  pairsWeight: number;
  singlesWeight: number;
}

/**
 * Builds the filter.
 *
 * @param groups The groups to let through, three characters each.
 * @returns Pair of bytes as it lies in memory → the classes of which it may be the first half, and
 *   above them those of which it may be the second.
 */
export function buildPairFilter(groups: ReadonlySet<string>): Uint32Array {
  const filter = new Uint32Array(0x10000);
  classesOf(groups, evenHalves).forEach(({ pairs, singles }, index) => {
    const bit = 1 << index;
    for (const pair of pairs) mark(filter, pairIndex(...bytesOf(pair)), bit);
    for (const single of singles) {
      const [byte] = bytesOf(single);
      for (let any = 0; any < 256; any++) {
        mark(filter, pairIndex(byte, any), bit << SECOND_HALF_SHIFT);
      }
    }
  });
  classesOf(groups, oddHalves).forEach(({ pairs, singles }, index) => {
    const bit = 1 << (CLASSES + index);
    for (const single of singles) {
      const [byte] = bytesOf(single);
      for (let any = 0; any < 256; any++) mark(filter, pairIndex(any, byte), bit);
    }
    for (const pair of pairs) mark(filter, pairIndex(...bytesOf(pair)), bit << SECOND_HALF_SHIFT);
  });
  return filter;
}

/** A group that begins where a pair begins. */
function evenHalves(group: string): Halves {
  return { pair: group.slice(0, 2), single: group.slice(2) };
}

/** A group that ends where a pair ends. */
function oddHalves(group: string): Halves {
  return { pair: group.slice(1), single: group.slice(0, 1) };
}

/**
 * Puts each group, the common ones first, into the class that lets the least more through. The
 * first class has all groups with a rare pair, whatever the bytes.
 */
function classesOf(groups: ReadonlySet<string>, halvesOf: (group: string) => Halves): GroupClass[] {
  const classes = Array.from({ length: CLASSES }, (): GroupClass => ({
    pairs: new Set(),
    singles: new Set(),
    pairsWeight: 0,
    singlesWeight: 0,
  }));
  const [rare, ...others] = classes;
  const common: Halves[] = [];
  for (const group of groups) {
    const halves = halvesOf(group);
    if (pairWeight(halves.pair) >= 1) common.push(halves);
    else if (rare !== undefined) include(rare, halves);
  }
  common.sort((one, other) => pairWeight(other.pair) - pairWeight(one.pair));
  const sample = sampleBy(common, halvesOf);
  for (const halves of common) {
    let best = others[0];
    let bestCost = Infinity;
    for (const one of others) {
      const cost = costOf(one, halves, sample);
      if (cost >= bestCost) continue;
      bestCost = cost;
      best = one;
    }
    if (best !== undefined) include(best, halves);
  }
  return classes;
}

function include(one: GroupClass, { pair, single }: Halves): void {
  if (!one.pairs.has(pair)) one.pairsWeight += pairWeight(pair);
  if (!one.singles.has(single)) one.singlesWeight += byteWeight(single);
  one.pairs.add(pair);
  one.singles.add(single);
}

/** How much more a class lets through when a group is put into it. */
function costOf(one: GroupClass, { pair, single }: Halves, sample: SampleHalves): number {
  const isNewPair = !one.pairs.has(pair);
  const isNewSingle = !one.singles.has(single);
  const pairs = one.pairsWeight + (isNewPair ? pairWeight(pair) : 0);
  const singles = one.singlesWeight + (isNewSingle ? byteWeight(single) : 0);
  let seen = 0;
  if (isNewPair) {
    for (const [other, count] of sample.byPair.get(pair) ?? []) {
      if (other === single || one.singles.has(other)) seen += count;
    }
  }
  if (isNewSingle) {
    for (const [other, count] of sample.bySingle.get(single) ?? []) {
      if (one.pairs.has(other)) seen += count;
    }
  }
  return pairs * singles - one.pairsWeight * one.singlesWeight + SAMPLE_WEIGHT * seen;
}

function sampleBy(groups: readonly Halves[], halvesOf: (group: string) => Halves): SampleHalves {
  const pairs = new Set(groups.map(({ pair }) => pair));
  const singles = new Set(groups.map(({ single }) => single));
  const byPair = new Map<string, Map<string, number>>();
  const bySingle = new Map<string, Map<string, number>>();
  for (const [group, count] of sampleTriples()) {
    const { pair, single } = halvesOf(group);
    if (!pairs.has(pair) || !singles.has(single)) continue;
    byPair.set(pair, (byPair.get(pair) ?? new Map<string, number>()).set(single, count));
    bySingle.set(single, (bySingle.get(single) ?? new Map<string, number>()).set(pair, count));
  }
  return { byPair, bySingle };
}

function mark(filter: Uint32Array, index: number, bits: number): void {
  filter[index] = (filter[index] ?? 0) | bits;
}

/** Gives two bytes as the number that they are in memory. */
function pairIndex(first: number, second: number): number {
  return IS_LITTLE_ENDIAN ? first | (second << 8) : (first << 8) | second;
}

function bytesOf(text: string): [first: number, second: number] {
  return [text.charCodeAt(0), text.charCodeAt(1)];
}
