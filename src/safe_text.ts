/**
 * Text that has passed the redactor.
 *
 * Everything that leaves execkit (results, audit events, error messages, notifications) is typed
 * as {@linkcode SafeText}, so that a forgotten redaction does not compile. Only the redactor and
 * the {@linkcode safe} tag make one; `scripts/check_layers.ts` checks who imports the makers.
 *
 * @module
 */

/** The brand's key; it exists for the type checker only. */
export declare const safeBrand: unique symbol;

/** A string that the redactor has passed, or that only execkit's own literals make up. */
export type SafeText = string & { readonly [safeBrand]: "text" };

/** UTF-8 bytes that the redactor has passed. */
export type SafeBytes = Uint8Array & { readonly [safeBrand]: "bytes" };

/** What may stand inside a {@linkcode safe} template: nothing that could carry a secret. */
export type SafePart = SafeText | number | boolean;

/**
 * Marks text as redacted. Only `src/output/` may import it: whoever calls it vouches that the
 * text has been through the redaction rules.
 *
 * @param text The redacted text.
 * @returns The same text, branded.
 */
export function markSafeText(text: string): SafeText {
  // The one place where the brand is put on text; the layer check guards its callers.
  return text as SafeText;
}

/**
 * Marks bytes as redacted; the twin of {@linkcode markSafeText} with the same rule.
 *
 * @param bytes The redacted bytes.
 * @returns The same bytes, branded.
 */
export function markSafeBytes(bytes: Uint8Array): SafeBytes {
  // The one place where the brand is put on bytes; the layer check guards its callers.
  return bytes as SafeBytes;
}

/**
 * Builds safe text from a literal and safe parts. A plain string as a part does not compile.
 *
 * @param literals The literal pieces, which come from execkit's own source.
 * @param parts Safe text, numbers or booleans between them.
 * @returns The assembled text.
 */
export function safe(literals: TemplateStringsArray, ...parts: SafePart[]): SafeText {
  let text = literals[0] ?? "";
  parts.forEach((part, index) => {
    text += String(part) + (literals[index + 1] ?? "");
  });
  // Literals and safe parts make safe text.
  return text as SafeText;
}

/** The empty safe text. */
export const EMPTY_SAFE_TEXT: SafeText = safe``;

/**
 * Joins safe texts. Empty ones are left out, together with their separator.
 *
 * @param parts The texts, in order.
 * @param separator What stands between two of them.
 * @returns The joined text; empty when there is none.
 */
export function joinSafe(parts: readonly SafeText[], separator: SafeText): SafeText {
  // Safe parts with safe text between them make safe text.
  return parts.filter((part) => part !== EMPTY_SAFE_TEXT).join(separator) as SafeText;
}
