/**
 * Passwords in command lines whose place only the program tells.
 *
 * A rule is asked where its program stands, and looks at the words that follow on the line.
 *
 * @module
 */

import { isIn, LINE_BREAK, TOKEN_RUN } from "./byte_classes.ts";
import {
  byteAt,
  type ByteWindow,
  latin1,
  NEED_MORE,
  REACH_BACK_BYTES,
  runStart,
} from "./byte_window.ts";
import { type Judge, type Judgement, undecided } from "./judgement.ts";
import { isStandIn, looksMixed } from "./secret_values.ts";

/** Bytes of a line that are looked at. */
const LINE_MAX_BYTES = 512;
const PASSWORD_MIN_CHARS = 3;
/** How much more splitting a line costs than reading its bytes. */
const SPLITTING_COST = 4;
const PRINTS = /^(?:echo|printf) /;
/** Programs that read a password from a pipe. */
const READS_PASSWORD = /\bchpasswd\b|\bsudo\b.* -S\b|-stdin\b|--with-token\b|\bcryptsetup\b/;

/** A word of a line, without its quotes. */
interface Word {
  readonly text: string;
  /** Index of its first character in the line. */
  readonly start: number;
  readonly isQuoted: boolean;
}

/** Where in a line the password is. */
interface Found {
  readonly start: number;
  readonly text: string;
}

type Find = (words: readonly Word[], line: string) => Found | undefined;

/** Program, with what follows it → where its password is. */
const COMMANDS: ReadonlyMap<string, Find> = new Map<string, Find>([
  ["curl ", (words) => afterSign(userPair(words), ":")],
  ["wget ", (words) => afterSign(userPair(words), ":")],
  ["smbclient ", (words) => afterSign(wordAfter(words, /^-U$|^--user$/), "%")],
  ["rpcclient ", (words) => afterSign(wordAfter(words, /^-U$|^--user$/), "%")],
  ["htpasswd ", htpasswd],
  ["echo ", echoedText],
  ["printf ", echoedText],
  ["net use ", (words) => wordAfter(words, /^\/user:/i)],
  ["vault login ", (words) => mixed(words.slice(2).find(isOperand))],
  ["gh secret set ", (words) => wordAfter(words, /^--body$|^-b$/)],
  ["vncpasswd ", (words) => mixed(words.slice(1).find(isOperand))],
]);

/** The anchors of {@linkcode commandJudge}. */
export const COMMAND_ANCHORS: readonly string[] = [...COMMANDS.keys()];

/**
 * Makes the rule for a program.
 *
 * @param anchor The program, with the blank after it.
 * @returns The rule, to be asked where the program stands.
 */
export function commandJudge(anchor: string): Judge {
  const find = COMMANDS.get(anchor);
  return (window, at) => find === undefined ? undefined : judgeLine(window, at, find);
}

function judgeLine(window: ByteWindow, at: number, find: Find): Judgement {
  let end = at;
  while (end < at + LINE_MAX_BYTES) {
    const byte = byteAt(window, end);
    if (byte === NEED_MORE) return undecided(at);
    if (byte < 0 || isIn(byte, LINE_BREAK)) break;
    end++;
  }
  const line = latin1(window, at, end);
  // Splitting a line costs far more than reading it.
  if (PRINTS.test(line) && !READS_PASSWORD.test(line)) return undefined;
  window.workBytes += SPLITTING_COST * line.length;
  const found = find(wordsOf(line), line);
  if (found === undefined || found.text.length < PASSWORD_MIN_CHARS || isStandIn(found.text)) {
    return undefined;
  }
  const start = at + found.start;
  return { type: "secret", start, end: start + found.text.length, kind: "password", learn: true };
}

/** Splits a line at blanks that are not in quotes. */
function wordsOf(line: string): Word[] {
  const words: Word[] = [];
  for (const match of line.matchAll(/"([^"]*)"?|'([^']*)'?|[^\s"']+/g)) {
    const inner = match[1] ?? match[2];
    words.push({
      text: inner ?? match[0],
      start: match.index + (inner === undefined ? 0 : 1),
      isQuoted: inner !== undefined,
    });
  }
  return words;
}

function isOperand(word: Word): boolean {
  return !word.text.startsWith("-") && !word.text.includes("=");
}

function wordAfter(words: readonly Word[], flag: RegExp): Word | undefined {
  const at = words.findIndex((word) => !word.isQuoted && flag.test(word.text));
  return at < 0 ? undefined : words[at + 1];
}

function userPair(words: readonly Word[]): Word | undefined {
  const glued = words.find((word) => /^(?:-[uU][^\s-]|--(?:proxy-)?user=.)/.test(word.text));
  return wordAfter(words, /^-[A-Za-z]*[uU]$|^--(?:proxy-)?user$/) ?? glued;
}

function afterSign(word: Word | undefined, sign: string): Found | undefined {
  const at = word === undefined ? -1 : word.text.indexOf(sign);
  if (word === undefined || at < 0) return undefined;
  return { start: word.start + at + 1, text: word.text.slice(at + 1) };
}

function mixed(found: Found | undefined): Found | undefined {
  return found !== undefined && looksMixed(found.text) ? found : undefined;
}

/** `htpasswd -b file name password`, and without a file when it only prints. */
function htpasswd(words: readonly Word[]): Found | undefined {
  const flags = words.filter((word) => /^-[A-Za-z]/.test(word.text)).map((word) => word.text).join(
    "",
  );
  if (!flags.includes("b")) return undefined;
  return words.slice(1).filter(isOperand)[flags.includes("n") ? 1 : 2];
}

/** How the text ends that an expect script types: with the return key. */
export const SENT_ANCHORS: readonly string[] = ['\\r"', "\\r'", '\\n"', "\\n'"];

/**
 * Judges what an expect script types.
 *
 * @param window The bytes.
 * @param at Where one of {@linkcode SENT_ANCHORS} stands.
 * @returns The text, if it looks like a password.
 */
export function judgeSent(window: ByteWindow, at: number): Judgement {
  const start = Math.max(window.floor, runStart(window, at, TOKEN_RUN, REACH_BACK_BYTES));
  const head = latin1(window, Math.max(0, start - 16), start);
  if (!/\bsend(?:\s+--?\w*)*\s+["']$/.test(head) || !looksMixed(latin1(window, start, at))) {
    return undefined;
  }
  return { type: "secret", start, end: at, kind: "password", learn: true };
}

/** What is piped into a program that reads a password. */
function echoedText(words: readonly Word[], line: string): Found | undefined {
  const pipe = line.indexOf("|");
  const reader = pipe < 0 ? "" : line.slice(pipe + 1);
  if (!READS_PASSWORD.test(reader)) return undefined;
  const before = words.filter((word) => word.start < pipe && word.text !== "|");
  const last = before.length > 1 ? before.at(-1) : undefined;
  return /\bchpasswd\b/.test(reader) ? afterSign(last, ":") : last;
}
