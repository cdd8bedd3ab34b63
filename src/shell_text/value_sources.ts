/**
 * What the value of a word or the output of commands may be made of, as far as a shell that
 * evaluates it as arithmetic could run a substitution in it.
 *
 * @module
 */

import { namesIn } from "./evaluated_names.ts";
import { programBaseName } from "./program_spec.ts";
import {
  type ShellNode,
  type ShellWord,
  type SimpleCommand,
  wordShape,
  wordValue,
} from "./shell_tree.ts";

/** What a value may be made of. */
export interface ValueSources {
  /** True when a part of it, written in the text, may be part of a subscript with code. */
  readonly mayHoldCode: boolean;
  /** The variables that it is made of, or that it names. */
  readonly names: readonly string[];
}

/** A value that is certainly a number, or empty. */
export const NO_SOURCES: ValueSources = { mayHoldCode: false, names: [] };

/** Code in a value needs a bracket and a substitution; each may be written as an escape. */
const FRAGMENT = /[[$`]|\\(?:x|u|U|[0-7])/;
/** How deep substitutions are followed; below, a value may be anything. */
const MAX_DEPTH = 24;
/** What is shorter than this, and plain, hides nothing that a converter could bring out. */
const MAX_PLAIN_LETTERS = 8;

/** Programs that print what they are given as arguments. */
const PRINTERS: ReadonlySet<string> = new Set(["echo", "printf", "print"]);
/** Programs that pass on parts of their input as they are, or print numbers about it. */
const KEEPERS: ReadonlySet<string> = new Set(
  "cat tee head tail cut sort uniq grep egrep fgrep wc bc expr nl column true tac shuf".split(" "),
);
/** Programs that print numbers, whatever they are given. */
const COUNTERS: ReadonlySet<string> = new Set(
  "wc nproc expr bc cksum sum seq factor sleep arch getconf".split(" "),
);

/** Tells whether the same text writes a file. */
export type IsWritten = (path: string) => boolean;

interface Collected {
  mayHoldCode: boolean;
  readonly isWritten: IsWritten;
  readonly names: string[];
}

/**
 * What a word's value may be made of.
 *
 * @param words The words.
 * @param isWritten Tells which files hold what the same text wrote.
 * @returns The sources of all of them together.
 */
export function sourcesOfWords(words: readonly ShellWord[], isWritten: IsWritten): ValueSources {
  const found: Collected = { mayHoldCode: false, names: [], isWritten };
  for (const word of words) addWord(word, found, 0);
  return found;
}

/**
 * What the output of commands may be made of.
 *
 * @param nodes The commands.
 * @param isWritten Tells which files hold what the same text wrote.
 * @returns The sources.
 */
export function sourcesOfOutput(nodes: readonly ShellNode[], isWritten: IsWritten): ValueSources {
  const found: Collected = { mayHoldCode: false, names: [], isWritten };
  addOutput(nodes, found, 0);
  return found;
}

/**
 * What a text may be part of.
 *
 * @param text The text.
 * @returns The sources.
 */
export function sourcesOfText(text: string): ValueSources {
  return { mayHoldCode: FRAGMENT.test(text), names: namesIn(text) };
}

function addWord({ pieces }: ShellWord, found: Collected, depth: number): void {
  if (depth > MAX_DEPTH) found.mayHoldCode = true;
  if (found.mayHoldCode) return;
  for (const piece of pieces) {
    switch (piece.kind) {
      case "text":
        found.mayHoldCode ||= FRAGMENT.test(piece.text);
        found.names.push(...namesIn(piece.text));
        break;
      case "variable":
        // A length is a number.
        if (piece.isLength === true) break;
        found.names.push(/^[A-Za-z_]\w*/.exec(piece.name)?.[0] ?? "@");
        for (const word of piece.gives ?? []) addWord(word, found, depth + 1);
        break;
      case "command":
        addOutput(piece.body, found, depth + 1);
        break;
      case "pattern":
        // A file may have any name.
        found.mayHoldCode ||= /[*?[]/.test(piece.text);
        for (const word of piece.inner) addWord(word, found, depth + 1);
        break;
    }
  }
}

function addOutput(nodes: readonly ShellNode[], found: Collected, depth: number): void {
  if (depth > MAX_DEPTH) found.mayHoldCode = true;
  if (found.mayHoldCode) return;
  for (const node of nodes) {
    if (node.kind === "simple") addStages([node], found, depth + 1);
    else if (node.kind === "pipeline") addStages(node.stages, found, depth + 1);
    else if (node.kind === "function") addOutput([node.body], found, depth + 1);
    else addOutput(node.body, found, depth + 1);
  }
}

function addStages(stages: readonly ShellNode[], found: Collected, depth: number): void {
  const last = stages.at(-1);
  if (last?.kind === "simple" && isCounter(last)) return;
  const isConverted = stages.some((stage) => stage.kind === "simple" && !isKeeper(stage));
  for (const stage of stages) {
    if (stage.kind !== "simple") {
      addOutput([stage], found, depth);
      continue;
    }
    const paths = [
      ...stage.words.slice(1),
      ...stage.redirects.flatMap(({ target }) => target ?? []),
    ];
    found.mayHoldCode ||= paths.some((word) => found.isWritten(wordShape(word)));
    const printed = PRINTERS.has(nameOf(stage)) ? stage.words.slice(1) : [];
    const fed = stage.redirects.flatMap(({ mode, target }) =>
      mode === "text" && target !== undefined ? [target] : []
    );
    for (const word of [...printed, ...fed]) {
      addWord(word, found, depth);
      if (isConverted && mayBeEncoded(word)) found.mayHoldCode = true;
    }
  }
}

function nameOf({ words }: SimpleCommand): string {
  return programBaseName(words[0] === undefined ? "" : wordValue(words[0]) ?? "");
}

function isKeeper(command: SimpleCommand): boolean {
  const name = nameOf(command);
  return PRINTERS.has(name) || KEEPERS.has(name);
}

/** Tells whether a command prints numbers only. */
function isCounter(command: SimpleCommand): boolean {
  const name = nameOf(command);
  const args = command.words.slice(1).map((word) => wordValue(word) ?? "\0");
  if (COUNTERS.has(name)) return true;
  if (name === "date") return args.some((arg) => /^\+(?:%-?[sNYmdHMSjuw]|\d)+$/.test(arg));
  if (/^(?:grep|egrep|fgrep|pgrep)$/.test(name)) {
    return args.some((arg) => /^-[A-Za-z]*c[A-Za-z]*$|^--count$/.test(arg));
  }
  if (name === "stat") {
    return args.some((arg) => /^(?:-c|--format=|--printf=)?['"]?%[sYXZWab]$/.test(arg));
  }
  return name === "id" && args.some((arg) => /^-[ugG]$/.test(arg));
}

/** Text that is long or odd enough to be code in another form. */
function mayBeEncoded({ pieces }: ShellWord): boolean {
  const text = pieces.map((piece) => piece.kind === "text" ? piece.text : "").join("");
  return /[()\]]/.test(text) || (text.match(/[A-Za-z]/g)?.length ?? 0) >= MAX_PLAIN_LETTERS;
}
