/**
 * The redactor: where text and streams become safe.
 *
 * @module
 */

import { joinBytes } from "../join_bytes.ts";
import { markSafeBytes, markSafeText, type SafeText } from "../safe_text.ts";
import { CleanTexts } from "./clean_texts.ts";
import {
  compileCustomPatterns,
  type CustomPattern,
  CustomPatternStream,
  type RedactionPattern,
} from "./custom_patterns.ts";
import { RedactingStream } from "./redaction_stream.ts";
import type { RedactionStream, Redactor } from "./redactor.ts";
import { TerminalTextCleaner } from "./terminal_text_cleaner.ts";
import { Vocabulary } from "./vocabulary.ts";

/** What a redactor knows from the start. */
export interface RedactorOptions {
  /** Values that are known to be secret. Default: none. */
  readonly secrets?: readonly string[];
  /**
   * The operator's own patterns, matched line by line before the built-in rules. With them, a
   * stream gives whole lines only. Default: none.
   */
  readonly patterns?: readonly RedactionPattern[];
}

/** What is known of a placeholder's name: short, and without characters that could mislead. */
const KIND_CHARACTERS = /[^a-z0-9-]+/g;
const KIND_MAX_CHARS = 32;

/**
 * Makes a redactor with its own numbering and its own known values.
 *
 * @param options Values that are known to be secret, and patterns of the operator's.
 * @returns The redactor.
 * @throws ExeckitError `invalid_argument` when a pattern cannot be used; it says which.
 */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  const vocabulary = new Vocabulary();
  const register = (value: string, kind = "known"): void => {
    const name = kind.toLowerCase().replace(KIND_CHARACTERS, "-").slice(0, KIND_MAX_CHARS);
    vocabulary.register(value, name === "" ? "known" : name);
  };
  for (const secret of options.secrets ?? []) register(secret);
  const patterns = compileCustomPatterns(options.patterns ?? []);
  const stream = (): RedactionStream => {
    const inner = new RedactingStream(vocabulary);
    return patterns.length === 0 ? inner : withPatterns(vocabulary, patterns, inner);
  };
  const cleanTexts = new CleanTexts(vocabulary.known);
  const text = (raw: string): SafeText => {
    const clean = cleanTexts.find(raw);
    if (clean !== undefined) return clean;
    const redacted = redactText(stream(), raw);
    cleanTexts.add(raw, redacted);
    return redacted;
  };
  const textSoFar: Redactor["textSoFar"] = (text) => {
    const inner = new RedactingStream(vocabulary);
    const custom = new CustomPatternStream(patterns, vocabulary.placeholders);
    const cleaned = cleanedBytes(text);
    // A pattern of the operator's sees lines as they are by now.
    const bytes = patterns.length === 0 ? cleaned : joined([custom.push(cleaned), custom.end()]);
    const shown = decoder.decode(joined([inner.push(bytes), inner.release()]));
    return { shown: markSafeText(shown), isHeld: inner.sentBytes < bytes.length };
  };
  return { text, textSoFar, stream, register };
}

function withPatterns(
  vocabulary: Vocabulary,
  patterns: readonly CustomPattern[],
  inner: RedactionStream,
): RedactionStream {
  const custom = new CustomPatternStream(patterns, vocabulary.placeholders);
  return {
    push: (chunk) => inner.push(custom.push(chunk)),
    release: () => inner.release?.() ?? markSafeBytes(new Uint8Array(0)),
    reuse: () => inner.reuse?.(),
    end: () => {
      const parts = [inner.push(custom.end()), inner.end()];
      return markSafeBytes(joined(parts));
    },
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const filled = parts.filter((part) => part.length > 0);
  const [only] = filled;
  if (only !== undefined && filled.length === 1) return only;
  return joinBytes(filled);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function cleanedBytes(text: string): Uint8Array {
  const cleaner = new TerminalTextCleaner();
  return joined([cleaner.push(encoder.encode(text)), cleaner.end()]);
}

function redactText(stream: RedactionStream, text: string): SafeText {
  const cleaner = new TerminalTextCleaner();
  const parts = [stream.push(cleaner.push(encoder.encode(text)))];
  const rest = cleaner.end();
  if (rest.length > 0) parts.push(stream.push(rest));
  parts.push(stream.end());
  return markSafeText(decoder.decode(joined(parts)));
}
