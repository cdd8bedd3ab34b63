/**
 * What the operator calls secret: patterns that are looked for in each line, before the rules.
 *
 * @module
 */

import { joinBytes } from "../join_bytes.ts";
import { LIMITS } from "../limits.ts";
import { invalidArgument } from "../option_checks.ts";
import { safe } from "../safe_text.ts";
import { compileFinder, type PatternFinder } from "./pattern.ts";
import type { Placeholders } from "./placeholders.ts";

/** A pattern of the operator's. */
export interface RedactionPattern {
  /** What a match is called in placeholders: small letters, digits and dashes, at most 32. */
  readonly kind: string;
  /** The pattern in RE2 syntax, without look-around and backreferences; matched line by line. */
  readonly pattern: string;
}

/** A pattern, ready to be matched. */
export interface CustomPattern {
  /** What a match is called in placeholders. */
  readonly kind: string;
  /** The compiled pattern. */
  readonly finder: PatternFinder;
}

/** Patterns of one redactor at most: each is matched against every line. */
const PATTERNS_MAX = 64;
/** Bytes of a line that are matched as one; a longer line is matched in pieces of this length. */
const LINE_MAX_BYTES = LIMITS.redactionHoldMaxBytes;
const LF = 0x0a;
const encoder = new TextEncoder();

/**
 * Checks and compiles the operator's patterns.
 *
 * @param patterns The patterns.
 * @returns The compiled patterns.
 * @throws ExeckitError `invalid_argument` that says which pattern cannot be used and why.
 */
export function compileCustomPatterns(patterns: readonly RedactionPattern[]): CustomPattern[] {
  if (patterns.length > PATTERNS_MAX) {
    throw invalidArgument(safe`Cannot use more than ${PATTERNS_MAX} redaction patterns`);
  }
  return patterns.map(({ kind, pattern }, index) => {
    if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(kind)) {
      throw invalidArgument(
        safe`Cannot use redaction pattern ${
          index + 1
        }: its kind is not small letters, digits and dashes`,
      );
    }
    return { kind, finder: compileFinder(pattern, safe`redaction pattern ${index + 1}`) };
  });
}

/** Replaces matches of custom patterns in a stream; its result does not depend on chunk edges. */
export class CustomPatternStream {
  readonly #patterns: readonly CustomPattern[];
  readonly #placeholders: Placeholders;
  #held = new Uint8Array(0);

  /**
   * Starts a stream.
   *
   * @param patterns The patterns.
   * @param placeholders The redactor's placeholders.
   */
  constructor(patterns: readonly CustomPattern[], placeholders: Placeholders) {
    this.#patterns = patterns;
    this.#placeholders = placeholders;
  }

  /**
   * Takes the next bytes.
   *
   * @param chunk The bytes.
   * @returns The lines that are whole by now; the last one is held back until it is.
   */
  push(chunk: Uint8Array): Uint8Array {
    const bytes = joinBytes([this.#held, chunk]);
    const parts: Uint8Array[] = [];
    let from = 0;
    while (from < bytes.length) {
      const feed = bytes.indexOf(LF, from);
      const isWhole = feed >= 0 && feed - from < LINE_MAX_BYTES;
      if (!isWhole && bytes.length - from < LINE_MAX_BYTES) break;
      const to = isWhole ? feed + 1 : from + LINE_MAX_BYTES;
      parts.push(this.#redacted(bytes.subarray(from, to)));
      from = to;
    }
    this.#held = bytes.slice(from);
    return joinBytes(parts);
  }

  /**
   * Ends the stream.
   *
   * @returns The last line, if it has no end.
   */
  end(): Uint8Array {
    const held = this.#held;
    this.#held = new Uint8Array(0);
    return this.#redacted(held);
  }

  #redacted(line: Uint8Array): Uint8Array {
    let text = textOf(line);
    let isChanged = false;
    for (const { kind, finder } of this.#patterns) {
      const spans = finder.findAll(text);
      if (spans.length === 0) continue;
      isChanged = true;
      text = this.#replaced(text, spans, kind);
    }
    return isChanged ? encoder.encode(text) : line;
  }

  #replaced(
    text: string,
    spans: readonly { readonly start: number; readonly end: number }[],
    kind: string,
  ): string {
    let result = "";
    let from = 0;
    for (const { start, end } of spans) {
      // The line's end is no part of a secret.
      const value = text.slice(start, end).replace(/[\r\n]+$/, "");
      const identity = this.#placeholders.identify(encoder.encode(value));
      const placeholder = this.#placeholders.textFor(identity, kind);
      result += text.slice(from, start) + new TextDecoder().decode(placeholder);
      from = start + value.length;
    }
    return result + text.slice(from);
  }
}

/** Bytes that are no UTF-8 are taken one for one, so that a pattern can still match around them. */
function textOf(line: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    return new TextDecoder("latin1").decode(line);
  }
}
