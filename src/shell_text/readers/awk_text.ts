/**
 * The text of an awk program without its strings, patterns and comments.
 *
 * @module
 */

/** An awk program, taken apart. */
export interface AwkText {
  /** The program with a number in quotes for each string, and a blank for each pattern. */
  readonly plain: string;
  /** The strings. */
  readonly strings: readonly string[];
  /** True when it is not certain where a pattern starts or ends. */
  readonly isUnclear: boolean;
}

/** Characters that are looked through for the bracket that a closing one belongs to. */
const MAX_HEAD_CHARS = 2048;

/** Words behind which a pattern may stand, where a value may not. */
const KEYWORDS = /(?:^|[^\w$])(?:return|print|printf|in|case|else|do|exit)\s*$/;

/**
 * Takes an awk program apart. A slash is a division behind a value, and starts a pattern elsewhere.
 * Lines that go on in the next one are joined.
 *
 * @param text The program.
 * @returns Its parts.
 */
export function readAwkText(text: string): AwkText {
  const strings: string[] = [];
  let plain = "";
  let isUnclear = false;
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? "";
    if (char === '"') {
      const end = closing(text, at, '"');
      if (end < 0) return { plain, strings, isUnclear: true };
      plain += `"${strings.push(text.slice(at + 1, end)) - 1}"`;
      at = end + 1;
    } else if (char === "#") {
      const line = text.indexOf("\n", at);
      at = line < 0 ? text.length : line;
    } else if (char === "\\" && text[at + 1] === "\n") {
      plain += " ";
      at += 2;
    } else if (char === "/" && !isDivision(plain)) {
      // A field may be numbered by a pattern, and versions differ behind `if (a)`.
      if (/[)$]\s*$/.test(plain)) isUnclear = true;
      const end = closing(text, at, "/");
      if (end < 0) return { plain, strings, isUnclear: true };
      // Some versions let a slash stand in a class of characters.
      if (/\[[^\]]*$/.test(text.slice(at, end))) isUnclear = true;
      plain += " 0 ";
      at = end + 1;
    } else {
      plain += char;
      at++;
    }
  }
  return { plain: joinLines(plain), strings, isUnclear };
}

/** A line end behind these ends no statement. */
function joinLines(plain: string): string {
  return plain.replace(/(,|&&|\|\||[?:])[ \t\r]*\n\s*/g, "$1 ");
}

/** Whether a slash behind a text divides by what follows. */
function isDivision(before: string): boolean {
  const tail = before.slice(-40);
  if (/\n\s*$/.test(tail)) return false;
  if (/\)[ \t\r]*$/.test(tail)) return !closesHead(before);
  return /(?:[\w\]"]|\+\+|--)\s*$/.test(tail) && !KEYWORDS.test(tail);
}

/** Whether the bracket at the end of a text closes the one behind `if`, `while` and the like. */
function closesHead(before: string): boolean {
  let depth = 0;
  const start = Math.max(0, before.length - MAX_HEAD_CHARS);
  for (let at = before.length - 1; at >= start; at--) {
    if (before[at] === ")") depth++;
    else if (before[at] === "(" && --depth === 0) {
      return /\b(?:if|while|for|switch)\s*$/.test(before.slice(Math.max(0, at - 40), at));
    }
  }
  return true;
}

function closing(text: string, start: number, delimiter: string): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at];
    if (char === "\\") at++;
    else if (char === delimiter) return at;
    else if (char === "\n") return -1;
  }
  return -1;
}
