/**
 * Values that are known to be secret, in every form in which output may show them.
 *
 * Wherever seven bytes of a form stand, four of them begin at a place that divides by four. So
 * each form is filed under the four blocks that its first seven bytes may show there, and the
 * text is read block by block. A second seven bytes are filed for values that a line end breaks.
 *
 * @module
 */

import { byteAt, type ByteWindow, isOverBudget, NEED_MORE, NO_MATCH } from "./byte_window.ts";
import {
  BLOCK_BYTES,
  compare,
  GROUP_BYTES,
  type KnownForm,
  SEGMENT_BYTES,
  stands,
  stepBack,
} from "./known_match.ts";
import type { ValueForm } from "./value_forms.ts";

const LF = 0x0a;
const CR = 0x0d;
/** Most bytes of one searched piece; a longer value is searched in pieces. */
const PIECE_BYTES = 8192;
/** Bytes from the start of a form to where its last block has been seen, line ends included. */
const REACH_BYTES: number = SEGMENT_BYTES + BLOCK_BYTES + 2;
const TABLE_BITS = 17;
/** True where the first byte of a number in memory is its lowest, as nearly everywhere. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const NO_BLOCKS = new Uint8Array(1 << TABLE_BITS);
/** Sets both cases of a letter equal; for other bytes it makes the table a little coarser. */
const FOLD_BLOCK = 0x20202020;

/** Where a known value stands, or may have begun. */
export interface KnownPlace {
  /** Index of its first byte. */
  readonly start: number;
  /** The forms that may stand there, the longest first; none when the search cost too much. */
  readonly forms: readonly KnownForm[];
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

/** One set of known values, which can be given up as a whole. */
class Generation {
  readonly identities = new Set<number>();
  /** Block → forms, with how many of their bytes are in front of it. */
  readonly byBlock = new Map<number, { form: KnownForm; offset: number }[]>();
  /** First two bytes as a number → forms. */
  readonly byStart = new Map<number, KnownForm[]>();
  /** First byte → forms that are too short to show a whole block. */
  readonly short = new Map<number, KnownForm[]>();
}

/** The known values of one redactor. */
export class KnownValues {
  readonly #registered = new Generation();
  #newer = new Generation();
  #older = new Generation();
  /** Hash of a block → 1 when a value is filed under it; made with the first value. */
  #blocks: Uint8Array | undefined;
  readonly #firstBytes = new Uint8Array(256);
  #revision = 0;

  /** Changes whenever a value is added. */
  get revision(): number {
    return this.#revision;
  }

  /** True when there is nothing to look for. */
  get isEmpty(): boolean {
    return this.#blocks === undefined;
  }

  /**
   * Tells whether a value is in the set.
   *
   * @param identity The value's identity.
   */
  has(identity: number): boolean {
    return this.#generations().some((one) => one.identities.has(identity));
  }

  /**
   * Adds a value for good; one that was only learned so far is upgraded.
   *
   * @param forms The forms to look for.
   * @param identity The value's identity for placeholders.
   */
  register(forms: readonly ValueForm[], identity: number): void {
    this.#add(this.#registered, forms, identity);
  }

  /**
   * Adds a value until so many newer ones have been learned.
   *
   * @param forms The forms to look for.
   * @param options The value's identity, and how many values may be learned in all.
   */
  learn(
    forms: readonly ValueForm[],
    options: { identity: number; maxValues: number },
  ): void {
    if (this.#newer.identities.size >= options.maxValues / 2) this.#forgetOlder();
    this.#add(this.#newer, forms, options.identity);
  }

  /**
   * Finds the first place where a known value stands, or has begun as far as the bytes tell.
   *
   * @param window The bytes.
   * @param stretch Which of them are searched.
   * @returns What was found.
   */
  next(window: ByteWindow, stretch: KnownStretch): KnownFinding {
    const { start: limit, countedTo, isOverBudget } = this.#nextByBlock(window, stretch);
    if (isOverBudget) return { place: { start: limit, forms: [] }, countedTo };
    const workBefore = window.workBytes;
    const start = Math.min(
      limit,
      this.#nextShort(window, stretch.from, Math.min(limit, stretch.to)),
    );
    const first = stretch.to === window.end ? this.#nextAtEnd(window, stretch.from, start) : start;
    const place = first === Infinity
      ? undefined
      : { start: first, forms: this.#formsAt(window, first) };
    // How often the end is looked at depends on where chunks end.
    window.workBytes = workBefore;
    return { place, countedTo };
  }

  /**
   * Gives the index before which a search that ended at `end` has seen all there is.
   *
   * @param end Index after the bytes that were searched.
   */
  static settledTo(end: number): number {
    return Math.max(0, end - REACH_BYTES);
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
    let extended = end;
    for (let at = start; at < extended && !this.isEmpty; at++) {
      for (const form of this.#formsAt(window, at)) {
        if (form.wholeWord) continue;
        const formEnd = compare(window, at, form);
        if (formEnd === NEED_MORE) return NEED_MORE;
        extended = Math.max(extended, formEnd);
      }
    }
    return extended;
  }

  #generations(): readonly Generation[] {
    return [this.#registered, this.#newer, this.#older];
  }

  #add(generation: Generation, forms: readonly ValueForm[], identity: number): void {
    if (generation.identities.has(identity)) return;
    generation.identities.add(identity);
    this.#revision++;
    const unbrokenBytes = generation === this.#registered ? 1 : GROUP_BYTES;
    for (const form of forms) {
      for (let at = 0; at < form.bytes.length; at += PIECE_BYTES) {
        const bytes = form.bytes.subarray(at, at + PIECE_BYTES);
        // What is left over of a long value may be short, but is no word of its own.
        if (at > 0 && bytes.length < GROUP_BYTES) continue;
        this.#file(generation, { ...form, bytes, identity, unbrokenBytes });
      }
    }
  }

  #file(generation: Generation, form: KnownForm): void {
    this.#blocks ??= new Uint8Array(1 << TABLE_BITS);
    const { bytes } = form;
    for (const start of startsOf(form)) {
      this.#firstBytes[start >> 8] = 1;
      append(generation.byStart, start, form);
    }
    if (bytes.length < GROUP_BYTES) {
      for (const start of startsOf(form)) append(generation.short, start >> 8, form);
      return;
    }
    const isBreakable = generation === this.#registered;
    this.#fileGroup(generation, form, { bytes, from: 0, offset: 0 });
    if (isBreakable && bytes.length >= SEGMENT_BYTES) {
      this.#fileGroup(generation, form, { bytes, from: GROUP_BYTES, offset: GROUP_BYTES });
    } else if (isBreakable) {
      this.#fileBroken(generation, form);
    }
  }

  /** Files a short form with a line end at every place inside. */
  #fileBroken(generation: Generation, form: KnownForm): void {
    for (let breakAt = 1; breakAt < form.bytes.length; breakAt++) {
      const [head, tail] = [form.bytes.subarray(0, breakAt), form.bytes.subarray(breakAt)];
      for (const end of [[LF], [CR, LF]]) {
        const bytes = Uint8Array.from([...head, ...end, ...tail]);
        this.#fileGroup(generation, form, { bytes, from: 0, offset: 0 });
      }
    }
  }

  /** Files a form under the four blocks of a group of its bytes. */
  #fileGroup(
    generation: Generation,
    form: KnownForm,
    group: { bytes: Uint8Array; from: number; offset: number },
  ): void {
    let { offset } = group;
    for (let at = group.from; at < group.from + BLOCK_BYTES; at++) {
      const block = blockOf(group.bytes, at);
      if (this.#blocks !== undefined) this.#blocks[hashOf(block)] = 1;
      append(generation.byBlock, block | FOLD_BLOCK, { form, offset });
      const byte = group.bytes[at];
      // Line ends are no part of the form.
      if (byte !== LF && byte !== CR) offset++;
    }
  }

  #forgetOlder(): void {
    this.#older = this.#newer;
    this.#newer = new Generation();
    this.#firstBytes.fill(0);
    this.#blocks?.fill(0);
    for (const generation of this.#generations()) {
      for (const start of generation.byStart.keys()) this.#firstBytes[start >> 8] = 1;
      for (const block of generation.byBlock.keys()) {
        if (this.#blocks !== undefined) this.#blocks[hashOf(block)] = 1;
      }
    }
  }

  #nextByBlock(
    window: ByteWindow,
    stretch: KnownStretch,
  ): { start: number; countedTo: number; isOverBudget: boolean } {
    const { words } = window;
    const { from } = stretch;
    const blocks = this.#blocks ?? NO_BLOCKS;
    const last = stretch.to >> 2;
    let { countedTo } = stretch;
    let start = Infinity;
    for (let word = from >> 2; word < last; word++) {
      const block = (words[word] ?? 0) | FOLD_BLOCK;
      // The hash is written out: this loop runs over all output once a value is known.
      if (blocks[Math.imul(block, 0x9e3779b1) >>> (32 - TABLE_BITS)] === 0) continue;
      const at = word * BLOCK_BYTES;
      if (start < at - REACH_BYTES) break;
      const workBefore = window.workBytes;
      const found = this.#startAtBlock(window, at, { block, from });
      start = Math.min(start, found.start);
      // Each block counts once, when nothing about it can change any more.
      if (at >= countedTo && found.isSettled) countedTo = at + BLOCK_BYTES;
      else window.workBytes = workBefore;
      if (isOverBudget(window, at)) {
        return { start: Math.min(start, at), countedTo, isOverBudget: true };
      }
    }
    return { start, countedTo, isOverBudget: false };
  }

  /** Gives the earliest place at which a value begins that this block is part of. */
  #startAtBlock(
    window: ByteWindow,
    at: number,
    options: { block: number; from: number },
  ): { start: number; isSettled: boolean } {
    let first = Infinity;
    let isSettled = true;
    for (const generation of this.#generations()) {
      for (const { form, offset } of generation.byBlock.get(options.block) ?? []) {
        const start = stepBack(window, at, offset);
        if (start < options.from || start >= first) continue;
        const end = compare(window, start, form);
        if (end === NEED_MORE) isSettled = false;
        if (end !== NO_MATCH) first = start;
      }
    }
    return { start: first, isSettled };
  }

  /** Looks for values that are too short to be found by a block. */
  #nextShort(window: ByteWindow, from: number, to: number): number {
    for (const generation of this.#generations()) {
      if (generation.short.size === 0) continue;
      for (let at = from; at < to; at++) {
        const forms = generation.short.get(window.bytes[at] ?? 0);
        if (forms?.some((form) => stands(window, at, form))) return at;
      }
    }
    return Infinity;
  }

  /** Looks at the last bytes, where values that have begun do not show a whole block yet. */
  #nextAtEnd(window: ByteWindow, from: number, found: number): number {
    const to = Math.min(found, window.end);
    for (let at = Math.max(from, KnownValues.settledTo(window.end)); at < to; at++) {
      if (this.#formsAt(window, at).length > 0) return at;
    }
    return found;
  }

  #formsAt(window: ByteWindow, at: number): KnownForm[] {
    const first = window.bytes[at] ?? 0;
    if (this.#firstBytes[first] === 0) return [];
    const second = byteAt(window, at + 1);
    const isCut = second < 0 || second === LF || second === CR;
    const standing: KnownForm[] = [];
    for (const { byStart } of this.#generations()) {
      const starts = isCut ? startsFrom(byStart, first) : [(first << 8) | second, first << 8];
      for (const start of starts) {
        for (const form of byStart.get(start) ?? []) {
          if (stands(window, at, form)) standing.push(form);
        }
      }
    }
    if (standing.length < 2) return standing;
    return standing.sort((one, other) => other.bytes.length - one.bytes.length);
  }
}

function append<Item>(map: Map<number, Item[]>, key: number, item: Item): void {
  const items = map.get(key);
  if (items === undefined) map.set(key, [item]);
  else items.push(item);
}

function startsFrom(byStart: ReadonlyMap<number, unknown>, first: number): number[] {
  return [...byStart.keys()].filter((start) => start >> 8 === first);
}

/** Gives the first two bytes of a form as a number, in each case; a form of one byte ends in 0. */
function startsOf(form: KnownForm): Set<number> {
  const cases = (byte: number): number[] =>
    form.caseless && byte >= 0x61 && byte <= 0x66 ? [byte, byte - 0x20] : [byte];
  const starts = new Set<number>();
  for (const first of cases(form.bytes[0] ?? 0)) {
    for (const second of cases(form.bytes[1] ?? 0)) starts.add((first << 8) | second);
  }
  return starts;
}

/** Reads four bytes as the number that they are in memory. */
function blockOf(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return IS_LITTLE_ENDIAN
    ? a | (b << 8) | (c << 16) | (d << 24)
    : d | (c << 8) | (b << 16) | (a << 24);
}

function hashOf(block: number): number {
  return Math.imul(block | FOLD_BLOCK, 0x9e3779b1) >>> (32 - TABLE_BITS);
}
