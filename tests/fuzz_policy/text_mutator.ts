/** Seeded damage to shell texts: stray characters, cuts, and pieces of other texts. */

import { Random } from "../support/random.ts";

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

/** Makes mutants of some texts. */
export class TextMutator {
  readonly #texts: readonly string[];
  readonly #random: Random;

  constructor(texts: readonly string[], seed: number) {
    this.#texts = texts;
    this.#random = new Random(seed);
  }

  /** The next mutant. */
  next(): string {
    let text = this.#pick(this.#texts);
    for (let count = 1 + this.#random.below(3); count > 0; count--) {
      text = this.#damage(text);
    }
    // Half a character cannot be sent to a shell.
    return text.replace(/\0|\p{Surrogate}/gu, "");
  }

  #damage(text: string): string {
    const at = this.#random.below(text.length + 1);
    const kind = this.#random.next();
    if (kind < 0.45) return text.slice(0, at) + this.#pick(STRAY) + text.slice(at);
    if (kind < 0.7) return text.slice(0, at) + text.slice(at + 1 + this.#random.below(3));
    const other = this.#pick(this.#texts);
    if (kind < 0.85) return text.slice(0, at) + other + text.slice(at);
    return text.slice(0, at) + other.slice(this.#random.below(other.length));
  }

  #pick<T>(choices: readonly T[]): T {
    const choice = choices[this.#random.below(choices.length)];
    if (choice === undefined) throw new Error("No choices");
    return choice;
  }
}
