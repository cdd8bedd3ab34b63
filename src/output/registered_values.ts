/**
 * Values that were registered as secret, in every form in which output may show them.
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
  judgeOf,
  type KnownForm,
  SEGMENT_BYTES,
  stands,
  stepBack,
} from "./known_match.ts";
import {
  type KnownFinding,
  type KnownSource,
  type KnownStretch,
  REACH_BYTES,
  settledTo,
} from "./known_search.ts";
import type { ValueForm } from "./value_forms.ts";

const LF = 0x0a;
const CR = 0x0d;
/** Most bytes of one searched piece; a longer value is searched in pieces. */
const PIECE_BYTES = 8192;
const TABLE_BITS = 17;
/** True where the first byte of a number in memory is its lowest, as nearly everywhere. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const NO_FORMS: readonly KnownForm[] = [];
const NO_BLOCKS = new Uint8Array(1 << TABLE_BITS);
/** Sets both cases of a letter equal; for other bytes it makes the table a little coarser. */
const FOLD_BLOCK = 0x20202020;

/** A form of which some bytes are a block, and how many of its bytes are in front of it. */
interface FiledForm {
  readonly form: KnownForm;
  readonly offset: number;
}

/** The registered values of one redactor. */
export class RegisteredValues implements KnownSource {
  readonly #identities = new Set<number>();
  /** Block → forms. */
  readonly #byBlock = new Map<number, FiledForm[]>();
  /** First two bytes as a number → forms. */
  readonly #byStart = new Map<number, KnownForm[]>();
  /** First byte → forms that are too short to show a whole block. */
  readonly #short = new Map<number, KnownForm[]>();
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
    return this.#identities.has(identity);
  }

  /**
   * Adds a value for good.
   *
   * @param forms The forms to look for.
   * @param identity The value's identity for placeholders.
   */
  add(forms: readonly ValueForm[], identity: number): void {
    if (this.#identities.has(identity)) return;
    this.#identities.add(identity);
    this.#revision++;
    for (const form of forms) {
      for (let at = 0; at < form.bytes.length; at += PIECE_BYTES) {
        const bytes = form.bytes.subarray(at, at + PIECE_BYTES);
        // What is left over of a long value may be short, but is no word of its own.
        if (at > 0 && bytes.length < GROUP_BYTES) continue;
        this.#file({ ...form, bytes, identity, unbrokenBytes: 1 });
      }
    }
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
    if (isOverBudget) return { place: { start: limit, judges: [] }, countedTo };
    const workBefore = window.workBytes;
    const start = Math.min(
      limit,
      this.#nextShort(window, stretch.from, Math.min(limit, stretch.to)),
    );
    const first = stretch.to === window.end ? this.#nextAtEnd(window, stretch.from, start) : start;
    const place = first === Infinity
      ? undefined
      : { start: first, judges: this.#formsAt(window, first).map(judgeOf) };
    // How often the end is looked at depends on where chunks end.
    window.workBytes = workBefore;
    return { place, countedTo };
  }

  /**
   * Finds how far the values go that begin at a place.
   *
   * @param window The bytes.
   * @param at The place.
   * @returns The index after the longest, {@linkcode NO_MATCH}, or {@linkcode NEED_MORE}.
   */
  endAt(window: ByteWindow, at: number): number {
    let end = NO_MATCH;
    for (const form of this.#formsAt(window, at)) {
      if (form.wholeWord) continue;
      const formEnd = compare(window, at, form);
      if (formEnd === NEED_MORE) return NEED_MORE;
      end = Math.max(end, formEnd);
    }
    return end;
  }

  /**
   * Gives the length of the shortest form that may have begun at a place.
   *
   * @param window The bytes.
   * @param at The place.
   * @returns Its bytes; `Infinity` when there is none.
   */
  shortestAt(window: ByteWindow, at: number): number {
    const workBefore = window.workBytes;
    const forms = this.#formsAt(window, at);
    window.workBytes = workBefore;
    return forms.reduce((least, { bytes }) => Math.min(least, bytes.length), Infinity);
  }

  #file(form: KnownForm): void {
    this.#blocks ??= new Uint8Array(1 << TABLE_BITS);
    const { bytes } = form;
    for (const start of startsOf(form)) {
      this.#firstBytes[start >> 8] = 1;
      append(this.#byStart, start, form);
    }
    if (bytes.length < GROUP_BYTES) {
      for (const start of startsOf(form)) append(this.#short, start >> 8, form);
      return;
    }
    this.#fileGroup(form, { bytes, from: 0, offset: 0 });
    if (bytes.length >= SEGMENT_BYTES) {
      this.#fileGroup(form, { bytes, from: GROUP_BYTES, offset: GROUP_BYTES });
    } else {
      this.#fileBroken(form);
    }
  }

  /** Files a short form with a line end at every place inside. */
  #fileBroken(form: KnownForm): void {
    for (let breakAt = 1; breakAt < form.bytes.length; breakAt++) {
      const [head, tail] = [form.bytes.subarray(0, breakAt), form.bytes.subarray(breakAt)];
      for (const end of [[LF], [CR, LF]]) {
        const bytes = Uint8Array.from([...head, ...end, ...tail]);
        this.#fileGroup(form, { bytes, from: 0, offset: 0 });
      }
    }
  }

  /** Files a form under the four blocks of a group of its bytes. */
  #fileGroup(
    form: KnownForm,
    group: { bytes: Uint8Array; from: number; offset: number },
  ): void {
    let { offset } = group;
    for (let at = group.from; at < group.from + BLOCK_BYTES; at++) {
      const block = blockOf(group.bytes, at);
      if (this.#blocks !== undefined) this.#blocks[hashOf(block)] = 1;
      append(this.#byBlock, block | FOLD_BLOCK, { form, offset });
      const byte = group.bytes[at];
      // Line ends are no part of the form.
      if (byte !== LF && byte !== CR) offset++;
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
    for (const { form, offset } of this.#byBlock.get(options.block) ?? []) {
      const start = stepBack(window, at, offset);
      if (start < options.from || start >= first) continue;
      const end = compare(window, start, form);
      if (end === NEED_MORE) isSettled = false;
      if (end !== NO_MATCH) first = start;
    }
    return { start: first, isSettled };
  }

  /** Looks for values that are too short to be found by a block. */
  #nextShort(window: ByteWindow, from: number, to: number): number {
    if (this.#short.size === 0) return Infinity;
    for (let at = from; at < to; at++) {
      const forms = this.#short.get(window.bytes[at] ?? 0);
      if (forms?.some((form) => stands(window, at, form))) return at;
    }
    return Infinity;
  }

  /** Looks at the last bytes, where values that have begun do not show a whole block yet. */
  #nextAtEnd(window: ByteWindow, from: number, found: number): number {
    const to = Math.min(found, window.end);
    for (let at = Math.max(from, settledTo(window.end)); at < to; at++) {
      if (this.#formsAt(window, at).length > 0) return at;
    }
    return found;
  }

  #formsAt(window: ByteWindow, at: number): readonly KnownForm[] {
    const first = window.bytes[at] ?? 0;
    if (this.#firstBytes[first] === 0) return NO_FORMS;
    const second = byteAt(window, at + 1);
    const isCut = second < 0 || second === LF || second === CR;
    const standing: KnownForm[] = [];
    const starts = isCut ? startsFrom(this.#byStart, first) : [(first << 8) | second, first << 8];
    for (const start of starts) {
      for (const form of this.#byStart.get(start) ?? []) {
        if (stands(window, at, form)) standing.push(form);
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
