/**
 * The lines of both streams: each stands where its end arrived.
 *
 * @module
 */

import type { StreamName } from "../output_store.ts";
import type { RowItem, RowSource } from "./stream_rows.ts";

/** Puts the lines of two streams in order of arrival. */
export class MergedRows implements RowSource {
  readonly #sources: readonly RowSource[];
  readonly #heads: (RowItem | undefined)[] = [];
  readonly #ended = new Set<RowSource>();
  #openStream: StreamName | undefined;

  /**
   * Starts to merge.
   *
   * @param sources Standard output's lines and standard error's.
   */
  constructor(sources: readonly RowSource[]) {
    this.#sources = sources;
  }

  /** Gives the line that was complete first; lines without an end come last. */
  async next(): Promise<RowItem | undefined> {
    for (const [index, source] of this.#sources.entries()) {
      if (this.#heads[index] !== undefined || this.#ended.has(source)) continue;
      this.#heads[index] = await source.next();
      if (this.#heads[index] === undefined) this.#ended.add(source);
    }
    return this.#takeFirst();
  }

  /** Gives the same when it is at hand. */
  ready(): RowItem | undefined {
    for (const [index, source] of this.#sources.entries()) {
      if (this.#heads[index] !== undefined || this.#ended.has(source)) continue;
      this.#heads[index] = source.ready();
      if (this.#heads[index] === undefined) return undefined;
    }
    return this.#takeFirst();
  }

  #takeFirst(): RowItem | undefined {
    let first: number | undefined;
    for (const index of this.#sources.keys()) {
      if (isBefore(this.#heads[index], first === undefined ? undefined : this.#heads[first])) {
        first = index;
      }
    }
    if (first === undefined) return undefined;
    const item = this.#heads[first];
    this.#heads[first] = undefined;
    return item === undefined ? undefined : this.#numbered(item);
  }

  /** Of two lines without an end, the second one counts too. */
  #numbered(item: RowItem): RowItem {
    if (item.type === "gap" || !item.isOpen) return item;
    this.#openStream ??= item.stream;
    return this.#openStream === item.stream ? item : { ...item, lineInBoth: item.lineInBoth + 1 };
  }
}

function isBefore(one: RowItem | undefined, other: RowItem | undefined): boolean {
  if (one === undefined || other === undefined) return one !== undefined;
  const [oneIsOpen, otherIsOpen] = [isOpen(one), isOpen(other)];
  return oneIsOpen === otherIsOpen ? sequenceOf(one) < sequenceOf(other) : otherIsOpen;
}

function isOpen(item: RowItem): boolean {
  return item.type === "row" && item.isOpen;
}

function sequenceOf(item: RowItem): number {
  return item.type === "row" ? item.stamp.sequence : item.gap.sequence;
}
