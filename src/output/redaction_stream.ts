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
import { type Anchor, keyEndingAt, nextHit } from "./anchor_table.ts";
import { DIGIT, DOT, isIn, TOKEN_RUN } from "./byte_classes.ts";
import {
  type ByteWindow,
  LOOK_AHEAD_BYTES,
  LOOK_BACK_BYTES,
  NEED_MORE,
  REACH_BACK_BYTES,
} from "./byte_window.ts";
import { type Judge, type Judgement, type Secret, type Swallow, undecided } from "./judgement.ts";
import type { KeyedHash } from "./placeholders.ts";
import type { RedactionStream } from "./redactor.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Bytes of a begun token that are held back: what a rule reaches back, and an anchor. */
const HOLD_RUN_BYTES: number = REACH_BACK_BYTES + 16;
/**
 * Bytes that rules may look at for each byte of the stream. Ordinary text needs under 5; input
 * made to be costly is withheld above it, so that time stays linear.
 */
const WORK_PER_BYTE = 64;
/** Work that is granted in advance, so that short text is never withheld. */
const WORK_ADVANCE_BYTES: number = 1024 * 1024;

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
  /** Bytes of the stream that have left the window. */
  #droppedBytes = 0;
  #open: OpenSecret | undefined;
  #question: Question | undefined;
  #output: Uint8Array[] = [];

  /**
   * Starts a stream.
   *
   * @param vocabulary The redactor's rules, known values and placeholders.
   */
  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** Bytes that rules have looked at so far: what the work budget is measured in. */
  get workBytes(): number {
    return this.#window.workBytes;
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
    const keepFrom = Math.max(0, Math.min(this.#scanned, this.#emitted) - KEPT_BYTES);
    const kept = window.end - keepFrom;
    // A fresh buffer each time: what went out are views of the old one.
    const bytes = new Uint8Array(kept + chunk.length);
    bytes.set(window.bytes.subarray(keepFrom, window.end));
    bytes.set(chunk, kept);
    window.bytes = bytes;
    window.end = bytes.length;
    window.floor = Math.max(0, window.floor - keepFrom);
    window.namesJudgedTo = Math.max(0, window.namesJudgedTo - keepFrom);
    this.#scanned -= keepFrom;
    this.#emitted -= keepFrom;
    this.#droppedBytes += keepFrom;
    if (this.#question !== undefined) {
      this.#question = { ...this.#question, at: this.#question.at - keepFrom };
    }
  }

  #advance(): SafeBytes {
    const holdFrom = this.#scan();
    const window = this.#window;
    this.#emitTo(window.final ? window.end : Math.min(holdFrom, this.#beginningOfToken()));
    const output = this.#output;
    this.#output = [];
    return markSafeBytes(joined(output));
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
      const hit = nextHit(window.bytes, this.#scanned, window.end, this.#vocabulary.table);
      this.#scanned = hit;
      if (hit === window.end) return window.end;
      const holdFrom = this.#judgeHit(hit);
      if (holdFrom !== undefined) return holdFrom;
    }
  }

  /** Asks the rules of a hit; gives the first byte to hold when one of them has to wait. */
  #judgeHit(hit: number): number | undefined {
    const window = this.#window;
    if (this.#isOverBudget(hit)) return this.#withhold(hit);
    const workBefore = window.workBytes;
    const slot = this.#vocabulary.table.slots[keyEndingAt(window.bytes, hit)] ?? 0;
    for (const anchor of this.#vocabulary.table.bucket(slot)) {
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
    if (answer?.type === "secret") this.#take(answer);
    return answer;
  }

  #take(secret: Secret): void {
    const window = this.#window;
    const start = Math.max(secret.start, window.floor);
    this.#emitTo(start);
    const { placeholders } = this.#vocabulary;
    const hash = placeholders.hash();
    hash.update(window.bytes, start, secret.end);
    this.#emitted = secret.end;
    this.#settleTo(secret.end);
    if (secret.swallow !== undefined) {
      this.#open = { kind: secret.kind, hash, swallow: secret.swallow };
      return;
    }
    const identity = secret.identity ?? hash.digest();
    const kind = secret.learn ? this.#tokenKind(start, secret.end) ?? secret.kind : secret.kind;
    this.#output.push(placeholders.textFor(identity, kind));
    if (secret.learn) this.#vocabulary.learn(window.bytes.slice(start, secret.end), identity);
    if (secret.then !== undefined) this.#question = { judge: secret.then, at: secret.end };
  }

  /** Tells what token format a value has that was found by its name; asked within its bounds. */
  #tokenKind(start: number, end: number): string | undefined {
    const window = { ...this.#window, end, final: true, floor: start };
    const { table } = this.#vocabulary;
    for (let last = start + 2; last < Math.min(end, start + HOLD_RUN_BYTES); last++) {
      const slot = table.slots[keyEndingAt(window.bytes, last)] ?? 0;
      for (const anchor of slot === 0 ? [] : table.bucket(slot)) {
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
    this.#emitted = to;
    this.#settleTo(to);
    if (!done) return false;
    this.#open = undefined;
    this.#output.push(this.#vocabulary.placeholders.textFor(open.hash.digest(), open.kind));
    return true;
  }

  #settleTo(index: number): void {
    this.#window.floor = index;
    this.#scanned = Math.max(this.#scanned, index);
  }

  #isOverBudget(hit: number): boolean {
    const allowed = WORK_ADVANCE_BYTES + WORK_PER_BYTE * (this.#droppedBytes + hit);
    return this.#window.workBytes > allowed;
  }

  /** Costly input: a stretch goes out unread as a placeholder, and earns time for the rest. */
  #withhold(hit: number): number | undefined {
    const window = this.#window;
    const start = Math.max(window.floor, this.#emitted, hit - LOOK_BACK_BYTES);
    const end = Math.min(window.end, hit + LOOK_AHEAD_BYTES);
    if (end < hit + LOOK_AHEAD_BYTES && !window.final) return start;
    this.#take({ type: "secret", start, end, kind: "withheld" });
    return undefined;
  }

  #emitTo(index: number): void {
    if (index <= this.#emitted) return;
    this.#output.push(this.#window.bytes.subarray(this.#emitted, index));
    this.#emitted = index;
  }

  /** Finds where the last bytes may have begun a token or a known value. */
  #beginningOfToken(): number {
    const window = this.#window;
    const work = window.workBytes;
    const known = this.#vocabulary.known.holdFrom(window, this.#scanned);
    // Holding back depends on where chunks end, and must not change what the rules may spend.
    window.workBytes = work;
    return Math.min(known, tokenBeginning(window));
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
  while (start > limit && isIn(bytes[start - 1] ?? 0, TOKEN_RUN)) {
    // No token has two dots in a row, but progress messages end in them.
    if (start < end && isIn(bytes[start - 1] ?? 0, DOT) && isIn(bytes[start] ?? 0, DOT)) break;
    start--;
  }
  return Math.min(start, botTokenBeginning(window));
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

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] ?? new Uint8Array(0);
  let bytes = 0;
  for (const part of parts) bytes += part.length;
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
