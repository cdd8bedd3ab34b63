/**
 * A program's arguments as rules see them: options, operands, the words of a subcommand.
 *
 * @module
 */

import { type Argument, argumentTail } from "../shell_text/argument.ts";
import type { OptionSpec } from "../shell_text/option_spec.ts";
import { parseOptionSpec } from "../shell_text/option_spec.ts";
import { plainName, programBaseName, programSpec } from "../shell_text/program_spec.ts";
import type { ProgramSubject } from "../shell_text/subjects.ts";
import type { Certainty } from "./certainty.ts";
import { known } from "./certainty.ts";
import { compileGlob } from "./glob.ts";
import { VALUE_OPTIONS } from "./value_options.ts";

/** An option as it was given. */
export interface GivenOption {
  /** Its text in front of `=`, such as `-rf` or `--force`. */
  readonly text: string;
  /** False when it may be another one, since it is not known to its end. */
  readonly isCertain: boolean;
}

/** A program's arguments, taken apart. */
export interface ArgumentsView {
  /** The subject. */
  readonly subject: ProgramSubject;
  /** The program's name without its folder, in lower case. */
  readonly program: string;
  /** Its options. */
  readonly options: readonly GivenOption[];
  /** Values of options, by the option's text. */
  readonly values: readonly { readonly option: string; readonly value: Argument }[];
  /** What is no option and no option's value. */
  readonly operands: readonly Argument[];
  /** True when an argument may be an option, which one is not known. */
  readonly mayHaveMore: boolean;
  /** How many options stand in front of the first operand that are not known to take no value. */
  readonly unknownInFront: number;
}

const views = new WeakMap<ProgramSubject, ArgumentsView>();
const specs = new Map<string, OptionSpec>();

/**
 * Takes a program's arguments apart; a subject is taken apart once.
 *
 * @param subject The program.
 * @returns The view.
 */
export function viewOf(subject: ProgramSubject): ArgumentsView {
  let view = views.get(subject);
  if (view === undefined) {
    view = readView(subject);
    views.set(subject, view);
  }
  return view;
}

function specOf(program: string): OptionSpec | undefined {
  const notation = Object.hasOwn(VALUE_OPTIONS, program) ? VALUE_OPTIONS[program] : undefined;
  if (notation === undefined) return programSpec(program)?.spec;
  let spec = specs.get(program);
  if (spec === undefined) {
    spec = parseOptionSpec(notation);
    specs.set(program, spec);
  }
  return spec;
}

function readView(subject: ProgramSubject): ArgumentsView {
  const baseName = programBaseName(subject.name).toLowerCase();
  const spec = specOf(baseName) ?? specOf(plainName(baseName));
  const options: GivenOption[] = [];
  const values: { option: string; value: Argument }[] = [];
  const operands: Argument[] = [];
  let mayHaveMore = false;
  let unknownInFront = 0;
  const { args } = subject;
  for (let at = 0; at < args.length; at++) {
    const argument = args[at];
    if (argument === undefined) break;
    if (argument.value === "--") {
      operands.push(...args.slice(at + 1));
      break;
    }
    if (argument.shape.startsWith("\0") && argument.isPath !== true) mayHaveMore = true;
    if (!/^-./.test(argument.shape) || argument.isPath === true) {
      operands.push(argument);
      continue;
    }
    const equals = argument.shape.indexOf("=");
    const text = equals < 0 ? argument.shape : argument.shape.slice(0, equals);
    const isCertain = !text.includes("\0");
    options.push({ text: text.replace(/\0.*$/s, ""), isCertain });
    if (equals >= 0) values.push({ option: text, value: argumentTail(argument, equals + 1) });
    const taker = equals < 0 ? valueTaker(spec, text) : undefined;
    if (spec !== undefined && operands.length === 0 && !isKnownOption(spec, text)) unknownInFront++;
    if (spec === undefined && operands.length === 0) unknownInFront++;
    if (taker === undefined) continue;
    const value = taker.attached === undefined
      ? args[++at]
      : argumentTail(argument, taker.attached);
    if (value !== undefined) values.push({ option: taker.name, value });
  }
  return { subject, program: baseName, options, values, operands, mayHaveMore, unknownInFront };
}

const VALUE_MARKS: ReadonlySet<string> = new Set([
  "value",
  "code",
  "program",
  "config",
  "script",
  "module",
]);

/** The option of a cluster that takes a value, and where in the word the value starts. */
function valueTaker(
  spec: OptionSpec | undefined,
  text: string,
): { readonly name: string; readonly attached?: number } | undefined {
  if (spec === undefined) return undefined;
  if (VALUE_MARKS.has(spec.get(text) ?? "")) return { name: text };
  if (text.startsWith("--") || spec.has(text)) return undefined;
  for (let at = 1; at < text.length; at++) {
    const name = `-${text[at]}`;
    if (!VALUE_MARKS.has(spec.get(name) ?? "")) continue;
    return at + 1 < text.length ? { name, attached: at + 1 } : { name };
  }
  return undefined;
}

function isKnownOption(spec: OptionSpec, text: string): boolean {
  const marks = text.startsWith("--") || spec.has(text)
    ? [spec.get(text)]
    : [...text.slice(1)].map((letter) => spec.get(`-${letter}`));
  const first = marks.findIndex((mark) => mark === "value");
  const own = first < 0 ? marks : marks.slice(0, first + 1);
  return own.every((mark) => mark === "flag" || mark === "value" || mark === "optional");
}

/**
 * Tells whether one of some options is given. Clusters of letters, beginnings of long names and
 * `=value` count.
 *
 * @param view The arguments.
 * @param names Options such as `-f`, `--force`, or globs such as `--force*`.
 * @returns Whether one is; `maybe` when an argument is not known.
 */
export function hasOption(view: ArgumentsView, ...names: readonly string[]): Certainty {
  let result: Certainty = view.mayHaveMore ? "maybe" : "no";
  for (const option of view.options) {
    const match = names.some((name) => isOption(view, option.text, name));
    if (match && option.isCertain) return "yes";
    if (match || (!option.isCertain && names.some((name) => name.startsWith(option.text)))) {
      result = "maybe";
    }
  }
  return result;
}

function isOption(view: ArgumentsView, text: string, name: string): boolean {
  if (text === name) return true;
  if (/[*?[]/.test(name)) {
    const isBeginning = text.length > 2 && text.startsWith("--") &&
      name.replace(/[*?[].*$/, "").startsWith(text);
    return isBeginning || compileGlob(name)(text);
  }
  if (name.startsWith("--")) {
    return text.length > 2 && text.startsWith("--") && name.startsWith(text);
  }
  if (name.length !== 2 || text.startsWith("--")) return false;
  return cluster(view.program, text).includes(name[1] ?? "");
}

/** The letters of `-rf`, up to one that takes the rest as its value. */
function cluster(program: string, text: string): string {
  const letters = /^-([A-Za-z0-9]*)/.exec(text)?.[1] ?? "";
  const spec = specOf(program);
  if (spec === undefined) return letters;
  if (spec.has(text)) return text.length === 2 ? letters : "";
  const at = [...letters].findIndex((letter) => VALUE_MARKS.has(spec.get(`-${letter}`) ?? ""));
  return at < 0 ? letters : letters.slice(0, at + 1);
}

/**
 * Tells whether no option is given but some.
 *
 * @param view The arguments.
 * @param names The options that may be given.
 * @returns Whether it is so.
 */
export function hasOnlyOptions(view: ArgumentsView, names: readonly string[]): Certainty {
  if (view.mayHaveMore) return "maybe";
  const globs = names.map((name) => compileGlob(name));
  for (const { text, isCertain } of view.options) {
    if (!isCertain) return "maybe";
    if (globs.some((glob) => glob(text))) continue;
    const letters = text.startsWith("--") ? "" : text.slice(1);
    const isCluster = letters !== "" &&
      [...letters].every((letter) => globs.some((glob) => glob(`-${letter}`)));
    if (!isCluster) return "no";
  }
  return "yes";
}

/**
 * Tells whether the first operands are the words of a subcommand, behind known global options.
 *
 * @param view The arguments.
 * @param words The subcommand, blanks between its words.
 * @returns Whether they are.
 */
export function hasSub(view: ArgumentsView, words: string): Certainty {
  const wanted = words.split(" ");
  const at = (start: number): Certainty => {
    let result: Certainty = "yes";
    for (let index = 0; index < wanted.length; index++) {
      const operand = view.operands[start + index];
      if (operand === undefined) return "no";
      if (operand.value === undefined) result = "maybe";
      else if (!compileGlob(wanted[index] ?? "")(operand.value)) return "no";
    }
    return result;
  };
  const first = at(0);
  if (view.unknownInFront === 0) return first;
  // What stands behind an option that is not known may be its value.
  const isLater = view.operands.some((_, start) => at(start) !== "no");
  return isLater ? "maybe" : known(false);
}
