/**
 * The small syntax tree of a shell text: what {@linkcode parseShell} gives, whatever parser is
 * behind it.
 *
 * Only what decides which programs run is kept. Compounds of every kind are one kind of group,
 * since a policy judges all branches; what is evaluated in their heads are the group's words.
 *
 * @module
 */

/** A stretch of the text that was parsed: UTF-16 offsets, end exclusive. */
export interface Span {
  /** Offset of the first code unit. */
  readonly start: number;
  /** Offset behind the last code unit. */
  readonly end: number;
}

/** A piece of a word. */
export type WordPiece =
  | { readonly kind: "text"; readonly text: string }
  | {
    readonly kind: "variable";
    readonly name: string;
    readonly quoted: boolean;
    /** Words inside of it, such as a default value; they are expanded too. */
    readonly inner: readonly ShellWord[];
    /** True when it is nothing but `$NAME` or `${NAME}`. */
    readonly plain: boolean;
    /** True when the value is expanded a second time, as by `${x@P}`. */
    readonly reads: boolean;
    /**
     * Who is given a value, as by `${x:=1}`: that of the last inner word, if any. In `${!x:=1}` it
     * is the variable that the value names.
     */
    readonly sets?: "itself" | "named";
    /** True when it is the length of a value. */
    readonly isLength?: true;
    /** The inner words that may become part of its value, as in `${x:-word}`. */
    readonly gives?: readonly ShellWord[];
  }
  | {
    readonly kind: "evaluated";
    /** The variables whose values a shell evaluates here; `@` for the positional parameters. */
    readonly names: readonly string[];
    /** The words whose substitutions print what is evaluated. */
    readonly words: readonly ShellWord[];
  }
  | { readonly kind: "command"; readonly body: readonly ShellNode[]; readonly quoted: boolean }
  | { readonly kind: "process"; readonly body: readonly ShellNode[]; readonly input: boolean }
  | { readonly kind: "pattern"; readonly text: string; readonly inner: readonly ShellWord[] }
  | { readonly kind: "number"; readonly inner: readonly ShellWord[] }
  | { readonly kind: "home"; readonly text: string };

/** A word as it stands in the text. */
export interface ShellWord {
  /** Its exact source. */
  readonly source: string;
  /** Where it stands. */
  readonly at: Span;
  /** What it is made of, in order. */
  readonly pieces: readonly WordPiece[];
}

/** `NAME=value`, `NAME[index]=value`, `NAME=(…)`. */
export interface ShellAssignment {
  /** The variable's name. */
  readonly name: string;
  /** The value; absent for an array. */
  readonly value?: ShellWord;
  /** Everything in it that is expanded: value, index, elements. */
  readonly words: readonly ShellWord[];
  /** Its exact source. */
  readonly source: string;
  /** Where it stands. */
  readonly at: Span;
}

/** A redirection. */
export interface ShellRedirect {
  /** What it does; `text` is a heredoc or a here-string, `descriptor` copies or closes one. */
  readonly mode: "read" | "write" | "both" | "text" | "descriptor";
  /** True when it feeds standard input. */
  readonly feedsInput: boolean;
  /** The variable that is given the descriptor's number, as by `{fd}>f`. */
  readonly variable?: string;
  /** The file, the text, or the descriptor; absent only when nothing can be expanded. */
  readonly target?: ShellWord;
  /** Its exact source. */
  readonly source: string;
  /** Where it stands. */
  readonly at: Span;
}

/** A simple command. */
export interface SimpleCommand {
  /** What it is. */
  readonly kind: "simple";
  /** Words, and assignments behind the first word, in order. */
  readonly words: readonly ShellWord[];
  /** Assignments in front of the command, or arguments in the form of one, as `export A=1`. */
  readonly assignments: readonly ShellAssignment[];
  /** Redirections in order. */
  readonly redirects: readonly ShellRedirect[];
  /** Where it stands. */
  readonly at: Span;
}

/** `a | b`. */
export interface PipelineNode {
  /** What it is. */
  readonly kind: "pipeline";
  /** Its commands, two at least. */
  readonly stages: readonly ShellNode[];
}

/** Any compound: list, loop, condition, subshell, test. */
export interface GroupNode {
  /** What it is. */
  readonly kind: "group";
  /** Words that are expanded in its head. */
  readonly words: readonly ShellWord[];
  /** All commands in it, every branch. */
  readonly body: readonly ShellNode[];
  /** Redirections of the whole. */
  readonly redirects: readonly ShellRedirect[];
  /** True when what it defines may not be there afterwards: a branch, a loop, a subshell. */
  readonly uncertain: boolean;
  /** True when each of its commands only runs if the one in front of it worked. */
  readonly isChain?: true;
  /** The variable that a loop sets. */
  readonly variable?: string;
  /** True for a coprocess: what it reads comes from the commands behind it. */
  readonly isFed?: true;
}

/** A function's definition. */
export interface FunctionNode {
  /** What it is. */
  readonly kind: "function";
  /** Its name. */
  readonly name: string;
  /** Its body. */
  readonly body: ShellNode;
  /** Where it stands. */
  readonly at: Span;
}

/** Anything that a list holds. */
export type ShellNode = SimpleCommand | PipelineNode | GroupNode | FunctionNode;

/**
 * The word's value, when it is certain before anything runs.
 *
 * @param word The word.
 * @returns The value after quote removal; undefined when it is expanded.
 */
export function wordValue(word: ShellWord): string | undefined {
  let value = "";
  for (const piece of word.pieces) {
    if (piece.kind !== "text") return undefined;
    value += piece.text;
  }
  return value;
}

/** What stands in a {@linkcode wordShape} for a piece that is not known. */
export const UNKNOWN_PIECE = "\0";

/**
 * The word with {@linkcode UNKNOWN_PIECE} for what is not known; patterns stay as written, and a
 * home directory (`~`, `$HOME`) reads `~`, the working directory (`$PWD`) reads `.`.
 *
 * @param word The word.
 * @returns Its shape.
 */
export function wordShape(word: ShellWord): string {
  return word.pieces.map((piece, index) => {
    if (piece.kind === "text" || piece.kind === "pattern" || piece.kind === "home") {
      return piece.text;
    }
    if (index === 0 && piece.kind === "variable" && piece.plain) {
      if (piece.name === "HOME") return "~";
      if (piece.name === "PWD") return ".";
    }
    return UNKNOWN_PIECE;
  }).join("");
}

/** Variables that the shell itself keeps, with values that are one word in all but odd places. */
const WHOLE_VARIABLES = /^(?:PWD|OLDPWD|HOME|UID|EUID|PPID|RANDOM|SECONDS|LINENO|[$?#!])$/;

/**
 * Tells whether a word may become several words, or none.
 *
 * @param word The word.
 * @returns True when it may.
 */
export function maySplit(word: ShellWord): boolean {
  return word.pieces.some((piece) => {
    if (piece.kind === "pattern") return true;
    if (piece.kind === "command") return !piece.quoted;
    if (piece.kind !== "variable" || WHOLE_VARIABLES.test(piece.name)) return false;
    return !piece.quoted || /^@$|\[@\]/.test(piece.name);
  });
}

/**
 * The words and commands inside of a word, one level down.
 *
 * @param word The word.
 * @returns Nested words, and the bodies of its substitutions.
 */
export function innerParts(
  word: ShellWord,
): { readonly words: readonly ShellWord[]; readonly bodies: readonly (readonly ShellNode[])[] } {
  const words: ShellWord[] = [];
  const bodies: (readonly ShellNode[])[] = [];
  for (const piece of word.pieces) {
    if ("inner" in piece) words.push(...piece.inner);
    if ("body" in piece) bodies.push(piece.body);
  }
  return { words, bodies };
}
