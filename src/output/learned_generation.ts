/**
 * One half of the newest learned values, which is given up as a whole.
 *
 * A log may have a new value in each of its lines. So learning one makes no objects: its bytes are
 * copied into one array, and it is filed under the hashes of what its forms begin with. The forms
 * themselves are made when something in the text begins like one of them.
 *
 * @module
 */

import { foldedHash, PREFIX_BYTES, prefixHash } from "./block_filter.ts";
import { byteAt, type ByteWindow, NEED_MORE } from "./byte_window.ts";
import { IdentityTable } from "./identity_table.ts";
import { compare, type KnownForm, SEGMENT_BYTES, stands } from "./known_match.ts";
import { PrefixTable } from "./prefix_table.ts";
import {
  allForms,
  FORM_START_STEP,
  FORM_STARTS_MAX,
  isWord,
  wordForms,
  writeFormStarts,
} from "./value_forms.ts";

/** Values of one generation at most. */
export const GENERATION_MAX = 128;
/** Bytes of a form that it is filed under at most; tokens may be alike for some dozens. */
const FILED_MAX_BYTES = 64;
const FIRST_ARENA_BYTES = 1024;
const LF = 0x0a;
const CR = 0x0d;
/** Takes what the forms of a value begin with, one value at a time. */
const startsOfWord = new Uint8Array(FORM_START_STEP * FORM_STARTS_MAX);

/** Takes the place and the hash of a prefix. */
export type TakePrefix = (bytes: Uint8Array, at: number, hash: number) => void;

/** Up to {@linkcode GENERATION_MAX} values. */
export class Generation {
  /** The values, one after another. */
  #arena = new Uint8Array(FIRST_ARENA_BYTES);
  /** Where in the arena each value ends. */
  readonly #ends = new Int32Array(GENERATION_MAX);
  readonly #identities = new Float64Array(GENERATION_MAX);
  /** Identity → index of its value, from 1. */
  readonly #indexes = new IdentityTable();
  /** The forms of the values for which they have been made. */
  #forms: (readonly KnownForm[] | undefined)[] = [];
  /** Hash of a prefix → index of the value, from 1; below 0 for the index of what is shared. */
  readonly #byPrefix = new PrefixTable();
  #shared: SharedPrefix[] = [];
  #size = 0;

  /** How many values there are. */
  get size(): number {
    return this.#size;
  }

  /**
   * Tells whether a value is in the generation.
   *
   * @param identity Its identity.
   */
  has(identity: number): boolean {
    return this.#indexes.get(identity) !== 0;
  }

  /**
   * Adds a value.
   *
   * @param value The value: eight bytes or more, without line ends.
   * @param identity Its identity.
   * @param take Called for what each of its forms begins with.
   */
  add(value: Uint8Array, identity: number, take: TakePrefix): void {
    const index = this.#size++;
    const start = index === 0 ? 0 : this.#ends[index - 1] ?? 0;
    this.#makeRoom(start + value.length);
    this.#arena.set(value, start);
    this.#ends[index] = start + value.length;
    this.#identities[index] = identity;
    this.#indexes.add(identity, index + 1);
    this.#eachPrefix(index, (bytes, at, hash) => {
      this.#file(hash, index);
      take(bytes, at, hash);
    });
  }

  /**
   * Gives what all forms of all values begin with.
   *
   * @param take Called for each.
   */
  eachPrefix(take: TakePrefix): void {
    for (let index = 0; index < this.#size; index++) this.#eachPrefix(index, take);
  }

  /**
   * Gives all values.
   *
   * @param take Called for each with a view that is only good until values are added.
   */
  eachValue(take: (value: Uint8Array) => void): void {
    for (let index = 0; index < this.#size; index++) take(this.#valueAt(index));
  }

  /** Takes all values out. */
  clear(): void {
    this.#indexes.clear();
    this.#byPrefix.clear();
    this.#forms = [];
    this.#shared = [];
    this.#size = 0;
  }

  /**
   * Adds the forms that stand at a place, and those that may.
   *
   * @param window The bytes.
   * @param prefix The place, and the hash of the prefix there.
   * @param forms What they are added to.
   * @returns True when the bytes do not tell whether a longer form stands there.
   */
  formsAt(
    window: ByteWindow,
    prefix: { readonly at: number; readonly hash: number },
    forms: KnownForm[],
  ): boolean {
    const number = this.#byPrefix.get(prefix.hash);
    if (number === 0) return false;
    if (number < 0) return this.#shared[-number - 1]?.formsAt(window, prefix, forms) ?? false;
    let isCut = false;
    for (const form of this.#formsOf(number - 1)) {
      if (!stands(window, prefix.at, form)) continue;
      forms.push(form);
      isCut = compare(window, prefix.at, form) === NEED_MORE || isCut;
    }
    return isCut;
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#arena.length) return;
    const grown = new Uint8Array(2 * bytes);
    grown.set(this.#arena);
    this.#arena = grown;
  }

  #valueAt(index: number): Uint8Array {
    const start = index === 0 ? 0 : this.#ends[index - 1] ?? 0;
    return this.#arena.subarray(start, this.#ends[index]);
  }

  #eachPrefix(index: number, take: TakePrefix): void {
    const value = this.#valueAt(index);
    if (!isWord(value)) {
      for (const { bytes } of this.#formsOf(index)) take(bytes, 0, prefixHash(bytes, 0));
      return;
    }
    const count = writeFormStarts(value, startsOfWord);
    for (let at = 0; at < count * FORM_START_STEP; at += FORM_START_STEP) {
      take(startsOfWord, at, prefixHash(startsOfWord, at));
    }
  }

  #formsOf(index: number): readonly KnownForm[] {
    const made = this.#forms[index];
    if (made !== undefined) return made;
    const identity = this.#identities[index] ?? 0;
    // A copy, because the arena is used again.
    const value = this.#valueAt(index).slice();
    const forms = isWord(value) ? wordForms(value) : allForms(new TextDecoder().decode(value));
    const known = forms.map((form) => ({ ...form, identity, unbrokenBytes: PREFIX_BYTES }));
    this.#forms[index] = known;
    return known;
  }

  #file(prefix: number, index: number): void {
    const number = this.#byPrefix.get(prefix);
    if (number === 0) {
      this.#byPrefix.set(prefix, index + 1);
    } else if (number < 0) {
      this.#shared[-number - 1]?.add(this.#formsOf(index), prefix);
    } else if (number !== index + 1) {
      const shared = new SharedPrefix();
      shared.add(this.#formsOf(number - 1), prefix);
      shared.add(this.#formsOf(index), prefix);
      this.#byPrefix.set(prefix, -this.#shared.push(shared));
    }
  }
}

/** Many forms that begin alike, filed under more of their bytes. */
class SharedPrefix {
  /** Of how many bytes they are, as far as filed. */
  readonly #lengths = new Set<number>();
  /** Hash of a form, as far as filed → the forms. */
  readonly #byHash = new Map<number, KnownForm[]>();
  #longest = 0;

  add(added: readonly KnownForm[], prefix: number): void {
    for (const form of added) {
      const { bytes } = form;
      let hash = prefixHash(bytes, 0);
      if (hash !== prefix) continue;
      const length = Math.min(bytes.length, FILED_MAX_BYTES);
      for (let at = PREFIX_BYTES; at < length; at++) hash = foldedHash(hash, bytes[at] ?? 0);
      this.#lengths.add(length);
      this.#longest = Math.max(this.#longest, length);
      const same = this.#byHash.get(hash);
      if (same === undefined) this.#byHash.set(hash, [form]);
      else if (!same.includes(form)) same.push(form);
    }
  }

  /** Adds the forms at a place; true when the bytes do not tell about longer ones. */
  formsAt(
    window: ByteWindow,
    prefix: { readonly at: number; readonly hash: number },
    forms: KnownForm[],
  ): boolean {
    const { at } = prefix;
    let hash = prefix.hash;
    let index = at + PREFIX_BYTES;
    let breakableAt = PREFIX_BYTES;
    for (let length = PREFIX_BYTES;; length++) {
      if (this.#lengths.has(length)) {
        for (const form of this.#byHash.get(hash) ?? []) {
          if (stands(window, at, form)) forms.push(form);
        }
      }
      if (length === this.#longest) return false;
      // The same line ends as in a comparison.
      let byte = byteAt(window, index);
      if ((byte === CR || byte === LF) && length >= breakableAt) {
        if (byte === CR) byte = byteAt(window, ++index);
        if (byte === LF) byte = byteAt(window, ++index);
        breakableAt = length + SEGMENT_BYTES;
      }
      if (byte === NEED_MORE) return true;
      if (byte < 0) return false;
      hash = foldedHash(hash, byte);
      index++;
    }
  }
}
