/**
 * The redactor's interface: text and streams go in with secrets, and come out safe.
 *
 * @module
 */

import type { SafeBytes, SafeText } from "../safe_text.ts";

/** One stream on its way through the redactor. Its result does not depend on chunk edges. */
export interface RedactionStream {
  /**
   * Takes the next bytes.
   *
   * @param chunk UTF-8 bytes; a character or a secret may be cut at either end.
   * @returns What is certain to be safe by now; the rest is held back.
   */
  push(chunk: Uint8Array): SafeBytes;
  /** Gives what was held back; the stream takes nothing more. */
  end(): SafeBytes;
  /**
   * Gives what is held back for no more than a begun word or the first letters of a known value, for
   * a stream that has fallen silent. What follows is redacted as if it were still there.
   */
  release?(): SafeBytes;
  /**
   * Says that what was given so far is used no more, so that its memory can be used again. Where it is
   * not called, what was given never changes.
   */
  reuse?(): void;
  /** Bytes of what was pushed that have gone out, as they were or redacted; absent when not told. */
  readonly sentBytes?: number;
}

/** Takes secrets out of everything that leaves. One per session, so that numbering is stable. */
export interface Redactor {
  /**
   * Redacts a whole text.
   *
   * @param text The text.
   * @returns The text with placeholders such as `[REDACTED:github-token#1]`.
   */
  text(text: string): SafeText;
  /**
   * Redacts a text that may go on.
   *
   * @param text The text so far.
   * @returns The text without what may be the beginning of a secret at its end, and whether there is
   *   such a beginning.
   */
  textSoFar(text: string): { readonly shown: SafeText; readonly isHeld: boolean };
  /** Starts a stream. */
  stream(): RedactionStream;
  /**
   * Adds a value that is known to be secret, such as a password given at open.
   *
   * @param value The value; shorter than six characters it is only found as a whole word.
   * @param kind What it is called in placeholders; `known` by default.
   */
  register(value: string, kind?: string): void;
}
