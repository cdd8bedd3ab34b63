/**
 * Placeholders that tell secrets apart without saying anything about them.
 *
 * @module
 */

import { IdentityTable } from "./identity_table.ts";
import { RedactedOutput } from "./redacted_output.ts";

/** Values whose placeholder is remembered; above it, values get fresh numbers each time. */
const REMEMBERED_VALUES = 10_000;
const CLOSING_BRACKET = 0x5d;
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

/** What the placeholders of one name begin with, and how many there are. */
interface Series {
  readonly head: Uint8Array;
  count: number;
}

/**
 * The placeholders of one redactor: the same value gets the same number.
 *
 * Only keyed hashes of values are kept, and nothing derived from a value is in the text.
 */
export class Placeholders {
  readonly #key = crypto.getRandomValues(new Uint32Array(2));
  readonly #series = new Map<string, Series>();
  readonly #kinds = new Map<number, string>();
  /** Identity → its place, from 1, in the lists below. */
  readonly #remembered = new IdentityTable();
  readonly #rememberedSeries: Series[] = [];
  readonly #rememberedNumbers: number[] = [];

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
   * Writes the placeholder of a value.
   *
   * @param output Where to.
   * @param identity The value's identity.
   * @param kind What it is called when it has no name yet.
   */
  write(output: RedactedOutput, identity: number, kind: string): void {
    const place = this.#remembered.get(identity);
    let series = this.#rememberedSeries[place - 1];
    let number = this.#rememberedNumbers[place - 1];
    if (series === undefined || number === undefined) {
      // Most redactors have no names, and looking a large number up is slow.
      const name = this.#kinds.size === 0 ? undefined : this.#kinds.get(identity);
      series = this.#seriesOf(name ?? kind);
      number = ++series.count;
      if (this.#remembered.size < REMEMBERED_VALUES) {
        this.#rememberedSeries.push(series);
        this.#remembered.add(identity, this.#rememberedNumbers.push(number));
      }
    }
    output.addNumbered(series.head, number, CLOSING_BRACKET);
  }

  /**
   * Gives the placeholder of a value.
   *
   * @param identity The value's identity.
   * @param kind What it is called when it has no name yet.
   * @returns The placeholder as UTF-8.
   */
  textFor(identity: number, kind: string): Uint8Array {
    const output = new RedactedOutput();
    this.write(output, identity, kind);
    return output.take().bytes;
  }

  #seriesOf(name: string): Series {
    let series = this.#series.get(name);
    if (series === undefined) {
      series = { head: encoder.encode(`[REDACTED:${name}#`), count: 0 };
      this.#series.set(name, series);
    }
    return series;
  }
}
