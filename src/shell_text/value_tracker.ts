/**
 * Which variables may hold a piece of code that arithmetic would run, and where they are
 * evaluated. Arithmetic reads the value of a variable as an expression, and runs the
 * substitutions in the subscripts of that; the pieces may have been put together step by step.
 *
 * The order of the steps does not count: loops and functions turn it round.
 *
 * @module
 */

import { variableEffect } from "./environment_table.ts";
import type { KnownVariables, SubjectBase } from "./subjects.ts";
import type { ValueSources } from "./value_sources.ts";

/** Variables that hold text which nobody assigned. */
const HOLD_TEXT = ["BASH_COMMAND", "BASH_EXECUTION_STRING", "BASH_ARGV", "BASH_ARGV0", "PWD"]
  .concat(["OLDPWD", "DIRSTACK", "PS1", "PS2", "PS4", "HISTFILE", "BASH_ALIASES", "BASH_CMDS"]);
/** Variables that the shell itself keeps as integers: setting them evaluates the value. */
const SHELL_INTEGERS = ["RANDOM", "SRANDOM", "OPTIND", "HISTCMD"];
/** Evaluations of a text that are kept apart; further ones are taken together. */
const MAX_USES = 200;

/** The variables of one text. */
export class ValueTracker {
  readonly #suspects: Set<string>;
  readonly #integers: Set<string>;
  /** Variable → those whose value is made of it, or names it. */
  readonly #heirs = new Map<string, Set<string>>();
  readonly #uses: { readonly names: Set<string>; readonly base: SubjectBase }[] = [];
  #isSettled = true;

  /** @param known What earlier commands left. */
  constructor(known: KnownVariables | undefined) {
    this.#suspects = new Set(known?.suspects);
    this.#integers = new Set(known?.integers ?? SHELL_INTEGERS);
  }

  /**
   * A variable gets a value.
   *
   * @param name The variable.
   * @param sources What the value may be made of.
   * @param base Tells where it happens.
   */
  set(name: string, { mayHoldCode, names }: ValueSources, base: () => SubjectBase): void {
    this.#isSettled = false;
    if (mayHoldCode) this.#suspects.add(name);
    for (const source of names) {
      const heirs = this.#heirs.get(source) ?? new Set();
      this.#heirs.set(source, heirs.add(name));
    }
    if (this.#integers.has(name)) this.evaluate([name], base());
  }

  /**
   * A variable certainly gets a value in place of what it held, and nothing that it held was
   * evaluated in this text.
   *
   * @param name The variable.
   */
  forget(name: string): void {
    if (!this.#uses.some(({ names }) => names.has(name))) this.#suspects.delete(name);
  }

  /** A variable is declared an integer. */
  addInteger(name: string, base: SubjectBase): void {
    this.#integers.add(name);
    this.evaluate([name], base);
  }

  /** Values are evaluated. */
  evaluate(names: readonly string[], base: SubjectBase): void {
    if (names.length === 0) return;
    const last = this.#uses.at(-1);
    if (this.#uses.length < MAX_USES || last === undefined) {
      this.#uses.push({ names: new Set(names), base });
    } else {
      for (const name of names) last.names.add(name);
    }
  }

  /** Where a value is evaluated that may hold code. */
  codes(): readonly SubjectBase[] {
    if (this.#uses.length === 0) return [];
    this.#settle();
    const isSuspect = (name: string) => this.#suspects.has(name) || HOLD_TEXT.includes(name);
    return this.#uses.filter(({ names }) => [...names].some(isSuspect)).map(({ base }) => base);
  }

  /** What the next command of the session has to know. */
  known(): KnownVariables {
    this.#settle();
    return { suspects: this.#suspects, integers: this.#integers };
  }

  /** Hands the suspicion on to whatever is made of a suspect. */
  #settle(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    // A value that names one of these may be the left side of an assignment: `x=PATH; (($x = 1))`.
    const loads = [...this.#heirs.keys()].filter((name) => variableEffect(name) === "loads");
    const left = [...this.#suspects, ...HOLD_TEXT, ...loads];
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      for (const heir of this.#heirs.get(name) ?? []) {
        if (this.#suspects.has(heir)) continue;
        this.#suspects.add(heir);
        left.push(heir);
      }
    }
  }
}
