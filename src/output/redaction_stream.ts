/**
 * The streaming redactor: finds anchors, asks their rules, and puts placeholders in.
 *
 * Two positions move through the stream. Everything before the scanning position is judged;
 * everything before the emitted position has gone out. They are apart where a rule waits for more
 * bytes (the scan stops at its anchor) or where the last bytes may begin a secret.
 *
 * @module
 */

import { markSafeBytes, type SafeBytes } from "../safe_text.ts";
import { type Anchor, nextHit } from "./anchor_table.ts";
import { ANY_BASE64, DIGIT, DOLLAR, DOT, isIn, TOKEN_RUN } from "./byte_classes.ts";
import {
  type ByteWindow,
  isOverBudget,
  LOOK_AHEAD_BYTES,
  LOOK_BACK_BYTES,
  NEED_MORE,
  REACH_BACK_BYTES,
  runStart,
} from "./byte_window.ts";
import { type Judge, type Judgement, type Secret, type Swallow, undecided } from "./judgement.ts";
import { type KnownPlace, KnownSearch } from "./known_search.ts";
import type { KeyedHash } from "./placeholders.ts";
import { RedactedOutput } from "./redacted_output.ts";
import type { RedactionStream } from "./redactor.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Bytes of a begun token that are held back: what a rule reaches back, and an anchor. */
const HOLD_RUN_BYTES: number = REACH_BACK_BYTES + 16;
const EXCLAMATION_MARK = 0x21;
const BACKSLASH = 0x5c;

/** Bytes kept in front of both positions: a rule looks back at a name, and from there at a line. */
const KEPT_BYTES: number = 2 * LOOK_BACK_BYTES;

interface OpenSecret {
  readonly kind: string;
  readonly hash: KeyedHash;
  readonly swallow: Swallow;
}

interface Question {
  readonly judge: Judge;
  readonly at: number;
}

/** One stream through the redactor. */
export class RedactingStream implements RedactionStream {
  readonly #vocabulary: Vocabulary;
  readonly #window: ByteWindow = {
    bytes: new Uint8Array(0),
    words: new Int32Array(0),
    droppedBytes: 0,
    end: 0,
    final: false,
    floor: 0,
    namesJudgedTo: 0,
    workBytes: 0,
  };
  /** Index of the next byte that may end a key. */
  #scanned = 0;
  /** Index of the next byte to go out. */
  #emitted = 0;
  readonly #known: KnownSearch;
  #open: OpenSecret | undefined;
  #question: Question | undefined;
  readonly #output = new RedactedOutput();
  /** The window's buffer. */
  #buffer = new ArrayBuffer(0);
  /** True when what went out last is a view of the buffer, which must not change then. */
  #isLent = false;

  /**
   * Starts a stream.
   *
   * @param vocabulary The redactor's rules, known values and placeholders.
   */
  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
    this.#known = new KnownSearch(vocabulary.known.sources);
  }

  /** Bytes that rules have looked at so far: what the work budget is measured in. */
  get workBytes(): number {
    return this.#window.workBytes;
  }

  /** Bytes of the stream that have gone out, as they were or redacted. */
  get sentBytes(): number {
    return this.#window.droppedBytes + this.#emitted;
  }

  /** Takes the next bytes and gives what is certain to be safe. */
  push(chunk: Uint8Array): SafeBytes {
    this.#append(chunk);
    return this.#advance();
  }

  /** Gives what was held back. */
  end(): SafeBytes {
    this.#window.final = true;
    return this.#advance();
  }

  #append(chunk: Uint8Array): void {
    const window = this.#window;
    // Words of four bytes must stay words.
    const keepFrom = Math.max(0, Math.min(this.#scanned, this.#emitted) - KEPT_BYTES) & ~3;
    const oldEnd = window.end;
    const kept = oldEnd - keepFrom;
    this.#moveWindow(keepFrom, kept + chunk.length);
    window.bytes.set(chunk, kept);
    window.droppedBytes += keepFrom;
    window.floor = Math.max(0, window.floor - keepFrom);
    window.namesJudgedTo = Math.max(0, window.namesJudgedTo - keepFrom);
    this.#scanned -= keepFrom;
    this.#emitted -= keepFrom;
    this.#known.shift(oldEnd, keepFrom);
    if (this.#question !== undefined) {
      this.#question = { ...this.#question, at: this.#question.at - keepFrom };
    }
  }

  /** Makes a window of a length that begins with what is kept of the one before. */
  #moveWindow(keepFrom: number, length: number): void {
    const window = this.#window;
    const old = window.bytes;
    const oldEnd = window.end;
    const isReused = !this.#isLent && this.#buffer.byteLength >= length;
    if (!isReused) {
      // Its next use may need somewhat more.
      const spare = this.#isLent ? 0 : length >> 3;
      this.#buffer = new ArrayBuffer((length + spare + 3) & ~3);
    }
    // Of its exact length, so that nothing behind the end can be read.
    window.bytes = new Uint8Array(this.#buffer, 0, length);
    if (isReused) new Uint8Array(this.#buffer).copyWithin(0, keepFrom, oldEnd);
    else window.bytes.set(old.subarray(keepFrom, oldEnd));
    window.words = new Int32Array(this.#buffer);
    window.end = length;
  }

  #advance(): SafeBytes {
    const window = this.#window;
    this.#output.begin(window.bytes, this.#emitted);
    const holdFrom = this.#scan();
    this.#emitTo(window.final ? window.end : this.#safeUpTo(holdFrom));
    const { bytes, isView } = this.#output.take();
    this.#isLent = isView;
    return markSafeBytes(bytes);
  }

  /** Gives the index up to which nothing may begin a secret, as far as rules and values tell. */
  #safeUpTo(holdFrom: number): number {
    const window = this.#window;
    const safeTo = Math.min(holdFrom, tokenBeginning(window));
    const known = this.#known.placeUpTo(window, safeTo);
    if (known === undefined || known.start >= safeTo) return safeTo;
    // The run that an encoded value is part of goes with it.
    return runStart(window, known.start, ANY_BASE64, REACH_BACK_BYTES);
  }

  /** Scans as far as possible; gives the first byte that must stay. */
  #scan(): number {
    const window = this.#window;
    while (true) {
      if (this.#open !== undefined && !this.#swallowMore(this.#open)) return this.#emitted;
      if (this.#question !== undefined) {
        const { judge, at } = this.#question;
        this.#question = undefined;
        const workBefore = this.#window.workBytes;
        const answer = this.#ask(judge, at);
        if (answer?.type === "undecided") {
          this.#window.workBytes = workBefore;
          this.#question = { judge, at };
          return answer.holdFrom;
        }
        if (answer !== undefined) continue;
      }
      const hit = nextHit(window, this.#scanned, this.#vocabulary.table);
      this.#scanned = hit;
      const known = this.#known.placeUpTo(window, hit);
      if (known === undefined && hit === window.end) return window.end;
      const holdFrom = known === undefined ? this.#judgeHit(hit) : this.#judgeKnown(known);
      if (holdFrom !== undefined) return holdFrom;
    }
  }

  /** Judges a known value; gives the first byte to hold when it has to wait. */
  #judgeKnown(place: KnownPlace): number | undefined {
    if (place.judges.length === 0) return this.#withhold(place.start);
    const workBefore = this.#window.workBytes;
    for (const judge of place.judges) {
      const answer = this.#ask(judge, place.start);
      if (answer?.type === "undecided") {
        this.#window.workBytes = workBefore;
        return answer.holdFrom;
      }
      if (answer !== undefined) return undefined;
    }
    this.#known.refuse(place);
    return undefined;
  }

  /** Asks the rules of a hit; gives the first byte to hold when one of them has to wait. */
  #judgeHit(hit: number): number | undefined {
    const window = this.#window;
    if (isOverBudget(window, hit)) return this.#withhold(hit);
    const workBefore = window.workBytes;
    for (const anchor of this.#vocabulary.table.anchorsAt(window.bytes, hit)) {
      const at = hit - anchor.keyReach;
      if (at < window.floor) continue;
      const answer = this.#askAnchor(anchor, at);
      if (answer?.type === "undecided") {
        // The question will be put again, so this attempt does not count.
        window.workBytes = workBefore;
        return answer.holdFrom;
      }
      if (answer) return undefined;
    }
    window.workBytes++;
    this.#scanned = hit + 1;
    return undefined;
  }

  #askAnchor(anchor: Anchor, at: number): Judgement {
    const stands = anchorStands(this.#window, at, anchor);
    if (stands === NEED_MORE) return undecided(at);
    return stands ? this.#ask(anchor.judge, at) : undefined;
  }

  #ask(judge: Judge, at: number): Judgement {
    const answer = judge(this.#window, at);
    if (answer?.type !== "secret") return answer;
    const extendedTo = answer.swallow === undefined
      ? this.#vocabulary.known.extend(this.#window, answer.start, answer.end)
      : answer.end;
    if (extendedTo === NEED_MORE) return undecided(answer.start);
    this.#take(answer, extendedTo);
    return answer;
  }

  /** Puts a placeholder in for a secret and for the known values that go on after it. */
  #take(secret: Secret, extendedTo: number): void {
    const window = this.#window;
    const start = Math.max(secret.start, window.floor);
    this.#emitTo(start);
    const { placeholders } = this.#vocabulary;
    const hash = placeholders.hash();
    hash.update(window.bytes, start, secret.end);
    if (secret.swallow !== undefined) {
      this.#open = { kind: secret.kind, hash, swallow: secret.swallow };
      this.#settleTo(secret.end);
      return;
    }
    const identity = secret.identity ?? hash.digest();
    const kind = secret.learn ? this.#tokenKind(start, secret.end) ?? secret.kind : secret.kind;
    placeholders.write(this.#output, identity, kind);
    if (secret.learn) this.#vocabulary.learn(window.bytes, { start, end: secret.end, identity });
    this.#settleTo(extendedTo);
    if (secret.then !== undefined) this.#question = { judge: secret.then, at: window.floor };
  }

  /** Tells what token format a value has that was found by its name; asked within its bounds. */
  #tokenKind(start: number, end: number): string | undefined {
    const window = this.#window;
    const { end: windowEnd, final, floor } = window;
    // The window itself, because a copy of another shape would slow down all that reads it.
    window.end = end;
    window.final = true;
    window.floor = start;
    const kind = this.#kindWithin(start, Math.min(end, start + HOLD_RUN_BYTES));
    window.end = windowEnd;
    window.final = final;
    window.floor = floor;
    return kind;
  }

  #kindWithin(start: number, to: number): string | undefined {
    const window = this.#window;
    const { table } = this.#vocabulary;
    for (let last = start + 2; last < to; last++) {
      for (const anchor of table.anchorsAt(window.bytes, last)) {
        const at = last - anchor.keyReach;
        if (at < start || anchorStands(window, at, anchor) !== true) continue;
        const answer = anchor.judge(window, at);
        if (answer?.type === "secret" && answer.start === start && !answer.learn) {
          return answer.kind;
        }
      }
    }
    return undefined;
  }

  /** Takes in more of the open secret; false when it needs more bytes. */
  #swallowMore(open: OpenSecret): boolean {
    const window = this.#window;
    const workBefore = window.workBytes;
    const { to, done } = open.swallow(window, this.#emitted);
    // It takes each byte once, but asks anew about a gap that is cut; that must not count.
    window.workBytes = workBefore;
    open.hash.update(window.bytes, this.#emitted, to);
    this.#settleTo(to);
    if (!done) return false;
    this.#open = undefined;
    this.#vocabulary.placeholders.write(this.#output, open.hash.digest(), open.kind);
    return true;
  }

  /** Marks everything before an index as redacted. */
  #settleTo(index: number): void {
    this.#emitted = index;
    this.#window.floor = index;
    this.#scanned = Math.max(this.#scanned, index);
  }

  /** Costly input: a stretch goes out unread as a placeholder, and earns time for the rest. */
  #withhold(hit: number): number | undefined {
    const window = this.#window;
    const start = Math.max(window.floor, this.#emitted, hit - LOOK_BACK_BYTES);
    const end = Math.min(window.end, hit + LOOK_AHEAD_BYTES);
    if (end < hit + LOOK_AHEAD_BYTES && !window.final) return start;
    this.#take({ type: "secret", start, end, kind: "withheld" }, end);
    return undefined;
  }

  #emitTo(index: number): void {
    if (index <= this.#emitted) return;
    this.#output.pass(this.#emitted, index);
    this.#emitted = index;
  }
}

/** Compares an anchor with the bytes; NEED_MORE when they end inside it. */
function anchorStands(window: ByteWindow, at: number, anchor: Anchor): boolean | typeof NEED_MORE {
  const { bytes: wanted, caseless } = anchor;
  const { bytes, end } = window;
  const length = Math.min(wanted.length, end - at);
  for (let offset = 0; offset < length; offset++) {
    const byte = bytes[at + offset] ?? 0;
    const expected = wanted[offset] ?? 0;
    if (byte !== expected && !(caseless && (byte | 0x20) === expected)) return false;
  }
  if (length === wanted.length) return true;
  return window.final ? false : NEED_MORE;
}

/** Finds the start of the run of token characters that the bytes end with. */
function tokenBeginning(window: ByteWindow): number {
  const { bytes, end } = window;
  const limit = Math.max(window.floor, end - HOLD_RUN_BYTES);
  let start = end;
  while (start > limit && mayBeInToken(bytes[start - 1] ?? 0)) {
    // No token has two dots in a row, but progress messages end in them.
    if (start < end && isIn(bytes[start - 1] ?? 0, DOT) && isIn(bytes[start] ?? 0, DOT)) break;
    start--;
  }
  return Math.min(start, botTokenBeginning(window));
}

/** Some tokens have a sign in their middle by which they are recognised. */
function mayBeInToken(byte: number): boolean {
  return isIn(byte, TOKEN_RUN | DOLLAR) || byte === EXCLAMATION_MARK || byte === BACKSLASH;
}

/** A bot token begins with digits and a colon, which are not part of the run above. */
function botTokenBeginning(window: ByteWindow): number {
  const { bytes } = window;
  let colon = window.end - 1;
  if (bytes[colon] === 0x41) colon--;
  if (colon < 0 || bytes[colon] !== 0x3a) return window.end;
  let start = colon;
  while (start > window.floor && colon - start < 12 && isIn(bytes[start - 1] ?? 0, DIGIT)) start--;
  return colon - start >= 8 ? start : window.end;
}
