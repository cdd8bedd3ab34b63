/**
 * What the readers of single programs are given: one run of a program, and a way to report.
 *
 * @module
 */

import type { Argument, CodeText, Positionals } from "./argument.ts";
import type { ProgramSpec } from "./program_spec.ts";
import type { Span } from "./shell_tree.ts";
import type { Input } from "./subjects.ts";

/** Where a command stands. */
export interface Scope {
  /** The shell that reads the text: a name such as `bash`, `dash`. */
  readonly shell: string;
  /** The programs that lead there, outermost first. */
  readonly via: readonly string[];
  /** True when it runs elsewhere. */
  readonly remote: boolean;
  /** Where the text stands in the whole command, when it is a text inside of it. */
  readonly origin?: Span;
  /** What the text's positional parameters are, if known. */
  readonly positionals?: Positionals;
  /** Standard input of what has none of its own. */
  readonly input: Input;
  /** True when more arguments follow that are not in the text. */
  readonly isStart?: boolean;
  /** True when what stands in front of it worked. */
  readonly isChain?: boolean;
  /** True when its definitions may not be there afterwards. */
  readonly uncertain: boolean;
}

/** One run of a program. */
export interface ProgramRun {
  /** Its name or path. */
  readonly name: string;
  /** The last part of that. */
  readonly baseName: string;
  /** Its arguments. */
  readonly args: readonly Argument[];
  /** The word of its name, for places and sources. */
  readonly self: Argument;
  /** Where it stands. */
  readonly scope: Scope;
  /** Its standard input. */
  readonly input: Input;
}

/** How code is to be read. */
export interface CodeReading {
  /** The shell that reads it; that of the run when absent. */
  readonly shell?: string;
  /** True when it runs elsewhere. */
  readonly remote?: boolean;
  /** What its positional parameters are. */
  readonly positionals?: Positionals;
  /** True when more arguments follow that are not in the text. */
  readonly isStart?: boolean;
  /** Its standard input; that of the run when absent. */
  readonly input?: Input;
}

/** Where the readers of single programs report. */
export interface FinderDoor {
  /** A program and its arguments, run by another. */
  runArguments(args: readonly Argument[], by: ProgramRun, how?: CodeReading): void;
  /** Shell text, run by a program. */
  readCode(code: CodeText, by: ProgramRun, how?: CodeReading): void;
  /** Text whose expansions run, and nothing else of it. */
  readExpansions(text: string, by: ProgramRun): void;
  /** Code that cannot be read. */
  addCode(by: ProgramRun, language: string, from?: readonly Argument[]): void;
  /** What a path is when it is no file: standard input, or something else that is open. */
  streamOf(path: Argument): "input" | "other" | undefined;
  /** A script file. */
  addScript(path: Argument, by: ProgramRun): void;
  /** Something that is not known before it runs. */
  addDynamic(by: ProgramRun, what: "program" | "option" | "definition"): void;
  /** A variable or setting that changes what runs. */
  addEnvironment(name: string, by: ProgramRun): void;
  /** A file that the program's own code reads or writes. */
  addFile(mode: "read" | "write" | "both", path: Argument, by: ProgramRun): void;
  /** A variable that is given a value; absent when the value is not known. */
  assign(name: string, value: Argument | undefined, by: ProgramRun): void;
  /** A variable's value is made of some words. */
  noteValue(name: string, values: readonly Argument[], by: ProgramRun): void;
  /** A variable's value is made of what the program reads from its standard input. */
  noteInput(name: string, by: ProgramRun): void;
  /** A variable is declared an integer: its values are evaluated when it is set. */
  addInteger(name: string, by: ProgramRun): void;
  /** Some words are evaluated as arithmetic, or as names with subscripts. */
  evaluate(values: readonly Argument[], by: ProgramRun): void;
  /** The program does what its table entry says. */
  runSpec(spec: ProgramSpec, run: ProgramRun): void;
  /** The program reads its code from standard input. */
  readInput(run: ProgramRun, language: string | undefined): void;
  /** The code that an argument is. */
  codeOf(argument: Argument, by: ProgramRun): CodeText;
  /** Gives an alias its text; absent when that is not known. */
  define(name: string, text: string | undefined): void;
  /** Removes aliases or functions; every one when no name is known. */
  forget(names: readonly Argument[], by: ProgramRun): void;
}

/** Reads the runs of one program. */
export type ProgramReader = (run: ProgramRun, door: FinderDoor) => void;
