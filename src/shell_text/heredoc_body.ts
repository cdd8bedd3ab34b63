/**
 * Finds where the body of a heredoc ends.
 *
 * @module
 */

/** A heredoc whose body is still to come. */
export interface Heredoc {
  /** The line that ends the body. */
  readonly delimiter: string;
  /** True when the delimiter was quoted, so that the body is taken as it is. */
  readonly quoted: boolean;
  /** True for `<<-`, where leading tabs do not count. */
  readonly stripsTabs: boolean;
}

/** Where a body ends and where the text goes on. */
export interface HeredocExtent {
  /** The offset behind the body's last line. */
  readonly end: number;
  /** The offset behind the delimiter's line. */
  readonly next: number;
}

/**
 * Finds the end of a heredoc body.
 *
 * @param text The source.
 * @param start The offset of the body's first line.
 * @param heredoc What to look for.
 * @returns The extent; undefined when there is no end, or shells disagree about it.
 */
export function findHeredocBody(
  text: string,
  start: number,
  { delimiter, quoted, stripsTabs }: Heredoc,
): HeredocExtent | undefined {
  let joined = "";
  for (let at = start; at < text.length;) {
    const newline = text.indexOf("\n", at);
    const lineEnd = newline < 0 ? text.length : newline;
    const line = text.slice(at, lineEnd);
    const compared = stripsTabs ? line.replace(/^\t+/, "") : line;
    if (compared === delimiter && joined === "") return { end: at, next: lineEnd + 1 };
    // A continued line that reads as the delimiter ends the body in some shells only.
    if (joined !== "" && (compared === delimiter || joined + compared === delimiter)) return;
    const continues = !quoted && /(?<!\\)(?:\\\\)*\\$/.test(line);
    joined = continues ? joined + compared.slice(0, -1) || "\\" : "";
    at = lineEnd + 1;
  }
  return undefined;
}
