/**
 * sed and awk: small languages whose programs are everyday arguments. What they run and write can
 * be told from their text.
 *
 * @module
 */

import { type Argument, type CodeText, knownArgument, unknownArgument } from "../argument.ts";
import type { FinderDoor, ProgramRun } from "../finder_door.ts";
import { readAwkText } from "./awk_text.ts";
import { isHarmlessSed } from "./sed_text.ts";
import { optionValue, parseOptionSpec, readOptions } from "../option_spec.ts";
import { scriptInput } from "./spec_reader.ts";

/** Characters of an awk program that is looked through; a longer one counts as not readable. */
const MAX_PROGRAM_CHARS = 32_768;

const SED = parseOptionSpec(
  "--help! --version! -n -r -E -s -u -z -b -i~ -I~ -l= -e= -f# --expression= --file# --in-place~ --line-length= " +
    "--quiet --silent --regexp-extended --separate --null-data --posix --sandbox --follow-symlinks --debug --unbuffered",
);

/** Reads `sed`: its commands `e` and `w` run programs and write files. */
export function readSed(run: ProgramRun, door: FinderDoor): void {
  const { uses, operands } = readOptions(SED, run.args, "anywhere");
  if (uses.some(({ mark }) => mark === "stop")) return;
  const scripts = uses.filter(({ name }) => name === "-e" || name === "--expression")
    .map((use) => optionValue(use, run.self));
  const files = uses.filter(({ mark }) => mark === "script");
  for (const file of files) {
    const code = scriptCode(optionValue(file, run.self), "sed", run, door);
    if (code !== undefined && !isHarmlessSed(code.text)) door.addCode(run, "sed", run.args);
  }
  const [first] = operands;
  if (scripts.length === 0 && files.length === 0 && first !== undefined) scripts.push(first);
  const texts = scripts.map((script) => {
    const { text, isWhole } = door.codeOf(script, run);
    return { text: isWhole ? text : script.shape.replaceAll("\0", "x"), isWhole };
  });
  const isOpen = scripts.some(({ many }, index) => many && texts[index]?.isWhole !== true);
  // sed reads them as the lines of one program.
  const isHarmless = isHarmlessSed(texts.map(({ text }) => text).join("\n"));
  if (isOpen || !isHarmless) door.addCode(run, "sed", scripts);
}

/** The text of a script that is no file; undefined when it is reported as it is. */
function scriptCode(
  path: Argument,
  language: string,
  run: ProgramRun,
  door: FinderDoor,
): CodeText | undefined {
  const input = scriptInput(path, run, door);
  if (input?.kind === "text" && input.isWhole) return input;
  if (input === undefined) door.addScript(path, run);
  else door.addCode(run, language, path.word?.pieces[0]?.kind === "process" ? [path] : []);
  return undefined;
}

const AWK = parseOptionSpec(
  "--help! --version! -V! -h! -F= -v= -f# -e= -E# -i? -l? -b -c -C -d~ -D~ -g -I -k -M -n -N -o~ -O -p~ -P -r -s -S -t -W? " +
    "--field-separator= --assign= --file# --source= --exec# --include? --load? --sandbox --posix --traditional --csv",
);

/** Reads `awk`: its program runs others by `system`, pipes and `getline`, and writes by `>`. */
export function readAwk(run: ProgramRun, door: FinderDoor): void {
  const { uses, operands } = readOptions(AWK, run.args, "first");
  if (uses.some(({ mark }) => mark === "stop")) return;
  const programs: Argument[] = [];
  let hasFile = false;
  for (const use of uses) {
    const value = optionValue(use, run.self);
    if (use.mark === "script") {
      hasFile = true;
      const code = scriptCode(value, "awk", run, door);
      if (code !== undefined) readAwkProgram(code, value, run, door);
    } else if (use.mark === "config") door.addCode(run, "awk", [value]);
    else if (use.name === "-e" || use.name === "--source") programs.push(value);
  }
  const [first] = operands;
  if (programs.length === 0 && !hasFile && first !== undefined) programs.push(first);
  for (const program of programs) {
    readAwkProgram(door.codeOf(program, run), program, run, door);
  }
}

/** What starts another program in awk: calls, pipes, loaded and indirect functions. */
const RUNS_IN_AWK = /\bsystem\b|\bgetline\b|@\s*(?:include|load|\w+\s*\()|(^|[^|])\|(?!\|)/;

function readAwkProgram(
  { text, isWhole }: CodeText,
  program: Argument,
  run: ProgramRun,
  door: FinderDoor,
): void {
  if (text.length > MAX_PROGRAM_CHARS) return door.addCode(run, "awk", [program]);
  const { plain, strings, isUnclear } = readAwkText(text);
  const runs = isUnclear ? RUNS_IN_AWK.test(text) : RUNS_IN_AWK.test(plain);
  if (runs || !isWhole) door.addCode(run, "awk", [program]);
  if (isUnclear && /print[^]*>/.test(text)) {
    door.addFile("write", unknownArgument(program, { many: false }), run);
  }
  for (const statement of plain.split(/[;{}\n]/)) {
    readAwkOutput(statement, strings, program, { run, door });
  }
}

/** `print a > b` writes to what b holds; inside parentheses it compares. */
function readAwkOutput(
  statement: string,
  strings: readonly string[],
  program: Argument,
  { run, door }: { readonly run: ProgramRun; readonly door: FinderDoor },
): void {
  const start = statement.search(/\bprintf?\b/);
  if (start < 0) return;
  const open = withoutParentheses(statement.slice(start));
  const target = /^>{1,2}\s*(?:"(\d+)"\s*$)?/.exec(open.slice(Math.max(0, open.indexOf(">"))));
  if (target === null) return;
  const path = target[1] === undefined ? undefined : strings[Number(target[1])];
  if (path === "/dev/stderr" || path === "/dev/stdout") return;
  const file = path === undefined
    ? unknownArgument(program, { many: false })
    : knownArgument(path, program);
  door.addFile("write", file, run);
}

function withoutParentheses(text: string): string {
  let depth = 0;
  let open = "";
  for (const char of text) {
    if (char === "(") {
      // What stands there is a part of the file's name all the same.
      if (depth++ === 0) open += char;
    } else if (char === ")") depth = Math.max(0, depth - 1);
    else if (depth === 0) open += char;
  }
  return open;
}
