/**
 * The text of a sed program: whether it runs programs or writes files.
 *
 * Versions of sed end labels, and patterns with brackets, at different places. Where they differ,
 * every reading counts, so that nothing is hidden from one by what is text to another.
 *
 * @module
 */

/** Characters of a program that is looked through; a longer one counts as not readable. */
const MAX_PROGRAM_CHARS = 32_768;

/** Reads one command's argument and gives the places where the next command may start. */
type ArgumentReader = (program: string, at: number) => readonly number[];

/** It is not clear where the command ends, or it is one that does something. */
const UNCLEAR: readonly number[] = [];

/**
 * Tells whether a sed program does nothing but edit what it prints.
 *
 * @param program The program; several are joined by line ends.
 * @returns True when it certainly runs nothing and writes no file of its own.
 */
export function isHarmlessSed(program: string): boolean {
  if (program.length > MAX_PROGRAM_CHARS) return false;
  const seen = new Set<number>();
  const left = [0];
  for (let from = left.pop(); from !== undefined; from = left.pop()) {
    const start = skipAddress(program, from);
    if (start < 0) return false;
    const command = program[start];
    if (command === undefined || seen.has(start)) continue;
    seen.add(start);
    const next = readerOf(command)(program, start + 1);
    if (next === UNCLEAR) return false;
    left.push(...next);
  }
  return true;
}

function readerOf(command: string): ArgumentReader {
  if (command === "s" || command === "y") return command === "s" ? readSubstitution : readMap;
  if (/[aic]/.test(command)) return readText;
  if (/[rR#]/.test(command)) return (program, at) => [lineEnd(program, at)];
  if (/[:bTtv]/.test(command)) return readLabel;
  if (/[lLqQ]/.test(command)) return readNumber;
  return /[dDgGhHnNpPxzF={}]/.test(command) ? (_, at) => [at] : () => UNCLEAR;
}

function readSubstitution(program: string, from: number): readonly number[] {
  const end = skipParts(program, from, { parts: 2, hasPattern: true });
  if (end < 0) return UNCLEAR;
  const flags = /^[a-zA-Z0-9]*/.exec(program.slice(end, end + 40))?.[0] ?? "";
  return /^[gpiImM0-9]*$/.test(flags) ? [end + flags.length] : UNCLEAR;
}

function readMap(program: string, from: number): readonly number[] {
  const end = skipParts(program, from, { parts: 2, hasPattern: false });
  return end < 0 ? UNCLEAR : [end];
}

/** The text of `a`, `i` and `c` goes on behind a line that ends in a backslash. */
function readText(program: string, from: number): readonly number[] {
  const opening = /^[ \t]*\\[ \t]*\n?/.exec(program.slice(from, from + 80))?.[0] ?? "";
  let at = from + opening.length;
  while (at < program.length && program[at] !== "\n") at += program[at] === "\\" ? 2 : 1;
  // On the command's own line it is not clear whether a backslash goes with the next character.
  return opening.endsWith("\n") ? [at] : [at, lineEnd(program, from)];
}

/** A label ends at the line's end in some versions, at a blank, semicolon or brace in others. */
function readLabel(program: string, from: number): readonly number[] {
  let at = from;
  while (/[ \t]/.test(program[at] ?? "")) at++;
  while (/[^\s;}]/.test(program[at] ?? "\n")) at++;
  return [at, lineEnd(program, from)];
}

/** A number may stand in front of the command's end. */
function readNumber(program: string, from: number): readonly number[] {
  let at = from;
  while (/[ \t\d]/.test(program[at] ?? "")) at++;
  return [at];
}

function lineEnd(program: string, from: number): number {
  const end = program.indexOf("\n", from);
  return end < 0 ? program.length : end;
}

/** Where the command behind its addresses starts; -1 when that is not clear. */
function skipAddress(program: string, from: number): number {
  let at = from;
  while (at < program.length) {
    const char = program[at] ?? "";
    if (/[\s\d,$!;~+]/.test(char)) at++;
    else if (char === "/" || char === "\\") {
      const start = char === "\\" ? at + 1 : at;
      at = skipParts(program, start, { parts: 1, hasPattern: true });
      if (at < 0) return -1;
      while (/[IM]/.test(program[at] ?? "")) at++;
    } else return at;
  }
  return at;
}

/** Skips parts between delimiters; -1 when one is missing or its end is not clear. */
function skipParts(
  program: string,
  from: number,
  { parts, hasPattern }: { readonly parts: number; readonly hasPattern: boolean },
): number {
  const delimiter = program[from];
  if (delimiter === undefined || delimiter === "\n") return -1;
  let left = parts;
  let isInBrackets = false;
  for (let at = from + 1; at < program.length; at++) {
    const char = program[at];
    if (char === "\\") at++;
    else if (char === "\n") return -1;
    else if (char === delimiter) {
      // Some versions let it stand in a class of characters.
      if (isInBrackets && hasPattern && left === parts) return -1;
      isInBrackets = false;
      if (--left === 0) return at + 1;
    } else if (char === "[") isInBrackets = true;
    else if (char === "]") isInBrackets = false;
  }
  return -1;
}
