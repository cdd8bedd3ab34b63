/**
 * Values that are known to be secret: those that were registered, and those that stood next to a
 * secret name.
 *
 * @module
 */

import { isIn, LINE_BREAK } from "./byte_classes.ts";
import type { ByteWindow } from "./byte_window.ts";
import { NEED_MORE } from "./byte_window.ts";
import type { KnownSource } from "./known_search.ts";
import { LearnedValues } from "./learned_values.ts";
import { RegisteredValues } from "./registered_values.ts";
import type { ValueForm } from "./value_forms.ts";

/** Letters of a known value that tell nothing of it: many words begin with the same ones. */
const PUBLIC_PREFIX_BYTES = 3;

/** The known values of one redactor. */
export class KnownValues {
  readonly #registered = new RegisteredValues();
  readonly #learned = new LearnedValues();

  /** What is searched for, the more certain values first. */
  get sources(): readonly KnownSource[] {
    return [this.#registered, this.#learned];
  }

  /**
   * Tells whether a value is known in all its forms.
   *
   * @param identity The value's identity.
   */
  has(identity: number): boolean {
    return this.#registered.has(identity) || this.#learned.has(identity);
  }

  /**
   * Adds a value for good.
   *
   * @param forms The forms to look for.
   * @param identity The value's identity for placeholders.
   */
  register(forms: readonly ValueForm[], identity: number): void {
    this.#registered.add(forms, identity);
  }

  /**
   * Adds a value that stood next to a secret name; see {@linkcode LearnedValues}.
   *
   * @param value The value as it stood there; it is copied.
   * @param identity The value's identity for placeholders.
   */
  learn(value: Uint8Array, identity: number): void {
    this.#learned.add(value, identity);
  }

  /**
   * Finds the first place at the end of the bytes where more of a value has begun than tells nothing of
   * it: {@linkcode PUBLIC_PREFIX_BYTES}, and no more than a quarter of the value.
   *
   * @param window The bytes.
   * @param from Where to begin; no value that is whole begins there or after it.
   * @returns The index; undefined when there is none.
   */
  begunFrom(window: ByteWindow, from: number): number | undefined {
    let left = 0;
    for (let at = from; at < window.end; at++) if (!isLineBreak(window, at)) left++;
    for (let at = from; at < window.end; at++) {
      if (isLineBreak(window, at)) continue;
      const shortest = Math.min(
        this.#registered.shortestAt(window, at),
        this.#learned.shortestAt(window, at),
      );
      if (shortest < Infinity && left > Math.min(PUBLIC_PREFIX_BYTES, shortest >> 2)) return at;
      left--;
    }
    return undefined;
  }

  /**
   * Finds how far a known value goes that begins inside a secret and ends after it.
   *
   * @param window The bytes.
   * @param start Where the secret begins.
   * @param end Where it ends as yet.
   * @returns The index after all of them, `end` when there is none, or {@linkcode NEED_MORE}.
   */
  extend(window: ByteWindow, start: number, end: number): number {
    if (this.#registered.isEmpty && this.#learned.isEmpty) return end;
    let extended = end;
    for (let at = start; at < extended; at++) {
      const registeredEnd = this.#registered.endAt(window, at);
      const learnedEnd = this.#learned.endAt(window, at);
      if (registeredEnd === NEED_MORE || learnedEnd === NEED_MORE) return NEED_MORE;
      extended = Math.max(extended, registeredEnd, learnedEnd);
    }
    return extended;
  }
}

function isLineBreak(window: ByteWindow, at: number): boolean {
  return isIn(window.bytes[at] ?? 0, LINE_BREAK);
}
