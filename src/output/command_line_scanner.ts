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
import { COMMANDS, type Find, type Found, READS_PASSWORD, wordsOf } from "./command_passwords.ts";
import { isStandIn, looksMixed } from "./secret_values.ts";

/** Bytes of a line that are looked at. */
const LINE_MAX_BYTES = 512;
const PASSWORD_MIN_CHARS = 3;
/** Secrets of one line at most: each is judged from where the one before it ends. */
const LINE_SECRETS_MAX = 16;
/** How much more splitting a line costs than reading its bytes. */
const SPLITTING_COST = 4;
const PRINTS = /^(?:echo|printf) /;

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
  const found = find(wordsOf(line), line)
    .filter(({ text }) => text.length >= PASSWORD_MIN_CHARS && !isStandIn(text))
    .slice(0, LINE_SECRETS_MAX);
  return secretsAt(window, window.droppedBytes + at, found);
}

/** Gives the first of some secrets in a line; the others follow. */
function secretsAt(window: ByteWindow, lineAt: number, found: readonly Found[]): Judgement {
  const [first, ...others] = found;
  if (first === undefined) return undefined;
  // Bytes in front of the window may have left since the line was read.
  const start = lineAt - window.droppedBytes + first.start;
  if (start < window.floor) return secretsAt(window, lineAt, others);
  const secret = {
    type: "secret",
    start,
    end: start + first.text.length,
    kind: "password",
    learn: true,
  } as const;
  if (others.length === 0) return secret;
  return { ...secret, then: (following) => secretsAt(following, lineAt, others) };
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
