/**
 * One word of a shell text, with its quoting resolved as far as that can be known beforehand.
 *
 * @module
 */

/** Stands in {@linkcode ShellWord.bare} for text that was quoted. */
const QUOTED = "\0";
/** Stands in {@linkcode ShellWord.bare} for an expansion that may give several words or none. */
const SPLITTING = "\x01";

/** A word as the shell would read it. */
export interface ShellWord {
  /** The exact source. */
  readonly source: string;
  /** The value after quote removal; absent when only running the text would tell. */
  readonly value?: string;
  /** The unquoted characters; quoted and expanded parts are one control character each. */
  readonly bare: string;
  /** True when an expansion or braces may turn it into several words, or into none. */
  readonly splits: boolean;
  /** True when it is a pattern that file names may replace. */
  readonly globs: boolean;
}

/**
 * Tells whether a word may become another number of words.
 *
 * @param word The word.
 * @returns True when it splits or globs.
 */
export function maySplit(word: ShellWord): boolean {
  return word.splits || word.globs;
}

/** Builds one {@linkcode ShellWord} piece by piece. */
export class WordDraft {
  #value = "";
  #bare = "";
  #known = true;

  /** The unquoted characters so far, as in {@linkcode ShellWord.bare}. */
  get bare(): string {
    return this.#bare;
  }

  /** Adds unquoted characters. */
  addPlain(text: string): void {
    this.#value += text;
    this.#bare += text;
  }

  /** Adds quoted characters, possibly none. */
  addQuoted(text: string): void {
    this.#value += text;
    this.#bare += QUOTED;
  }

  /** Adds an expansion that gives exactly one piece of text, not known beforehand. */
  addUnknown(): void {
    this.#known = false;
    this.#bare += QUOTED;
  }

  /** Adds an expansion that may be split into several words or vanish. */
  addSplitting(): void {
    this.#known = false;
    this.#bare += SPLITTING;
  }

  /**
   * Ends the word.
   *
   * @param source The exact source of the word.
   * @returns The word.
   */
  finish(source: string): ShellWord {
    const bare = this.#bare;
    const globs = /[*?[]/.test(bare) && bare !== "[" && bare !== "[[";
    const braces = bare !== "{" && bare.replace("{}", "").includes("{");
    const splits = braces || bare.includes(SPLITTING);
    const word = { source, bare, splits, globs };
    const known = this.#known && !splits && !globs && !bare.startsWith("~");
    return known ? { ...word, value: this.#value } : word;
  }
}

const SIMPLE_ESCAPES: { readonly [letter: string]: string } = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  e: "\x1b",
  E: "\x1b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "?": "?",
};

/**
 * Resolves the escapes inside `$'…'`.
 *
 * @param content The text between the quotes.
 * @returns The value, or undefined where shells disagree about it.
 */
export function decodeAnsiCString(content: string): string | undefined {
  let clear = true;
  const value = content.replace(
    /\\(?:x([0-9a-fA-F]{1,3})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|([^]))/g,
    (_, ...groups: (string | undefined)[]) => {
      const [hex, short, long, octal, letter] = groups;
      if (letter !== undefined) {
        const simple = SIMPLE_ESCAPES[letter];
        clear &&= simple !== undefined;
        return simple ?? "";
      }
      const digits = hex ?? short ?? long;
      const code = digits === undefined ? parseInt(octal ?? "", 8) : parseInt(digits, 16);
      // Zero ends the string in some shells; bytes above ASCII depend on the locale; how many
      // digits belong to `\x` and to `\0` differs between shells.
      clear &&= code > 0 && code < 0x80 && !octal?.startsWith("0") && (hex?.length ?? 0) <= 2;
      return clear ? String.fromCharCode(code) : "";
    },
  );
  return clear ? value : undefined;
}
