/**
 * Where in one stream the known values stand.
 *
 * The search runs ahead of the rules by a stretch at a time, so that a value which is learned on
 * the way is looked for in what follows without reading everything again.
 *
 * @module
 */

import type { ByteWindow } from "./byte_window.ts";
import { type KnownPlace, KnownValues } from "./known_values.ts";

/** Bytes that the search runs ahead at most. */
const STRETCH_BYTES = 4096;

/** The search for known values in one stream. */
export class KnownSearch {
  readonly #values: KnownValues;
  /** Index before which no known value begins that has not been judged. */
  #settledTo = 0;
  /** Index before which the work of the search is counted already. */
  #countedTo = 0;
  #place: KnownPlace | undefined;
  #revision = 0;

  /**
   * Starts a search.
   *
   * @param values The values.
   */
  constructor(values: KnownValues) {
    this.#values = values;
  }

  /**
   * Gives the first place where a known value stands or may have begun.
   *
   * @param window The bytes.
   * @param to Last index that matters.
   * @returns The place; `undefined` when no value begins up to `to`.
   */
  placeUpTo(window: ByteWindow, to: number): KnownPlace | undefined {
    if (this.#values.isEmpty) return undefined;
    if (this.#revision !== this.#values.revision) {
      this.#revision = this.#values.revision;
      this.#place = undefined;
      this.#settledTo = window.floor;
    }
    if (this.#place !== undefined && this.#place.start < window.floor) this.#place = undefined;
    while (this.#place === undefined && this.#settledTo <= to && this.#settledTo < window.end) {
      this.#searchStretch(window);
    }
    return this.#place !== undefined && this.#place.start <= to ? this.#place : undefined;
  }

  /**
   * Notes that no value stands at the place that was given last.
   *
   * @param place The place.
   */
  refuse(place: KnownPlace): void {
    this.#place = undefined;
    this.#settledTo = place.start + 1;
  }

  /**
   * Follows the window when bytes at its end arrive and bytes at its start leave.
   *
   * @param oldEnd Index after the last byte before.
   * @param droppedBytes Bytes that left.
   */
  shift(oldEnd: number, droppedBytes: number): void {
    const settledTo = Math.min(this.#settledTo, KnownValues.settledTo(oldEnd));
    this.#settledTo = Math.max(0, settledTo - droppedBytes);
    this.#countedTo = Math.max(0, this.#countedTo - droppedBytes);
    this.#place = undefined;
  }

  #searchStretch(window: ByteWindow): void {
    const from = Math.max(this.#settledTo, window.floor);
    const to = Math.min(window.end, from + STRETCH_BYTES);
    const found = this.#values.next(window, { from, to, countedTo: this.#countedTo });
    this.#countedTo = Math.max(this.#countedTo, found.countedTo);
    this.#place = found.place;
    if (found.place !== undefined) this.#settledTo = found.place.start;
    else this.#settledTo = to === window.end ? to : KnownValues.settledTo(to);
  }
}
