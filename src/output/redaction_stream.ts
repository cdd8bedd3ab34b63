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
import { ANY_BASE64 } from "./byte_classes.ts";
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
import { HOLD_RUN_BYTES, isTelling, tokenBeginning } from "./token_run.ts";
import type { Vocabulary } from "./vocabulary.ts";

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
  /** True when the scan stopped at what may be a known value, and not at a rule. */
  #waitsForKnown = false;
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

  /**
   * Gives what is held back for no more than a begun word or the first letters of a known value. The
   * scan does not move, so that a secret which goes on is still found from its first byte.
   */
  release(): SafeBytes {
    const window = this.#window;
    this.#output.begin(window.bytes, this.#emitted);
    const holdFrom = this.#scan();
    this.#emitTo(this.#releasedUpTo(this.#waitsForKnown ? window.end : holdFrom));
    const { bytes, isView } = this.#output.take();
    // What a push gave before may be a view of the same buffer.
    this.#isLent ||= isView;
    return markSafeBytes(bytes);
  }

  /** Lets the memory of what was given be used again. */
  reuse(): void {
    this.#isLent = false;
    this.#output.reuse();
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

  /** Gives the index up to which no more of a secret stands than tells nothing of it. */
  #releasedUpTo(holdFrom: number): number {
    const window = this.#window;
    const run = tokenBeginning(window);
    const safeTo = Math.min(holdFrom, isTelling(window, run) ? run : window.end);
    const known = this.#known.placeUpTo(window, safeTo);
    if (known === undefined || known.start >= safeTo) return safeTo;
    const begun = this.#vocabulary.known.begunFrom(window, known.start);
    if (begun === undefined || begun >= safeTo) return safeTo;
    return runStart(window, begun, ANY_BASE64, REACH_BACK_BYTES);
  }

  /** Scans as far as possible; gives the first byte that must stay. */
  #scan(): number {
    const window = this.#window;
    this.#waitsForKnown = false;
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
      if (holdFrom === undefined) continue;
      this.#waitsForKnown = known !== undefined;
      return holdFrom;
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
    // What was released early is not taken back.
    this.#emitted = Math.max(this.#emitted, index);
    this.#window.floor = this.#emitted;
    this.#scanned = Math.max(this.#scanned, this.#emitted);
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
