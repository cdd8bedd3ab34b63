/**
 * Walks through a shell text's tree in the order in which it would run, and reports what is written
 * and read, and each simple command.
 *
 * @module
 */

import { type Argument, codeOf, passOn, printedText, toArguments } from "./argument.ts";
import type { Scope } from "./finder_door.ts";
import { namesIn } from "./evaluated_names.ts";
import { type FinderState, isDisguised, MAX_SUBJECTS } from "./finder_state.ts";
import { isFetched, openStream, programsIn, redirectInput, unknownInput } from "./input_flow.ts";
import { programBaseName } from "./program_spec.ts";
import { parseShell, type ShellDialect } from "./shell_parser.ts";
import {
  type FunctionNode,
  innerParts,
  type PipelineNode,
  type ShellNode,
  type ShellRedirect,
  type ShellWord,
  type SimpleCommand,
  type WordPiece,
} from "./shell_tree.ts";
import type { Input } from "./subjects.ts";
import { sourcesOfOutput } from "./value_sources.ts";

/** How a command is run. */
export interface RunHow {
  /** Where it stands. */
  readonly scope: Scope;
  /** Its standard input. */
  readonly input: Input;
  /** The variables that are set for it. */
  readonly variables: readonly string[];
  /** True when the shell itself runs it, so that functions and aliases count. */
  readonly isDirect: boolean;
}

/** Walks through texts; what a command does is its heir's to say. */
export abstract class TextWalker {
  /** What is known so far. */
  protected readonly state: FinderState;

  /** @param state What is known so far. */
  constructor(state: FinderState) {
    this.state = state;
  }

  /** A simple command: the program and its arguments. */
  protected abstract run(args: readonly Argument[], how: RunHow): void;

  /** A variable that the shell itself sets; no value when it is not known. */
  protected abstract setVariable(
    name: string,
    value: Argument | undefined,
    scope: Scope,
    source?: string,
  ): void;

  /** Reads a text. */
  readText(text: string, scope: Scope): void {
    const whole = scope.origin ?? { start: 0, end: text.length };
    if (!this.state.spend(text.length)) return this.state.stop("limit", whole);
    const parsed = parseShell(text, dialectOf(scope.shell));
    if ("problem" in parsed) return this.state.stop(parsed.problem, scope.origin ?? parsed.at);
    this.state.apart(() => this.#readNodes(parsed.nodes, scope));
  }

  #readNodes(nodes: readonly ShellNode[], scope: Scope): void {
    for (const node of nodes) {
      const input = this.state.inputNow(scope.input);
      this.#readNode(node, input === scope.input ? scope : { ...scope, input });
    }
  }

  #readNode(node: ShellNode, scope: Scope): void {
    if (this.state.subjects.length > MAX_SUBJECTS) this.state.stop("limit", { start: 0, end: 0 });
    if (this.state.problem?.kind === "limit") return;
    if (node.kind === "simple") return this.#readSimple(node, scope);
    if (node.kind === "pipeline") return this.#readPipeline(node, scope);
    if (node.kind === "function") return this.#readFunction(node, scope);
    const inner: Scope = {
      ...scope,
      uncertain: scope.uncertain || node.uncertain,
      isChain: node.isChain === true,
    };
    if (node.variable !== undefined) this.#setEach(node.variable, node.words, inner);
    this.#readWords(node.words, scope);
    const input = this.#readRedirects(node.redirects, inner, programsIn(node.body)[0]) ??
      (node.isFed === true ? unknownInput() : scope.input);
    const body = () => this.#readNodes(node.body, { ...inner, input });
    if (node.uncertain) this.state.apart(body);
    else body();
  }

  #readPipeline({ stages }: PipelineNode, scope: Scope): void {
    stages.forEach((stage, index) => {
      const before = stages.slice(0, index);
      const input = index === 0 ? scope.input : this.#pipeInput(before, scope);
      this.state.apart(() => this.#readNode(stage, { ...scope, uncertain: true, input }));
    });
  }

  #pipeInput(before: readonly ShellNode[], scope: Scope): Input {
    const text = printedText([
      before.length === 1 && before[0] !== undefined
        ? before[0]
        : { kind: "pipeline", stages: before },
    ]);
    if (text !== undefined) return { kind: "text", text, isWhole: true };
    if (scope.input.kind === "text" && passOn(before)) return scope.input;
    const [only] = before;
    const rough = before.length === 1 && only?.kind === "simple"
      ? this.#roughOutput(only, scope)
      : undefined;
    return rough ?? {
      kind: "pipe",
      from: programsIn(before),
      fetched: isFetched(before),
      nodes: [{ kind: "pipeline", stages: before }],
    };
  }

  /** What `echo "rm $x"` prints, as far as that is known. */
  #roughOutput({ words, redirects }: SimpleCommand, scope: Scope): Input | undefined {
    const [name, ...rest] = words.flatMap((word) => this.#toArguments(word, scope));
    const isPrinter = name?.value === "echo" || name?.value === "printf";
    if (!isPrinter || redirects.length > 0) return undefined;
    if (rest.some(({ word }) => word !== undefined && isFetched(innerParts(word).bodies.flat()))) {
      return undefined;
    }
    const text = rest.map((word) => codeOf(word, scope.positionals).text).join(" ");
    return { kind: "text", text, isWhole: false, words: words.slice(1) };
  }

  #readFunction(node: FunctionNode, scope: Scope): void {
    const at = scope.origin ?? node.at;
    if (isDisguised(node.name)) this.state.addDisguise(node.name, at, scope);
    const { positionals: _, ...outer } = scope;
    const cwd = this.state.cwd;
    this.state.open.set(node.name, 0);
    // Where it is called it may have this input, or another one.
    const input: Input = outer.input.kind === "text"
      ? { ...outer.input, isWhole: false }
      : unknownInput();
    this.#readNode(node.body, { ...outer, uncertain: true, input });
    this.state.open.delete(node.name);
    this.state.cwd = cwd;
    if (!scope.uncertain && !this.state.mayHaveEnded) this.state.functions.add(node.name);
    else this.state.functions.delete(node.name);
  }

  #readSimple(node: SimpleCommand, scope: Scope): void {
    const args = node.words.flatMap((word) => this.#toArguments(word, scope));
    const name = args[0]?.value;
    const printed = printedText([{
      ...node,
      redirects: node.redirects.filter(({ mode }) => mode === "text"),
    }]);
    const output: Input = printed === undefined
      ? {
        kind: "pipe",
        from: name === undefined ? [] : [name],
        fetched: isFetched([node]),
        nodes: [node],
      }
      : { kind: "text", text: printed, isWhole: true };
    this.#readWords(node.words, scope, output);
    for (const assignment of node.assignments) {
      // An argument in the form of an assignment has been read as a word.
      const isArgument = node.words.some(({ source }) => source === assignment.source);
      this.#readWords(
        isArgument
          ? assignment.words.filter((word) => word !== assignment.value)
          : assignment.words,
        scope,
      );
      const { name, value, words, source } = assignment;
      // Of an array the word does not show the elements.
      if (isArgument && value !== undefined) continue;
      const before = { ...scope, origin: scope.origin ?? assignment.at };
      const values = value === undefined ? words.map(withoutSubscript) : [value];
      this.#setEach(name, values, before, source);
    }
    const fed = this.#readRedirects(node.redirects, scope, name, { output, printed });
    if (fed !== undefined && name === "exec" && args.length === 1) this.#replaceInput(fed, scope);
    const input = fed ?? scope.input;
    const variables = node.assignments.map((assignment) => assignment.name);
    this.run(args, { scope, input, variables, isDirect: true });
  }

  /** `exec <file` is the shell's own input from there on, where it is reached. */
  #replaceInput(fed: Input, { input, uncertain }: Scope): void {
    // Where it may not be reached, what a text says counts beside what is not known.
    const mayBe = input.kind === "text" ? { ...input, isWhole: false } : unknownInput();
    const now = !uncertain || input.kind === "none" ? fed : mayBe;
    this.state.replaceInput(input, now);
    // A function does it for those who call it.
    if (this.state.open.size > 0) {
      this.state.replaceInput(this.state.inputNow(this.state.given), mayBe);
    }
  }

  /** A variable that gets one word or another; no word when its values are not known. */
  #setEach(name: string, words: readonly ShellWord[], scope: Scope, source?: string): void {
    const values = words.filter(({ pieces }) => pieces[0]?.kind !== "evaluated")
      .flatMap((word) => this.#toArguments(word, scope));
    if (values.length === 0) this.setVariable(name, undefined, scope, source);
    for (const value of values) this.setVariable(name, value, scope, source);
  }

  #toArguments(word: ShellWord, scope: Scope): readonly Argument[] {
    return toArguments(word, scope.origin ?? word.at, scope.positionals);
  }

  /** Everything that runs while words are expanded. */
  #readWords(words: readonly ShellWord[], scope: Scope, output?: Input): void {
    for (const word of words) {
      for (const piece of word.pieces) {
        if (piece.kind === "text" || piece.kind === "home") continue;
        if (piece.kind === "evaluated") {
          this.#readEvaluated(piece, word, scope);
          continue;
        }
        if (piece.kind === "command") {
          this.state.apart(() => this.#readNodes(piece.body, { ...scope, uncertain: true }));
        } else if (piece.kind === "process") {
          const input = piece.input ? scope.input : output ?? { kind: "none" };
          this.state.apart(() => this.#readNodes(piece.body, { ...scope, uncertain: true, input }));
        } else {
          this.#readWords(piece.inner, scope, output);
          if (piece.kind === "variable" && piece.sets !== undefined) {
            const name = piece.sets === "named" ? "" : piece.name.replace(/\[.*$/s, "");
            this.#setEach(name, piece.inner.slice(-1), scope);
          }
          if (piece.kind === "variable" && piece.reads) {
            this.state.subjects.push({
              kind: "code",
              language: "shell",
              fetched: false,
              ...this.state.base(word.source, scope.origin ?? word.at, scope),
            });
          }
        }
      }
    }
  }

  /** What is evaluated as arithmetic: variables, and what substitutions print. */
  #readEvaluated(
    { names, words }: Extract<WordPiece, { kind: "evaluated" }>,
    { source, at }: ShellWord,
    scope: Scope,
  ): void {
    const base = this.state.base(source, scope.origin ?? at, scope);
    const bodies = words.flatMap(({ pieces }) =>
      pieces.flatMap((piece) => piece.kind === "command" ? [piece.body] : [])
    );
    const printed = sourcesOfOutput(bodies.flat(), this.state.isWritten);
    if (printed.mayHoldCode) this.state.addEvaluated(base);
    this.state.values.evaluate([...names, ...printed.names], base);
  }

  /** Reports the files, and gives what standard input becomes. */
  #readRedirects(
    redirects: readonly ShellRedirect[],
    scope: Scope,
    program: string | undefined,
    printed?: { readonly output: Input; readonly printed: string | undefined },
  ): Input | undefined {
    let input: Input | undefined;
    for (const redirect of redirects) {
      const { target, mode, feedsInput, variable } = redirect;
      if (variable !== undefined) this.#setDescriptor(variable, redirect, scope);
      if (target === undefined) continue;
      if (mode === "descriptor") {
        if (feedsInput) input = copiedInput(target.source, input ?? scope.input);
        continue;
      }
      this.#readWords([target], scope, printed?.output);
      const path = this.#toArguments(target, scope)[0];
      if (path === undefined) continue;
      if (mode === "text") {
        const { text, isWhole } = codeOf(path, scope.positionals);
        if (feedsInput) input = { kind: "text", text, isWhole, words: [target] };
        continue;
      }
      if (feedsInput) input = this.#inputFrom(path, scope);
      if (target.pieces.some((piece) => piece.kind === "process")) continue;
      const base = this.state.base(redirect.source, scope.origin ?? redirect.at, scope);
      if (mode !== "read") {
        const { written } = this.state;
        const before = written.settings;
        written.add(path, this.state.cwd, printed?.printed);
        // What git or a shell runs from there is not read.
        if (written.settings > before) {
          this.state.subjects.push({ kind: "code", language: "settings", fetched: false, ...base });
        }
      }
      this.state.subjects.push({
        kind: "redirect",
        mode,
        path,
        ...(program === undefined ? {} : { program }),
        ...base,
      });
    }
    return input;
  }

  /** `{name}>file` gives a variable the descriptor's number; its subscript is evaluated. */
  #setDescriptor(variable: string, { source, at }: ShellRedirect, scope: Scope): void {
    this.setVariable(variable, undefined, scope);
    const names = namesIn(/\[.*$/s.exec(variable)?.[0] ?? "");
    this.state.values.evaluate(names, this.state.base(source, scope.origin ?? at, scope));
  }

  #inputFrom(path: Argument, scope: Scope): Input {
    if (openStream(path.shape) === "input" && path.shape !== "-") return scope.input;
    if (path.value === "/dev/null") return { kind: "text", text: "", isWhole: true };
    return redirectInput(path, (word) => codeOf(word, scope.positionals));
  }
}

/** What `<&3` makes standard input. */
function copiedInput(descriptor: string, own: Input): Input {
  if (/^0-?$/.test(descriptor)) return own;
  return descriptor === "-" ? { kind: "none" } : unknownInput();
}

/** An array's element without a plain subscript in front of it. */
function withoutSubscript(word: ShellWord): ShellWord {
  const [first, ...rest] = word.pieces;
  const subscript = first?.kind === "text" ? /^\[[\w.-]*\]\+?=/.exec(first.text)?.[0] : undefined;
  if (first?.kind !== "text" || subscript === undefined) return word;
  return { ...word, pieces: [{ ...first, text: first.text.slice(subscript.length) }, ...rest] };
}

function dialectOf(shell: string): ShellDialect {
  const name = programBaseName(shell);
  return name === "bash" || name === "zsh" ? name : "other";
}
