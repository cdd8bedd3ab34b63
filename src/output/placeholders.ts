/**
 * Placeholders that tell secrets apart without saying anything about them.
 *
 * @module
 */

/** Values whose placeholder is remembered; above it, values get fresh numbers each time. */
const REMEMBERED_VALUES = 10_000;
const encoder = new TextEncoder();

/** A hash with a key of its own, fed byte by byte. */
export class KeyedHash {
  #high: number;
  #low: number;

  /**
   * Starts a hash.
   *
   * @param key Two random 32-bit numbers.
   */
  constructor(key: Uint32Array) {
    this.#high = key[0] ?? 0;
    this.#low = key[1] ?? 0;
  }

  /**
   * Takes in bytes.
   *
   * @param bytes Where they are.
   * @param from First index.
   * @param to Index after the last.
   */
  update(bytes: Uint8Array, from: number, to: number): void {
    let high = this.#high;
    let low = this.#low;
    for (let index = from; index < to; index++) {
      const byte = bytes[index] ?? 0;
      high = Math.imul(high ^ byte, 2654435761);
      low = Math.imul(low ^ byte, 1597334677);
      high ^= low >>> 15;
    }
    this.#high = high;
    this.#low = low;
  }

  /**
   * Gives the hash.
   *
   * @returns A whole number of 53 bits.
   */
  digest(): number {
    let high = Math.imul(this.#high ^ (this.#high >>> 16), 2246822507);
    high ^= Math.imul(this.#low ^ (this.#low >>> 13), 3266489909);
    let low = Math.imul(this.#low ^ (this.#low >>> 16), 2246822507);
    low ^= Math.imul(high ^ (high >>> 13), 3266489909);
    return 4294967296 * (2097151 & low) + (high >>> 0);
  }
}

/**
 * The placeholders of one redactor: the same value gets the same number.
 *
 * Only keyed hashes of values are kept, and nothing derived from a value is in the text.
 */
export class Placeholders {
  readonly #key = crypto.getRandomValues(new Uint32Array(2));
  readonly #counts = new Map<string, number>();
  readonly #kinds = new Map<number, string>();
  readonly #texts = new Map<number, Uint8Array>();

  /** Starts the hash of a value. */
  hash(): KeyedHash {
    return new KeyedHash(this.#key);
  }

  /**
   * Gives the identity of a value.
   *
   * @param bytes The value.
   * @returns Its keyed hash.
   */
  identify(bytes: Uint8Array): number {
    const hash = this.hash();
    hash.update(bytes, 0, bytes.length);
    return hash.digest();
  }

  /**
   * Settles what a value is called, whichever rule finds it first.
   *
   * @param identity The value's identity.
   * @param kind The name.
   */
  name(identity: number, kind: string): void {
    this.#kinds.set(identity, kind);
  }

  /**
   * Gives the placeholder of a value.
   *
   * @param identity The value's identity.
   * @param kind What it is called when it has no name yet.
   * @returns The placeholder as UTF-8.
   */
  textFor(identity: number, kind: string): Uint8Array {
    const known = this.#texts.get(identity);
    if (known !== undefined) return known;
    const name = this.#kinds.get(identity) ?? kind;
    const number = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, number);
    const text = encoder.encode(`[REDACTED:${name}#${number}]`);
    if (this.#texts.size < REMEMBERED_VALUES) this.#texts.set(identity, text);
    return text;
  }
}
