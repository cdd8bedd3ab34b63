/**
 * From a script to the one line that an SSH server gives to the user's login shell.
 *
 * That shell may be bash, zsh, dash, fish or csh (`$SHELL -c line`). What all of them pass on
 * unchanged is printable ASCII in single quotes, without a quote, without `!` (csh expands it even
 * there), without a line feed (csh ends the word) and without a backslash in front of a quote or
 * another backslash (fish reads those as escapes). So everything else becomes `\0ooo`, which
 * `printf %b` of every POSIX sh turns back (POSIX.1-2024, printf, `%b`).
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { safe } from "../../safe_text.ts";
import { quoteForShell } from "../../shell_text/quote.ts";

/** Bytes of a line at most: Linux takes 128 KiB in one argument (MAX_ARG_STRLEN), end included. */
const LINE_MAX_BYTES = 128 * 1024 - 64;

/** What runs on the host, and what it says first. */
export interface RemoteScript {
  /** Source for `sh -c`. */
  readonly script: string;
  /** Values for `$1`, `$2`, …. */
  readonly args: readonly string[];
  /** A greeting to say first, with the process id behind it: to standard output or error. */
  readonly greeting: { readonly key: string; readonly stream: "stdout" | "stderr" };
}

/** Stands around a greeting: a byte that no profile prints and that the line holds only encoded. */
const GREETING_EDGE = "\x1e";

/**
 * Makes the line that starts a script on the host, whatever the login shell is.
 *
 * @param remote The script.
 * @returns One line of printable ASCII.
 * @throws {ExeckitError} `limit_reached` when it is too long for the host's kernel.
 */
export function remoteCommandLine(remote: RemoteScript): string {
  const { key, stream } = remote.greeting;
  const greet = `printf '\\036%s %s\\036' ${quoteForShell(key)} $$${
    stream === "stderr" ? " >&2" : ""
  }`;
  const words = remote.args.map(quoteForShell).join(" ");
  const source = `${greet}\nset -- ${words}\n${remote.script}`;
  const line = `exec sh -c 'eval "$(printf %b "$1")"' execkit '${encode(source)}'`;
  if (line.length <= LINE_MAX_BYTES) return line;
  throw new ExeckitError({
    code: "limit_reached",
    message: safe`Cannot start a script of ${line.length} bytes on the host`,
  });
}

/** What {@linkcode readGreeting} found. */
export interface Greeting {
  /** The process id of the script's sh on the host. */
  readonly pid: number;
  /** What came behind the greeting. */
  readonly rest: Uint8Array;
}

/**
 * Looks for the greeting in what a script has written; a profile may have written before it.
 *
 * @param written Everything that came so far.
 * @param key The greeting's key.
 * @returns The greeting; undefined while it is not complete.
 */
export function readGreeting(written: Uint8Array, key: string): Greeting | undefined {
  // One character for each byte, so that places in the text are places in the bytes.
  const text = new TextDecoder("latin1").decode(written);
  const head = `${GREETING_EDGE}${key} `;
  const start = text.indexOf(head);
  if (start === -1) return undefined;
  const end = text.indexOf(GREETING_EDGE, start + head.length);
  if (end === -1) return undefined;
  const pid = Number(text.slice(start + head.length, end));
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  return { pid, rest: written.subarray(end + 1) };
}

/** Octal for every byte that some login shell reads as more than itself. */
function encode(source: string): string {
  const parts: string[] = [];
  for (const byte of new TextEncoder().encode(source)) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== BANG &&
      byte !== BACKSLASH;
    parts.push(plain ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, "0")}`);
  }
  return parts.join("");
}

const BANG = 0x21;
const QUOTE = 0x27;
const BACKSLASH = 0x5c;
