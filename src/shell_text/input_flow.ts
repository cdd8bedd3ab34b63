/**
 * Where a program's input comes from, and whether a program of the pipeline fetches.
 *
 * @module
 */

import { type Argument, type CodeText, printedText } from "./argument.ts";
import { programBaseName } from "./program_spec.ts";
import { innerParts, type ShellNode, type ShellWord, wordValue } from "./shell_tree.ts";
import type { Input } from "./subjects.ts";

/** Programs that bring what they give from the network. */
export const FETCHERS: ReadonlySet<string> = new Set([
  "curl",
  "wget",
  "aria2c",
  "fetch",
  "http",
  "https",
  "xh",
  "lynx",
  "links",
  "elinks",
  "w3m",
  "nc",
  "ncat",
  "netcat",
  "socat",
  "ftp",
  "tftp",
  "sftp",
  "scp",
  "ssh",
  "rsync",
  "telnet",
  "axel",
  "lftp",
  "gsutil",
  "s3cmd",
  "rclone",
]);

const MAX_DEPTH = 30;

/**
 * Input of which nothing is known but that somebody else feeds it: a descriptor that was opened
 * elsewhere, or a function's, which is called with one input or another.
 *
 * @returns The input; a new one each time, as inputs are told apart by what they are.
 */
export function unknownInput(): Input {
  return { kind: "pipe", from: [], fetched: false, nodes: [] };
}

/**
 * The names that stand where programs are run, in all of some commands.
 *
 * @param nodes The commands.
 * @returns The names, the first word of each first.
 */
export function programsIn(nodes: readonly ShellNode[]): readonly string[] {
  const names: string[] = [];
  walk(nodes, 0, (words) => {
    const value = words[0] === undefined ? undefined : wordValue(words[0]);
    if (value !== undefined) names.push(programBaseName(value));
  });
  return names;
}

/**
 * Tells whether some commands fetch from the network: one of their words names such a program.
 *
 * @param nodes The commands.
 * @returns True when one does.
 */
export function isFetched(nodes: readonly ShellNode[]): boolean {
  let isFetching = false;
  walk(nodes, 0, (words) => {
    const [first, ...rest] = words.map((word) => programBaseName(wordValue(word) ?? ""));
    if (first === undefined) return;
    const isQuiet = first === "echo" || first === "printf";
    isFetching ||= FETCHERS.has(first) || (!isQuiet && rest.some((name) => FETCHERS.has(name)));
  });
  return isFetching;
}

function walk(
  nodes: readonly ShellNode[],
  depth: number,
  visit: (words: readonly ShellWord[]) => void,
): void {
  if (depth > MAX_DEPTH) return;
  for (const node of nodes) {
    if (node.kind === "pipeline") walk(node.stages, depth + 1, visit);
    else if (node.kind === "function") walk([node.body], depth + 1, visit);
    else {
      if (node.kind === "group") walk(node.body, depth + 1, visit);
      else visit(node.words);
      for (const word of node.words) walk(innerParts(word).bodies.flat(), depth + 1, visit);
    }
  }
}

/** Paths that are standard input again. */
const STANDARD_INPUT = /^(?:-|\/dev\/stdin|\/dev\/fd\/0|\/proc\/(?:self|thread-self)\/fd\/0)$/;
/** What is no file: terminals, descriptors, connections; all but memory that files lie in. */
const OPEN_STREAM = /^\/(?:proc|dev(?!\/(?:null$|shm\/)))\//;

/**
 * Tells whether a path is no file but something that is open already.
 *
 * @param path The path, normalized.
 * @returns `input` for the program's own standard input, `other` for what is not known.
 */
export function openStream(path: string): "input" | "other" | undefined {
  if (STANDARD_INPUT.test(path)) return "input";
  return OPEN_STREAM.test(path) ? "other" : undefined;
}

/** Characters of a given standard input that are looked at. */
export const MAX_STDIN_CHARS = 1_048_576;

/**
 * Standard input that is given with a command, as a quoted heredoc around all of it would be.
 *
 * @param stdin The text; undefined when there is none.
 * @returns The input.
 */
export function givenInput(stdin: string | undefined): Input {
  if (stdin === undefined) return { kind: "none" };
  const isCut = stdin.length > MAX_STDIN_CHARS;
  const looked = isCut ? stdin.slice(0, MAX_STDIN_CHARS) : stdin;
  // Shells drop NUL bytes, or end there.
  const text = looked.replaceAll("\0", "");
  const isWhole = !isCut && text.length === stdin.length;
  return { kind: "text", text, isWhole, ...(isCut ? { isCut } : {}) };
}

/**
 * What reading a path gives: a substitution's output, or a file.
 *
 * @param path The path.
 * @param readCode Gives the text of an argument.
 * @returns The input.
 */
export function redirectInput(path: Argument, readCode: (path: Argument) => CodeText): Input {
  const piece = path.word?.pieces[0];
  if (piece?.kind !== "process" || !piece.input) return { kind: "file", path };
  const text = printedText(piece.body);
  if (text !== undefined) return { kind: "text", text, isWhole: true };
  const [only] = piece.body;
  const isEcho = piece.body.length === 1 && only?.kind === "simple" && only.words.length > 1 &&
    only.words[0] !== undefined && wordValue(only.words[0]) === "echo";
  if (isEcho && !isFetched(piece.body)) {
    const words = only.words.slice(1).map((word) =>
      readCode({ shape: "", many: false, source: word.source, at: word.at, word }).text
    );
    return { kind: "text", text: words.join(" "), isWhole: false, words: only.words.slice(1) };
  }
  return {
    kind: "pipe",
    from: programsIn(piece.body),
    fetched: isFetched(piece.body),
    nodes: piece.body,
  };
}
