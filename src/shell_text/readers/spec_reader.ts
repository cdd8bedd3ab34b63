/**
 * Runs a program's table entry: its options first, then what its operands are.
 *
 * @module
 */

import {
  type Argument,
  argumentTail,
  isArgumentList,
  printedText,
  unknownArgument,
} from "../argument.ts";
import type { FinderDoor, ProgramRun } from "../finder_door.ts";
import { redirectInput } from "../input_flow.ts";
import { type OptionReading, optionValue, readOptions } from "../option_spec.ts";
import { type ProgramSpec, readEntry } from "../program_spec.ts";
import type { Input } from "../subjects.ts";

/** A cursor into a file, as pagers and editors take behind `+`. */
const HARMLESS_PLUS = /^(?:\d*|[GFg$]|[/?].*)$/;

/**
 * Reports what a program runs by its table entry.
 *
 * @param spec The entry.
 * @param run The run.
 * @param door Where to report.
 */
export function runBySpec(spec: ProgramSpec, run: ProgramRun, door: FinderDoor): void {
  const mode = spec.mixed === true || spec.runs === undefined && spec.subs === undefined
    ? "anywhere"
    : "first";
  const reading = readOptions(spec.spec, run.args, mode);
  if (reading.uses.some(({ mark }) => mark === "stop")) return;
  readOptionCode(spec, reading, run, door);
  const border = run.args.findIndex(({ value }) => value === spec.behind);
  if (spec.behind !== undefined && border >= 0) {
    return door.runArguments(run.args.slice(border + 1), run, { remote: spec.remote === true });
  }
  if (spec.subs !== undefined && runSub(spec, reading, run, door)) return;
  if (spec.runs === undefined && spec.shell !== true) {
    if (reading.rest !== undefined) door.runArguments(reading.rest, run);
    if (spec.again !== true) return;
    return readOptionCode(spec, readOptions(spec.spec, reading.operands, "anywhere"), run, door);
  }
  if (reading.hasUnknown && spec.runs !== "script" && spec.runs !== "input") {
    door.addDynamic(run, "option");
  }
  runOperands(spec, reading, run, door);
}

function readOptionCode(
  spec: ProgramSpec,
  reading: OptionReading,
  run: ProgramRun,
  door: FinderDoor,
): void {
  for (const use of reading.uses) {
    const value = optionValue(use, run.self);
    if (use.mark === "code" || use.mark === "program") {
      if (value.value === "") continue;
      door.readCode(door.codeOf(value, run), run, {
        shell: "sh",
        remote: spec.remote === true,
        isStart: use.mark === "program",
      });
    } else if (use.mark === "config") {
      if (use.name === "+" && HARMLESS_PLUS.test(value.value ?? "!")) continue;
      door.addCode(run, spec.language ?? "settings", [value]);
    } else if (use.mark === "script") {
      readScript(value, spec.language, run, door);
    }
  }
}

/** Runs the subcommand's entry; false when none is named. */
function runSub(
  spec: ProgramSpec,
  reading: OptionReading,
  run: ProgramRun,
  door: FinderDoor,
): boolean {
  const { operands, hasUnknown } = reading;
  // Behind an option that is not known, its value may look like the subcommand.
  const starts = hasUnknown ? operands.map((_, index) => index) : [0];
  for (const start of starts) {
    for (const length of [2, 1]) {
      const words = operands.slice(start, start + length).map(({ value }) => value);
      const path = words.join(" ");
      if (words.length < length || words.includes(undefined)) continue;
      if (spec.subs === undefined || !Object.hasOwn(spec.subs, path)) continue;
      const entry = spec.subs[path];
      if (entry === undefined) continue;
      runBySpec(readEntry(entry), { ...run, args: operands.slice(start + length) }, door);
      return true;
    }
  }
  const first = operands[0];
  if (first !== undefined && first.value === undefined) door.addDynamic(run, "option");
  return false;
}

function runOperands(
  spec: ProgramSpec,
  reading: OptionReading,
  run: ProgramRun,
  door: FinderDoor,
): void {
  const { runs } = spec;
  if (runs === "script") return runScript(spec, reading, run, door);
  if (runs === "input") {
    const hasCode = reading.uses.some(({ mark }) => mark === "config" || mark === "script");
    return hasCode ? undefined : door.readInput(run, spec.language);
  }
  const skipped = reading.operands.slice(0, spec.skip ?? 0);
  let operands = reading.rest ?? reading.operands.slice(spec.skip ?? 0);
  if (skipped.length > 0 && operands[0]?.value === "--") operands = operands.slice(1);
  if (skipped.some(({ many }) => many)) door.addDynamic(run, "option");
  let { uses } = reading;
  if (spec.again === true) {
    const more = readOptions(spec.spec, operands, "first");
    readOptionCode(spec, more, run, door);
    uses = [...uses, ...more.uses];
    operands = [...more.operands];
    if (uses.some(({ mark }) => mark === "stop")) return;
  }
  if (spec.assignments === true) operands = readAssignments(operands, run, door);
  const hasCode = uses.some(({ mark }) => mark === "code");
  if (operands.length === 0 || runs === undefined) {
    const opens = !hasCode &&
      (spec.shell === true || uses.some(({ mark }) => mark === "shell"));
    if (opens) door.readInput(run, undefined);
    return;
  }
  runKnown(spec, operands, run, door);
}

function runKnown(
  spec: ProgramSpec,
  operands: readonly Argument[],
  run: ProgramRun,
  door: FinderDoor,
): void {
  const how = spec.remote === true ? { remote: true, shell: "sh" } : {};
  if (spec.language !== undefined) return door.addCode(run, spec.language, operands);
  if (spec.runs === "argv") return door.runArguments(operands, run, how);
  const codes = operands.map((operand) => door.codeOf(operand, run));
  if (spec.runs === "each") {
    for (const code of codes) door.readCode(code, run, { shell: "sh" });
  } else if (spec.runs === "first") {
    const [code] = codes;
    if (code !== undefined && operands.length > 1 && code.text !== "-") door.readCode(code, run);
  } else {
    const text = codes.map((code) => code.text).join(" ");
    const shell = run.baseName === "eval" ? {} : { shell: "sh" };
    door.readCode({ text, isWhole: codes.every(({ isWhole }) => isWhole) }, run, {
      ...shell,
      ...how,
    });
  }
}

function runScript(
  spec: ProgramSpec,
  reading: OptionReading,
  run: ProgramRun,
  door: FinderDoor,
): void {
  const { uses, operands } = reading;
  // `-m module` and `-t` run what is installed; inline code and script options have been read.
  if (
    uses.some(({ name, mark }) => mark === "config" || mark === "script" || isModule(name, spec))
  ) {
    return;
  }
  const [path] = operands;
  if (path === undefined) return door.readInput(run, spec.language ?? undefined);
  if (isArgumentList(path)) door.addDynamic(run, "option");
  readScript(path, spec.language, run, door);
}

function isModule(name: string, spec: ProgramSpec): boolean {
  return spec.spec.get(name) === "module";
}

/**
 * Reports a script: a file, standard input, or a substitution's output.
 *
 * @param path The script's path.
 * @param language The language, when it is not a shell's.
 * @param run The program that runs it.
 * @param door Where to report.
 */
export function readScript(
  path: Argument,
  language: string | undefined,
  run: ProgramRun,
  door: FinderDoor,
): void {
  const stream = door.streamOf(path);
  if (stream === "input") return door.readInput(run, language);
  const piece = path.word?.pieces[0];
  if (piece?.kind === "process") {
    const text = language === undefined ? printedText(piece.body) : undefined;
    if (text !== undefined) return door.readCode({ text, isWhole: true }, run);
    const input = redirectInput(path, (argument) => door.codeOf(argument, run));
    if (input.kind === "text" && language === undefined) return door.readCode(input, run);
    return door.addCode(run, language ?? "shell", [path]);
  }
  if (stream === "other") return door.addCode(run, language ?? "shell", [path]);
  door.addScript(path, run);
}

/**
 * What a script holds that is no file: standard input, or what a substitution prints.
 *
 * @param path The script's path.
 * @param run The program that runs it.
 * @param door Where to ask.
 * @returns What it holds, `none` when that cannot be told; undefined for a file.
 */
export function scriptInput(path: Argument, run: ProgramRun, door: FinderDoor): Input | undefined {
  const stream = door.streamOf(path);
  if (stream === "input") return run.input;
  if (stream === "other") return { kind: "none" };
  if (path.word?.pieces[0]?.kind !== "process") return undefined;
  return redirectInput(path, (argument) => door.codeOf(argument, run));
}

/**
 * Takes `NAME=value` off the front of operands.
 *
 * @param operands The operands.
 * @param run The program that is given them.
 * @param door Where to report.
 * @returns The rest.
 */
export function readAssignments(
  operands: readonly Argument[],
  run: ProgramRun,
  door: FinderDoor,
): Argument[] {
  let at = 0;
  for (; at < operands.length; at++) {
    const operand = operands[at];
    const name = operand === undefined ? undefined : /^([^=\0]+)=/.exec(operand.shape)?.[1];
    if (operand === undefined || name === undefined) break;
    if (operand.many) door.addDynamic(run, "option");
    door.assign(name, argumentTail(operand, name.length + 1), run);
  }
  return operands.slice(at);
}

/**
 * Arguments with one of which nothing is known behind them, as xargs appends.
 *
 * @param args The arguments.
 * @param like What to take the place from.
 * @returns All of them.
 */
export function withUnknown(args: readonly Argument[], like: Argument): readonly Argument[] {
  return [...args, unknownArgument(like, { many: true })];
}
