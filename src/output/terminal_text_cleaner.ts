/**
 * Takes terminal control out of a stream, so that what is left is text.
 *
 * It runs before the redactor: a token that colour codes cut into pieces is whole again when the
 * redactor sees it. Bytes that are not UTF-8 pass through untouched.
 *
 * @module
 */

/** Bytes of a control string at most: above it, what follows is taken as text again. */
export const CONTROL_STRING_MAX_BYTES: number = 64 * 1024;

const BEL = 0x07;
const LF = 0x0a;
const CAN = 0x18;
const SUB = 0x1a;
const ESC = 0x1b;
const C1_LEAD = 0xc2;
/** Like a lead byte without its second, this is no UTF-8 and shows as U+FFFD. */
const NO_LEAD = 0xff;

type State =
  | "text"
  | "escape"
  | "intermediate"
  | "sequence"
  | "line string"
  | "block string"
  | "lead"
  | "lead in line string"
  | "lead in block string";

const EMPTY = new Uint8Array(0);

/** Byte → 1 when it needs a look: C0 controls but tab, LF and CR; DEL; the lead byte of C1. */
const NEEDS_LOOK: Uint8Array = buildNeedsLook();

function buildNeedsLook(): Uint8Array {
  const table = new Uint8Array(256);
  table.fill(1, 0, 0x20);
  for (const kept of [0x09, 0x0a, 0x0d]) table[kept] = 0;
  table[0x7f] = 1;
  table[C1_LEAD] = 1;
  return table;
}

/**
 * Removes CSI, OSC, DCS, APC, PM and SOS sequences, two-byte escapes, their 8-bit forms in UTF-8,
 * and control characters other than tab, line feed and carriage return. Its result does not
 * depend on where the stream is cut into chunks.
 */
export class TerminalTextCleaner {
  #state: State = "text";
  #sequenceBytes = 0;
  #output = EMPTY;
  #length = 0;

  /**
   * Takes the next bytes.
   *
   * @param chunk The bytes; it is not kept.
   * @returns The text in them, until the next call; the chunk itself when nothing had to go.
   */
  push(chunk: Uint8Array): Uint8Array {
    const first = this.#state === "text" ? nextToLookAt(chunk, 0) : 0;
    if (first === chunk.length) return chunk;
    if (this.#output.length <= chunk.length) this.#output = new Uint8Array(chunk.length + 1);
    this.#length = 0;
    this.#copy(chunk, 0, first);
    let index = first;
    while (index < chunk.length) {
      if (this.#state === "text") {
        const next = nextToLookAt(chunk, index);
        this.#copy(chunk, index, next);
        index = next;
        if (index === chunk.length) break;
      }
      // A byte that ends a sequence without being part of it is looked at again as text.
      if (this.#step(chunk[index] ?? 0)) index++;
    }
    return this.#output.subarray(0, this.#length);
  }

  /** Makes another cleaner that goes on from where this one is. */
  clone(): TerminalTextCleaner {
    const clone = new TerminalTextCleaner();
    clone.backTo(this);
    return clone;
  }

  /**
   * Goes back to where another cleaner is.
   *
   * @param earlier A clone that was made before.
   */
  backTo(earlier: TerminalTextCleaner): void {
    this.#state = earlier.#state;
    this.#sequenceBytes = earlier.#sequenceBytes;
  }

  /**
   * Ends the stream.
   *
   * @returns A lead byte that nothing followed, if there was one.
   */
  end(): Uint8Array {
    const rest = this.#state === "lead" ? Uint8Array.of(C1_LEAD) : EMPTY;
    this.#state = "text";
    return rest;
  }

  #copy(chunk: Uint8Array, from: number, to: number): void {
    if (to === from) return;
    this.#output.set(chunk.subarray(from, to), this.#length);
    this.#length += to - from;
  }

  /** Takes one byte in; false when it has to be looked at again in the new state. */
  #step(byte: number): boolean {
    switch (this.#state) {
      case "text":
        this.#enter(byte === ESC ? "escape" : byte === C1_LEAD ? "lead" : "text");
        return true;
      case "escape":
        return this.#afterEscape(byte);
      case "intermediate":
        if (byte >= 0x20 && byte <= 0x2f && this.#isWithin()) return true;
        this.#enter("text");
        return byte >= 0x30 && byte <= 0x7e;
      case "sequence":
        if (byte >= 0x20 && byte <= 0x3f && this.#isWithin()) return true;
        this.#enter("text");
        return byte >= 0x40 && byte <= 0x7e;
      case "lead":
        return this.#afterLead(byte);
      case "line string":
      case "block string":
        return this.#inString(byte, this.#state);
      case "lead in line string":
        return this.#afterLeadInString(byte, "line string");
      case "lead in block string":
        return this.#afterLeadInString(byte, "block string");
    }
  }

  #enter(state: State): void {
    this.#state = state;
    this.#sequenceBytes = 0;
  }

  #isWithin(): boolean {
    this.#sequenceBytes++;
    return this.#sequenceBytes < CONTROL_STRING_MAX_BYTES;
  }

  #afterEscape(byte: number): boolean {
    if (byte === ESC) return true;
    if (byte >= 0x20 && byte <= 0x2f) this.#enter("intermediate");
    else this.#enter(introducedBy(byte));
    // Controls and bytes beyond ASCII are no part of an escape sequence.
    return byte >= 0x20 && byte <= 0x7e;
  }

  #afterLead(byte: number): boolean {
    if (byte >= 0x80 && byte <= 0x9f) {
      this.#enter(introducedBy(byte - 0x40));
      return true;
    }
    // Where what follows goes, what stands behind that must not become the control's second byte.
    this.#output[this.#length] = NEEDS_LOOK[byte] === 1 ? NO_LEAD : C1_LEAD;
    this.#length++;
    this.#enter("text");
    return false;
  }

  #inString(byte: number, state: "line string" | "block string"): boolean {
    if (byte === ESC) {
      this.#enter("escape");
      return true;
    }
    // An unclosed title must not take the next lines along; image data has lines of its own.
    if (byte === LF && state === "line string") {
      this.#enter("text");
      return false;
    }
    if (byte === BEL || byte === CAN || byte === SUB || !this.#isWithin()) this.#enter("text");
    else if (byte === C1_LEAD) this.#state = `lead in ${state}`;
    return true;
  }

  #afterLeadInString(byte: number, state: "line string" | "block string"): boolean {
    if (byte === 0x9c) {
      this.#enter("text");
      return true;
    }
    this.#state = state;
    return false;
  }
}

/** Gives the state after `ESC` and this byte, or after the C1 control that stands for both. */
function introducedBy(byte: number): State {
  switch (byte) {
    case 0x5b:
      return "sequence";
    case 0x5d:
      return "line string";
    case 0x50:
      return "block string";
    case 0x58:
    case 0x5e:
    case 0x5f:
      return "line string";
    default:
      return "text";
  }
}

function nextToLookAt(bytes: Uint8Array, from: number): number {
  const end = bytes.length;
  let index = from;
  // Four bytes a turn, with one branch for all of them.
  for (; index + 3 < end; index += 4) {
    const found = (NEEDS_LOOK[bytes[index] ?? 0] ?? 0) | (NEEDS_LOOK[bytes[index + 1] ?? 0] ?? 0) |
      (NEEDS_LOOK[bytes[index + 2] ?? 0] ?? 0) | (NEEDS_LOOK[bytes[index + 3] ?? 0] ?? 0);
    if (found !== 0) break;
  }
  while (index < end && NEEDS_LOOK[bytes[index] ?? 0] === 0) index++;
  return index;
}
