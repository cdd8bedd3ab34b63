/**
 * Values that stood next to a secret name, and are looked for in the rest of the session.
 *
 * The newest are looked for in all their forms, older ones as they stood there, so that memory is
 * bounded and none is let through. Learning has to be cheap, because a log may have a value in
 * each of its lines: a form is filed under hashes of its bytes, and there are no lists to search.
 *
 * @module
 */

import {
  BitSet,
  BlockFilter,
  foldedHash,
  PREFIX_BYTES,
  prefixHash,
  PrefixStarts,
} from "./block_filter.ts";
import { ANY_BASE64 } from "./byte_classes.ts";
import {
  byteAt,
  type ByteWindow,
  isOverBudget,
  NEED_MORE,
  NO_MATCH,
  REACH_BACK_BYTES,
  runStart,
} from "./byte_window.ts";
import { ForgottenValues } from "./forgotten_values.ts";
import { type Judge, type Judgement, undecided } from "./judgement.ts";
import {
  BLOCK_BYTES,
  compare,
  judgeOf,
  type KnownForm,
  SEGMENT_BYTES,
  stands,
} from "./known_match.ts";
import type { KnownFinding, KnownSource, KnownStretch } from "./known_search.ts";
import { allForms, isWord, type ValueForm, wordForms } from "./value_forms.ts";

/** Values that are looked for in all forms at most; the older half goes when there are more. */
const LEARNED_MAX = 256;
/** How often a generation passes before the filters are made anew. */
const GENERATIONS_PER_CLEANUP = 4;
/** Bytes of a form that it is filed under at most; tokens may be alike for some dozens. */
const FILED_MAX_BYTES = 64;
/** Enough for all forms of the newest values with few wrong answers. */
const PREFIX_BITS_LOG2 = 18;
const LF = 0x0a;
const CR = 0x0d;

/** What stands at a place. */
interface Standing {
  readonly forms: readonly KnownForm[];
  /** True when the bytes do not tell whether a longer form stands there. */
  readonly isCut: boolean;
  /** True when the trace of a value says that it may begin there. */
  readonly isForgotten: boolean;
}

const NOTHING: Standing = { forms: [], isCut: false, isForgotten: false };

/** The first place at which a value may stand that a block is part of. */
interface BlockStart {
  readonly start: number;
  readonly judges: readonly Judge[];
  readonly isCut: boolean;
}

const NO_START: BlockStart = { start: 0, judges: [], isCut: false };

/** A value, of which the forms are made when something begins like one of them. */
class LearnedValue {
  readonly bytes: Uint8Array;
  readonly identity: number;
  #forms: readonly KnownForm[] | undefined;

  constructor(bytes: Uint8Array, identity: number) {
    this.bytes = bytes;
    this.identity = identity;
  }

  /** Gives what its forms begin with, each seven bytes or more; cheaper than the forms. */
  prefixes(): readonly ValueForm[] {
    return isWord(this.bytes) ? wordForms(this.bytes.subarray(0, PREFIX_BYTES + 1)) : this.forms();
  }

  forms(): readonly KnownForm[] {
    const { bytes, identity } = this;
    return this.#forms ??=
      (isWord(bytes) ? wordForms(bytes) : allForms(new TextDecoder().decode(bytes)))
        .map((form) => ({ ...form, identity, unbrokenBytes: PREFIX_BYTES }));
  }
}

/** Many forms that begin alike, filed under more of their bytes. */
class SharedPrefix {
  /** Of how many bytes they are, as far as filed. */
  readonly lengths = new Set<number>();
  /** Hash of a form, as far as filed → the forms. */
  readonly byHash = new Map<number, KnownForm[]>();

  add(value: LearnedValue, prefix: number): void {
    for (const form of value.forms()) {
      const { bytes } = form;
      let hash = prefixHash(bytes, 0);
      if (hash !== prefix) continue;
      const length = Math.min(bytes.length, FILED_MAX_BYTES);
      for (let at = PREFIX_BYTES; at < length; at++) hash = foldedHash(hash, bytes[at] ?? 0);
      this.lengths.add(length);
      const same = this.byHash.get(hash);
      if (same === undefined) this.byHash.set(hash, [form]);
      else if (!same.includes(form)) same.push(form);
    }
  }
}

/** One half of the newest values, which is given up as a whole. */
class Generation {
  readonly identities = new Set<number>();
  readonly values: LearnedValue[] = [];
  /** Hash of a prefix → the value with a form that begins with it. */
  readonly byPrefix = new Map<number, LearnedValue | SharedPrefix>();

  file(prefix: number, value: LearnedValue): void {
    const found = this.byPrefix.get(prefix);
    if (found === undefined) {
      this.byPrefix.set(prefix, value);
    } else if (found instanceof SharedPrefix) {
      found.add(value, prefix);
    } else if (found !== value) {
      const shared = new SharedPrefix();
      shared.add(found, prefix);
      shared.add(value, prefix);
      this.byPrefix.set(prefix, shared);
    }
  }
}

/** The learned values of one redactor. */
export class LearnedValues implements KnownSource {
  #newer = new Generation();
  #older = new Generation();
  #forgotten: ForgottenValues | undefined;
  readonly #starts = new PrefixStarts();
  readonly #prefixes = new BitSet(PREFIX_BITS_LOG2);
  /** Made with the first value. */
  #blocks: BlockFilter | undefined;
  #revision = 0;
  #generations = 0;

  /** Changes whenever a value is added. */
  get revision(): number {
    return this.#revision;
  }

  /** True when there is nothing to look for. */
  get isEmpty(): boolean {
    return this.#blocks === undefined;
  }

  /**
   * Tells whether a value is looked for in all its forms.
   *
   * @param identity The value's identity.
   */
  has(identity: number): boolean {
    return this.#newer.identities.has(identity) || this.#older.identities.has(identity);
  }

  /**
   * Adds a value.
   *
   * @param value The value: eight bytes or more, without line ends.
   * @param identity The value's identity for placeholders.
   */
  add(value: Uint8Array, identity: number): void {
    if (this.has(identity)) return;
    if (this.#newer.identities.size >= LEARNED_MAX / 2) this.#forgetOlder();
    this.#blocks ??= new BlockFilter();
    this.#revision++;
    this.#newer.identities.add(identity);
    const learned = new LearnedValue(value, identity);
    this.#newer.values.push(learned);
    for (const { bytes } of learned.prefixes()) {
      const hash = prefixHash(bytes, 0);
      this.#newer.file(hash, learned);
      this.#mark(bytes, hash);
    }
  }

  #mark(prefix: Uint8Array, hash: number): void {
    this.#blocks?.add(prefix);
    this.#starts.add(prefix);
    this.#prefixes.add(hash);
  }

  /**
   * Finds the first place where a value stands, or has begun as far as the bytes tell.
   *
   * @param window The bytes.
   * @param stretch Which of them are searched.
   * @returns What was found.
   */
  next(window: ByteWindow, stretch: KnownStretch): KnownFinding {
    const { from, to } = stretch;
    let { countedTo } = stretch;
    const blocks = this.#blocks;
    let at = from & ~(BLOCK_BYTES - 1);
    while (blocks !== undefined) {
      at = blocks.next(window, at, to);
      if (at >= to) break;
      const workBefore = window.workBytes;
      const found = this.#startAtBlock(window, at, from);
      // Each block counts once, when nothing about it can change any more.
      if (at >= countedTo && !found.isCut) countedTo = at + BLOCK_BYTES;
      else window.workBytes = workBefore;
      if (isOverBudget(window, at)) return { place: { start: at, judges: [] }, countedTo };
      if (found.judges.length > 0) return { place: found, countedTo };
      at += BLOCK_BYTES;
    }
    if (to < window.end) return { place: undefined, countedTo };
    return { place: this.#placeAtEnd(window, from), countedTo };
  }

  /**
   * Finds how far the values go that begin at a place.
   *
   * @param window The bytes.
   * @param at The place.
   * @returns The index after the longest, {@linkcode NO_MATCH}, or {@linkcode NEED_MORE}.
   */
  endAt(window: ByteWindow, at: number): number {
    if (this.isEmpty) return NO_MATCH;
    if (at + PREFIX_BYTES > window.end) {
      return this.#starts.mayBeCut(window, at) ? NEED_MORE : NO_MATCH;
    }
    const { forms, isCut, isForgotten } = this.#formsAt(window, at);
    if (isCut) return NEED_MORE;
    let end = isForgotten ? this.#forgotten?.endAt(window, at) ?? NO_MATCH : NO_MATCH;
    for (const form of forms) {
      const formEnd = form.wholeWord ? NO_MATCH : compare(window, at, form);
      if (formEnd === NEED_MORE || end === NEED_MORE) return NEED_MORE;
      end = Math.max(end, formEnd);
    }
    return end;
  }

  #forgetOlder(): void {
    if (this.#older.values.length > 0) {
      this.#forgotten ??= new ForgottenValues();
      for (const { bytes } of this.#older.values) this.#forgotten.add(bytes);
    }
    this.#older = this.#newer;
    this.#newer = new Generation();
    this.#generations++;
    if (this.#generations % GENERATIONS_PER_CLEANUP === 0) this.#cleanUp();
  }

  /** Takes out of the filters what is no longer looked for: it only costs time. */
  #cleanUp(): void {
    this.#blocks?.reset(this.#forgotten?.blocks);
    this.#prefixes.clear();
    for (const value of this.#older.values) {
      for (const { bytes } of value.prefixes()) this.#mark(bytes, prefixHash(bytes, 0));
    }
  }

  /** Gives the earliest place at which a value begins whose prefix this block is part of. */
  #startAtBlock(
    window: ByteWindow,
    at: number,
    from: number,
  ): BlockStart {
    const offsets = this.#blocks?.offsetsAt(window, at) ?? 0;
    for (let start = Math.max(from, at - BLOCK_BYTES + 1); start <= at; start++) {
      if (start + PREFIX_BYTES > window.end) break;
      if (((offsets >> (at - start)) & 1) === 0) continue;
      const standing = this.#formsAt(window, start);
      if (standing === NOTHING) continue;
      const { forms, isCut, isForgotten } = standing;
      const judges = forms.map(judgeOf);
      if (isCut) judges.unshift(judgeCut);
      if (isForgotten) judges.push((bytes, index) => this.#judgeForgotten(bytes, index));
      if (judges.length > 0) return { start, judges, isCut };
    }
    return NO_START;
  }

  #judgeForgotten(window: ByteWindow, at: number): Judgement {
    return this.#forgotten?.judge(window, at);
  }

  /** Looks at the last bytes, where a value that has begun does not show its prefix yet. */
  #placeAtEnd(window: ByteWindow, from: number): KnownFinding["place"] {
    for (let at = Math.max(from, window.end - PREFIX_BYTES + 1); at < window.end; at++) {
      if (this.#starts.mayBeCut(window, at)) return { start: at, judges: [judgeCut] };
    }
    return undefined;
  }

  /** Gives the forms that stand at a place, the longest first. */
  #formsAt(
    window: ByteWindow,
    at: number,
  ): Standing {
    const prefix = prefixHash(window.bytes, at);
    const isForgotten = this.#forgotten?.mayBegin(prefix) ?? false;
    if (!isForgotten && !this.#prefixes.has(prefix)) return NOTHING;
    const forms: KnownForm[] = [];
    let isCut = false;
    for (const generation of [this.#newer, this.#older]) {
      const found = generation.byPrefix.get(prefix);
      if (found instanceof SharedPrefix) {
        isCut = addForms(window, { at, hash: prefix }, { shared: found, forms }) || isCut;
      } else {
        for (const form of found?.forms() ?? []) {
          if (!stands(window, at, form)) continue;
          forms.push(form);
          isCut = compare(window, at, form) === NEED_MORE || isCut;
        }
      }
    }
    if (forms.length > 1) forms.sort((one, other) => other.bytes.length - one.bytes.length);
    return { forms, isCut, isForgotten };
  }
}

/** Adds the forms that begin with a prefix; true when the bytes do not tell about longer ones. */
function addForms(
  window: ByteWindow,
  prefix: { readonly at: number; readonly hash: number },
  found: { readonly shared: SharedPrefix; readonly forms: KnownForm[] },
): boolean {
  const { at } = prefix;
  const { lengths, byHash } = found.shared;
  const longest = Math.max(...lengths);
  let hash = prefix.hash;
  let index = at + PREFIX_BYTES;
  let breakableAt = PREFIX_BYTES;
  for (let length = PREFIX_BYTES;; length++) {
    if (lengths.has(length)) {
      for (const form of byHash.get(hash) ?? []) {
        if (stands(window, at, form)) found.forms.push(form);
      }
    }
    if (length === longest) return false;
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

/** What may have begun with the last bytes waits for more, with the run that it may be part of. */
function judgeCut(window: ByteWindow, at: number): Judgement {
  if (window.final) return undefined;
  return undecided(Math.max(window.floor, runStart(window, at, ANY_BASE64, REACH_BACK_BYTES)));
}
