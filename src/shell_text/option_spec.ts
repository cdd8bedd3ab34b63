/**
 * How programs read their options: a small notation, and a reader for it.
 *
 * The notation is a list of option names, each with a mark for what it does:
 * `-x` nothing · `-x=` takes a value · `-x~` takes one only when attached · `-x@` its value is
 * shell text · `-x$` its value is a program and arguments without a shell · `-x?` its value makes
 * other code or settings count · `-x#` its value is a script's path · `-x!` nothing is run with it
 * · `-x%` a shell is run when no program is named · `-x^` the rest are a
 * program and arguments · `-x&` its value is an installed module, and no script is read.
 * Names with one dash and several letters are found as a whole before they count as a cluster.
 *
 * @module
 */

import { type Argument, argumentTail, unknownArgument } from "./argument.ts";
import { UNKNOWN_PIECE } from "./shell_tree.ts";

/** What an option does. */
export type OptionMark =
  | "flag"
  | "value"
  | "optional"
  | "code"
  | "program"
  | "config"
  | "script"
  | "stop"
  | "shell"
  | "rest"
  | "module";

const MARKS: { readonly [sign: string]: OptionMark } = {
  "=": "value",
  "~": "optional",
  "@": "code",
  "$": "program",
  "?": "config",
  "#": "script",
  "!": "stop",
  "%": "shell",
  "^": "rest",
  "&": "module",
};

/** Option name → what it does. */
export type OptionSpec = ReadonlyMap<string, OptionMark>;

/** An option as it was given. */
export interface OptionUse {
  /** Its name as in the notation. */
  readonly name: string;
  /** What it does. */
  readonly mark: OptionMark;
  /** Its value. */
  readonly value?: Argument;
}

/** What the options of a command say. */
export interface OptionReading {
  /** The options that the notation knows, in order. */
  readonly uses: readonly OptionUse[];
  /** The arguments that are no options. */
  readonly operands: readonly Argument[];
  /** What stands behind an option that takes all the rest; absent without one. */
  readonly rest?: readonly Argument[];
  /** True when an option is not in the notation, so that operands may be values. */
  readonly hasUnknown: boolean;
}

/**
 * Reads the notation.
 *
 * @param notation Names with marks, blanks between them.
 * @returns The options.
 */
export function parseOptionSpec(notation: string): OptionSpec {
  const spec = new Map<string, OptionMark>();
  for (const token of notation.split(" ")) {
    if (token === "") continue;
    const mark = MARKS[token.slice(-1)];
    spec.set(mark === undefined ? token : token.slice(0, -1), mark ?? "flag");
  }
  return spec;
}

const TAKES_NEXT: ReadonlySet<OptionMark> = new Set<OptionMark>([
  "value",
  "code",
  "program",
  "config",
  "script",
  "module",
]);

/**
 * Reads options.
 *
 * @param spec What the program knows.
 * @param args The arguments.
 * @param mode `first`: options end at the first operand; `anywhere`: operands may stand between.
 * @returns What was found.
 */
export function readOptions(
  spec: OptionSpec,
  args: readonly Argument[],
  mode: "first" | "anywhere",
): OptionReading {
  const uses: OptionUse[] = [];
  const operands: Argument[] = [];
  let hasUnknown = false;
  let at = 0;
  for (; at < args.length; at++) {
    const argument = args[at];
    if (argument === undefined) break;
    const isOption = /^-[^\0]|^\+./.test(argument.shape) && argument.isPath !== true;
    const isPlus = argument.shape.startsWith("+") && !spec.has("+");
    if (!isOption || isPlus) {
      operands.push(argument);
      if (mode === "anywhere") continue;
      at++;
      break;
    }
    if (argument.value === "--") {
      at++;
      break;
    }
    const found = readOption(spec, argument, args[at + 1]);
    uses.push(...found.uses);
    // What splits after an option's value is what is run.
    hasUnknown ||= found.isUnknown || found.uses.some(({ value }) => value?.many === true);
    if (found.takesNext) at++;
    if (found.uses.some(({ mark }) => mark === "rest")) {
      return { uses, operands, rest: args.slice(at + 1), hasUnknown };
    }
  }
  return { uses, operands: [...operands, ...args.slice(at)], hasUnknown };
}

interface FoundOption {
  readonly uses: readonly OptionUse[];
  readonly takesNext: boolean;
  readonly isUnknown: boolean;
}

const UNKNOWN_OPTION: FoundOption = { uses: [], takesNext: false, isUnknown: true };

function readOption(spec: OptionSpec, argument: Argument, next: Argument | undefined): FoundOption {
  const { shape } = argument;
  if (shape.startsWith("+")) {
    const value = argumentTail(argument, 1);
    return {
      uses: [{ name: "+", mark: spec.get("+") ?? "flag", value }],
      takesNext: false,
      isUnknown: false,
    };
  }
  const equals = shape.indexOf("=");
  const head = equals < 0 ? shape : shape.slice(0, equals);
  const name = shape.startsWith("--") ? fullName(spec, head) : spec.has(head) ? head : undefined;
  if (name !== undefined) {
    const attached = equals < 0 ? undefined : argumentTail(argument, equals + 1);
    return found(spec, name, attached, next);
  }
  if (shape.startsWith("--") || shape.length < 2) return UNKNOWN_OPTION;
  if (/^-\d+$/.test(shape) && spec.has("-NUM")) return { ...UNKNOWN_OPTION, isUnknown: false };
  return readCluster(spec, argument, next);
}

/** getopt takes any beginning of a long option's name that is not ambiguous. */
function fullName(spec: OptionSpec, head: string): string | undefined {
  if (spec.has(head)) return head;
  if (head.length < 3 || head.includes(UNKNOWN_PIECE)) return undefined;
  let plain: string | undefined;
  for (const [name, mark] of spec) {
    if (!name.startsWith(head)) continue;
    if (mark !== "flag" && mark !== "value" && mark !== "optional") return name;
    plain ??= name;
  }
  return plain;
}

function found(
  spec: OptionSpec,
  name: string,
  attached: Argument | undefined,
  next: Argument | undefined,
): FoundOption {
  const mark = spec.get(name) ?? "flag";
  const takesNext = attached === undefined && TAKES_NEXT.has(mark) && next !== undefined;
  const value = attached ?? (takesNext ? next : undefined);
  return {
    uses: [value === undefined ? { name, mark } : { name, mark, value }],
    takesNext,
    isUnknown: false,
  };
}

function readCluster(
  spec: OptionSpec,
  argument: Argument,
  next: Argument | undefined,
): FoundOption {
  const { shape } = argument;
  const uses: OptionUse[] = [];
  let isUnknown = false;
  for (let at = 1; at < shape.length; at++) {
    const name = `-${shape[at]}`;
    const mark = spec.get(name);
    if (mark === undefined) {
      isUnknown = true;
      continue;
    }
    const rest = at + 1 < shape.length ? argumentTail(argument, at + 1) : undefined;
    if (!TAKES_NEXT.has(mark) && mark !== "optional") {
      uses.push({ name, mark });
      continue;
    }
    const option = found(spec, name, rest, next);
    return { uses: [...uses, ...option.uses], takesNext: option.takesNext, isUnknown };
  }
  return { uses, takesNext: false, isUnknown };
}

/**
 * The value of an option, or an unknown one when it is missing.
 *
 * @param use The option.
 * @param like What to take the place from.
 * @returns The value.
 */
export function optionValue(use: OptionUse, like: Argument): Argument {
  return use.value ?? unknownArgument(like, { many: false });
}
