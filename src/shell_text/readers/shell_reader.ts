/**
 * Shells that are run by name: their text, their script, or their standard input.
 *
 * @module
 */

import { type Argument, isArgumentList } from "../argument.ts";
import type { FinderDoor, ProgramRun } from "../finder_door.ts";
import { readScript } from "./spec_reader.ts";

/** The shells whose text is read. */
export const SHELLS: ReadonlySet<string> = new Set([
  "sh",
  "bash",
  "dash",
  "ash",
  "zsh",
  "ksh",
  "ksh93",
  "mksh",
  "oksh",
  "lksh",
  "rbash",
  "rzsh",
  "yash",
  "hush",
  "posh",
]);

const LONG_WITH_VALUE: ReadonlySet<string> = new Set(["--rcfile", "--init-file", "--emulate"]);

/**
 * Reads a run of a shell.
 *
 * @param run The run.
 * @param door Where to report.
 */
export function readShell(run: ProgramRun, door: FinderDoor): void {
  const { args } = run;
  let takesText = false;
  let takesInput = false;
  let at = 0;
  for (; at < args.length; at++) {
    const argument = args[at];
    const value = argument?.value;
    if (argument === undefined || !/^[-+]./.test(argument.shape)) break;
    if (value === undefined) return door.addDynamic(run, "option");
    if (value === "--help" || value === "--version") return;
    if (value === "--") {
      at++;
      break;
    }
    if (value.startsWith("--")) {
      const isFile = value.startsWith("--rcfile") || value.startsWith("--init-file");
      const next = args[at + 1];
      if (LONG_WITH_VALUE.has(value)) at++;
      if (isFile && next !== undefined) readScript(next, undefined, run, door);
      continue;
    }
    const letters = value.slice(1);
    takesText ||= letters.includes("c");
    takesInput ||= letters.includes("s");
    at += letters.replace(/[^oO]/g, "").length;
  }
  const operands = args.slice(at);
  if (takesText) return readText(operands, run, door);
  const [script] = operands;
  if (takesInput || script === undefined) return readInput(run, door);
  if (isArgumentList(script)) door.addDynamic(run, "option");
  readScript(script, undefined, { ...run, baseName: run.baseName }, door);
}

function readText(operands: readonly Argument[], run: ProgramRun, door: FinderDoor): void {
  const [text, ...positionals] = operands;
  if (text === undefined) return door.addCode(run, "shell");
  const code = text.many && text.word === undefined
    ? { text: "", isWhole: false }
    : door.codeOf(text, run);
  const named = positionals.length === 0 ? [] : positionals;
  door.readCode(code, run, { shell: run.baseName, positionals: named });
}

function readInput(run: ProgramRun, door: FinderDoor): void {
  const { input } = run;
  if (input.kind !== "text") return door.readInput(run, undefined);
  door.readCode(input, run, { shell: run.baseName, input: { kind: "none" } });
}

/**
 * Reads `source` and `.`.
 *
 * @param run The run.
 * @param door Where to report.
 */
export function readSource(run: ProgramRun, door: FinderDoor): void {
  const path = run.args[0]?.value === "--" ? run.args[1] : run.args[0];
  if (path === undefined) return;
  readScript(path, undefined, { ...run, baseName: run.scope.shell }, door);
}
