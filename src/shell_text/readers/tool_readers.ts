/**
 * Tools whose own small languages can start programs.
 *
 * @module
 */

import { type Argument, argumentTail, type CodeText } from "../argument.ts";
import type { FinderDoor, ProgramRun } from "../finder_door.ts";
import { optionValue, parseOptionSpec, readOptions } from "../option_spec.ts";
import { programSpec } from "../program_spec.ts";
import type { Input } from "../subjects.ts";
import { runBySpec, scriptInput } from "./spec_reader.ts";

const GDB = parseOptionSpec(
  "--help! --version! -h! -v! -ex= -iex= -eval-command= --eval-command= -x# -ix# --command# -command# --args^ -args^ " +
    "-o= -O= -k= -K= --one-line= --one-line-before-file= --one-line-on-crash= --source# -batch --batch -q -quiet --quiet -n -nx -p= --pid= -c= --core= -d= -s= --silent -nh -tui",
);
const GDB_HARMLESS =
  /^(?:run|r|start|continue|c|next|n|step|s|bt|backtrace|where|info\b.*|thread\b[^|]*|set (?:pagination|confirm|height|width|print)\b.*|quit|q|detach|kill|up|down|frame\b.*|list\b.*|break\b.*|b\b.*|x\/.*)$/;

/** Reads `gdb`: its commands, and the program that it debugs. */
export function readGdb(run: ProgramRun, door: FinderDoor): void {
  const { uses, operands, rest } = readOptions(GDB, run.args, "anywhere");
  if (uses.some(({ mark }) => mark === "stop")) return;
  for (const use of uses) {
    const value = optionValue(use, run.self);
    if (use.mark === "script") {
      const input = scriptInput(value, run, door);
      if (input === undefined) door.addScript(value, run);
      else readGdbInput(input, run, door);
    }
    if (!/ex$|eval-command$|^-[oOkK]$|one-line/.test(use.name)) continue;
    readGdbCommand(door.codeOf(value, run), run, door);
  }
  const isBatch = uses.some(({ name }) => name === "-batch" || name === "--batch");
  if (!isBatch && run.input.kind !== "none") readGdbInput(run.input, run, door);
  const debugged = rest ?? operands.slice(0, 1);
  if (debugged.length > 0) door.runArguments(debugged, run);
}

function readGdbInput(input: Input, run: ProgramRun, door: FinderDoor): void {
  if (input.kind !== "text" || input.isCut) return door.addCode(run, "gdb");
  // What is not known may hold a line of its own.
  if (!input.isWhole) door.addCode(run, "gdb");
  for (const text of input.text.split("\n")) {
    if (/^\s*(?:#|$)/.test(text)) continue;
    readGdbCommand({ text, isWhole: input.isWhole }, run, door);
  }
}

function readGdbCommand(code: CodeText, run: ProgramRun, door: FinderDoor): void {
  const shell = /^\s*(?:(?:platform )?shell|!|pipe)\s*/.exec(code.text)?.[0];
  if (shell !== undefined) {
    door.readCode({ ...code, text: code.text.slice(shell.length) }, run, { shell: "sh" });
  } else if (!GDB_HARMLESS.test(code.text.trim())) door.addCode(run, "gdb", run.args);
}

/** Reads `vim`: without a terminal it takes its keys, or its commands, from standard input. */
export function readVim(run: ProgramRun, door: FinderDoor): void {
  const spec = programSpec(run.baseName);
  if (spec !== undefined) runBySpec(spec, run, door);
  const { input } = run;
  const isTerminal = input.kind === "file" && input.path.shape === "/dev/tty" ||
    input.kind === "text" && input.text === "";
  // A lone dash is the text to edit.
  const isText = run.args.some(({ value }) => value === "-");
  if (input.kind !== "none" && !isTerminal && !isText) door.addCode(run, "vim");
}

/** Reads `make`: a makefile is a script, some settings are commands. */
export function readMake(run: ProgramRun, door: FinderDoor): void {
  run.args.forEach((argument, index) => {
    const { shape } = argument;
    const file = /^(?:-[A-Za-z]*f|--(?:make)?file(?:=|$))/.exec(shape)?.[0];
    const path = file === undefined
      ? undefined
      : shape === file && !file.endsWith("=")
      ? run.args[index + 1]
      : argumentTail(argument, file.length);
    if (path !== undefined && (door.streamOf(path) !== undefined || path.value === undefined)) {
      door.addCode(run, "make", [path]);
    }
    if (/^(?:SHELL|MAKESHELL|\.SHELLFLAGS|MAKEFLAGS)[:+?!]*=|^--?eval\b|^-E/.test(shape)) {
      door.addCode(run, "make", [argument]);
    }
    if (/^\w+[:+?!]*=.*(?:\$\(shell|\$\{shell|`|\$\()/.test(shape)) {
      door.addCode(run, "make", [argument]);
    }
  });
}

/** Reads `ffmpeg`: an output that starts with a bar is a program. */
export function readPipeOutputs(run: ProgramRun, door: FinderDoor): void {
  for (const argument of run.args) {
    if (/^\|/.test(argument.shape)) door.addCode(run, "pipe", [argument]);
  }
}

/** Reads tracers: an output file that starts with a bar or `!` is a program. */
export function readTracer(run: ProgramRun, door: FinderDoor): void {
  run.args.forEach((argument, index) => {
    const isOutput = /^-o|^--output/.test(argument.shape);
    if (!isOutput) return;
    const value = /^(?:-o|--output)$/.test(argument.shape)
      ? run.args[index + 1]
      : argumentTail(argument, /^(?:-o|--output=)/.exec(argument.shape)?.[0].length ?? 0);
    if (value === undefined || !/^[|!]/.test(value.shape)) return;
    door.readCode(door.codeOf(argumentTail(value, 1), run), run, { shell: "sh" });
  });
  const spec = programSpec(run.baseName);
  if (spec !== undefined) runBySpec(spec, run, door);
}

/** Reads `tar`: checkpoints can run commands, and a first word may hold options without a dash. */
export function readTar(run: ProgramRun, door: FinderDoor): void {
  run.args.forEach((argument, index) => {
    const name = /^--checkpoint-a\w*/.exec(argument.shape)?.[0];
    if (name === undefined) return;
    const hasValue = argument.shape.startsWith(`${name}=`);
    const value = hasValue ? argumentTail(argument, name.length + 1) : run.args[index + 1];
    if (value === undefined) return;
    if (value.shape.startsWith("exec=")) {
      door.readCode(door.codeOf(argumentTail(value, 5), run), run, { shell: "sh" });
    } else if (value.value === undefined) door.addCode(run, "settings", [value]);
  });
  const spec = programSpec("tar");
  const [first, ...rest] = run.args;
  if (spec === undefined || first === undefined) return;
  const isOld = first.value !== undefined && /^[A-Za-z]+$/.test(first.value);
  const args = isOld ? oldTarOptions(first, rest) : run.args;
  runBySpec(spec, { ...run, args }, door);
}

/** `tar cIf prog file`: letters that take values take the words behind it, in order. */
function oldTarOptions(letters: Argument, rest: readonly Argument[]): readonly Argument[] {
  const values = [...rest];
  const args: Argument[] = [];
  for (const letter of letters.value ?? "") {
    args.push({ ...letters, value: `-${letter}`, shape: `-${letter}` });
    if (!/[fICTXbFgKNVHL]/.test(letter)) continue;
    const value = values.shift();
    if (value !== undefined) args.push(value);
  }
  return [...args, ...values];
}

const DC = parseOptionSpec(
  "-e= --expression= -f# --file# -i~ -h! --help! -V! --version! -x -P -R -c -C",
);

/** Reads `dc`: `!` runs a command. */
export function readDc(run: ProgramRun, door: FinderDoor): void {
  const { uses, operands } = readOptions(DC, run.args, "anywhere");
  const files = uses.filter(({ mark }) => mark === "script")
    .map((use) => optionValue(use, run.self)).concat(operands);
  const texts = run.args.map((argument) => door.codeOf(argument, run));
  if (run.input.kind === "text") texts.push(run.input);
  const isEscape = texts.some(({ text, isWhole }) => text.includes("!") || !isWhole);
  const isStream = run.input.kind !== "text" &&
    run.args.some((argument) => door.streamOf(argument) !== undefined);
  if (isEscape || isStream) door.addCode(run, "dc", run.args);
  for (const file of files) if (door.streamOf(file) === undefined) door.addScript(file, run);
  if (files.length > 0 || uses.some(({ name }) => /^--?e/.test(name))) return;
  if (run.input.kind === "pipe") door.addCode(run, "dc");
  if (run.input.kind === "file") door.addScript(run.input.path, run);
}

/** Reads `aws`: a command sent to machines. */
export function readAws(run: ProgramRun, door: FinderDoor): void {
  const words = run.args.map(({ value }) => value ?? "");
  const isSent = words.includes("ssm") &&
    /^(?:send-command|start-session)$/m.test(words.join("\n"));
  if (isSent || words.includes("execute-command")) door.addCode(run, "remote", run.args);
}
