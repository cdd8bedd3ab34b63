/** Seeded random shell texts whose programs are all called `zz…`, so that none exists anywhere. */

import { Random } from "../../support/random.ts";

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
];

/** Makes shell texts, half of them damaged by stray characters. */
export class ShellFuzz {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** The next text. */
  text(): string {
    const text = this.#list(3);
    return this.#random.next() < 0.5 ? text : this.#damage(text);
  }

  #pick<T>(choices: readonly (() => T)[]): T {
    const choice = choices[this.#random.below(choices.length)];
    if (choice === undefined) throw new Error("No choices");
    return choice();
  }

  #damage(text: string): string {
    let damaged = text;
    for (let count = 1 + this.#random.below(3); count > 0; count--) {
      const at = this.#random.below(damaged.length + 1);
      const stray = this.#pick(STRAY.map((char) => () => char));
      const removed = this.#random.next() < 0.4 ? 1 : 0;
      damaged = damaged.slice(0, at) + (removed ? "" : stray) + damaged.slice(at + removed);
    }
    return damaged;
  }

  /** A name that succeeds when run if even, fails if odd, in one of many spellings. */
  #name(parity?: number): string {
    const number = this.#random.below(10) * 2 + (parity ?? Math.round(this.#random.next()));
    return this.#pick([
      () => `zz${number}`,
      () => `zz${number}`,
      () => `'zz'${number}`,
      () => `"zz${number}"`,
      () => `z\\z${number}`,
      () => `z''z${number}`,
      () => `z\\\nz${number}`,
      () => `$'\\x7a'z${number}`,
      () => `$'\\172z'${number}`,
      () => `"z"'z'${number}`,
    ]);
  }

  #argument(depth: number): string {
    const inner = depth <= 0 ? () => "a" : () => this.#list(depth - 1);
    return this.#pick([
      () => "a",
      () => "-x",
      () => "'; zz91'",
      () => "'$(zz93)'",
      () => '"a; zz95 \\$(zz97)"',
      () => "a#b",
      () => "\\;",
      () => "{a,b}",
      () => "if",
      () => "}",
      () => `$(${inner()})`,
      () => `"x $(${inner()}) y"`,
      () => `\`${this.#name()}\``,
      () => `<(${inner()})`,
      () => `\${q:-$(${inner()})}`,
      () => `"\${q:-$(${inner()})}"`,
      () => `$((1 + 0$(${inner()})))`,
      () => `>out`,
      () => `2>&1`,
      () => `<<<"$(${inner()})"`,
    ]);
  }

  #simple(depth: number): string {
    const words = [this.#name()];
    while (this.#random.next() < 0.4) words.push(this.#argument(depth));
    const prefix = this.#pick([
      () => "",
      () => "",
      () => "",
      () => "V=1 ",
      () => `V="$(${this.#name()})" W= `,
      () => ">out ",
      () => "v[0]=1 ",
      () => "command ",
      () => "! ",
      () => "time -p ",
    ]);
    return prefix + words.join(" ");
  }

  #list(depth: number): string {
    const parts = [this.#command(depth)];
    while (this.#random.next() < 0.3) {
      parts.push(this.#pick([";", "\n", "&&", "||", "|", "&", " # zz99\n"].map((op) => () => op)));
      parts.push(this.#command(depth));
    }
    return parts.join(" ");
  }

  #command(depth: number): string {
    if (depth <= 0) return this.#simple(0);
    const inner = () => this.#list(depth - 1);
    return this.#pick([
      () => this.#simple(depth),
      () => this.#simple(depth),
      () => this.#simple(depth),
      () => `( ${inner()}\n)`,
      () => `{ ${inner()}\n}`,
      () => `if ${inner()}\nthen ${inner()}\nelse ${inner()}\nfi`,
      () => `while ${this.#name(1)}; do ${inner()}\nbreak; done`,
      () => `until ${this.#name(0)}; do ${inner()}\nbreak; done`,
      () => `for i in a $(${inner()}\n); do ${inner()}\nbreak; done >out`,
      () => `for ((i=0; i<2; i++)); do ${inner()}\ndone`,
      () => `case a in (b) ${inner()}\n;; a|c) ${inner()}\n;; esac`,
      () => `ff() { ${inner()}\n}; ff`,
      () => `function fg { ${inner()}\n}; fg a`,
      () => `[[ -n $(${inner()}\n) && a < b ]] || ${this.#name()}`,
      () => `(( 1 << 2 )) && ${this.#name()}`,
      () => `arr=(a $(${inner()}\n) # zz99 )\n)`,
      () => `eval '${this.#name().replaceAll("'", "'\\''")} a' b`,
      () => `${this.#name()} <<E\n$(${inner()}\n) \${q:-\`${this.#name()}\`}\nE\n`,
      () => `${this.#name()} <<'E' a; ${this.#name()}\n$(zz95) ' "\nE\n`,
      () => `${this.#name()} <<-E | ${this.#name()}\n\ta\\\n\tb\n\tE\n`,
    ]);
  }
}
