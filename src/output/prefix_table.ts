/**
 * Prefixes by their hash, in flat arrays that are filled and emptied again and again.
 *
 * @module
 */

const FIRST_CAPACITY_LOG2 = 6;

/** A table from hashes of prefixes to whole numbers other than 0. */
export class PrefixTable {
  /** Random, so that nobody can choose prefixes that crowd the same slots. */
  readonly #multiplier = (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) | 1;
  /** Bits of a product that are no part of a slot's index. */
  #shift = 32 - FIRST_CAPACITY_LOG2;
  #hashes = new Int32Array(1 << FIRST_CAPACITY_LOG2);
  /** Beside each hash its number; 0 where there is none. */
  #numbers = new Int32Array(1 << FIRST_CAPACITY_LOG2);
  #size = 0;

  /**
   * Gives the number of a hash.
   *
   * @param hash The hash: 32 bits.
   * @returns Its number; 0 when it has none.
   */
  get(hash: number): number {
    return this.#numbers[this.#slotOf(hash)] ?? 0;
  }

  /**
   * Sets the number of a hash.
   *
   * @param hash The hash: 32 bits.
   * @param number The number, not 0.
   */
  set(hash: number, number: number): void {
    if (2 * this.#size >= this.#numbers.length) this.#grow();
    const slot = this.#slotOf(hash);
    if (this.#numbers[slot] === 0) this.#size++;
    this.#hashes[slot] = hash;
    this.#numbers[slot] = number;
  }

  /** Takes all hashes out. */
  clear(): void {
    this.#numbers.fill(0);
    this.#size = 0;
  }

  /** Gives the slot where a hash is, or where it would be. */
  #slotOf(hash: number): number {
    const hashes = this.#hashes;
    const numbers = this.#numbers;
    const mask = numbers.length - 1;
    const wanted = hash | 0;
    let slot = Math.imul(wanted, this.#multiplier) >>> this.#shift;
    while (numbers[slot] !== 0 && hashes[slot] !== wanted) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [hashes, numbers] = [this.#hashes, this.#numbers];
    this.#shift--;
    this.#hashes = new Int32Array(2 * hashes.length);
    this.#numbers = new Int32Array(2 * numbers.length);
    for (let index = 0; index < numbers.length; index++) {
      if (numbers[index] === 0) continue;
      const slot = this.#slotOf(hashes[index] ?? 0);
      this.#hashes[slot] = hashes[index] ?? 0;
      this.#numbers[slot] = numbers[index] ?? 0;
    }
  }
}
