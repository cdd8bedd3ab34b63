/**
 * Small parts of `shell_parser.ts`: tables, and what the parser is known to misread.
 *
 * @module
 */

import type { Command, Coproc, Word } from "unbash";
import type { ShellNode, ShellRedirect, ShellWord, Span } from "./shell_tree.ts";

/** Why a text cannot be judged: it is broken, over a cap, or read differently from shell to shell. */
export type ParseProblem = "syntax" | "limit" | "dialect";

/** Stops the reading; it never leaves `parseShell`. */
export class Unreadable extends Error {
  /**
   * @param problem What is wrong.
   * @param span Where.
   */
  constructor(readonly problem: ParseProblem, readonly span: Span) {
    super(problem);
  }
}

/** Stands for a value of which nothing is known. */
export const UNKNOWN_VALUE = {
  kind: "variable",
  name: "",
  quoted: true,
  inner: [],
  plain: false,
  reads: false,
} as const;

/** Operator → what it does with its file. */
export const REDIRECT_MODES: { readonly [operator: string]: ShellRedirect["mode"] } = {
  "<": "read",
  "<&": "read",
  ">": "write",
  ">>": "write",
  ">|": "write",
  ">&": "write",
  "&>": "write",
  "&>>": "write",
};

/**
 * The program `time`, for shells that have no reserved word of that name.
 *
 * @param at Where the word stands.
 * @returns A command.
 */
export function timeCommand(at: Span): ShellNode {
  const word: ShellWord = { source: "time", at, pieces: [{ kind: "text", text: "time" }] };
  return { kind: "simple", words: [word], assignments: [], redirects: [], at };
}

/**
 * Finds a word with a substitution that the parser did not see, or took for a word of its own.
 *
 * @param command The parser's command.
 * @returns The word; undefined when all are read well.
 */
export function misreadWord({ name, suffix }: Command): Word | undefined {
  let end = -1;
  for (const part of name === undefined ? suffix : [name, ...suffix]) {
    if (part.type !== "Word") {
      end = -1;
      continue;
    }
    if (part.pos === end) return part;
    if (isMisread(part)) return part;
    end = part.end;
  }
  return undefined;
}

/**
 * What a coprocess is beside its commands.
 *
 * @param node The parser's node.
 * @returns The variable that gets its descriptors, and that others feed it.
 */
export function coprocess({ name }: Coproc): { readonly variable: string; readonly isFed: true } {
  return { variable: name?.value ?? "COPROC", isFed: true };
}

/**
 * Tells whether a word that the parser took for plain text has signs that bash would act on.
 *
 * @param word The parser's word.
 * @returns True when it has.
 */
export function isMisread({ parts, text }: Word): boolean {
  if (parts !== undefined) return false;
  return /(?:^|[^\\])(?:[()<>|&;`]|\{.*(?:,|\.\.).*\})/s.test(text);
}

/**
 * Tells whether a subscript has signs that end a word.
 *
 * @param word The subscript.
 * @returns True when it has.
 */
export function isOddSubscript(word: ShellWord): boolean {
  return word.pieces.some((piece) => piece.kind === "text" && /[;|&<>()]/.test(piece.text));
}
