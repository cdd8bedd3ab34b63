/**
 * Values that stood next to a secret name, and are looked for in the rest of the session.
 *
 * The newest are looked for in all their forms, older ones as they stood there, so that memory is
 * bounded and none is let through. Learning has to be cheap, because a log may have a value in
 * each of its lines: a form is filed under hashes of its bytes, and there are no lists to search.
 *
 * @module
 */

import { BlockFilter, PREFIX_BYTES, prefixHash, PrefixStarts } from "./block_filter.ts";
import { ANY_BASE64 } from "./byte_classes.ts";
import {
  type ByteWindow,
  isOverBudget,
  NEED_MORE,
  NO_MATCH,
  REACH_BACK_BYTES,
  runStart,
} from "./byte_window.ts";
import { ForgottenValues } from "./forgotten_values.ts";
import { type Judge, type Judgement, undecided } from "./judgement.ts";
import { BLOCK_BYTES, compare, judgeOf, type KnownForm } from "./known_match.ts";
import type { KnownFinding, KnownSource, KnownStretch } from "./known_search.ts";
import { Generation, GENERATION_MAX, type TakePrefix } from "./learned_generation.ts";

/** Bytes that a learned value has at least. */
const LEARNED_MIN_BYTES = 8;
/** How often a generation passes before the filters are made anew. */
const GENERATIONS_PER_CLEANUP = 4;

/** What stands at a place. */
interface Standing {
  readonly forms: readonly KnownForm[];
  /** True when the bytes do not tell whether a longer form stands there. */
  readonly isCut: boolean;
  /** True when the trace of a value says that it may begin there. */
  readonly isForgotten: boolean;
}

/** The first place at which a value may stand that a block is part of. */
interface BlockStart {
  readonly start: number;
  readonly judges: readonly Judge[];
  readonly isCut: boolean;
}

const NO_START: BlockStart = { start: 0, judges: [], isCut: false };

/** The learned values of one redactor. */
export class LearnedValues implements KnownSource {
  #newer = new Generation();
  #older = new Generation();
  #forgotten: ForgottenValues | undefined;
  readonly #starts = new PrefixStarts();
  /** Made with the first value. */
  #filter: BlockFilter | undefined;
  #revision = 0;
  #generations = 0;
  /** Made once, because values are added often. */
  readonly #mark: TakePrefix = (bytes, at, hash) => {
    this.#filter?.add(bytes, at, hash);
    this.#starts.add(bytes, at);
  };

  /** Changes whenever a value is added. */
  get revision(): number {
    return this.#revision;
  }

  /** True when there is nothing to look for. */
  get isEmpty(): boolean {
    return this.#filter === undefined;
  }

  /**
   * Tells whether a value is looked for in all its forms.
   *
   * @param identity The value's identity.
   */
  has(identity: number): boolean {
    return this.#newer.has(identity) || this.#older.has(identity);
  }

  /**
   * Adds a value.
   *
   * @param value The value: eight bytes or more, without line ends.
   * @param identity The value's identity for placeholders.
   */
  add(value: Uint8Array, identity: number): void {
    if (this.has(identity)) return;
    if (this.#newer.size >= GENERATION_MAX) this.#forgetOlder();
    this.#filter ??= new BlockFilter();
    this.#revision++;
    this.#newer.add(value, identity, this.#mark);
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
    const filter = this.#filter;
    let at = from & ~(BLOCK_BYTES - 1);
    while (filter !== undefined) {
      at = filter.next(window, at, to);
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
    const prefix = prefixHash(window.bytes, at);
    if (this.#filter?.hasPrefix(prefix) !== true) return NO_MATCH;
    const { forms, isCut, isForgotten } = this.#formsAt(window, at, prefix);
    if (isCut) return NEED_MORE;
    let end = isForgotten ? this.#forgotten?.endAt(window, at) ?? NO_MATCH : NO_MATCH;
    for (const form of forms) {
      const formEnd = form.wholeWord ? NO_MATCH : compare(window, at, form);
      if (formEnd === NEED_MORE || end === NEED_MORE) return NEED_MORE;
      end = Math.max(end, formEnd);
    }
    return end;
  }

  /**
   * Gives the length of the shortest value that may have begun at a place near the end.
   *
   * @param window The bytes.
   * @param at The place.
   * @returns Bytes that it has at least; `Infinity` when there is none.
   */
  shortestAt(window: ByteWindow, at: number): number {
    if (this.isEmpty) return Infinity;
    const workBefore = window.workBytes;
    const isBegun = this.endAt(window, at) === NEED_MORE;
    window.workBytes = workBefore;
    return isBegun ? LEARNED_MIN_BYTES : Infinity;
  }

  #forgetOlder(): void {
    const given = this.#older;
    if (given.size > 0) {
      const forgotten = this.#forgotten ??= new ForgottenValues();
      given.eachValue((value) => forgotten.add(value));
    }
    given.clear();
    this.#older = this.#newer;
    this.#newer = given;
    this.#generations++;
    if (this.#generations % GENERATIONS_PER_CLEANUP === 0) this.#cleanUp();
  }

  /** Takes out of the filters what is no longer looked for: it only costs time. */
  #cleanUp(): void {
    this.#filter?.reset(this.#forgotten?.filter);
    this.#older.eachPrefix(this.#mark);
  }

  /** Gives the earliest place at which a value begins whose prefix this block is part of. */
  #startAtBlock(
    window: ByteWindow,
    at: number,
    from: number,
  ): BlockStart {
    const filter = this.#filter;
    if (filter === undefined) return NO_START;
    const offsets = filter.offsetsAt(window, at);
    for (let start = Math.max(from, at - BLOCK_BYTES + 1); start <= at; start++) {
      if (start + PREFIX_BYTES > window.end) break;
      if (((offsets >> (at - start)) & 1) === 0) continue;
      const prefix = prefixHash(window.bytes, start);
      // Nearly all that the blocks let through ends here.
      if (!filter.hasPrefix(prefix)) continue;
      const { forms, isCut, isForgotten } = this.#formsAt(window, start, prefix);
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
  #formsAt(window: ByteWindow, at: number, hash: number): Standing {
    const forms: KnownForm[] = [];
    const isCutInNewer = this.#newer.formsAt(window, { at, hash }, forms);
    const isCutInOlder = this.#older.formsAt(window, { at, hash }, forms);
    const isCut = isCutInNewer || isCutInOlder;
    const isForgotten = this.#forgotten?.mayBegin(hash) ?? false;
    if (forms.length > 1) forms.sort((one, other) => other.bytes.length - one.bytes.length);
    return { forms, isCut, isForgotten };
  }
}

/** What may have begun with the last bytes waits for more, with the run that it may be part of. */
function judgeCut(window: ByteWindow, at: number): Judgement {
  if (window.final) return undefined;
  return undecided(Math.max(window.floor, runStart(window, at, ANY_BASE64, REACH_BACK_BYTES)));
}
