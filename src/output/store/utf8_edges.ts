/**
 * Where UTF-8 may be cut, and what it says.
 *
 * @module
 */

/** Bytes of a character at most. */
const CHARACTER_MAX_BYTES = 4;
/** One for all: making one costs far more than decoding a line. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Decodes a whole text; what is not UTF-8 becomes U+FFFD.
 *
 * @param bytes The bytes.
 * @returns The text.
 */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/**
 * Takes a begun character off the end.
 *
 * @param bytes Bytes of text, of which more follow.
 * @returns The bytes up to the last whole character; bytes that are not UTF-8 stay.
 */
export function withoutCutCharacter(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  for (let back = 1; back < CHARACTER_MAX_BYTES && back <= length; back++) {
    const byte = bytes[length - back] ?? 0;
    if (isContinuation(byte)) continue;
    return characterBytes(byte) > back ? bytes.subarray(0, length - back) : bytes;
  }
  return bytes;
}

/**
 * Counts the bytes at the front that are the rest of a character.
 *
 * @param bytes Bytes of text that were cut at the front.
 * @returns How many bytes to leave out.
 */
export function restOfCharacter(bytes: Uint8Array): number {
  let count = 0;
  while (count < CHARACTER_MAX_BYTES - 1 && isContinuation(bytes[count] ?? 0)) count++;
  return count;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Gives how many bytes a character takes that begins so; 1 when none begins so. */
function characterBytes(lead: number): number {
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xc2 && lead < 0xe0 ? 2 : 1;
}
