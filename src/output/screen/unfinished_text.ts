/**
 * The end of what is drawn while it may still go on: what the redactor's stream would hold back there
 * is not shown either.
 *
 * @module
 */

import type { SafeText } from "../../safe_text.ts";
import type { Redactor } from "../redactor.ts";

/** What a program may draw behind the place where it writes: a cursor of its own, or a mask. */
const BEHIND = /[*_|\u2022\u2588\u258c]{1,8}$/;

/**
 * Redacts a text whose last line has no end yet.
 *
 * @param redactor The session's redactor.
 * @param text The text as it is drawn.
 * @returns The text, without what may be the beginning of a secret at its end.
 */
export function unfinishedLine(redactor: Redactor, text: string): SafeText {
  for (const end of endsOf(text)) {
    const { shown, isHeld } = redactor.textSoFar(text.slice(0, end));
    if (isHeld) return shown;
  }
  return redactor.text(text);
}

/**
 * Gives the places at the end of a drawn text where a secret may have begun in front of them.
 *
 * @param text The text.
 * @returns Indexes, the last one first.
 */
export function endsOf(text: string): number[] {
  const behind = BEHIND.exec(text)?.[0].length ?? 0;
  return [...new Set([text.length, text.length - behind])];
}
