/**
 * How many columns a character takes, for the terminal library: its own table is of Unicode 6, in
 * which an emoji takes one column; programs of today count two.
 *
 * @module
 */

/** Blocks of East Asian Wide and Fullwidth characters (Unicode UAX #11, `W` and `F`). */
const WIDE_BLOCKS: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
];
const WIDE_EMOJI = /^\p{Emoji_Presentation}$/u;
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const SOFT_HYPHEN = 0xad;
/** Characters that the widths of are remembered for. */
const REMEMBERED = 0x20000;

/** Width + 1 of characters that were looked up; 0 for others. */
const known = new Uint8Array(REMEMBERED);

/**
 * Gives the columns that a character takes.
 *
 * @param codePoint The character.
 * @returns 0 for what combines with the one before, 2 for wide ones, else 1.
 */
function characterWidth(codePoint: number): 0 | 1 | 2 {
  if (codePoint >= 0x20 && codePoint < 0x7f) return 1;
  if (codePoint < 0xa0) return 0;
  switch (known[codePoint] ?? 0) {
    case 1:
      return 0;
    case 2:
      return 1;
    case 3:
      return 2;
  }
  const width = lookUp(codePoint);
  if (codePoint < REMEMBERED) known[codePoint] = width + 1;
  return width;
}

function lookUp(codePoint: number): 0 | 1 | 2 {
  const character = String.fromCodePoint(codePoint);
  if (NO_WIDTH.test(character)) return codePoint === SOFT_HYPHEN ? 1 : 0;
  const isWide = WIDE_EMOJI.test(character) ||
    WIDE_BLOCKS.some(([from, to]) => codePoint >= from && codePoint <= to);
  return isWide ? 2 : 1;
}

/** The widths, in the form that the terminal library takes them in. */
export const CURRENT_WIDTHS = {
  version: "current",
  wcwidth: characterWidth,
  /** The library's packing: the width from bit 1 on; bit 0 when it joins the character before. */
  charProperties(codePoint: number, preceding: number): number {
    const width = characterWidth(codePoint);
    const widthBefore = (preceding >> 1) & 3;
    const joins = width === 0 && preceding !== 0 && widthBefore > 0;
    return ((joins ? widthBefore : width) << 1) | (joins ? 1 : 0);
  },
} as const;
