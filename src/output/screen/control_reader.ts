/**
 * Finds in raw output what a program does to the terminal's cursor.
 *
 * @module
 */

import { JUMP, MARK, marksFor } from "./drawing_marks.ts";

const BS = 0x08;
const ESC = 0x1b;
const BRACKET = 0x5b;
const COLOUR = 0x6d;
/** Bytes of parameters that are read; a longer sequence says nothing that is known here. */
const PARAMETERS_MAX_BYTES = 16;
/** What follows `ESC` alone and moves the cursor: 7 8 D E M c (DECSC, DECRC, IND, NEL, RI, RIS). */
const MOVING_ESCAPES: ReadonlySet<number> = new Set([0x37, 0x38, 0x44, 0x45, 0x4d, 0x63]);

/** A place in a chunk behind which marks stand. */
export interface ControlPlace {
  /** Index after the sequence. */
  readonly to: number;
  /** Its marks. */
  readonly marks: readonly number[];
}

/** Reads one raw stream. A sequence may be cut between two chunks. */
export class ControlReader {
  #state: "text" | "escape" | "sequence" = "text";
  #parameters = "";

  /**
   * Takes the next bytes.
   *
   * @param chunk The bytes.
   * @returns Where there is something to mark; nothing for most output.
   */
  read(chunk: Uint8Array): readonly ControlPlace[] {
    const places: ControlPlace[] = [];
    let at = 0;
    while (this.#state !== "text" && at < chunk.length) at = this.#take(chunk, at, places);
    let escape = indexFrom(chunk, ESC, at);
    let back = indexFrom(chunk, BS, at);
    while (at < chunk.length) {
      at = Math.min(escape, back);
      const colour = at === escape ? endOfColour(chunk, at) : 0;
      if (colour > 0) {
        at = colour;
      } else {
        if (at < chunk.length) at = this.#take(chunk, at, places);
        while (this.#state !== "text" && at < chunk.length) at = this.#take(chunk, at, places);
      }
      if (escape < at) escape = indexFrom(chunk, ESC, at);
      if (back < at) back = indexFrom(chunk, BS, at);
    }
    return places;
  }

  #take(chunk: Uint8Array, at: number, places: ControlPlace[]): number {
    const marks = this.#step(chunk[at] ?? 0);
    if (marks.length > 0) places.push({ to: at + 1, marks });
    return at + 1;
  }

  #step(byte: number): readonly number[] {
    if (byte === ESC) {
      this.#state = "escape";
      return [];
    }
    const state = this.#state;
    if (state === "sequence" && byte >= 0x20 && byte <= 0x3f) {
      if (this.#parameters.length < PARAMETERS_MAX_BYTES) {
        this.#parameters += String.fromCharCode(byte);
      }
      return [];
    }
    this.#state = "text";
    if (state === "text") return byte === BS ? [MARK.LEFT] : [];
    if (state === "sequence") {
      return byte <= 0x7e && byte >= 0x40
        ? marksFor(String.fromCharCode(byte), this.#parameters)
        : [];
    }
    if (byte === BRACKET) {
      this.#state = "sequence";
      this.#parameters = "";
    }
    return MOVING_ESCAPES.has(byte) ? JUMP : [];
  }
}

function indexFrom(chunk: Uint8Array, byte: number, from: number): number {
  const index = chunk.indexOf(byte, from);
  return index < 0 ? chunk.length : index;
}

/** Gives the index behind a sequence that only colours (SGR), the commonest by far; else 0. */
function endOfColour(chunk: Uint8Array, at: number): number {
  if (chunk[at + 1] !== BRACKET) return 0;
  let end = at + 2;
  while ((chunk[end] ?? 0) >= 0x30 && (chunk[end] ?? 0) <= 0x3b) end++;
  return chunk[end] === COLOUR ? end + 1 : 0;
}
