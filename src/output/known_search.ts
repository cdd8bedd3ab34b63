/**
 * Where in one stream the known values stand.
 *
 * The search runs ahead of the rules by a stretch at a time, so that a value which is learned on
 * the way is looked for in what follows without reading everything again.
 *
 * @module
 */

import type { ByteWindow } from "./byte_window.ts";
import type { Judge } from "./judgement.ts";
import { BLOCK_BYTES, SEGMENT_BYTES } from "./known_match.ts";

/** Bytes that the search runs ahead at most; they are read again when a value is learned. */
const STRETCH_BYTES = 2048;
/** Bytes from the start of a form to where its last block has been seen, line ends included. */
export const REACH_BYTES: number = SEGMENT_BYTES + BLOCK_BYTES + 2;

/** Where a known value stands, or may have begun. */
export interface KnownPlace {
  /** Index of its first byte. */
  readonly start: number;
  /** What to ask there, the longest value first; none when the search cost too much. */
  readonly judges: readonly Judge[];
}

/** Which stretch of a stream is searched. */
export interface KnownStretch {
  /** First index where a value may begin. */
  readonly from: number;
  /** Index after the stretch. */
  readonly to: number;
  /** Index before which the work of the search is counted already. */
  readonly countedTo: number;
}

/** What a search found. */
export interface KnownFinding {
  /** The first place; `undefined` when there is none. */
  readonly place: KnownPlace | undefined;
  /** Index before which the work of the search is counted. */
  readonly countedTo: number;
}

/** A set of known values. */
export interface KnownSource {
  /** Changes whenever a value is added. */
  readonly revision: number;
  /** True when there is nothing to look for. */
  readonly isEmpty: boolean;
  /**
   * Finds the first place where a value stands, or has begun as far as the bytes tell.
   *
   * @param window The bytes.
   * @param stretch Which of them are searched.
   * @returns What was found.
   */
  next(window: ByteWindow, stretch: KnownStretch): KnownFinding;
}

/**
 * Gives the index before which a search that ended at `end` has seen all there is.
 *
 * @param end Index after the bytes that were searched.
 * @returns The index.
 */
export function settledTo(end: number): number {
  return Math.max(0, end - REACH_BYTES);
}

/** The search for all known values in one stream. */
export class KnownSearch {
  readonly #searches: readonly SourceSearch[];

  /**
   * Starts a search.
   *
   * @param sources The values.
   */
  constructor(sources: readonly KnownSource[]) {
    this.#searches = sources.map((source) => new SourceSearch(source));
  }

  /**
   * Gives the first place where a known value stands or may have begun.
   *
   * @param window The bytes.
   * @param to Last index that matters.
   * @returns The place; `undefined` when no value begins up to `to`.
   */
  placeUpTo(window: ByteWindow, to: number): KnownPlace | undefined {
    let first: KnownPlace | undefined;
    for (const search of this.#searches) {
      const place = search.placeUpTo(window, first === undefined ? to : first.start - 1);
      if (place !== undefined) first = place;
    }
    return first;
  }

  /**
   * Notes that no value stands at the place that was given last.
   *
   * @param place The place.
   */
  refuse(place: KnownPlace): void {
    for (const search of this.#searches) search.refuse(place);
  }

  /**
   * Follows the window when bytes at its end arrive and bytes at its start leave.
   *
   * @param oldEnd Index after the last byte before.
   * @param droppedBytes Bytes that left.
   */
  shift(oldEnd: number, droppedBytes: number): void {
    for (const search of this.#searches) search.shift(oldEnd, droppedBytes);
  }
}

/** The search for the values of one set. */
class SourceSearch {
  readonly #source: KnownSource;
  /** Index before which no known value begins that has not been judged. */
  #settledTo = 0;
  /** Index before which the work of the search is counted already. */
  #countedTo = 0;
  #place: KnownPlace | undefined;
  #revision = 0;

  constructor(source: KnownSource) {
    this.#source = source;
  }

  placeUpTo(window: ByteWindow, to: number): KnownPlace | undefined {
    if (this.#source.isEmpty) return undefined;
    if (this.#revision !== this.#source.revision) {
      this.#revision = this.#source.revision;
      this.#place = undefined;
      this.#settledTo = window.floor;
    }
    if (this.#place !== undefined && this.#place.start < window.floor) this.#place = undefined;
    while (this.#place === undefined && this.#settledTo <= to && this.#settledTo < window.end) {
      this.#searchStretch(window);
    }
    return this.#place !== undefined && this.#place.start <= to ? this.#place : undefined;
  }

  refuse(place: KnownPlace): void {
    if (this.#place !== place) return;
    this.#place = undefined;
    this.#settledTo = place.start + 1;
  }

  shift(oldEnd: number, droppedBytes: number): void {
    const settled = Math.min(this.#settledTo, settledTo(oldEnd));
    this.#settledTo = Math.max(0, settled - droppedBytes);
    this.#countedTo = Math.max(0, this.#countedTo - droppedBytes);
    this.#place = undefined;
  }

  #searchStretch(window: ByteWindow): void {
    const from = Math.max(this.#settledTo, window.floor);
    const to = Math.min(window.end, from + STRETCH_BYTES);
    const found = this.#source.next(window, { from, to, countedTo: this.#countedTo });
    this.#countedTo = Math.max(this.#countedTo, found.countedTo);
    this.#place = found.place;
    if (found.place !== undefined) this.#settledTo = found.place.start;
    else this.#settledTo = to === window.end ? to : settledTo(to);
  }
}
