/**
 * Puts pieces of bytes together.
 *
 * @module
 */

/**
 * Joins pieces of bytes.
 *
 * @param parts The pieces, in order.
 * @returns Their bytes, in memory of their own.
 */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
