/**
 * Text as a terminal may show it.
 *
 * @module
 */

/** What moves the cursor, changes the reading direction, or does not show at all. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Makes every character of a line visible, so that an agent's command cannot redraw the terminal of
 * the person who looks at it.
 *
 * @param line The line.
 * @returns The line, with `\u{…}` in place of what a terminal would act on.
 */
export function visibleText(line: string): string {
  return line.replace(INVISIBLE, (character) => {
    if (character === "\t") return "\\t";
    if (character === "\n") return "\\n";
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
