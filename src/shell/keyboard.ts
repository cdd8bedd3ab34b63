/**
 * The session's keyboard: named keys as a terminal sends them, and typing.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { safe } from "../safe_text.ts";
import { runAside } from "../transports/run_aside.ts";
import type { SessionProcesses } from "./process_control.ts";

/** Keys that send the same bytes in every mode, after the terminfo entry `xterm`. */
const PLAIN_KEYS = {
  enter: "\r",
  tab: "\t",
  shift_tab: "\x1b[Z",
  escape: "\x1b",
  space: " ",
  backspace: "\x7f",
  delete: "\x1b[3~",
  insert: "\x1b[2~",
  page_up: "\x1b[5~",
  page_down: "\x1b[6~",
  f1: "\x1bOP",
  f2: "\x1bOQ",
  f3: "\x1bOR",
  f4: "\x1bOS",
  f5: "\x1b[15~",
  f6: "\x1b[17~",
  f7: "\x1b[18~",
  f8: "\x1b[19~",
  f9: "\x1b[20~",
  f10: "\x1b[21~",
  f11: "\x1b[23~",
  f12: "\x1b[24~",
  "ctrl_\\": "\x1c",
} as const;

/** Keys whose final byte follows `ESC [`, or `ESC O` while the program asks for it (DECCKM). */
const CURSOR_KEYS = { up: "A", down: "B", right: "C", left: "D", home: "H", end: "F" } as const;

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
/** A control key sends its letter's place in the alphabet (ECMA-48 §5.2). */
const CONTROL_KEYS: ReadonlyMap<string, string> = new Map(
  [...LETTERS].map((letter, index) => [`ctrl_${letter}`, String.fromCharCode(index + 1)]),
);

/**
 * How cursor keys are sent. `application` after a program has printed `ESC [ ? 1 h`, as editors and
 * pagers do; `normal` otherwise.
 */
export type CursorMode = "normal" | "application";

/** The names of all keys. */
export const KEY_NAMES: readonly string[] = [
  ...Object.keys(PLAIN_KEYS),
  ...Object.keys(CURSOR_KEYS),
  ...CONTROL_KEYS.keys(),
];

/** Bytes that can be typed at once: the room of a pipe, which holds what nobody reads yet. */
export const TYPE_MAX_BYTES = 65_536;

/** Bytes of a line that a terminal takes in canonical mode: N_TTY_BUF_SIZE less the line feed. */
export const CANONICAL_LINE_MAX_BYTES = 4095;

/** Milliseconds that typing may take: what does not go in by then is not being read. */
export const TYPE_TIMEOUT_MS = 5000;

/**
 * Gives the bytes that a key sends.
 *
 * @param name One of {@linkcode KEY_NAMES}, in lower case.
 * @param cursorMode What the running program has asked for. Default: `normal`.
 * @returns The bytes; undefined when there is no such key.
 */
export function keyBytes(name: string, cursorMode: CursorMode = "normal"): Uint8Array | undefined {
  const text = plainKey(name) ?? cursorKey(name, cursorMode) ?? CONTROL_KEYS.get(name);
  return text === undefined ? undefined : new TextEncoder().encode(text);
}

function plainKey(name: string): string | undefined {
  return Object.entries(PLAIN_KEYS).find(([key]) => key === name)?.[1];
}

function cursorKey(name: string, mode: CursorMode): string | undefined {
  const final = Object.entries(CURSOR_KEYS).find(([key]) => key === name)?.[1];
  return final === undefined ? undefined : `\x1b${mode === "application" ? "O" : "["}${final}`;
}

/** Exit codes of {@linkcode TYPE_SCRIPT}. */
const EXITS = { gone: 3, noTerminal: 4, lineTooLong: 5 } as const;

/** Bytes between two reports of how far the typing is. */
const REPORT_EVERY_BYTES = 1024;

/**
 * `$1` the supervisor, `$2` the shell, `$3` how many bytes there are, `$4` `long` when a line of them
 * does not fit a terminal in canonical mode. Says how many bytes the keyboard has taken.
 *
 * dd takes one byte at a time, so that it takes exactly what it reports. The terminal is named by
 * its number, as in the probe's script; one whose modes cannot be read is taken to be canonical.
 */
const TYPE_SCRIPT = `
{
  IFS= read -r line <"/proc/$2/stat" || exit ${EXITS.gone}
  left=$3 lines=$4 keyboard=/proc/$1/fd/4 ptys=/proc/$2/root/dev/pts
  set -- \${line##*) }
  [ "$5" -ne 0 ] || exit ${EXITS.noTerminal}
  if [ "$lines" = long ]; then
    case " $(stty -a <"$ptys/$(($5 & 255 | $5 >> 12 & 1048320))") " in
    *[!a-z]-icanon[!a-z]*) ;;
    *) exit ${EXITS.lineTooLong} ;;
    esac
  fi
  [ -e "$keyboard" ] || exit ${EXITS.gone}
  taken=0
  while [ "$left" -gt 0 ]; do
    part=${REPORT_EVERY_BYTES}
    [ "$left" -ge "$part" ] || part=$left
    dd bs=1 count="$part" >"$keyboard" || exit ${EXITS.gone}
    left=$((left - part)) taken=$((taken + part))
    echo "$taken"
  done
  exit 0
} 2>/dev/null`;

/**
 * Types at the session's terminal. The bytes arrive in their order; two calls at a time would mix.
 *
 * @param processes The session's processes.
 * @param bytes What to type, at most {@linkcode TYPE_MAX_BYTES}.
 * @param timeoutMs Milliseconds it may take. Default: {@linkcode TYPE_TIMEOUT_MS}.
 * @throws {ExeckitError} `invalid_argument` when it is too much, or a line of it is longer than the
 *   terminal takes; `unsupported` without a terminal; `session_lost` when the session is gone;
 *   `limit_reached` when the terminal stops taking keys, with how many bytes it took.
 */
export async function typeKeys(
  processes: SessionProcesses,
  bytes: Uint8Array,
  timeoutMs: number = TYPE_TIMEOUT_MS,
): Promise<void> {
  if (bytes.length > TYPE_MAX_BYTES) {
    throw new ExeckitError({
      code: "invalid_argument",
      message: safe`Cannot type ${bytes.length} bytes at once: at most ${TYPE_MAX_BYTES} fit`,
      hint: safe`Write it to a file, or give it to the command as its standard input`,
    });
  }
  if (bytes.length === 0) return;
  const lines = longestLine(bytes) > CANONICAL_LINE_MAX_BYTES ? "long" : "short";
  const done = await runAside(processes.transport, {
    script: TYPE_SCRIPT,
    args: [
      String(processes.supervisorPid),
      String(processes.shellPid),
      String(bytes.length),
      lines,
    ],
    stdin: bytes,
    timeoutMs: Math.min(timeoutMs, LIMITS.asideTimeoutMs),
  });
  if (done.exitCode === 0) return;
  const taken = new TextDecoder().decode(done.stdout).trimEnd().split("\n").at(-1);
  throw typingError(done.exitCode, Number(taken ?? 0), bytes.length);
}

/** Line feed, carriage return and ^D end a line for the terminal (termios(3), canonical mode). */
function longestLine(bytes: Uint8Array): number {
  let longest = 0;
  let start = 0;
  bytes.forEach((byte, at) => {
    if (byte === 0x0a || byte === 0x0d || byte === 0x04) start = at + 1;
    longest = Math.max(longest, at + 1 - start);
  });
  return longest;
}

function typingError(exitCode: number | undefined, taken: number, length: number): ExeckitError {
  switch (exitCode) {
    case EXITS.noTerminal:
      return new ExeckitError({
        code: "unsupported",
        message: safe`Cannot type: the session has no terminal`,
        hint: safe`Give the input as stdin when the command is started`,
      });
    case EXITS.lineTooLong:
      return new ExeckitError({
        code: "invalid_argument",
        message:
          safe`Cannot type a line of more than ${CANONICAL_LINE_MAX_BYTES} bytes: the terminal cuts it off while it takes whole lines`,
        hint:
          safe`Split it into shorter lines, or give it as stdin or in a file; nothing was typed`,
      });
    case EXITS.gone:
      return new ExeckitError({
        code: "session_lost",
        message:
          safe`Cannot type: the session's terminal is gone after ${taken} of ${length} bytes`,
      });
    default:
      return new ExeckitError({
        code: "limit_reached",
        message:
          safe`The terminal takes no more keys: it took at least ${taken} of ${length} bytes`,
        hint: safe`Wait until the program reads its input, interrupt it, or look at what it does`,
      });
  }
}
