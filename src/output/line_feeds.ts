/**
 * Counting and finding line ends in bytes.
 *
 * @module
 */

const LF = 0x0a;

/**
 * Counts line feeds.
 *
 * @param bytes The bytes.
 * @param from First index.
 * @param to Index after the last.
 * @returns How many there are.
 */
export function countLineFeeds(bytes: Uint8Array, from: number, to: number): number {
  // A plain loop beats searching for the next one: lines may be two bytes long.
  let count = 0;
  let index = from;
  for (; index + 3 < to; index += 4) {
    if (bytes[index] === LF) count++;
    if (bytes[index + 1] === LF) count++;
    if (bytes[index + 2] === LF) count++;
    if (bytes[index + 3] === LF) count++;
  }
  for (; index < to; index++) {
    if (bytes[index] === LF) count++;
  }
  return count;
}
