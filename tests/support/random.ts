/**
 * Repeatable randomness for tests: everything follows from the seed.
 *
 * @module
 */

/** A generator of pseudo-random choices. */
export class Random {
  #state: number;

  /**
   * Starts a sequence.
   *
   * @param seed A whole number; equal seeds give equal sequences.
   */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** The next number, from 0 to under 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to under `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** One of the items, which must not be none. */
  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }

  /** What one of the makers makes; the others are not called. */
  make<T>(makers: readonly [() => T, ...(() => T)[]]): T {
    return this.pick(makers)();
  }
}
