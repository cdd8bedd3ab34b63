/**
 * The markers that tell the channel where a command's output begins and ends.
 *
 * A marker reads `RS kind key SP payload RS key RS`, with RS = 0x1e. The key is a fresh random
 * nonce for each command (kinds B, E, S, T, P, R) or the launch's token (kinds L, Y, F, D, X), so
 * that no program's output can contain one by accident, and no program can forge one: the key is
 * known to the session's own shell only.
 *
 * @module
 */

/** The byte that frames a marker: ASCII record separator. */
export const RECORD_SEPARATOR = 0x1e;

/** Bytes that a marker may have at most: PIPE_BUF is 4096 on Linux; a path is shorter. */
export const MARKER_MAX_BYTES = 8192;

/**
 * What a marker tells.
 *
 * - `B`: the command begins; what came before on this stream is not its output.
 * - `E`: the command ended, on stdout, with status, shell pid and cwd.
 * - `S`: the command ended, on stderr.
 * - `T`: the command ended, on the terminal.
 * - `P`: the shell's prompt: it takes the next line. Carries a state, status and cwd.
 * - `R`: the shell restarted itself in place, with the status that ended it.
 * - `L`: launched: supervisor pid, kind of shell, kind of terminal, directory.
 * - `Y`: the shell has read its initialisation: pid and cwd.
 * - `F`: the launch failed, and why. `D`: the FIFO directory. `X`: the shell's process ended.
 */
export type MarkerKind = "B" | "E" | "S" | "T" | "P" | "R" | "L" | "Y" | "F" | "D" | "X";

/** A marker found in a stream. */
export interface Marker {
  /** What it tells. */
  readonly kind: MarkerKind;
  /** The command's nonce or the launch's token. */
  readonly key: string;
  /** What it carries, as UTF-8 text. */
  readonly payload: string;
}

const KINDS = "BESTPRLYFDX";

/**
 * Tells whether a byte names a kind of marker.
 *
 * @param byte The byte after the record separator.
 * @returns The kind, or undefined.
 */
export function markerKindOf(byte: number): MarkerKind | undefined {
  const letter = String.fromCharCode(byte);
  // Every letter of KINDS is a MarkerKind by the definition above.
  return KINDS.includes(letter) ? letter as MarkerKind : undefined;
}

/** Bytes of a key. */
const KEY_BYTES = 12;
/** Keys whose random bytes are fetched at once: a call for each would cost more than a frame's text. */
const KEYS_PER_FETCH = 64;

const HEX_OF_BYTE: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

const randomPool = new Uint8Array(KEYS_PER_FETCH * KEY_BYTES);
let poolUsed = randomPool.length;

/**
 * Makes a random key of 96 bits.
 *
 * @returns 24 lower-case hexadecimal digits.
 */
export function randomKey(): string {
  if (poolUsed === randomPool.length) {
    crypto.getRandomValues(randomPool);
    poolUsed = 0;
  }
  let key = "";
  for (const byte of randomPool.subarray(poolUsed, poolUsed + KEY_BYTES)) key += HEX_OF_BYTE[byte];
  // No byte serves twice, and none lies about after its use.
  randomPool.fill(0, poolUsed, poolUsed + KEY_BYTES);
  poolUsed += KEY_BYTES;
  return key;
}
