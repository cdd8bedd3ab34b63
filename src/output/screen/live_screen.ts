/**
 * The terminal that a command draws on, as a person would see it.
 *
 * The command never waits for it: bytes wait in a queue, and where it is full the oldest go.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { joinBytes } from "../../join_bytes.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import type { Redactor } from "../redactor.ts";
import { redactScreen, type ScreenRow } from "./redact_screen.ts";
import { type HeadlessTerminal, openTerminal, writeTo } from "./terminal_library.ts";

/** Rows and columns of a terminal. */
export interface ScreenSize {
  /** Rows, from 1 to 500. */
  readonly rows: number;
  /** Columns, from 1 to 1000. */
  readonly cols: number;
}

/** What is on a terminal's screen. */
export interface ScreenSnapshot extends ScreenSize {
  /** The rows from the top, redacted, without blanks at their ends; as many as `rows`. */
  readonly lines: readonly SafeText[];
  /** Where the cursor is, both from 0. `col` is `cols` when the row is full. */
  readonly cursor: { readonly row: number; readonly col: number };
  /** True while a full-screen program has the alternate screen. */
  readonly alternate: boolean;
}

/** Bytes that wait for the terminal at most: 20 ms of its work. */
export const QUEUE_MAX_BYTES: number = 1024 * 1024;
/** Bytes that the terminal takes at once, so that others get a turn. */
const TURN_BYTES: number = 64 * 1024;
/** Rows above the screen that are looked at for the start of a secret. */
const ROWS_ABOVE = 100;
/** CAN ends a control sequence whose rest is gone (ECMA-48, 8.3.6). */
const CANCEL: Uint8Array = Uint8Array.of(0x18);
/** Switches of the alternate screen (xterm's DECSET 47, 1047 and 1049). */
// deno-lint-ignore no-control-regex -- escape sequences begin with a control character
const SWITCH = /\x1b\[\?(?:1049|1047|47)[hl]/g;

interface RawScreen extends Omit<ScreenSnapshot, "lines"> {
  /** UTF-16 units in front of the cursor in its row. */
  readonly cursorAt: number;
  readonly above: readonly ScreenRow[];
  readonly screen: readonly ScreenRow[];
}

/** A command's screen, while it runs and after. */
export class LiveScreen {
  readonly #size: ScreenSize;
  readonly #redactor: Redactor;
  #terminal: HeadlessTerminal | undefined;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #isEnded = false;
  #last: RawScreen | undefined;
  #working: Promise<void> | undefined;
  #failure: unknown;

  /**
   * Makes an empty screen.
   *
   * @param size Its size.
   * @param redactor Hides secrets on it.
   */
  constructor(size: ScreenSize, redactor: Redactor) {
    this.#size = size;
    this.#redactor = redactor;
  }

  /**
   * Takes what the command writes. It never waits.
   *
   * @param chunk The bytes; they are copied.
   */
  push(chunk: Uint8Array): void {
    if (this.#isEnded || chunk.length === 0) return;
    this.#queue.push(chunk.slice());
    this.#queuedBytes += chunk.length;
    if (this.#queuedBytes > QUEUE_MAX_BYTES) this.#dropOldest();
    this.#working ??= this.#round();
  }

  /** Says that nothing more comes; what is on the screen then stays to be seen. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#terminal !== undefined) this.#working ??= this.#round();
  }

  /**
   * Gives what is on the screen by now.
   *
   * @returns The screen, redacted.
   * @throws {ExeckitError} `internal` when the terminal could not draw what came.
   */
  async snapshot(): Promise<ScreenSnapshot> {
    // What waits at the time of the call is drawn in this round and the next one; what comes
    // meanwhile is not waited for.
    await this.#working;
    await this.#working;
    if (this.#failure !== undefined) throw cannotDraw(this.#failure);
    const { above, screen, cursorAt, ...rest } = this.#last ?? this.#read();
    const cursor = this.#isEnded ? undefined : { row: rest.cursor.row, at: cursorAt };
    return { ...rest, lines: redactScreen(screen, above, this.#redactor, cursor) };
  }

  /** Draws what waits. It ends, and never rejects: what comes meanwhile is the next round's. */
  async #round(): Promise<void> {
    try {
      await this.#draw();
    } catch (cause) {
      this.#failure = cause;
      this.#isEnded = true;
      this.#take();
    }
    this.#working = this.#queue.length > 0 ? this.#round() : undefined;
    if (this.#working !== undefined || !this.#isEnded || this.#terminal === undefined) return;
    this.#last = this.#read();
    this.#terminal.dispose();
    this.#terminal = undefined;
  }

  async #draw(): Promise<void> {
    this.#terminal ??= await open(this.#size);
    const terminal = this.#terminal;
    const bytes = this.#take();
    for (let at = 0; at < bytes.length; at += TURN_BYTES) {
      await writeTo(terminal, bytes.subarray(at, at + TURN_BYTES));
    }
  }

  /** Each write costs a turn of the event loop, so that small chunks go together. */
  #take(): Uint8Array {
    const whole = joinBytes(this.#queue);
    this.#queue = [];
    this.#queuedBytes = 0;
    return whole;
  }

  /** Old frames go; whether the alternate screen is on is not forgotten. */
  #dropOldest(): void {
    const decoder = new TextDecoder("latin1");
    let lastSwitch: string | undefined;
    while (this.#queuedBytes > QUEUE_MAX_BYTES / 2) {
      const chunk = this.#queue.shift();
      if (chunk === undefined) break;
      this.#queuedBytes -= chunk.length;
      lastSwitch = decoder.decode(chunk).match(SWITCH)?.at(-1) ?? lastSwitch;
    }
    const switched = new TextEncoder().encode(lastSwitch ?? "");
    this.#queue.unshift(CANCEL, switched);
    this.#queuedBytes += CANCEL.length + switched.length;
  }

  #read(): RawScreen {
    const { rows, cols } = this.#size;
    const buffer = this.#terminal?.buffer.active;
    if (buffer === undefined) {
      const cursor = { row: 0, col: 0 };
      return { rows, cols, cursor, alternate: false, cursorAt: 0, above: [], screen: blank(rows) };
    }
    const row = (index: number): ScreenRow => {
      const line = buffer.getLine(index);
      return { text: line?.translateToString(true) ?? "", isWrapped: line?.isWrapped ?? false };
    };
    const { baseY } = buffer;
    const cursorRow = buffer.getLine(baseY + buffer.cursorY);
    const inFront = cursorRow?.translateToString(false, 0, buffer.cursorX) ?? "";
    const firstAbove = Math.max(0, baseY - ROWS_ABOVE);
    return {
      rows,
      cols,
      cursor: { row: buffer.cursorY, col: buffer.cursorX },
      alternate: buffer.type === "alternate",
      // Blanks at a row's end are not part of its text.
      cursorAt: Math.min(inFront.length, row(baseY + buffer.cursorY).text.length),
      above: Array.from({ length: baseY - firstAbove }, (_, index) => row(firstAbove + index)),
      screen: Array.from({ length: rows }, (_, index) => row(baseY + index)),
    };
  }
}

function cannotDraw(cause: unknown): ExeckitError {
  return new ExeckitError({
    code: "internal",
    message: safe`Cannot show the screen: the terminal failed to draw it`,
    cause,
  });
}

function blank(rows: number): ScreenRow[] {
  return Array.from({ length: rows }, () => ({ text: "", isWrapped: false }));
}

/**
 * A line feed begins a line on the normal screen, because the session's terminal adds no carriage
 * return. A program that takes the alternate screen finds the terminal's modes so, and moves the
 * cursor down with it.
 */
async function open(size: ScreenSize): Promise<HeadlessTerminal> {
  const terminal = await openTerminal({ ...size, scrollback: ROWS_ABOVE });
  terminal.buffer.onBufferChange(({ type }) => {
    terminal.options.convertEol = type === "normal";
  });
  return terminal;
}
