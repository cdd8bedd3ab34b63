/**
 * What is known while a text is read: what was found, what was defined, what is left to spend.
 *
 * @module
 */

import type { Argument } from "./argument.ts";
import type { Scope } from "./finder_door.ts";
import { givenInput, MAX_STDIN_CHARS } from "./input_flow.ts";
import type { Span } from "./shell_tree.ts";
import type { Definitions, Findings, Input, Subject, SubjectBase } from "./subjects.ts";
import { ValueTracker } from "./value_tracker.ts";
import { WrittenFiles } from "./written_files.ts";

/** Programs around programs that are followed. */
export const MAX_CHAIN = 40;
/** Subjects of a text at most. */
export const MAX_SUBJECTS = 600;
/** Arguments of a program at most. */
export const MAX_ARGS = 4000;
/** Characters that all nested texts together may have, beside a multiple of the text itself. */
const NESTED_CHARS = 65_536;
/** Characters of source given with a subject. */
const SHOWN_CHARS = 400;

/** The text and what is known of where it runs. */
export interface FinderInput {
  /** The text. */
  readonly text: string;
  /** The shell that will read it: a name or path. */
  readonly shell: string;
  /** What is given as standard input of the whole text; absent when nothing is. */
  readonly stdin?: string;
  /** The working directory, when it is known. */
  readonly cwd?: string;
  /** What earlier commands defined. */
  readonly definitions?: Definitions;
}

const NO_DEFINITIONS: Definitions = { aliases: new Map(), functions: new Set() };

/** The state of one reading. */
export class FinderState {
  /** What was found so far. */
  readonly subjects: Subject[] = [];
  /** Alias → its text. */
  readonly aliases: Map<string, string | undefined>;
  /** Functions that are certainly there. */
  readonly functions: Set<string>;
  /** Aliases that are being expanded. */
  readonly expanding = new Set<string>();
  /** Functions whose bodies are being read → how often they have called themselves. */
  readonly open = new Map<string, number>();
  /** Standard input of the whole text. */
  readonly given: Input;
  /** Inputs of which a program has read a part. */
  readonly begun = new WeakSet<Input>();
  /** What `exec` put in the place of an input, for what follows. */
  readonly #replaced = new Map<Input, Input>();
  /** Files that the text writes. */
  readonly written = new WrittenFiles();
  /** What variables may hold. */
  readonly values: ValueTracker;
  /** True when the text may read `$_`, the last word of the command before. */
  readonly readsLastWord: boolean;
  /** Why the text cannot be read to its end. */
  problem: Findings["problem"];
  /** The working directory, while it is known. */
  cwd: string | undefined;
  /** True when what follows may not be reached. */
  mayHaveEnded = false;
  #charsLeft: number;

  /** @param input The text and where it runs. */
  constructor({ text, stdin, cwd, definitions = NO_DEFINITIONS }: FinderInput) {
    const stdinChars = Math.min(stdin?.length ?? 0, MAX_STDIN_CHARS);
    this.#charsLeft = (text.length + stdinChars) * 4 + NESTED_CHARS;
    this.given = givenInput(stdin);
    this.cwd = cwd;
    this.readsLastWord = /(?:^|\W)_(?:\W|$)/.test(text);
    this.aliases = new Map(definitions.aliases);
    this.functions = new Set(definitions.functions);
    this.values = new ValueTracker(definitions.variables);
  }

  /** Everything that was found. */
  findings(): Findings {
    const { aliases, functions, subjects, problem, values } = this;
    for (const base of values.codes()) this.addEvaluated(base);
    const found = { subjects, definitions: { aliases, functions, variables: values.known() } };
    return problem === undefined ? found : { ...found, problem };
  }

  /** Takes work off what is left; false when there was not enough. */
  spend(chars: number): boolean {
    this.#charsLeft -= chars;
    return this.#charsLeft >= 0;
  }

  /**
   * `exec` puts another input in the place of one.
   *
   * @param before What was there.
   * @param after What is there now, or may be.
   */
  replaceInput(before: Input, after: Input): void {
    if (before !== after) this.#replaced.set(before, after);
  }

  /** What became of an input. */
  inputNow(input: Input): Input {
    let now = input;
    for (let next = this.#replaced.get(now); next !== undefined; next = this.#replaced.get(now)) {
      now = next;
    }
    return now;
  }

  /** Notes why the text cannot be read; the first reason stands. */
  stop(kind: "syntax" | "limit" | "dialect", at: Span): void {
    this.problem ??= { kind, at };
  }

  /** What every subject has. */
  base(words: string, at: Span, scope: Scope): SubjectBase {
    const { via, remote } = scope;
    const base = { words: words.slice(0, SHOWN_CHARS), at, via, remote };
    return this.cwd === undefined || remote ? base : { ...base, cwd: this.cwd };
  }

  /** Reports text that is not what it looks like. */
  addDisguise(words: string, at: Span, scope: Scope): void {
    this.subjects.push({ kind: "disguise", ...this.base(words, at, scope) });
  }

  /** Whether the text writes the file of a word. */
  readonly isWritten = (shape: string): boolean => this.written.hasShape(shape, this.cwd);

  /** Reports a value that is evaluated and may hold code. */
  addEvaluated(base: SubjectBase): void {
    this.subjects.push({ kind: "code", language: "arithmetic", fetched: false, ...base });
  }

  /** Runs a step of which it is not known whether its `cd` counts afterwards. */
  apart(step: () => void): void {
    const { cwd } = this;
    step();
    if (cwd !== this.cwd) this.cwd = undefined;
  }
}

/**
 * Control, invisible or non-ASCII characters: what is seen is not what runs.
 *
 * @param name A program's or function's name.
 * @returns True when it has one.
 */
export function isDisguised(name: string): boolean {
  return /[^\x20-\x7e\t\n]/.test(name);
}

/**
 * The words of a command, as many as are shown.
 *
 * @param args The program and its arguments.
 * @returns Their sources.
 */
export function showWords(args: readonly Argument[]): string {
  let shown = "";
  for (const { source } of args) {
    if (shown.length + source.length > SHOWN_CHARS) break;
    shown += shown === "" ? source : ` ${source}`;
  }
  return shown;
}
