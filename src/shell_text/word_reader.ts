/**
 * Reads the words of a shell text: quotes, expansions, substitutions and heredoc bodies.
 *
 * One pass, left to right, one character of look-ahead. Where shells read a text differently, or
 * where this reader is not sure, it gives up with `UnreadableShellText`: whoever judges
 * the text refuses it then, so that doubt never lets a program pass unseen.
 *
 * @module
 */

import { findHeredocBody, type Heredoc } from "./heredoc_body.ts";
import { decodeAnsiCString, type ShellWord, WordDraft } from "./shell_word.ts";
import { TextCursor } from "./text_cursor.ts";

/** Nesting of substitutions, quotes and groups that is followed; no real command comes near. */
const MAX_DEPTH = 64;
/** Characters of a word in front of a parenthesis; keeps repeated patterns linear. */
const MAX_PATTERN_CHARS = 4096;
const METACHARACTERS = " \t\n;&|()<>";
/** Runs of characters without a meaning of their own: in words, in `${…}`, in double quotes. */
const PLAIN_RUN = /[^ \t\n;&|()<>'"$`\\]+/y;
const PARAMETER_RUN = /[^<>'"$`\\}]+/y;
const QUOTED_RUN = /[^"$`\\]+/y;
const ARRAY_ASSIGNMENT = /^[A-Za-z_]\w*(\[[^\]]*\])?\+?=$/;

/** Which language reads the text. `other` is any POSIX shell, also one that knows bash's words. */
export type ShellDialect = "bash" | "zsh" | "other";

/** What all readers of one command share, however deep they are nested. */
export interface ReadState {
  /** The language of the text. */
  readonly dialect: ShellDialect;
  /** Nesting at present. */
  depth: number;
  /** Characters that nested texts may still have; bounds the work on hostile input. */
  charsLeft: number;
}

type Quoting = "none" | "double";

/** The word level of the scanner; lists of commands are its subclass's. */
export abstract class WordReader extends TextCursor {
  /** What is shared with the readers of nested texts. */
  protected readonly state: ReadState;
  #heredocs: Heredoc[] = [];
  #lastNewline = -1;

  /**
   * Prepares to read a text.
   *
   * @param text The source.
   * @param state The shared state.
   */
  constructor(text: string, state: ReadState) {
    super(text);
    state.charsLeft -= text.length;
    if (state.charsLeft < 0) this.fail();
    this.state = state;
  }

  /** Reads commands up to and including the closing token; `""` is the end of the text. */
  protected abstract readList(end: "" | ")" | "}"): void;
  /** Makes a reader for a text inside this one. */
  protected abstract fork(text: string): WordReader;

  /** Skips blanks, newlines (with the heredoc bodies behind them) and comments. */
  protected skipSeparators(): void {
    for (;;) {
      this.skipBlanks();
      if (this.peek() === "\n") this.readNewline();
      else if (this.peek() === "#") this.skipComment();
      else return;
    }
  }

  /** Runs a reader one level deeper. */
  protected nest(read: () => void): void {
    if (++this.state.depth > MAX_DEPTH) this.fail();
    read();
    this.state.depth--;
  }

  /** Reads one word; its source is empty when there is none. */
  protected readWord(): ShellWord {
    this.peek();
    const start = this.pos;
    const draft = new WordDraft();
    for (;;) {
      const next = this.peek();
      if (this.atProcessSubstitution()) this.#readProcessSubstitution(draft);
      else if (next === "(" && this.#readParenthesis(draft)) continue;
      else if (next === "" || METACHARACTERS.includes(next)) break;
      else this.#readPiece(draft, next);
    }
    return draft.finish(this.text.slice(start, this.pos));
  }

  #readPiece(draft: WordDraft, next: string): void {
    if (next === "'") draft.addQuoted(this.#readSingleQuotes());
    else if (next === '"') this.#readDoubleQuotes(draft);
    else if (next === "$") this.#readDollar(draft, "none");
    else if (next === "`") this.#readBackticks(draft, "none");
    else if (next === "\\") draft.addQuoted(this.#readEscaped());
    else draft.addPlain(this.takeRun(PLAIN_RUN));
  }

  /** Takes a backslash and the character behind it. A lone backslash at the end is unclear. */
  #readEscaped(): string {
    const escaped = this.text[this.pos + 1] ?? this.fail();
    this.pos += 2;
    return escaped;
  }

  #readSingleQuotes(): string {
    const close = this.text.indexOf("'", this.pos + 1);
    if (close < 0) this.fail();
    const content = this.text.slice(this.pos + 1, close);
    this.pos = close + 1;
    return content;
  }

  #readDoubleQuotes(draft: WordDraft): void {
    this.pos++;
    draft.addQuoted("");
    this.nest(() => {
      while (!this.take('"')) this.#readDoubleQuoted(draft);
    });
  }

  #readDoubleQuoted(draft: WordDraft): void {
    const next = this.peek();
    if (next === "") this.fail();
    if (next === "$") this.#readDollar(draft, "double");
    else if (next === "`") this.#readBackticks(draft, "double");
    else if (next === "\\") {
      const escaped = this.#readEscaped();
      draft.addQuoted('$`"\\'.includes(escaped) ? escaped : `\\${escaped}`);
    } else draft.addQuoted(this.takeRun(QUOTED_RUN));
  }

  #readDollar(draft: WordDraft, quoting: Quoting): void {
    const start = this.pos++;
    const next = this.peek();
    if (next === "'" && quoting === "none") return this.#readAnsiCQuotes(draft);
    if (next === '"' && quoting === "none") return this.#readDoubleQuotes(draft);
    // The old `$[…]` is arithmetic in some shells and plain text in others.
    if (next === "[") this.fail();
    if (next === "(") this.#readDollarParenthesis();
    else if (next === "{") this.#readParameter(quoting);
    else if (/[A-Za-z_]/.test(next)) {
      while (/\w/.test(this.peek())) this.pos++;
    } else if (next !== "" && "0123456789@*#?$!-".includes(next)) this.pos++;
    else if (this.state.dialect !== "zsh") {
      return quoting === "none" ? draft.addPlain("$") : draft.addQuoted("$");
    }
    const many = quoting === "none" || this.text.slice(start, this.pos).includes("@");
    if (many) draft.addSplitting();
    else draft.addUnknown();
  }

  #readAnsiCQuotes(draft: WordDraft): void {
    const start = ++this.pos;
    while (this.text[this.pos] !== "'") {
      if (this.text[this.pos] === undefined) this.fail();
      const escaped = this.text[this.pos] === "\\";
      // A shell without $'…' ends the quotes at \' and runs on from there.
      if (escaped && this.text[this.pos + 1] === "'" && this.state.dialect === "other") this.fail();
      this.pos += escaped ? 2 : 1;
    }
    const value = decodeAnsiCString(this.text.slice(start, this.pos++));
    if (value === undefined) draft.addUnknown();
    else draft.addQuoted(value);
  }

  #readDollarParenthesis(): void {
    this.pos++;
    if (this.text[this.pos] === "(") this.readArithmetic();
    else if (this.peek() === "(") this.fail();
    else this.#readSubstitution(")");
  }

  /** Reads `((…))` from its second parenthesis on. Nested subshells glued together are unclear. */
  protected readArithmetic(): void {
    const start = ++this.pos;
    this.#readGroup("double");
    if (this.text[this.pos] !== ")") this.fail();
    if (!hasPlainParentheses(this.text.slice(start, this.pos - 1))) this.fail();
    this.pos++;
  }

  /** Reads up to the parenthesis that closes an open one. */
  #readGroup(quoting: Quoting): void {
    this.nest(() => {
      for (let open = 1; open > 0;) {
        const next = this.peek();
        if (next === "" || (next === "\n" && quoting === "none")) this.fail();
        else if (next === "(" || next === ")") {
          open += next === "(" ? 1 : -1;
          this.pos++;
        } else if (next === "'" && quoting === "double") this.fail();
        else if (next === "$") this.#readDollar(new WordDraft(), quoting);
        else this.#readPiece(new WordDraft(), next);
      }
    });
  }

  #readSubstitution(end: ")" | "}"): void {
    const start = this.pos;
    const outer = this.#heredocs;
    this.#heredocs = [];
    this.nest(() => this.readList(end));
    // Shells disagree on where a body starts when its operator and its newline are not in the
    // same substitution.
    if (this.#heredocs.length > 0 || (outer.length > 0 && this.#lastNewline >= start)) this.fail();
    this.#heredocs = outer;
  }

  #readProcessSubstitution(draft: WordDraft): void {
    this.pos++;
    this.take("(");
    this.#readSubstitution(")");
    draft.addUnknown();
  }

  /** Reads an array's values or an extended pattern; false when the parenthesis is neither. */
  #readParenthesis(draft: WordDraft): boolean {
    if (draft.bare.length > MAX_PATTERN_CHARS) this.fail();
    if (ARRAY_ASSIGNMENT.test(draft.bare)) {
      this.pos++;
      this.nest(() => this.#readArray());
    } else if (this.state.dialect === "bash" && /[@?*+]$/.test(draft.bare)) {
      this.pos++;
      this.#readGroup("none");
    } else return false;
    draft.addSplitting();
    return true;
  }

  #readArray(): void {
    for (this.skipSeparators(); !this.take(")"); this.skipSeparators()) {
      if (this.readWord().source === "") this.fail();
    }
  }

  #readParameter(quoting: Quoting): void {
    this.pos++;
    const first = this.text[this.pos] ?? "";
    if (first !== "" && " \t\n|".includes(first)) {
      if (first === "|") this.pos++;
      return this.#readSubstitution("}");
    }
    if (first === "(" && this.state.dialect === "zsh") this.fail();
    this.nest(() => {
      while (!this.take("}")) this.#readParameterPiece(quoting);
    });
  }

  #readParameterPiece(quoting: Quoting): void {
    const next = this.peek();
    if (next === "") this.fail();
    if (next === "'" && quoting === "double") return this.#skipUnclearQuotes();
    if (next === "$") return this.#readDollar(new WordDraft(), quoting);
    if (quoting === "none" && this.atProcessSubstitution()) {
      return this.#readProcessSubstitution(new WordDraft());
    }
    if ("\"'`\\".includes(next)) return this.#readPiece(new WordDraft(), next);
    this.takeRun(PARAMETER_RUN);
  }

  /** In `"${x#'…'}"` it depends on shell and operator whether the single quotes quote. */
  #skipUnclearQuotes(): void {
    if (/["\\$`}]/.test(this.#readSingleQuotes())) this.fail();
  }

  #readBackticks(draft: WordDraft, quoting: Quoting): void {
    let inner = "";
    for (this.pos++; this.text[this.pos] !== "`";) {
      const next = this.text[this.pos] ?? this.fail();
      const escaped = next === "\\" ? this.text[this.pos + 1] ?? this.fail() : "";
      // Shells disagree on whether \" loses its backslash here.
      if (escaped === '"' && quoting === "double") this.fail();
      inner += escaped !== "" && "`\\$".includes(escaped) ? escaped : next + escaped;
      this.pos += escaped === "" ? 1 : 2;
    }
    this.pos++;
    this.nest(() => this.fork(inner).readList(""));
    if (quoting === "double") draft.addUnknown();
    else draft.addSplitting();
  }

  /** Reads what follows `<<` and remembers the body for the next newline. */
  protected readHeredocOperator(): void {
    const stripsTabs = this.take("-");
    this.skipBlanks();
    const word = this.readWord();
    const delimiter = word.value;
    if (word.source === "" || delimiter === undefined) this.fail();
    // A dollar or a newline in a delimiter is read differently from shell to shell.
    if (/[$`\n]/.test(word.source)) this.fail();
    this.#heredocs.push({ delimiter, quoted: word.bare !== delimiter, stripsTabs });
  }

  /** Takes a newline and the heredoc bodies that start behind it. */
  protected readNewline(): void {
    this.#lastNewline = this.pos++;
    const heredocs = this.#heredocs;
    this.#heredocs = [];
    for (const heredoc of heredocs) {
      const { end, next } = findHeredocBody(this.text, this.pos, heredoc) ?? this.fail();
      const body = this.text.slice(this.pos, end);
      this.pos = next;
      if (!heredoc.quoted && /[$`]/.test(body)) this.nest(() => this.fork(body).#readBody());
    }
  }

  /** Fails when a heredoc's body has not come; for the end of the text. */
  protected checkHeredocsRead(): void {
    if (this.#heredocs.length > 0) this.fail();
  }

  #readBody(): void {
    const draft = new WordDraft();
    while (this.peek() !== "") this.#readDoubleQuoted(draft);
  }
}

/**
 * Shells count the parentheses of arithmetic without regard to the commands in it. Where that
 * gives another end, as with `$(case x in a) …)`, they may run it as nested subshells after all.
 */
function hasPlainParentheses(arithmetic: string): boolean {
  const bare = arithmetic.replace(/"[^"'()\\]*"/g, "");
  if (/["'\\]/.test(bare)) return false;
  let open = 0;
  for (const char of bare.replace(/[^()]/g, "")) {
    open += char === "(" ? 1 : -1;
    if (open < 0) return false;
  }
  return open === 0;
}
