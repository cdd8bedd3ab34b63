/**
 * Small numbers by identity, in two flat arrays: a log may bring a new identity with each line, and
 * objects for all of them would keep the garbage collector busy.
 *
 * @module
 */

const FIRST_CAPACITY = 64;

/** A table from identities, which are keyed hashes, to whole numbers from 1. */
export class IdentityTable {
  #identities = new Float64Array(FIRST_CAPACITY);
  /** Beside each identity its number; 0 where there is none. */
  #numbers = new Int32Array(FIRST_CAPACITY);
  #size = 0;

  /** How many identities there are. */
  get size(): number {
    return this.#size;
  }

  /**
   * Gives the number of an identity.
   *
   * @param identity The identity.
   * @returns Its number; 0 when it has none.
   */
  get(identity: number): number {
    return this.#numbers[this.#slotOf(identity)] ?? 0;
  }

  /**
   * Adds an identity that is not there yet.
   *
   * @param identity The identity.
   * @param number Its number, from 1 to 2³¹ - 1.
   */
  add(identity: number, number: number): void {
    if (2 * this.#size >= this.#numbers.length) this.#grow();
    const slot = this.#slotOf(identity);
    this.#identities[slot] = identity;
    this.#numbers[slot] = number;
    this.#size++;
  }

  /** Takes all identities out. */
  clear(): void {
    this.#numbers.fill(0);
    this.#size = 0;
  }

  /** Gives the slot where an identity is, or where it would be. */
  #slotOf(identity: number): number {
    const identities = this.#identities;
    const numbers = this.#numbers;
    const mask = numbers.length - 1;
    let slot = identity & mask;
    while (numbers[slot] !== 0 && identities[slot] !== identity) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [identities, numbers] = [this.#identities, this.#numbers];
    this.#identities = new Float64Array(2 * identities.length);
    this.#numbers = new Int32Array(2 * numbers.length);
    for (let index = 0; index < numbers.length; index++) {
      if (numbers[index] === 0) continue;
      const identity = identities[index] ?? 0;
      const slot = this.#slotOf(identity);
      this.#identities[slot] = identity;
      this.#numbers[slot] = numbers[index] ?? 0;
    }
  }
}
