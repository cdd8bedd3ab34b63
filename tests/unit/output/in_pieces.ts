/**
 * Redaction of bytes that arrive in pieces.
 *
 * @module
 */

import { createRedactor, type RedactorOptions } from "../../../src/output/redact.ts";

/**
 * Redacts bytes that arrive in pieces.
 *
 * @param bytes The bytes.
 * @param cuts The indexes at which they are cut, in order.
 * @param options The redactor's.
 * @returns What comes out, as text.
 */
export function inPieces(
  bytes: Uint8Array,
  cuts: readonly number[],
  options: RedactorOptions = {},
): string {
  const stream = createRedactor(options).stream();
  const decoder = new TextDecoder();
  let text = "";
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    text += decoder.decode(stream.push(bytes.subarray(from, to)), { stream: true });
    from = to;
  }
  return text + decoder.decode(stream.end());
}
