/**
 * What a policy judges: everything a shell text would do that a rule can speak of.
 *
 * @module
 */

import type { Argument } from "./argument.ts";
import type { ShellNode, ShellWord, Span } from "./shell_tree.ts";

/** What a program's standard input is. */
export type Input =
  /** Whatever the shell has: nothing, or a terminal. */
  | { readonly kind: "none" }
  /** Text, with a variable for what is not known of it. */
  | {
    readonly kind: "text";
    readonly text: string;
    readonly isWhole: boolean;
    /** Present when more follows that is not looked at. */
    readonly isCut?: true;
    /** The words that it is made of, when it is not whole. */
    readonly words?: readonly ShellWord[];
  }
  | { readonly kind: "file"; readonly path: Argument }
  /** The output of other programs: their names, and whether one of them fetches. */
  | {
    readonly kind: "pipe";
    readonly from: readonly string[];
    readonly fetched: boolean;
    /** The programs themselves. */
    readonly nodes: readonly ShellNode[];
  };

/** What every subject has. */
export interface SubjectBase {
  /** The exact words. */
  readonly words: string;
  /** Where they stand in the whole command. */
  readonly at: Span;
  /** The programs that lead there, outermost first. */
  readonly via: readonly string[];
  /** True when it happens on another machine or in a container. */
  readonly remote: boolean;
  /** The working directory, when it is known. */
  readonly cwd?: string;
}

/** A program that would be run. */
export interface ProgramSubject extends SubjectBase {
  /** What it is. */
  readonly kind: "program";
  /** Its name or path as the shell would see it. */
  readonly name: string;
  /** Its arguments. */
  readonly args: readonly Argument[];
  /** The variables that are set for it. */
  readonly variables: readonly string[];
  /** Its standard input. */
  readonly input: Input;
  /** True when a function that the text defines runs under this name. */
  readonly isFunction: boolean;
  /** True when a function calls itself here, and not for the first time: it multiplies. */
  readonly spreads: boolean;
}

/** Something that would run and is not known before it does. */
export interface DynamicSubject extends SubjectBase {
  /** What it is. */
  readonly kind: "dynamic";
  /** A program's name that is expanded, or a wrapper's option that is not known. */
  readonly what: "program" | "option" | "definition";
}

/** Code that cannot be read: another language, or text that comes from elsewhere. */
export interface CodeSubject extends SubjectBase {
  /** What it is. */
  readonly kind: "code";
  /** Its language. */
  readonly language: string;
  /** True when a program of the same pipeline fetched it. */
  readonly fetched: boolean;
}

/** A script file that would be run without being read. */
export interface ScriptSubject extends SubjectBase {
  /** What it is. */
  readonly kind: "script";
  /** Its path. */
  readonly path: Argument;
}

/** A redirection to or from a file, or a file that a program's own code writes. */
export interface RedirectSubject extends SubjectBase {
  /** What it is. */
  readonly kind: "redirect";
  /** What is done with it. */
  readonly mode: "read" | "write" | "both";
  /** The file. */
  readonly path: Argument;
  /** The program whose redirection it is. */
  readonly program?: string;
}

/** A variable or setting that changes what programs run, or what names mean. */
export interface EnvironmentSubject extends SubjectBase {
  /** What it is. */
  readonly kind: "environment";
  /** The variable's or setting's name. */
  readonly name: string;
  /** True when it only changes which machine, engine or repository programs turn to. */
  readonly isTarget?: true;
}

/** Text that is not what it looks like: control characters, look-alike letters in a name. */
export interface DisguiseSubject extends SubjectBase {
  /** What it is. */
  readonly kind: "disguise";
}

/** A subject of any kind. */
export type Subject =
  | ProgramSubject
  | DynamicSubject
  | CodeSubject
  | ScriptSubject
  | RedirectSubject
  | EnvironmentSubject
  | DisguiseSubject;

/** What a session remembers of its variables. */
export interface KnownVariables {
  /** Variables that may hold pieces of code. */
  readonly suspects: ReadonlySet<string>;
  /** Variables whose values are evaluated when they are set. */
  readonly integers: ReadonlySet<string>;
}

/** What earlier commands of a session defined. */
export interface Definitions {
  /** Alias → its text; undefined when the text is not known. */
  readonly aliases: ReadonlyMap<string, string | undefined>;
  /** Functions whose bodies have been judged. */
  readonly functions: ReadonlySet<string>;
  /** What is known of variables; absent when nothing is. */
  readonly variables?: KnownVariables;
}

/** What a text would do. */
export interface Findings {
  /** What it would do, in the text's order as far as nesting allows. */
  readonly subjects: readonly Subject[];
  /** Why it could not be read to its end. */
  readonly problem?: { readonly kind: "syntax" | "limit" | "dialect"; readonly at: Span };
  /** What is defined after it, if it runs. */
  readonly definitions: Definitions;
}
