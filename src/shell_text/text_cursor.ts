/**
 * A place in a shell text: one character of look-ahead, line continuations removed.
 *
 * @module
 */

/** The text cannot be read with certainty. Internal to `src/shell_text/`. */
export class UnreadableShellText extends Error {}

/** Walks through a text once, from left to right. */
export class TextCursor {
  /** The source. */
  protected readonly text: string;
  /** The offset of the next character. */
  protected pos = 0;

  /**
   * Starts at the beginning of a text.
   *
   * @param text The source, without NUL.
   */
  constructor(text: string) {
    // Shells drop a NUL or end the text there, so that the words are not certain.
    if (text.includes("\0")) throw new UnreadableShellText();
    this.text = text;
  }

  /** Gives up. */
  protected fail(): never {
    throw new UnreadableShellText();
  }

  /** The next character, with line continuations removed; empty at the end. */
  protected peek(): string {
    while (this.text.startsWith("\\\n", this.pos)) this.pos += 2;
    return this.text[this.pos] ?? "";
  }

  /** Consumes the next character if it is the given one. */
  protected take(char: string): boolean {
    if (this.peek() !== char) return false;
    this.pos++;
    return true;
  }

  /** True at `<(` and `>(`. */
  protected atProcessSubstitution(): boolean {
    const operator = this.peek();
    if (operator !== "<" && operator !== ">") return false;
    let next = this.pos + 1;
    while (this.text.startsWith("\\\n", next)) next += 2;
    return this.text[next] === "(";
  }

  /** Skips spaces and tabs. */
  protected skipBlanks(): void {
    while (this.peek() === " " || this.peek() === "\t") this.pos++;
  }

  /** Skips a comment, up to its newline. */
  protected skipComment(): void {
    const newline = this.text.indexOf("\n", this.pos);
    this.pos = newline < 0 ? this.text.length : newline;
  }

  /** Takes a run of plain characters, or a single one where the run is empty. */
  protected takeRun(run: RegExp): string {
    run.lastIndex = this.pos;
    const text = run.exec(this.text)?.[0] ?? this.text.charAt(this.pos);
    this.pos += text.length;
    return text;
  }
}
