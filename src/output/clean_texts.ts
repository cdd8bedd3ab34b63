/**
 * Short texts that were found to hold nothing secret.
 *
 * Every command has its directory and its text redacted, mostly the same ones again and again.
 *
 * @module
 */

import type { SafeText } from "../safe_text.ts";
import type { KnownValues } from "./known_values.ts";

/** Characters of a remembered text at most: commands and paths are shorter. */
const TEXT_MAX_CHARS = 1024;
/** Texts that are remembered at once, so that the memory is bounded: 256 KiB at most. */
const TEXTS_MAX = 128;

/** Remembers texts for as long as nothing more is known to be secret. */
export class CleanTexts {
  readonly #known: KnownValues;
  readonly #texts = new Map<string, SafeText>();
  #revision = 0;

  /** @param known The values that are known to be secret. */
  constructor(known: KnownValues) {
    this.#known = known;
  }

  /**
   * Looks a text up.
   *
   * @param text The text.
   * @returns The same text, when it is as clean as it was; else undefined.
   */
  find(text: string): SafeText | undefined {
    this.#forgetOutdated();
    return this.#texts.get(text);
  }

  /**
   * Remembers a text that the redactor left as it was.
   *
   * @param text The text.
   * @param redacted What the redactor made of it; another text is not remembered.
   */
  add(text: string, redacted: SafeText): void {
    if (redacted !== text || text.length > TEXT_MAX_CHARS) return;
    this.#forgetOutdated();
    if (this.#texts.size === TEXTS_MAX) this.#texts.clear();
    this.#texts.set(text, redacted);
  }

  /** A value that became known since may stand in a text that was clean. */
  #forgetOutdated(): void {
    let revision = 0;
    for (const source of this.#known.sources) revision += source.revision;
    if (revision === this.#revision) return;
    this.#revision = revision;
    this.#texts.clear();
  }
}
