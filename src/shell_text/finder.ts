/**
 * What a shell text would do: every program, file and piece of code, through quoting,
 * substitutions, compounds, wrappers and shell text in strings.
 *
 * It reads text and runs nothing. What is in script files, in code of other languages and on other
 * machines is outside its view; each such place is a subject of its own.
 *
 * @module
 */

import { type Argument, codeOf, type CodeText, knownArgument, wordOf } from "./argument.ts";
import { hasCodeSubscript, variableEffect } from "./environment_table.ts";
import { namesIn } from "./evaluated_names.ts";
import type { CodeReading, FinderDoor, ProgramRun, Scope } from "./finder_door.ts";
import {
  type FinderInput,
  FinderState,
  isDisguised,
  MAX_ARGS,
  MAX_CHAIN,
  MAX_SUBJECTS,
  showWords,
} from "./finder_state.ts";
import { isFetched, openStream } from "./input_flow.ts";
import { programBaseName, type ProgramSpec, programSpec } from "./program_spec.ts";
import { readStored } from "./readers/definition_readers.ts";
import { programReader } from "./readers/program_readers.ts";
import { readShell } from "./readers/shell_reader.ts";
import { runBySpec } from "./readers/spec_reader.ts";
import { innerParts, UNKNOWN_PIECE } from "./shell_tree.ts";
import type { Findings, SubjectBase } from "./subjects.ts";
import { type RunHow, TextWalker } from "./text_walker.ts";
import { sourcesOfOutput, sourcesOfText, sourcesOfWords } from "./value_sources.ts";
import { joinPath, normalizePath } from "./written_files.ts";

export type { FinderInput };

/** After these, what follows may not be reached. */
const MAY_END: ReadonlySet<string> = new Set([
  "exit",
  "exec",
  "return",
  "set",
  "kill",
  "logout",
  "source",
  ".",
]);
/** Programs that read a part of their input and leave the rest to others. */
const TAKES_PART: ReadonlySet<string> = new Set([
  "read",
  "mapfile",
  "readarray",
  "head",
  "dd",
  "line",
  "sed",
  "grep",
]);
/** After these, the working directory is another one, or may be. */
const CHANGES_FOLDER: ReadonlySet<string> = new Set([
  "cd",
  "chdir",
  "pushd",
  "popd",
  "source",
  ".",
]);

/**
 * Finds what a text would do. It never throws for any text, and its cost is bounded.
 *
 * @param input The text and where it runs.
 * @returns What it would do.
 */
export function findSubjects(input: FinderInput): Findings {
  const state = new FinderState(input);
  const scope: Scope = {
    shell: programBaseName(input.shell),
    via: [],
    remote: false,
    input: state.given,
    uncertain: false,
  };
  new Finder(state).readText(input.text, scope);
  // Characters that turn the reading direction make text look like other text.
  const turns = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
  const at = input.text.search(turns);
  if (at >= 0) state.addDisguise(input.text.slice(at, at + 1), { start: at, end: at + 1 }, scope);
  const turn = turns.exec(input.stdin ?? "")?.[0];
  if (turn !== undefined) state.addDisguise(turn, { start: 0, end: input.text.length }, scope);
  return state.findings();
}

class Finder extends TextWalker implements FinderDoor {
  protected override run(args: readonly Argument[], how: RunHow): void {
    const [self, ...rest] = args;
    if (self === undefined) return;
    const { scope } = how;
    // Each wrapper looks at all that is behind it: that counts as reading.
    const isOver = args.length > MAX_ARGS || !this.state.spend(args.length * 4);
    if (isOver || scope.via.length > MAX_CHAIN || this.state.subjects.length > MAX_SUBJECTS) {
      return this.state.stop("limit", self.at);
    }
    const last = args.at(-1) ?? self;
    const at = { start: self.at.start, end: Math.max(self.at.end, last.at.end) };
    const base = this.state.base(showWords(args), at, scope);
    const name = self.value;
    if (name === undefined) {
      this.state.subjects.push({ kind: "dynamic", what: "program", ...base });
      this.state.cwd = undefined;
      return;
    }
    if (isDisguised(name)) this.state.addDisguise(name, self.at, scope);
    const calls = this.state.open.get(name);
    if (calls !== undefined && how.isDirect) this.state.open.set(name, calls + 1);
    const { variables, input } = how;
    this.state.subjects.push({
      kind: "program",
      name,
      args: rest,
      variables,
      input,
      isFunction: how.isDirect && (this.state.functions.has(name) || calls !== undefined),
      spreads: how.isDirect && calls !== undefined && calls > 0,
      ...base,
    });
    const run: ProgramRun = {
      name,
      baseName: programBaseName(name).replace(/^=(?=.)/, ""),
      args: rest,
      self,
      scope,
      // What another program has begun to read may start anywhere.
      input: input.kind === "text" && this.state.begun.has(input)
        ? { ...input, isWhole: false }
        : input,
    };
    if (TAKES_PART.has(run.baseName)) this.state.begun.add(input);
    // A function may have gone elsewhere.
    if (how.isDirect && (calls !== undefined || this.state.functions.has(name))) {
      this.state.cwd = undefined;
      readStored(run, this);
    }
    if (how.isDirect && this.state.readsLastWord) this.noteValue("_", [last], run);
    if (how.isDirect) this.#expandAlias(run);
    this.#readProgram(run);
  }

  #readProgram(run: ProgramRun): void {
    const { written } = this.state;
    const before = written.settings;
    written.note(run, this.state.cwd);
    if (written.settings > before) this.addCode(run, "settings");
    if (run.name.includes("/") && this.state.written.has(run.self, this.state.cwd)) {
      this.addCode(run, "program", [run.self]);
    }
    if (MAY_END.has(run.name)) this.state.mayHaveEnded = true;
    if (CHANGES_FOLDER.has(run.baseName)) {
      written.enter(run.args.at(-1));
      // Only behind `&&` is it certain that it worked.
      const isSure = run.name === "cd" && run.scope.isChain === true && run.scope.via.length === 0;
      this.state.cwd = isSure ? joinPath(this.state.cwd, run.args.at(-1)) : undefined;
    }
    const reader = programReader(run.baseName);
    if (reader !== undefined) return reader(run, this);
    const spec = programSpec(run.baseName);
    if (spec !== undefined) runBySpec(spec, run, this);
  }

  #expandAlias(run: ProgramRun): void {
    const { name, self } = run;
    if (!this.state.aliases.has(name) || this.state.expanding.has(name) || self.source !== name) {
      return;
    }
    const text = this.state.aliases.get(name);
    if (text === undefined) return this.addDynamic(run, "definition");
    this.state.expanding.add(name);
    const words = run.args.map(({ source }) => source).join(" ");
    this.readText(`${text} ${words}`, this.#inside(run, {}));
    this.state.expanding.delete(name);
  }

  #inside(by: ProgramRun, how: CodeReading): Scope {
    const { positionals: _, isStart: __, ...scope } = by.scope;
    return {
      ...scope,
      ...(how.isStart === true ? { isStart: true } : {}),
      shell: how.shell ?? scope.shell,
      via: [...scope.via, by.baseName],
      remote: scope.remote || how.remote === true,
      origin: scope.origin ?? by.self.at,
      input: how.input ?? by.input,
      uncertain: true,
      ...(how.positionals === undefined ? {} : { positionals: how.positionals }),
    };
  }

  runArguments(args: readonly Argument[], by: ProgramRun, how: CodeReading = {}): void {
    const { origin: _, ...scope } = this.#inside(by, how);
    const origin = by.scope.origin;
    const inner = origin === undefined ? scope : { ...scope, origin };
    this.run(args, { scope: inner, input: how.input ?? by.input, variables: [], isDirect: false });
  }

  readCode(code: CodeText, by: ProgramRun, how: CodeReading = {}): void {
    if (how.positionals !== undefined) this.noteValue("@", how.positionals, by);
    if (!code.isWhole) this.addCode(by, "shell", by.args);
    this.readText(code.text, this.#inside(by, how));
  }

  readExpansions(text: string, by: ProgramRun): void {
    if (!/[$`]/.test(text)) return;
    // A heredoc's body is expanded like such a text; its end must not be in the text.
    let end = "EXECKIT_END";
    while (text.includes(end)) end += "_";
    this.readText(`:<<${end}\n${text}\n${end}\n`, this.#inside(by, {}));
  }

  addCode(by: ProgramRun, language: string, from: readonly Argument[] = []): void {
    const bodies = from.flatMap(({ word }) => word === undefined ? [] : innerParts(word).bodies);
    const fetched = bodies.some(isFetched) ||
      from.some((argument) => this.state.written.isFetched(argument, this.state.cwd)) ||
      (by.input.kind === "pipe" && by.input.fetched && from.length === 0);
    this.state.subjects.push({ kind: "code", language, fetched, ...this.#of(by) });
  }

  #of(by: ProgramRun): SubjectBase {
    const last = by.args.at(-1) ?? by.self;
    const at = { start: by.self.at.start, end: Math.max(by.self.at.end, last.at.end) };
    return this.state.base(showWords([by.self, ...by.args]), at, by.scope);
  }

  streamOf(path: Argument): "input" | "other" | undefined {
    return openStream(path.value === "-" ? "-" : normalizePath(path.shape, this.state.cwd));
  }

  addScript(path: Argument, by: ProgramRun): void {
    if (this.streamOf(path) !== undefined) return this.addCode(by, "script");
    // A file that is not known could be the input as well.
    if (path.shape === UNKNOWN_PIECE && by.input.kind === "text") this.addCode(by, "script");
    const text = this.state.written.textOf(path, this.state.cwd);
    const isShell = programReader(by.baseName) === readShell;
    if (isShell && text !== undefined && by.scope.via.length < MAX_CHAIN) {
      return this.readCode({ text, isWhole: true }, by, { shell: by.baseName });
    }
    if (this.state.written.has(path, this.state.cwd)) return this.addCode(by, "script", [path]);
    this.state.subjects.push({ kind: "script", path, ...this.#of(by) });
  }

  addDynamic(by: ProgramRun, what: "program" | "option" | "definition"): void {
    this.state.subjects.push({ kind: "dynamic", what, ...this.#of(by) });
  }

  addEnvironment(name: string, by: ProgramRun): void {
    this.state.subjects.push({ kind: "environment", name, ...this.#of(by) });
  }

  addFile(mode: "read" | "write" | "both", path: Argument, by: ProgramRun): void {
    if (mode !== "read") this.state.written.add(path, this.state.cwd, undefined);
    this.state.subjects.push({ kind: "redirect", mode, path, program: by.name, ...this.#of(by) });
  }

  assign(name: string, value: Argument | undefined, by: ProgramRun): void {
    if (value !== undefined && name !== "") this.noteValue(name, [value], by);
    const text = value?.value;
    const effect = variableEffect(name, text, by.scope.shell);
    // Arithmetic runs the substitutions in the subscripts of a value.
    const stored = value === undefined ? "" : this.codeOf(value, by).text;
    if (hasCodeSubscript(stored)) this.readExpansions(stored, by);
    if (name === "") return this.addDynamic(by, "definition");
    if (effect === undefined) return;
    if (effect === "command" && value !== undefined) {
      return this.readCode(this.codeOf(value, by), by, { shell: "sh", isStart: true });
    }
    if (effect === "prompt" && text !== undefined) return this.readExpansions(text, by);
    if (effect === "command" || effect === "prompt") {
      return this.addCode(by, "shell", value === undefined ? [] : [value]);
    }
    const isTarget = effect === "target" ? { isTarget: true } as const : {};
    this.state.subjects.push({ kind: "environment", name, ...isTarget, ...this.#of(by) });
  }

  noteValue(name: string, values: readonly Argument[], by: ProgramRun): void {
    const [only] = values;
    const sources = values.length === 1 && only?.value !== undefined
      ? sourcesOfText(only.value)
      : sourcesOfWords(values.flatMap(wordOf), this.state.isWritten);
    this.state.values.set(name, sources, () => this.#of(by));
    const { source } = by.self;
    const isSure = !by.scope.uncertain && !sources.mayHoldCode && sources.names.length === 0;
    if (isSure && source.startsWith(`${name}=`)) this.state.values.forget(name);
  }

  noteInput(name: string, by: ProgramRun): void {
    const { input } = by;
    if (input.kind === "none") return;
    const sources = input.kind === "text"
      ? (input.words === undefined
        ? sourcesOfText(input.text)
        : sourcesOfWords(input.words, this.state.isWritten))
      : input.kind === "pipe"
      ? sourcesOfOutput(input.nodes, this.state.isWritten)
      : { mayHoldCode: this.state.written.has(input.path, this.state.cwd), names: [] };
    this.state.values.set(name, sources, () => this.#of(by));
  }

  addInteger(name: string, by: ProgramRun): void {
    this.state.values.addInteger(name, this.#of(by));
  }

  evaluate(values: readonly Argument[], by: ProgramRun): void {
    const names = values.flatMap(({ source }) => namesIn(source));
    this.state.values.evaluate(names, this.#of(by));
    const bodies = values.flatMap(({ word }) => word === undefined ? [] : innerParts(word).bodies);
    const printed = sourcesOfOutput(bodies.flat(), this.state.isWritten);
    this.state.values.evaluate(printed.names, this.#of(by));
    if (printed.mayHoldCode) this.state.addEvaluated(this.#of(by));
  }

  /** A variable that the shell itself sets, with no program around it. */
  protected override setVariable(
    name: string,
    value: Argument | undefined,
    scope: Scope,
    source: string = name,
  ): void {
    const at = scope.origin ?? value?.at ?? { start: 0, end: 0 };
    const self = { ...knownArgument(name, { shape: name, many: false, source, at }), source };
    const { origin: _, ...rest } = scope;
    const own = scope.via.length === 0 ? rest : scope;
    const run = { name, baseName: name, args: [], self, scope: own, input: scope.input };
    this.assign(name, value, run);
  }

  define(name: string, text: string | undefined): void {
    this.state.aliases.set(name, text);
  }

  runSpec(spec: ProgramSpec, run: ProgramRun): void {
    runBySpec(spec, run, this);
  }

  readInput(run: ProgramRun, language: string | undefined): void {
    const { input } = run;
    // What follows names what is done, unless it is a shell, whose script it names.
    if (run.scope.isStart === true && programReader(run.baseName) !== readShell) return;
    if (language === undefined && input.kind === "text") {
      return this.readCode(input, run, { input: { kind: "none" } });
    }
    this.addCode(run, language ?? "shell", input.kind === "file" ? [input.path] : []);
  }

  codeOf(argument: Argument, by: ProgramRun): CodeText {
    return codeOf(argument, by.scope.positionals);
  }

  forget(names: readonly Argument[]): void {
    for (const { value } of names) {
      if (value === undefined || value === "-a") {
        this.state.functions.clear();
      } else {
        this.state.functions.delete(value);
        this.state.aliases.delete(value);
      }
    }
  }
}
