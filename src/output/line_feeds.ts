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
  for (let index = from; index < to; index++) {
    if (bytes[index] === LF) count++;
  }
  return count;
}
