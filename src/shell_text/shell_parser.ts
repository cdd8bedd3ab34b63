/**
 * Shell text to tree: the one module that knows the parser behind it.
 *
 * The parser is tolerant and lazy: every nested script has errors of its own and is read when it
 * is first looked at. Here any error anywhere, and any cap, makes the whole text unreadable.
 *
 * @module
 */

import { parse } from "unbash";
import type {
  Assignment,
  Command,
  CompoundCommand,
  CompoundList,
  HereDoc,
  ParsedScript,
  Redirection,
  Statement,
  SyntaxNode,
  Word,
} from "unbash";
import { isParsable } from "./source_limits.ts";
import type {
  GroupNode,
  ShellAssignment,
  ShellNode,
  ShellRedirect,
  ShellWord,
  Span,
} from "./shell_tree.ts";
import {
  coprocess,
  isMisread,
  isOddSubscript,
  misreadWord,
  type ParseProblem,
  REDIRECT_MODES,
  timeCommand,
  UNKNOWN_VALUE,
  Unreadable,
} from "./parser_parts.ts";
import {
  elementWords,
  innerWords,
  type PieceReader,
  readPieces,
  subscriptWord,
} from "./word_pieces.ts";

/** A text's tree, or why there is none. */
export type ParsedShell =
  | { readonly nodes: readonly ShellNode[] }
  | { readonly problem: ParseProblem; readonly at: Span };

/** How a shell reads what the others read differently. */
export type ShellDialect = "bash" | "zsh" | "other";

/** Nested substitutions and compounds at most. */
const MAX_DEPTH = 60;
/** Nodes at most. */
const MAX_NODES = 20_000;
/** Characters of nested scripts at most, beside the text itself: each level is read again. */
const MAX_NESTED_CHARS = 131_072;

/**
 * Reads a shell text. It never throws, and its cost is bounded.
 *
 * @param text The text.
 * @param dialect The shell that will read it.
 * @returns The tree, or the problem and where it is.
 */
export function parseShell(text: string, dialect: ShellDialect): ParsedShell {
  const whole = { start: 0, end: text.length };
  if (text.includes("\0")) return { problem: "syntax", at: whole };
  if (!isParsable(text)) return { problem: "limit", at: whole };
  try {
    return { nodes: new TreeReader(dialect).readScript(parse(text)) };
  } catch (cause) {
    if (cause instanceof Unreadable) return { problem: cause.problem, at: cause.span };
    // Whatever the parser throws, a deep recursion included: the text was not read.
    return { problem: "limit", at: whole };
  }
}

/** Turns the parser's tree into ours. */
class TreeReader implements PieceReader {
  readonly #dialect: ShellDialect;
  #depth = 0;
  #nodes = 0;
  #nestedChars = 0;
  /** Where an outer script stands whose inner positions count in a text of their own. */
  #outer: Span | undefined;

  /** @param dialect The shell that will read the text. */
  constructor(dialect: ShellDialect) {
    this.#dialect = dialect;
  }

  /**
   * Reads a script and everything below it.
   *
   * @param script The parser's script.
   * @returns Its commands.
   */
  readScript(script: ParsedScript): ShellNode[] {
    const error = script.errors?.[0];
    if (error !== undefined) throw new Unreadable("syntax", this.span(error));
    return this.#statements(script.commands);
  }

  /**
   * Reads the script of a substitution.
   *
   * @param script The script; undefined when the parser gave none.
   * @param at Where the substitution stands.
   * @returns Its commands.
   */
  readNested(script: ParsedScript | undefined, at: Span): ShellNode[] {
    if (script === undefined) throw new Unreadable("syntax", at);
    this.#nestedChars += script.end - script.pos;
    if (this.#nestedChars > MAX_NESTED_CHARS) throw new Unreadable("limit", at);
    const outer = this.#outer;
    if (script.source !== undefined) this.#outer ??= at;
    const nodes = this.deeper(at, () => this.readScript(script));
    this.#outer = outer;
    return nodes;
  }

  /**
   * Runs a step one level down.
   *
   * @param at Where the level starts.
   * @param step The step.
   * @returns What the step gives.
   */
  deeper<T>(at: Span, step: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new Unreadable("limit", at);
    const result = step();
    this.#depth--;
    return result;
  }

  /**
   * Where a node of the parser stands in the text.
   *
   * @param node The node.
   * @returns The span.
   */
  span(node: { readonly pos: number; readonly end?: number }): Span {
    return this.#outer ?? { start: node.pos, end: node.end ?? node.pos + 1 };
  }

  /**
   * Refuses what shells read differently, unless the shell is bash.
   *
   * @param node The node.
   * @param isShared True when zsh reads it as bash does.
   */
  differs(node: { readonly pos: number; readonly end: number }, isShared: boolean): void {
    if (this.#dialect === "bash" || (isShared && this.#dialect === "zsh")) return;
    throw new Unreadable("dialect", this.span(node));
  }

  /** True when the text will be read by a shell that is neither bash nor zsh. */
  get isPlain(): boolean {
    return this.#dialect === "other";
  }

  /**
   * Refuses what not even the parser and bash read alike.
   *
   * @param node The node.
   */
  refuse(node: { readonly pos: number; readonly end: number }): never {
    throw new Unreadable("dialect", this.span(node));
  }

  /**
   * Reads a word.
   *
   * @param word The parser's word.
   * @returns Ours.
   */
  word(word: Word): ShellWord {
    if (++this.#nodes > MAX_NODES) throw new Unreadable("limit", this.span(word));
    // Bash joins the lines first and sees a variable.
    if (word.text.includes("$\\\n")) this.refuse(word);
    return { source: word.text, at: this.span(word), pieces: readPieces(word, this) };
  }

  #statements(statements: readonly Statement[]): ShellNode[] {
    return statements.map((statement) => {
      const node = this.#node(statement.command);
      if (statement.background !== true) return node;
      return { kind: "group", words: [], body: [node], redirects: [], uncertain: true };
    });
  }

  #list(list: CompoundList): ShellNode[] {
    return this.deeper(this.span(list), () => this.#statements(list.commands));
  }

  #node(node: Statement["command"]): ShellNode {
    if (++this.#nodes > MAX_NODES) throw new Unreadable("limit", this.span(node));
    switch (node.type) {
      case "Command":
        return this.#command(node);
      case "AndOr":
        return {
          ...this.#group(node.commands.map((command) => this.#node(command))),
          ...(node.operators.every((operator) => operator === "&&") ? { isChain: true } : {}),
        };
      case "Pipeline": {
        const [first, ...more] = node.commands;
        for (const prefix of node.prefixes) {
          // Without a blank bash takes `!(` for the start of a word.
          const isGlued = prefix.type === "Negation" && first?.pos === prefix.end;
          if (isGlued) this.refuse(prefix);
        }
        const stages = node.commands.map((command) => this.#node(command));
        const inner: ShellNode = more.length === 0 && stages[0] !== undefined
          ? stages[0]
          : { kind: "pipeline", stages };
        const time = node.prefixes.find(({ type }) => type === "Time");
        if (time === undefined || this.#dialect === "bash") return inner;
        // Shells without the reserved word, or with another idea of its place, run the program.
        return this.#group([timeCommand(this.span(time)), inner]);
      }
      case "Function": {
        const name = node.name.value;
        const body = this.deeper(this.span(node), () => this.#body(node.body));
        return { kind: "function", name, body, at: this.span(node) };
      }
      case "Coproc":
        // Bash writes a substitution anew before it runs it, and gives this one a name in front.
        if (this.#nestedChars > 0 && node.body.type === "Command") this.refuse(node);
        return { ...this.#group([this.#body(node.body)]), ...coprocess(node) };
      case "Redirected":
        return {
          ...this.#compound(node.command),
          redirects: node.redirects.map((redirect) => this.#redirect(redirect)),
        };
      default:
        return this.#compound(node);
    }
  }

  #body(node: Statement["command"] | CompoundList): ShellNode {
    return node.type === "CompoundList" ? this.#group(this.#list(node)) : this.#node(node);
  }

  #group(body: ShellNode[], words: ShellWord[] = []): GroupNode {
    return { kind: "group", words, body, redirects: [], uncertain: true };
  }

  #compound(node: CompoundCommand): GroupNode {
    switch (node.type) {
      case "BraceGroup":
        return { ...this.#group(this.#list(node.body)), uncertain: false };
      case "Subshell":
        return this.#group(this.#list(node.body));
      case "If": {
        const parts = [node.clause, node.then];
        for (const branch of node.elif) parts.push(branch.clause, branch.then);
        if (node.else !== undefined) parts.push(node.else);
        return this.#group(parts.flatMap((part) => this.#list(part)));
      }
      case "While":
        return this.#group([...this.#list(node.clause), ...this.#list(node.body)]);
      case "For":
      case "Select": {
        const misread = node.wordlist?.find(isMisread);
        if (misread !== undefined) this.refuse(misread);
        const words = (node.wordlist ?? []).map((word) => this.word(word));
        return { ...this.#group(this.#list(node.body), words), variable: node.name.value };
      }
      case "Case": {
        const words = [node.word, ...node.items.flatMap((item) => item.pattern)];
        const body = node.items.flatMap((item) => this.#list(item.body));
        return this.#group(body, words.map((word) => this.word(word)));
      }
      case "ArithmeticFor": {
        this.differs(node, true);
        const heads = [node.initialize, node.test, node.update];
        return this.#group(this.#list(node.body), heads.flatMap((head) => this.inner(head)));
      }
      case "ArithmeticCommand":
      case "TestCommand":
        this.differs(node, true);
        return this.#group([], this.inner(node.expression));
    }
  }

  /**
   * The words below a node of any other sort: arithmetic, tests, operations on parameters.
   *
   * @param node The node.
   * @returns Its words; each substitution is one.
   */
  inner(node: SyntaxNode | undefined): ShellWord[] {
    return node === undefined ? [] : this.deeper(this.span(node), () => innerWords(node, this));
  }

  #command(node: Command): ShellNode {
    const words: ShellWord[] = [];
    const assignments: ShellAssignment[] = [];
    const redirects: ShellRedirect[] = [];
    if (node.name !== undefined) words.push(this.word(node.name));
    const misread = misreadWord(node);
    if (misread !== undefined) this.refuse(misread);
    // In `a=<(b) c` the parser takes the value for the program's name.
    if (node.prefix.some(({ type, end }) => type === "Assignment" && end === node.name?.pos)) {
      this.refuse(node);
    }
    for (const part of node.prefix) {
      if (part.type === "Assignment") assignments.push(this.#assignment(part));
      else redirects.push(this.#redirect(part));
    }
    for (const part of node.suffix) {
      if (part.type === "Word") words.push(this.word(part));
      else if (part.type !== "Assignment") redirects.push(this.#redirect(part));
      else {
        const assignment = this.#assignment(part);
        assignments.push(assignment);
        words.push(this.#argument(part, assignment));
      }
    }
    return { kind: "simple", words, assignments, redirects, at: this.span(node) };
  }

  /** `A=1` behind the program's name is an argument as well. */
  #argument(node: Assignment, { value, at }: ShellAssignment): ShellWord {
    const head = node.text.slice(0, node.value.pos - node.pos);
    const pieces = [{ kind: "text" as const, text: head }, ...(value?.pieces ?? [UNKNOWN_VALUE])];
    return { source: node.text, at, pieces };
  }

  #assignment(node: Assignment): ShellAssignment {
    const words: ShellWord[] = [];
    if (node.index !== undefined) words.push(...subscriptWord(node.index, this));
    // Where it cannot be a subscript, bash takes the whole for a program's name.
    if (words.some(isOddSubscript)) this.refuse(node);
    const base = { name: node.name, source: node.text, at: this.span(node) };
    if (node.value.type === "ArrayValue") {
      this.differs(node, true);
      const misread = node.value.elements.find(isMisread);
      if (misread !== undefined) this.refuse(misread);
      words.push(...elementWords(node.value.elements, this));
      return { ...base, words };
    }
    if (isMisread(node.value)) this.refuse(node);
    const value = this.word(node.value);
    return { ...base, value, words: [...words, value] };
  }

  #redirect(node: Redirection): ShellRedirect {
    const { descriptor } = node;
    const number = descriptor?.type === "FileDescriptor" ? descriptor.value : undefined;
    const feedsInput = descriptor === undefined ? node.operator.startsWith("<") : number === 0;
    const at = this.span(node);
    const set = descriptor?.type === "FileDescriptorVariable" ? { variable: descriptor.name } : {};
    if (node.type === "HereDoc") return this.#hereDoc(node, { feedsInput, at, ...set });
    if (node.target === undefined) throw new Unreadable("syntax", at);
    // Behind `<&-` bash starts a new word.
    const isGlued = node.operator.endsWith("&") && /^-./.test(node.target.text);
    if (isGlued || isMisread(node.target)) this.refuse(node.target);
    const target = this.word(node.target);
    const source = `${node.operator}${node.target.text}`;
    if (node.type === "HereString") {
      this.differs(node, true);
      return { mode: "text", feedsInput, target, source, at, ...set };
    }
    if (node.operator === "&>" || node.operator === "&>>") this.differs(node, true);
    const isCopy = /&$/.test(node.operator) && /^(\d+-?|-)$/.test(target.source);
    const mode = isCopy ? "descriptor" : REDIRECT_MODES[node.operator] ?? "both";
    return { mode, feedsInput, target, source, at, ...set };
  }

  #hereDoc(
    node: HereDoc,
    base: Pick<ShellRedirect, "feedsInput" | "at" | "variable">,
  ): ShellRedirect {
    const { body, delimiter } = node;
    if (node.closing === undefined && delimiter === undefined) this.refuse(node);
    const indent = node.operator === "<<-" ? /^\t+/gm : "";
    const strip = (text: string) => text.replace(indent, "");
    const read = delimiter?.quoted === true ? [] : readPieces(body, this);
    const isPlain = delimiter?.quoted === true || body.parts === undefined;
    const text = delimiter?.quoted === true
      ? body.text
      : body.text.replace(/\\([$`\\]|\n)/g, (_, char) => char === "\n" ? "" : char);
    const pieces = isPlain
      ? [{ kind: "text" as const, text: strip(text) }]
      : read.map((piece) => piece.kind === "text" ? { ...piece, text: strip(piece.text) } : piece);
    const target = { source: delimiter?.text ?? "", at: base.at, pieces };
    return { mode: "text", target, source: `${node.operator}${target.source}`, ...base };
  }
}
