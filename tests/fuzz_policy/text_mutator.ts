/** Seeded damage to shell texts: stray characters, cuts, and pieces of other texts. */

const STRAY = [
  ";",
  "&",
  "|",
  "(",
  ")",
  "{",
  "}",
  "<",
  ">",
  "'",
  '"',
  "`",
  "$",
  "#",
  "\\",
  "\n",
  " ",
  "\t",
  "\r",
  "=",
  "!",
  "[",
  "]",
  "*",
  "?",
  "~",
  "$(",
  "${",
  "$((",
  "<(",
  ">(",
  "<<E\n",
  "<<<",
  "&&",
  "||",
  ";;",
  "|&",
  "&>",
  "2>&1",
  "$'",
  '$"',
  "\\\n",
  "[[ ",
  " ]]",
  "((",
  "))",
  "if ",
  "then ",
  "fi",
  "do ",
  "done",
  "case ",
  "esac",
  "in ",
  "for ",
  "while ",
  "function ",
  "time ",
  "coproc ",
  "! ",
  "{ ",
  "; }",
  "@(",
];

/** Gives numbers in [0, 1) that depend on the seed alone. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes mutants of some texts. */
export class TextMutator {
  readonly #texts: readonly string[];
  readonly #random: () => number;

  constructor(texts: readonly string[], seed: number) {
    this.#texts = texts;
    this.#random = seededRandom(seed);
  }

  /** The next mutant. */
  next(): string {
    let text = this.#pick(this.#texts);
    for (let count = 1 + Math.floor(this.#random() * 3); count > 0; count--) {
      text = this.#damage(text);
    }
    // Half a character cannot be sent to a shell.
    return text.replace(/\0|\p{Surrogate}/gu, "");
  }

  #damage(text: string): string {
    const at = Math.floor(this.#random() * (text.length + 1));
    const kind = this.#random();
    if (kind < 0.45) return text.slice(0, at) + this.#pick(STRAY) + text.slice(at);
    if (kind < 0.7) return text.slice(0, at) + text.slice(at + 1 + Math.floor(this.#random() * 3));
    const other = this.#pick(this.#texts);
    if (kind < 0.85) return text.slice(0, at) + other + text.slice(at);
    return text.slice(0, at) + other.slice(Math.floor(this.#random() * other.length));
  }

  #pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.#random() * choices.length)];
    if (choice === undefined) throw new Error("No choices");
    return choice;
  }
}
