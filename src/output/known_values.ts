/**
 * Values that are known to be secret, in every form in which output may show them.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";
import { type AnchorTable, rarestKeyAt } from "./anchor_table.ts";
import { ALNUM, ANY_BASE64, BYTE_CLASS, HEX, isIn } from "./byte_classes.ts";
import {
  byteAt,
  type ByteWindow,
  END_OF_STREAM,
  LOOK_AHEAD_BYTES,
  NEED_MORE,
  NO_MATCH,
  REACH_BACK_BYTES,
  runEnd,
  runStart,
} from "./byte_window.ts";
import { type Judge, type Judgement, undecided } from "./judgement.ts";
import type { ValueForm } from "./value_forms.ts";

const LF = 0x0a;
const CR = 0x0d;
/** Fewest bytes of a form that is looked for at all. */
const SHORTEST_BYTES = 3;
/** Most bytes of one searched piece; a longer value is searched in pieces. */
const PIECE_BYTES = 8192;
/** Bytes from the start of a form within which its key lies. */
const KEY_ZONE_BYTES = 16;

interface KnownForm extends ValueForm {
  readonly identity: number;
}

/** The set of known values of one redactor, filed in its anchor table. */
export class KnownValues {
  readonly #table: AnchorTable;
  readonly #seen = new Set<number>();
  /** First two bytes as a number → the forms that begin with them. */
  readonly #byStart = new Map<number, KnownForm[]>();
  readonly #firstBytes = new Uint8Array(256);
  #longestBytes = 0;

  /**
   * Starts an empty set.
   *
   * @param table Where the values' keys are filed.
   */
  constructor(table: AnchorTable) {
    this.#table = table;
  }

  /**
   * Tells whether a value is in the set.
   *
   * @param identity The value's identity.
   */
  has(identity: number): boolean {
    return this.#seen.has(identity);
  }

  /**
   * Adds a value in some forms. Forms under three bytes are left out: text is full
   * of them, and hiding them all would tell what they are.
   *
   * @param forms The forms to look for.
   * @param identity The value's identity for placeholders.
   */
  add(forms: readonly ValueForm[], identity: number): void {
    if (this.#seen.has(identity)) return;
    this.#seen.add(identity);
    for (const form of forms) {
      for (let at = 0; at < form.bytes.length; at += PIECE_BYTES) {
        const bytes = form.bytes.subarray(at, at + PIECE_BYTES);
        if (bytes.length >= SHORTEST_BYTES) this.#addForm({ ...form, bytes, identity });
      }
    }
  }

  /**
   * Finds where a known value stands or may have begun that no rule has been asked about yet.
   *
   * @param window The bytes.
   * @param scanned Index before which all keys have been looked at.
   * @returns The first index that must not go out; `end` when there is none.
   */
  holdFrom(window: ByteWindow, scanned: number): number {
    // A value may be broken by line ends, which the comparison steps over.
    const begun = window.end - 2 * this.#longestBytes;
    const unasked = scanned - 2 * KEY_ZONE_BYTES;
    for (let at = Math.max(window.floor, Math.min(begun, unasked)); at < window.end; at++) {
      const first = window.bytes[at] ?? 0;
      if (this.#firstBytes[first] === 0) continue;
      if (at + 1 === window.end) return at;
      const forms = this.#byStart.get((first << 8) | (window.bytes[at + 1] ?? 0)) ?? [];
      const form = forms.find((one) => {
        const end = compare(window, at, one);
        return end === NEED_MORE || end > scanned;
      });
      if (form !== undefined) {
        return form.grows ? runStart(window, at, ANY_BASE64, REACH_BACK_BYTES) : at;
      }
    }
    return window.end;
  }

  #addForm(form: KnownForm): void {
    const { bytes } = form;
    this.#longestBytes = Math.max(this.#longestBytes, bytes.length);
    for (const start of startsOf(form)) {
      this.#firstBytes[start >> 8] = 1;
      const forms = this.#byStart.get(start);
      if (forms === undefined) this.#byStart.set(start, [form]);
      else forms.push(form);
    }
    const zone = Math.min(bytes.length, KEY_ZONE_BYTES);
    const best = rarestKeyAt(bytes, 0, zone);
    this.#fileKey(form, best);
    if (form.grows) return;
    // A second key, because a line break inside the first one would hide the value.
    const second = best >= 3 ? rarestKeyAt(bytes, 0, best) : rarestKeyAt(bytes, best + 3, zone);
    if (second + 3 <= zone && Math.abs(second - best) >= 3) this.#fileKey(form, second);
  }

  #fileKey(form: KnownForm, keyAt: number): void {
    this.#table.addKey(form.bytes.slice(keyAt, keyAt + 3), knownJudge(form, keyAt), {
      caseless: form.caseless,
    });
  }
}

function startsOf(form: KnownForm): Set<number> {
  const cases = (byte: number): number[] =>
    form.caseless && byte >= 0x61 && byte <= 0x66 ? [byte, byte - 0x20] : [byte];
  const starts = new Set<number>();
  for (const first of cases(form.bytes[0] ?? 0)) {
    for (const second of cases(form.bytes[1] ?? 0)) starts.add((first << 8) | second);
  }
  return starts;
}

function knownJudge(form: KnownForm, keyAt: number): Judge {
  return (window, at) => judgeKnown(window, stepBack(window, at, keyAt), form);
}

/** Goes back over so many bytes of a value, not counting line breaks inside it. */
function stepBack(window: ByteWindow, at: number, bytes: number): number {
  let index = at;
  let left = bytes;
  while (left > 0 && index > 0) {
    index--;
    const byte = window.bytes[index];
    if (byte !== LF && byte !== CR) left--;
  }
  return left === 0 ? index : NO_MATCH;
}

function judgeKnown(window: ByteWindow, from: number, form: KnownForm): Judgement {
  if (from < window.floor) return undefined;
  const end = compare(window, from, form);
  if (end === NO_MATCH) return undefined;
  const grownFrom = form.grows
    ? Math.max(window.floor, runStart(window, from, ANY_BASE64, REACH_BACK_BYTES))
    : from;
  if (end === NEED_MORE) return undecided(grownFrom);
  const found = {
    type: "secret",
    start: grownFrom,
    kind: "known",
    identity: form.identity,
  } as const;
  if (form.grows) {
    const grownTo = runEnd(window, end, form.caseless ? HEX : ANY_BASE64, LOOK_AHEAD_BYTES);
    return grownTo === NEED_MORE ? undecided(grownFrom) : { ...found, end: grownTo };
  }
  if (!form.wholeWord) return { ...found, end };
  const after = byteAt(window, end);
  if (after === NEED_MORE) return undecided(from);
  const before = from === 0 ? END_OF_STREAM : window.bytes[from - 1] ?? END_OF_STREAM;
  return isIn(after, ALNUM) || isIn(before, ALNUM) ? undefined : { ...found, end };
}

function compare(window: ByteWindow, from: number, form: KnownForm): number {
  const { bytes } = form;
  let index = from;
  window.workBytes++;
  for (let offset = 0; offset < bytes.length; offset++) {
    let byte = byteAt(window, index);
    // A terminal or an encoder may have broken the line; not right after the first byte, so
    // that two bytes are always enough to look a value up.
    if (offset > 1 && byte === CR) byte = byteAt(window, ++index);
    if (offset > 1 && byte === LF) byte = byteAt(window, ++index);
    if (byte === NEED_MORE) return NEED_MORE;
    window.workBytes++;
    const wanted = bytes[offset] ?? 0;
    if (byte !== wanted && !(form.caseless && (byte | 0x20) === wanted)) return NO_MATCH;
    index++;
  }
  return index;
}

/**
 * Tells whether a value that was seen next to a secret name is worth recognising elsewhere.
 * Words that text is full of are not.
 *
 * @param bytes The value.
 * @returns True when it is long and mixed enough.
 */
export function isDistinctive(bytes: Uint8Array): boolean {
  if (bytes.length < LIMITS.knownValueMinChars + 2 || bytes.length > 256) return false;
  let seen = 0;
  let others = 0;
  for (const byte of bytes) {
    const classes = BYTE_CLASS[byte] ?? 0;
    if ((classes & ALNUM) === 0) others++;
    seen |= classes;
  }
  const letters = (seen & (2 | 4)) !== 0;
  return letters && ((seen & 1) !== 0 || others > 0);
}
