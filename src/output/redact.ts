/**
 * The redactor: where text and streams become safe.
 *
 * @module
 */

import { markSafeText, type SafeText } from "../safe_text.ts";
import { RedactingStream } from "./redaction_stream.ts";
import type { RedactionStream, Redactor } from "./redactor.ts";
import { TerminalTextCleaner } from "./terminal_text_cleaner.ts";
import { Vocabulary } from "./vocabulary.ts";

/** What a redactor knows from the start. */
export interface RedactorOptions {
  /** Values that are known to be secret. Default: none. */
  readonly secrets?: readonly string[];
}

/** What is known of a placeholder's name: short, and without characters that could mislead. */
const KIND_CHARACTERS = /[^a-z0-9-]+/g;
const KIND_MAX_CHARS = 32;

/**
 * Makes a redactor with its own numbering and its own known values.
 *
 * @param options Values that are known to be secret.
 * @returns The redactor.
 */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  const vocabulary = new Vocabulary();
  const register = (value: string, kind = "known"): void => {
    const name = kind.toLowerCase().replace(KIND_CHARACTERS, "-").slice(0, KIND_MAX_CHARS);
    vocabulary.register(value, name === "" ? "known" : name);
  };
  for (const secret of options.secrets ?? []) register(secret);
  return {
    text: (text) => redactText(vocabulary, text),
    stream: (): RedactionStream => new RedactingStream(vocabulary),
    register,
  };
}

function redactText(vocabulary: Vocabulary, text: string): SafeText {
  const cleaner = new TerminalTextCleaner();
  const stream = new RedactingStream(vocabulary);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const parts = [cleaner.push(new TextEncoder().encode(text)), cleaner.end()];
  const safeParts = [...parts.map((part) => stream.push(part)), stream.end()];
  const decoded = safeParts.map((part) => decoder.decode(part, { stream: true })).join("");
  return markSafeText(decoded + decoder.decode());
}
