/**
 * Safe text that is cut: what has no secret in it has none in its beginning.
 *
 * @module
 */

import { markSafeText, type SafeText } from "../safe_text.ts";

/**
 * Shortens safe text.
 *
 * @param text The text.
 * @param maxChars Characters at most, that which stands for the rest counted.
 * @returns The text, or its beginning and `…`.
 */
export function shortenSafe(text: SafeText, maxChars: number): SafeText {
  if (text.length <= maxChars) return text;
  return markSafeText(`${text.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/, "")}…`);
}
