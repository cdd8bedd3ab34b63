/**
 * Builtins that give names and variables a meaning.
 *
 * @module
 */

import { type Argument, argumentTail } from "../argument.ts";
import { hasCodeSubscript } from "../environment_table.ts";
import type { FinderDoor, ProgramRun } from "../finder_door.ts";
import { parseOptionSpec, readOptions } from "../option_spec.ts";
import { programSpec } from "../program_spec.ts";

/** Reports settings of git that are taken away: an operator has them outdo a repository's own. */
export function liftSettings(
  names: readonly Argument[],
  run: ProgramRun,
  door: FinderDoor,
): void {
  for (const { value } of names) {
    if (value?.startsWith("GIT_CONFIG_") === true) door.addEnvironment(value, run);
  }
}

/** Reads `alias`: each definition's text runs whenever its name is used. */
export function readAlias(run: ProgramRun, door: FinderDoor): void {
  for (const argument of run.args) {
    const name = /^([^=\0]+)=/.exec(argument.shape)?.[1];
    if (name === undefined) {
      if (argument.value === undefined) door.addDynamic(run, "definition");
      continue;
    }
    const text = argumentTail(argument, name.length + 1);
    const code = door.codeOf(text, run);
    door.define(name, code.isWhole ? code.text : undefined);
    // A text that only starts a command is completed where the alias is used.
    door.readCode(code, run, { isStart: true });
  }
}

/** Reads `unalias`, `unset`, `unhash`. */
export function readForget(run: ProgramRun, door: FinderDoor): void {
  if (run.baseName === "unset") {
    door.evaluate(run.args, run);
    liftSettings(run.args, run, door);
  }
  door.forget(run.args, run);
  readSubscripts(run, door);
}

/** Reads `declare` and the like: with `-n` a name stands for another variable. */
export function readDeclare(run: ProgramRun, door: FinderDoor): void {
  if (!run.args.some(({ shape }) => /^-\w*n/.test(shape))) return readExport(run, door);
  for (const { value, shape } of run.args) {
    if (/^[-+]/.test(shape)) continue;
    const name = /^\w+=([A-Za-z_]\w*)/.exec(value ?? "")?.[1];
    // What the name will stand for may be anything.
    if (name === undefined) door.addDynamic(run, "definition");
    else door.assign(name, undefined, run);
    const alias = /^[A-Za-z_]\w*/.exec(shape)?.[0];
    if (alias !== undefined) door.noteValue(alias, run.args, run);
  }
  readSubscripts(run, door);
}

/** With `-i` values are evaluated when they are set; subscripts always are. */
function readIntegers(run: ProgramRun, door: FinderDoor): void {
  const isInteger = run.args.some(({ shape }) => /^-\w*i/.test(shape));
  for (const argument of run.args) {
    const name = /^[A-Za-z_]\w*/.exec(argument.shape)?.[0];
    if (name === undefined) continue;
    if (isInteger) door.addInteger(name, run);
    if (isInteger || argument.shape.startsWith(`${name}[`)) door.evaluate([argument], run);
  }
}

/** Reads `export` and `readonly`. */
export function readExport(run: ProgramRun, door: FinderDoor): void {
  readIntegers(run, door);
  for (const argument of run.args) {
    const name = /^([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=/.exec(argument.shape);
    if (name?.[1] !== undefined) {
      door.assign(name[1], argumentTail(argument, name[0].length), run);
    } else if (argument.value === undefined && !/^-|^\w+\0?$/.test(argument.shape)) {
      door.addDynamic(run, "definition");
    }
  }
  readSubscripts(run, door);
}

const READ = parseOptionSpec("-a= -d= -e -i= -n= -N= -p= -r -s -t= -u=");

const MAPFILE = parseOptionSpec("-C= -c= -d= -n= -O= -s= -t -u=");
const WAIT = parseOptionSpec("-p= -n -f");

/** The words that name what a builtin sets. */
function namesSet({ baseName, args }: ProgramRun): readonly Argument[] {
  if (baseName === "getopts") return args.slice(1, 2);
  const spec = baseName === "read" ? READ : baseName === "wait" ? WAIT : MAPFILE;
  const { uses, operands } = readOptions(spec, args, "first");
  const named = uses.flatMap(({ name, value }) =>
    value !== undefined && (name === "-a" || name === "-p" && baseName === "wait") ? [value] : []
  );
  return baseName === "wait" ? named : [...named, ...operands];
}

/** Reads builtins that set the variables named in their arguments, such as `read`. */
export function readSetters(run: ProgramRun, door: FinderDoor): void {
  const spec = run.baseName === "read" ? READ : undefined;
  const operands = spec === undefined
    ? run.args
    : readOptions(spec, run.args, "first").operands.filter(({ shape }) => !shape.startsWith("-"));
  // It may be PATH as well as any other.
  if (namesSet(run).some(({ shape }) => /^\w*\0/.test(shape))) door.addDynamic(run, "definition");
  for (const { value } of run.args) {
    const name = /^([A-Za-z_]\w*)(?:\[|$)/.exec(value ?? "")?.[1];
    if (name !== undefined) door.assign(name, undefined, run);
    if (name !== undefined && run.baseName === "getopts") door.noteValue(name, run.args, run);
    else if (name !== undefined) door.noteInput(name, run);
  }
  if (run.baseName === "read") door.noteInput("REPLY", run);
  // A name is read with its subscript.
  door.evaluate(operands, run);
  const { input } = run;
  if (input.kind === "text" && hasCodeSubscript(input.text)) door.readExpansions(input.text, run);
  readEvaluated(run, door);
}

/** Reads `mapfile`: it sets a variable, and runs shell text for its lines. */
export function readMapfile(run: ProgramRun, door: FinderDoor): void {
  const spec = programSpec(run.baseName);
  if (spec !== undefined) door.runSpec(spec, run);
  readSetters(run, door);
}

/** Reads `let`: it is arithmetic, and gives variables values. */
export function readLet(run: ProgramRun, door: FinderDoor): void {
  door.evaluate(run.args, run);
  for (const { value } of run.args) {
    for (
      const [, name]
        of value?.matchAll(/([A-Za-z_]\w*)(?:\[[^\]]*\])?\s*(?:[-+*/%&|^<>]*=|\+\+|--)/g) ?? []
    ) {
      if (name !== undefined) door.assign(name, undefined, run);
    }
  }
  readEvaluated(run, door);
}

/** Reads `test`: two of its operators evaluate subscripts. */
export function readTest(run: ProgramRun, door: FinderDoor): void {
  const evaluates = run.args.some(({ value }) => value === "-v" || value === "-R");
  if (evaluates) door.evaluate(run.args, run);
  if (evaluates) readEvaluated(run, door);
  else readSubscripts(run, door);
}

/** Reads `set`: with `-k`, arguments set variables; zsh's `-A` gives an array values. */
export function readSet(run: ProgramRun, door: FinderDoor): void {
  const end = run.args.findIndex(({ shape }) => !/^[-+]|^keyword$/.test(shape) || shape === "--");
  const options = end < 0 ? run.args : run.args.slice(0, end);
  if (options.some(({ shape }) => /^-\w*k|^keyword$|^-[^]*\0/.test(shape))) {
    door.addEnvironment("options", run);
  }
  if (run.scope.shell === "zsh" && options.some(({ shape }) => /^[-+]A/.test(shape))) {
    door.assign(run.args[options.length]?.value ?? "", undefined, run);
  }
  readStored(run, door);
}

/** Reads what is stored by `set` and a function's call: it may be evaluated later. */
export function readStored(run: ProgramRun, door: FinderDoor): void {
  door.noteValue("@", run.args, run);
  for (const { value } of run.args) {
    if (value !== undefined && hasCodeSubscript(value)) door.readExpansions(value, run);
  }
}

/** Arguments that are evaluated: a subscript that is not known could hold a substitution. */
function readEvaluated(run: ProgramRun, door: FinderDoor): void {
  if (run.args.some(({ shape }) => /[A-Za-z_]\w*\[[^\]]*\0/.test(shape))) {
    door.addDynamic(run, "definition");
  }
  readSubscripts(run, door);
}

/** Reads `printf`: with `-v` it sets a variable. */
export function readPrintf(run: ProgramRun, door: FinderDoor): void {
  const [first, second] = run.args;
  if (first === undefined || !first.shape.startsWith("-v")) return;
  const name = first.value === "-v" ? second?.value : first.value?.slice(2);
  const variable = name?.replace(/\[.*$/s, "") ?? "";
  door.assign(variable, undefined, run);
  door.noteValue(variable, run.args.slice(1), run);
  door.evaluate(run.args.slice(0, 2), run);
  readSubscripts(run, door);
}

const COMPLETION = parseOptionSpec("-W= -A= -C= -F= -G= -P= -S= -X= -o=");

/** Reads `complete` and `compgen`: a list of words is expanded once more. */
export function readCompletion(run: ProgramRun, door: FinderDoor): void {
  const spec = programSpec(run.baseName);
  if (spec !== undefined) door.runSpec(spec, run);
  for (const { name, value } of readOptions(COMPLETION, run.args, "anywhere").uses) {
    if (name !== "-W" || value === undefined) continue;
    const { text, isWhole } = door.codeOf(value, run);
    if (isWhole) door.readExpansions(text, run);
    else door.addCode(run, "shell", [value]);
  }
}

/** Reads `hash`: with `-p` a name gets a path; in zsh by `name=path`. */
export function readHash(run: ProgramRun, door: FinderDoor): void {
  if (run.scope.shell === "zsh" && run.args.some(({ shape }) => /=|^[^-]*\0/.test(shape))) {
    door.addEnvironment("hash", run);
  }
  const at = run.args.findIndex(({ shape }) => /^-\w*p/.test(shape));
  const option = run.args[at];
  if (option === undefined) return;
  door.addEnvironment("hash", run);
  const attached = /^-\w*p(?=.)/.exec(option.shape)?.[0];
  const path = attached === undefined ? run.args[at + 1] : argumentTail(option, attached.length);
  if (path !== undefined) door.runArguments([path], run);
}

/** Reads `enable`: `-f` loads native code, `-n` turns a builtin into a program. */
export function readEnable(run: ProgramRun, door: FinderDoor): void {
  if (run.args.some(({ shape }) => /^-\w*f/.test(shape))) door.addCode(run, "native");
  else if (run.args.some(({ shape }) => /^-\w*n|^[^-]|\0/.test(shape))) {
    door.addEnvironment("enable", run);
  }
}

/** Reads `bind`: `-x` binds a key to shell text. */
export function readBind(run: ProgramRun, door: FinderDoor): void {
  run.args.forEach((argument, index) => {
    if (!/^-\w*x/.test(argument.shape)) return;
    const text = argument.value === "-x" ? run.args[index + 1] : argument;
    if (text === undefined) return;
    const code = door.codeOf(text, run);
    door.readCode({ ...code, text: code.text.replace(/^[^:]*:/, "") }, run);
  });
  if (run.args.some(({ shape }) => /^-\w*f/.test(shape))) door.addCode(run, "readline");
}

/** Reads what evaluates arithmetic or names: subscripts in it run their substitutions. */
function readSubscripts(run: ProgramRun, door: FinderDoor): void {
  for (const { value } of run.args) {
    if (value !== undefined && /\$\(|`/.test(value)) door.readExpansions(value, run);
  }
}

/** Reads zsh's settings: some of them change how text is read. */
export function readShellSettings(run: ProgramRun, door: FinderDoor): void {
  if (run.scope.shell === "zsh" || run.baseName === "emulate") door.addEnvironment("options", run);
}
