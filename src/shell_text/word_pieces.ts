/**
 * The pieces of a word, from the parser's parts: the other half of `shell_parser.ts`.
 *
 * @module
 */

import { forEachChild } from "unbash";
import type { ArithmeticExpression, ParsedScript, SyntaxNode, Word, WordPart } from "unbash";
import { evaluatedNames, evaluatedText, namesIn } from "./evaluated_names.ts";
import { expandsQuoted, hidesCode } from "./hidden_code.ts";
import type { ShellNode, ShellWord, Span, WordPiece } from "./shell_tree.ts";

/** What the tree's reader lends to its words. */
export interface PieceReader {
  /** True when neither bash nor zsh will read the text. */
  readonly isPlain: boolean;
  /** Reads a nested word. */
  word(word: Word): ShellWord;
  /** Reads a substitution's script. */
  readNested(script: ParsedScript | undefined, at: Span): ShellNode[];
  /** The words below any other node. */
  inner(node: SyntaxNode | undefined): ShellWord[];
  /** Where a node stands. */
  span(node: { readonly pos: number; readonly end: number }): Span;
  /** Refuses what other shells read differently; `isShared`: zsh reads it like bash. */
  differs(node: { readonly pos: number; readonly end: number }, isShared: boolean): void;
  /** Refuses what the parser and bash read differently. */
  refuse(node: { readonly pos: number; readonly end: number }): never;
}

/**
 * Reads the pieces of a word, a heredoc's body, or a substitution that stands alone.
 *
 * @param node The parser's node.
 * @param reader The tree's reader.
 * @returns The pieces; none for a node that is not text.
 */
export function readPieces(node: SyntaxNode, reader: PieceReader): WordPiece[] {
  if (node.type === "ArithmeticCommandExpansion") {
    const body = reader.readNested(node.script, reader.span(node));
    return [{ kind: "command", body, quoted: true }];
  }
  if (node.type === "CommandExpansion" || node.type === "ProcessSubstitution") {
    return [readPart(node, false, reader)].flat();
  }
  if (node.type === "HereDocBody") {
    if (expandsQuoted(node)) reader.refuse(node);
    return (node.parts ?? []).flatMap((part) => readPart(part, true, reader));
  }
  if (node.type !== "Word") return [];
  if (node.parts === undefined) return readPlain(node.value, node.text);
  return node.parts.flatMap((part, index) => {
    const pieces = readPart(part, false, reader);
    const isHome = index === 0 && part.type === "Literal" && part.text.startsWith("~");
    return isHome ? readPlain(part.value, part.text) : pieces;
  });
}

/**
 * The words below any node but a word: arithmetic, tests, operations on parameters.
 *
 * @param node The parser's node.
 * @param reader The tree's reader.
 * @returns Its words; each substitution is one, and each variable that arithmetic sets.
 */
export function innerWords(node: SyntaxNode, reader: PieceReader): ShellWord[] {
  if (node.type === "Word") return [reader.word(node)];
  if (hidesCode(node)) reader.refuse(node);
  const at = reader.span(node);
  const own = readPieces(node, reader);
  const evaluated = evaluatedNames(node);
  const isEvaluated = (words: readonly ShellWord[]) =>
    evaluated === undefined ? [] : [evaluatedWord({ names: evaluated, words, at }, node)];
  if (own.length > 0) {
    const word = { source: "", at, pieces: own };
    return [...isEvaluated([word]), word];
  }
  const set = arithmeticTarget(node);
  const pieces = set === undefined
    ? []
    : [{ ...variable(set, true, false), sets: "itself" as const }];
  const children: SyntaxNode[] = [];
  forEachChild(node, (child) => children.push(child));
  const inner = children.flatMap((child) => reader.inner(child));
  const words = [...isEvaluated(inner), ...inner];
  return set === undefined ? words : [{ source: set, at, pieces }, ...words];
}

/** A word that only says what is evaluated. */
function evaluatedWord(
  { names, words, at }: {
    readonly names: readonly string[];
    readonly words: readonly ShellWord[];
    readonly at: Span;
  },
  node: SyntaxNode,
): ShellWord {
  return { source: evaluatedText(node), at, pieces: [{ kind: "evaluated", names, words }] };
}

/** The variable that arithmetic gives a value. */
function arithmeticTarget(node: SyntaxNode): string | undefined {
  let target: ArithmeticExpression | undefined;
  if (node.type === "ArithmeticBinary" && /^(?:[-+*/%&^|]|<<|>>)?=$/.test(node.operator)) {
    target = node.left;
  } else if (node.type === "ArithmeticUnary" && /^(?:\+\+|--)$/.test(node.operator)) {
    target = node.operand;
  }
  while (target?.type === "ArithmeticGroup") target = target.expression;
  if (target?.type !== "ArithmeticWord") return undefined;
  return /^[A-Za-z_]\w*/.exec(target.value)?.[0];
}

function readPlain(value: string, text: string): WordPiece[] {
  const home = /^~[^/]*/.exec(text)?.[0];
  if (home === undefined) return [{ kind: "text", text: value }];
  return [{ kind: "home", text: home }, { kind: "text", text: value.slice(home.length) }];
}

function readPart(part: WordPart, quoted: boolean, reader: PieceReader): WordPiece[] {
  switch (part.type) {
    case "Literal":
    case "SingleQuoted":
      return [{ kind: "text", text: part.value }];
    case "AnsiCQuoted":
      // Elsewhere it is a dollar sign in front of quotes, which end earlier if one is escaped.
      if (reader.isPlain && !part.text.includes("\\'")) {
        return [{ kind: "text", text: `$${part.text.slice(2, -1)}` }];
      }
      reader.differs(part, true);
      // Bash keeps a continued line here and reads `\x{72}`; the parser does neither.
      if (/\\(?:\n|x\{)/.test(part.text)) reader.refuse(part);
      return [{ kind: "text", text: part.value }];
    case "LocaleString":
    case "DoubleQuoted":
      return part.parts.flatMap((child) => readPart(child, true, reader));
    case "CommandExpansion":
      // Before 5.3 bash reads `${ a; }` to the next brace and goes on behind it.
      if (part.text.startsWith("${") && !/^\$\{[^}#]*\}$/.test(part.text)) reader.refuse(part);
      return [{ kind: "command", body: reader.readNested(part.script, reader.span(part)), quoted }];
    case "ProcessSubstitution": {
      const body = reader.readNested(part.script, reader.span(part));
      return [{ kind: "process", body, input: part.operator === "<" }];
    }
    case "ArithmeticExpansion":
      return [{ kind: "number", inner: reader.inner(part.expression) }];
    case "SimpleExpansion":
      return [variable(part.text.slice(1), quoted, true)];
    case "ParameterExpansion":
      return [readParameter(part, quoted, reader)];
    case "Glob":
    case "ExtendedGlob":
    case "BraceExpansion":
      return [readPattern(part, reader)];
  }
}

function readPattern(
  part: Extract<WordPart, { type: "Glob" | "ExtendedGlob" | "BraceExpansion" }>,
  reader: PieceReader,
): WordPiece {
  // In zsh parentheses behind a pattern may hold code that is run for every file.
  if (part.type === "ExtendedGlob") reader.differs(part, false);
  const pieces = (part.parts ?? []).flatMap((child) => readPart(child, false, reader));
  const inner = pieces.length === 0 ? [] : [{ source: "", at: reader.span(part), pieces }];
  return { kind: "pattern", text: part.text, inner };
}

function readParameter(
  part: Extract<WordPart, { type: "ParameterExpansion" }>,
  quoted: boolean,
  reader: PieceReader,
): WordPiece {
  if (part.index !== undefined && hidesCode(part)) reader.refuse(part);
  const inner = part.index === undefined ? [] : subscriptWord(part.index, reader);
  inner.push(...reader.inner(part.operation));
  const { operation } = part;
  if (part.prefix === "!") inner.unshift(indirectWord(part, reader));
  // What the parser does not know may still expand something.
  const isUnknown = operation?.type === "Unknown" && !/^~~?$/.test(operation.operator);
  if (isUnknown || part.text.includes("\\\n")) reader.refuse(part);
  // zsh assigns there; in bash it is an error.
  if (operation?.type === "Slice" && /^\s*=/.test(operation.length?.text ?? "")) {
    reader.refuse(part);
  }
  const isPlain = operation === undefined && part.index === undefined && part.prefix === undefined;
  const name = `${part.parameter}${part.index === undefined ? "" : `[${part.index.text}]`}`;
  const reads = operation?.type === "Transform" && operation.operand.text === "P";
  const sets = operation?.type === "Default" && /^:?=$/.test(operation.operator);
  const gives = givenWords(operation, inner);
  return {
    ...variable(name, quoted, isPlain),
    inner,
    reads,
    ...(sets ? { sets: part.prefix === "!" ? "named" : "itself" } as const : {}),
    ...(part.prefix === "#" ? { isLength: true } : {}),
    ...(gives.length === 0 ? {} : { gives }),
  };
}

/** What an operation puts into the value: a default, or what replaces a part. */
function givenWords(
  operation: Extract<WordPart, { type: "ParameterExpansion" }>["operation"],
  inner: readonly ShellWord[],
): readonly ShellWord[] {
  if (operation?.type !== "Default" && operation?.type !== "Replace") return [];
  return inner.slice(-1);
}

/**
 * The words of a subscript: it is arithmetic, unless it stands for all elements.
 *
 * @param index The parser's word.
 * @param reader The tree's reader.
 * @returns Its words.
 */
export function subscriptWord(index: Word, reader: PieceReader): ShellWord[] {
  const word = reader.word(index);
  if (/^[@*\d]*$/.test(index.text)) return [word];
  const names = namesIn(index.text);
  return [evaluatedWord({ names, words: [word], at: word.at }, index), word];
}

/**
 * The words of an array's elements, which may carry their subscripts.
 *
 * @param elements The parser's words.
 * @param reader The tree's reader.
 * @returns Their words.
 */
export function elementWords(elements: readonly Word[], reader: PieceReader): ShellWord[] {
  const words = elements.map((element) => reader.word(element));
  const subscripts = elements.map(({ text }) => /^\[([^\]]*)\]\+?=/.exec(text)?.[1] ?? "");
  const names = [...new Set(subscripts.flatMap(namesIn))];
  const [first] = elements;
  if (first === undefined || names.length === 0) return words;
  return [evaluatedWord({ names, words: [], at: reader.span(first) }, first), ...words];
}

/** `${!x}` reads the value of `x` as a name, with what stands in its subscript. */
function indirectWord(
  part: Extract<WordPart, { type: "ParameterExpansion" }>,
  reader: PieceReader,
): ShellWord {
  // `${!x[@]}` and `${!x@}` give the subscripts and the names.
  const isList = part.operation?.type === "Names" || /^[@*]$/.test(part.index?.text ?? "");
  const names = isList ? [] : namesIn(part.parameter);
  return evaluatedWord({ names, words: [], at: reader.span(part) }, part);
}

function variable(
  name: string,
  quoted: boolean,
  plain: boolean,
): Extract<WordPiece, { kind: "variable" }> {
  return { kind: "variable", name, quoted, inner: [], plain, reads: false };
}
