/**
 * Marks that stand in kept output for what a program did to the terminal's cursor.
 *
 * The cleaner takes control sequences out in front of the redactor, so that a secret which they cut
 * is whole. What they did is kept beside the text and woven in again behind the redactor, each as
 * one byte that cleaned text cannot hold. So the kept text is what the redactor passed, byte by
 * byte, once the marks are left out.
 *
 * @module
 */

/** The marks. What has none of its own, such as a jump to a place on the screen, is a `BARRIER`. */
export const MARK = {
  UP: 0x01,
  DOWN: 0x02,
  RIGHT: 0x03,
  RIGHT_16: 0x04,
  ERASE_RIGHT: 0x05,
  ERASE_LEFT: 0x06,
  ERASE_LINE: 0x07,
  LEFT: 0x08,
  LEFT_16: 0x0e,
  ERASE_BELOW: 0x0f,
  /** What is in front of it on the line is not drawn over. */
  BARRIER: 0x10,
  /** To the first column, where no carriage return was written. */
  RETURN: 0x11,
} as const;

/** What each mark says to a terminal. */
const SEQUENCES: ReadonlyMap<number, string> = new Map<number, string>([
  [MARK.UP, "\x1b[A"],
  [MARK.DOWN, "\x1b[B"],
  [MARK.RIGHT, "\x1b[C"],
  [MARK.RIGHT_16, "\x1b[16C"],
  [MARK.ERASE_RIGHT, "\x1b[K"],
  [MARK.ERASE_LEFT, "\x1b[1K"],
  [MARK.ERASE_LINE, "\x1b[2K"],
  [MARK.LEFT, "\b"],
  [MARK.LEFT_16, "\x1b[16D"],
  [MARK.ERASE_BELOW, "\x1b[J"],
  [MARK.RETURN, "\r"],
]);

const CR = 0x0d;
const LF = 0x0a;
/** Rows that a program moves up or down at once at most; a screen has fewer. */
const MAX_ROWS = 64;
/** Columns that it moves at once at most. */
const MAX_COLS = 512;

// deno-lint-ignore no-control-regex -- the marks are control characters on purpose
const ANY_MARK = /[\x01-\x08\x0e-\x11]/;
// deno-lint-ignore no-control-regex -- as above
const ALL_MARKS = /[\x01-\x08\x0e-\x11]/g;
// deno-lint-ignore no-control-regex -- as above
const UP_OR_BELOW = /[\x01\x02\x0f]/;
// deno-lint-ignore no-control-regex -- as above
const ALL_UP_OR_DOWN = /[\x01\x02]/g;
const REDRAW = /\r[^\r\n]/;

/**
 * Tells whether a byte is a mark.
 *
 * @param byte The byte.
 * @returns True for a mark.
 */
function isMark(byte: number): boolean {
  return byte > 0 && (byte <= MARK.LEFT || (byte >= MARK.LEFT_16 && byte <= MARK.RETURN));
}

/**
 * Tells whether a text draws over itself, as a terminal would show it.
 *
 * @param text Kept text.
 * @returns True when it has marks, or carriage returns that are not at the end of their line.
 */
export function drawsOver(text: string): boolean {
  return REDRAW.test(text) || ANY_MARK.test(text);
}

/**
 * Tells the same of bytes.
 *
 * @param bytes Kept bytes.
 * @returns As {@linkcode drawsOver}.
 */
export function bytesDrawOver(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(CR); at >= 0; at = bytes.indexOf(CR, at + 1)) {
    const next = bytes[at + 1];
    if (next !== undefined && next !== CR && next !== LF) return true;
  }
  return bytes.some(isMark);
}

/**
 * Tells whether a text draws over lines above or below.
 *
 * @param text Kept text.
 * @returns True when it does.
 */
export function leavesLine(text: string): boolean {
  return UP_OR_BELOW.test(text);
}

/**
 * Leaves out what draws over lines above or below.
 *
 * @param text Kept text.
 * @returns The text, with marks that stay on the line.
 */
export function stayingOnLine(text: string): string {
  if (!leavesLine(text)) return text;
  const erase = String.fromCharCode(MARK.ERASE_RIGHT);
  const below = String.fromCharCode(MARK.ERASE_BELOW);
  return text.replaceAll(ALL_UP_OR_DOWN, "").replaceAll(below, erase);
}

/**
 * Leaves the marks out: what is left is what the redactor passed.
 *
 * @param bytes Kept bytes.
 * @returns The bytes without marks; the same array when there are none.
 */
export function withoutMarks(bytes: Uint8Array): Uint8Array {
  return bytes.some(isMark) ? bytes.filter((byte) => !isMark(byte)) : bytes;
}

/**
 * Leaves the marks of a text out.
 *
 * @param text Kept text.
 * @returns The text without marks.
 */
export function textWithoutMarks(text: string): string {
  return text.replaceAll(ALL_MARKS, "");
}

/**
 * Says to a terminal what the marks stand for.
 *
 * @param text Kept text.
 * @returns Text with control sequences.
 */
export function toSequences(text: string): string {
  return text.replaceAll(ALL_MARKS, (mark) => SEQUENCES.get(mark.charCodeAt(0)) ?? "");
}

/**
 * Gives the marks for a control sequence (ECMA-48, 8.3).
 *
 * @param final Its last byte.
 * @param parameters What is between `ESC [` and that.
 * @returns The marks; empty for what leaves cursor and text alone, such as colours.
 */
export function marksFor(final: string, parameters: string): readonly number[] {
  if (!/^\d*$/.test(parameters)) return MOVES.has(final) || parameters === "?1049" ? JUMP : [];
  const count = Math.max(1, Number(parameters || "1"));
  switch (final) {
    case "A":
      return repeated(MARK.UP, Math.min(count, MAX_ROWS));
    case "B":
      return repeated(MARK.DOWN, Math.min(count, MAX_ROWS));
    case "C":
      return columns(count, MARK.RIGHT, MARK.RIGHT_16);
    case "D":
      return columns(count, MARK.LEFT, MARK.LEFT_16);
    case "E":
      return [...repeated(MARK.DOWN, Math.min(count, MAX_ROWS)), MARK.RETURN];
    case "F":
      return [...repeated(MARK.UP, Math.min(count, MAX_ROWS)), MARK.RETURN];
    case "G":
    case "`":
      return [MARK.RETURN, ...columns(count - 1, MARK.RIGHT, MARK.RIGHT_16)];
    case "K":
      return eraseLine(Number(parameters || "0"));
    case "J":
      return Number(parameters || "0") === 0 ? [MARK.ERASE_BELOW] : JUMP;
    default:
      return MOVES.has(final) ? JUMP : [];
  }
}

/** Where the cursor goes is not known by lines, or other lines move. */
export const JUMP: readonly number[] = [MARK.BARRIER];
/** Sequences that move the cursor or the text, and have no mark of their own. */
const MOVES: ReadonlySet<string> = new Set("HfJLMP@XSTdsurIZab");

function eraseLine(mode: number): readonly number[] {
  switch (mode) {
    case 0:
      return [MARK.ERASE_RIGHT];
    case 1:
      return [MARK.ERASE_LEFT];
    default:
      return [MARK.ERASE_LINE];
  }
}

function columns(count: number, one: number, sixteen: number): readonly number[] {
  const bounded = Math.min(count, MAX_COLS);
  return [...repeated(sixteen, bounded >> 4), ...repeated(one, bounded & 15)];
}

function repeated(mark: number, count: number): readonly number[] {
  return new Array<number>(count).fill(mark);
}
