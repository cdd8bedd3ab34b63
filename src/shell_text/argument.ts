/**
 * Arguments of a program as far as they are known before it runs.
 *
 * @module
 */

import {
  maySplit,
  type ShellNode,
  type ShellWord,
  type Span,
  UNKNOWN_PIECE,
  wordShape,
  wordValue,
} from "./shell_tree.ts";

/** One argument, or several that stand in one word. */
export interface Argument {
  /** Its value, when it is certain. */
  readonly value?: string;
  /** Its value with `\0` for what is not known; see `wordShape`. */
  readonly shape: string;
  /** True when it may become several arguments, or none. */
  readonly many: boolean;
  /** True when it cannot be an option: a file's path that a program was given to work on. */
  readonly isPath?: true;
  /** Its source. */
  readonly source: string;
  /** Where it stands in the whole command. */
  readonly at: Span;
  /** The bodies of its substitutions, for what they print and whether they fetch. */
  readonly word?: ShellWord;
}

/** What `"$@"`, `$1` and `$0` are, where a text is given its arguments. */
export type Positionals = readonly Argument[];

/**
 * Makes arguments of a word.
 *
 * @param word The word.
 * @param at Where it stands in the whole command.
 * @param positionals What the positional parameters are, if known; the first is `$0`.
 * @returns One argument, or those that `"$@"` stands for.
 */
export function toArguments(
  word: ShellWord,
  at: Span,
  positionals: Positionals | undefined,
): readonly Argument[] {
  const [only] = word.pieces;
  if (positionals !== undefined && word.pieces.length === 1 && only?.kind === "variable") {
    if (only.name === "@" || only.name === "*") return positionals.slice(1);
    const known = only.plain ? positionals[Number(only.name)] : undefined;
    if (known !== undefined) return [{ ...known, source: word.source }];
  }
  const value = wordValue(word);
  const base = { shape: wordShape(word), many: maySplit(word), source: word.source, at, word };
  return [value === undefined ? base : { ...base, value }];
}

/**
 * Makes an argument whose value is known.
 *
 * @param value The value.
 * @param like The argument that it comes from.
 * @returns The argument.
 */
export function knownArgument(value: string, like: Argument): Argument {
  return { value, shape: value, many: false, source: like.source, at: like.at };
}

/**
 * Makes an argument of which nothing is known.
 *
 * @param like The argument that it stands for or comes from.
 * @param kind Whether it may be many, and whether it is a path.
 * @returns The argument.
 */
export function unknownArgument(
  like: Argument,
  kind: { readonly many: boolean; readonly isPath?: true },
): Argument {
  return { shape: UNKNOWN_PIECE, source: like.source, at: like.at, ...kind };
}

/**
 * Tells whether an argument stands for any number of arguments that come from elsewhere, such as
 * `"$@"` or what `xargs` appends: the first of them may be an option. An unquoted `$file` is taken
 * for one file.
 *
 * @param argument The argument.
 * @returns True when it does.
 */
export function isArgumentList({ many, shape, word }: Argument): boolean {
  if (!many || !shape.startsWith(UNKNOWN_PIECE)) return false;
  const first = word?.pieces[0];
  return word === undefined || (first?.kind === "variable" && /^[@*]$|\[[@*]\]/.test(first.name));
}

/**
 * An argument as a word.
 *
 * @param argument The argument.
 * @returns The word; none when nothing of it is known.
 */
export function wordOf({ value, word, source, at }: Argument): readonly ShellWord[] {
  // A tail's word starts where the tail does; a value that came from elsewhere has none.
  if (value !== undefined) return [{ source, at, pieces: [{ kind: "text", text: value }] }];
  return word === undefined ? [] : [word];
}

/**
 * What is left of an argument without its first characters, such as an option's name.
 *
 * @param argument The argument; its shape must start with known text of that length.
 * @param length How many characters go.
 * @returns The rest.
 */
export function argumentTail(argument: Argument, length: number): Argument {
  const { value, shape, word, ...rest } = argument;
  const tail = { ...rest, shape: shape.slice(length) };
  if (value !== undefined) return { ...tail, value: value.slice(length) };
  return word === undefined ? tail : { ...tail, word: dropStart(word, length) };
}

function dropStart(word: ShellWord, length: number): ShellWord {
  let left = length;
  const pieces = word.pieces.flatMap((piece) => {
    if (piece.kind !== "text" || left === 0) return [piece];
    const text = piece.text.slice(left);
    left = Math.max(0, left - piece.text.length);
    return text === "" ? [] : [{ kind: "text" as const, text }];
  });
  return { ...word, pieces };
}

/** Text that is code, with what is not known of it. */
export interface CodeText {
  /** The text; a variable stands for each part that is not known. */
  readonly text: string;
  /** True when the whole text is known. */
  readonly isWhole: boolean;
}

/** Stands in code for what is not known; no program has this name. */
export const UNKNOWN_CODE = "${EXECKIT_UNKNOWN}";

/**
 * An argument as the code that a shell would be given.
 *
 * @param argument The argument.
 * @param positionals What the positional parameters are, if known.
 * @returns The code.
 */
export function codeOf(argument: Argument, positionals?: Positionals): CodeText {
  if (argument.value !== undefined) return { text: argument.value, isWhole: true };
  if (argument.word === undefined) return { text: UNKNOWN_CODE, isWhole: false };
  let isWhole = true;
  const text = argument.word.pieces.map((piece) => {
    if (piece.kind === "text" || piece.kind === "home") return piece.text;
    if (piece.kind === "command") {
      const output = printedText(piece.body);
      if (output !== undefined) return output.replace(/\n+$/, "");
    }
    if (piece.kind === "variable" && piece.plain) {
      const value = positionals?.[Number(piece.name)]?.value;
      if (value !== undefined) return value;
    }
    isWhole = false;
    return UNKNOWN_CODE;
  }).join("");
  return { text, isWhole };
}

/**
 * What commands print, when that is certain without running them.
 *
 * @param nodes The commands.
 * @returns The text; undefined when it is not certain.
 */
export function printedText(nodes: readonly ShellNode[]): string | undefined {
  const [node] = nodes;
  if (nodes.length !== 1 || node === undefined) return undefined;
  if (node.kind === "group") {
    return node.redirects.length === 0 ? printedText(node.body) : undefined;
  }
  if (node.kind === "pipeline") return printedByPipeline(node.stages);
  if (node.kind !== "simple" || node.assignments.length > 0) return undefined;
  const words = node.words.map(wordValue);
  const [name, ...rest] = words;
  const known = rest.filter((word) => word !== undefined);
  if (known.length < rest.length) return undefined;
  if (name === "cat" && known.length === 0) {
    const [feed, ...more] = node.redirects;
    const isText = feed?.mode === "text" && more.length === 0 && feed.target !== undefined;
    return isText && feed.target !== undefined ? wordValue(feed.target) : undefined;
  }
  if (node.redirects.length > 0) return undefined;
  if (name === "echo") return printedByEcho(known);
  if (name === "printf") return printedByPrintf(known);
  return undefined;
}

/** Programs that print what they are given. */
const PASSES_ON: ReadonlySet<string> = new Set(["cat", "tee"]);

function printedByPipeline(stages: readonly ShellNode[]): string | undefined {
  const [first, ...rest] = stages;
  return first !== undefined && passOn(rest) ? printedText([first]) : undefined;
}

/**
 * Tells whether commands print what they are given.
 *
 * @param stages The commands, each given what the one before it prints.
 * @returns True when all certainly do.
 */
export function passOn(stages: readonly ShellNode[]): boolean {
  return stages.every((stage) => {
    if (stage.kind !== "simple" || stage.redirects.length > 0) return false;
    const [name, ...rest] = stage.words.map(wordValue);
    if (name === undefined || !PASSES_ON.has(name)) return false;
    return name === "tee" || rest.every((word) => word === "-" || word === "/dev/stdin");
  });
}

function printedByEcho(words: readonly string[]): string | undefined {
  let at = 0;
  while (/^-[neE]+$/.test(words[at] ?? "")) at++;
  const options = words.slice(0, at).join("");
  const text = words.slice(at).join(" ");
  // Shells differ in whether a plain echo reads backslashes.
  if (text.includes("\\")) return undefined;
  return options.includes("n") ? text : `${text}\n`;
}

const PRINTF_ESCAPES: { readonly [escape: string]: string } = {
  "\\n": "\n",
  "\\t": "\t",
  "\\\\": "\\",
  "%%": "%",
};

function printedByPrintf(words: readonly string[]): string | undefined {
  const [format, ...values] = words[0] === "--" ? words.slice(1) : words;
  if (format === undefined || format.startsWith("-")) return undefined;
  const places = format.match(/%s/g)?.length ?? 0;
  if (places === 0 && values.length > 0) return undefined;
  if (places > 0 && values.length % places !== 0) return undefined;
  let isKnown = true;
  const rounds = places === 0 ? 1 : values.length / places;
  let text = "";
  for (let round = 0, next = 0; round < rounds; round++) {
    text += format.replace(/\\.|%./gs, (escape) => {
      if (escape === "%s") return values[next++] ?? "";
      const plain = PRINTF_ESCAPES[escape];
      if (plain === undefined) isKnown = false;
      return plain ?? "";
    });
  }
  return isKnown ? text : undefined;
}
