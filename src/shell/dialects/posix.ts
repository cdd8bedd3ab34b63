/**
 * dash and busybox ash: plain POSIX shells.
 *
 * In both, special builtins cannot be shadowed by functions, so that `unset -f command` makes
 * `command` trustworthy, and `command` the rest. A command runs from a sourced file of one line:
 * there `return` ends the file and not the shell, and positional parameters stay the session's.
 *
 * @module
 */

import { quoteForShell } from "../../shell_text/quote.ts";
import {
  commandVariable,
  type Dialect,
  frameFunctions,
  type FrameRequest,
  type InitRequest,
  initTail,
  namePrefix,
  TERMINAL_SETUP,
} from "./dialect.ts";

/**
 * The functions of a frame, with `@` for the session's prefix; their roles are those of bash.
 * `@b` says that the sourced file has begun. `@q` is the epilogue for a shell without prompts: it
 * speaks when the frame did not come to `@z`.
 * `@e` holds the record separator, so that no variable holds a whole marker.
 */
const FUNCTIONS = String.raw`
@e=$(printf '\036') @o=
@a() {
  \unset -f command
  case "$@o" in v) @o=; \command set -v ;; esac
  @n=$1 @r=0 @i= PS1="\${@e}P$1 A \$? \$PWD\${@e}$1\${@e}"
}
@b() {
  \command printf '\036B%s \036%s\036' "$@n" "$@n" >&7
  \command printf '\036B%s \036%s\036' "$@n" "$@n" >&8
}
@s() { return "$1"; }
@t() { @v=$?; \command printf '\036T%s \036%s\036' "$1" "$1" >/dev/tty; return "$@v"; }
@z() {
  \unset -f command
  set -- "$1" "$2" "$PWD"
  \command test "$3" -ef . || set -- "$1" "$2" "$(\command pwd)"
  \command printf '\036E%s %s %s\036%s\036' "$1" "$2" "$3" "$1" >&7
  \command printf '\036S%s \036%s\036' "$1" "$1" >&8
  @i=1 @h=$3
  case $- in *v*) @o=v; \command set +v ;; esac
  PS2= PS1="\${@e}P$1 D $2 \$@h\${@e}$1\${@e}"
}
@q() { case $@i in 1) ;; *) @z "$1" "$?" ;; esac; }
@y() {
  printf '\036Y%s %s %s %s\036%s\036' "$1" "$$" "$2" "$PWD" "$1" >&7
  printf '\036Y%s %s %s %s\036%s\036' "$1" "$$" "$2" "$PWD" "$1" >&8
}
`;

/**
 * The sourced file: proof that it ran, `$?` as it was, and the command with its streams, once for
 * either status, so that errexit ignores a previous status other than 0. `:` is for `$_`, which a
 * program finds in its environment.
 */
function evalFileText(prefix: string, streams: string): string {
  const run = `\\command eval "$${prefix}c" ${streams} 7>&- 8>&-`;
  return `${prefix}r=$${prefix}n:${prefix}a
${prefix}b; :
case $${prefix}p in 0) ${run} ;; *) ${prefix}s "$${prefix}p" || ${run} ;; esac
`;
}

function writeEvalFiles(token: string, directory: string): string[] {
  const prefix = namePrefix(token);
  const piped = evalFileText(prefix, `<"$${prefix}f" >&7 2>&8`);
  const terminal = evalFileText(prefix, "</dev/tty >/dev/tty 2>&1");
  return [
    `\\command printf %s ${quoteForShell(piped)} >${quoteForShell(`${directory}/eval`)}`,
    `\\command printf %s ${quoteForShell(terminal)} >${quoteForShell(`${directory}/eval_tty`)}`,
  ];
}

function init(request: InitRequest): string {
  return [
    "PS1= PS2=",
    "unset HISTFILE MAILCHECK TMOUT",
    ...(request.terminal ? [TERMINAL_SETUP] : []),
    frameFunctions(FUNCTIONS, request.token),
    ...writeEvalFiles(request.token, request.directory),
    ...initTail(request),
    "",
  ].join("\n");
}

/** The directory may have been removed by a command; the files go with it. */
function repair(token: string, directory: string): string {
  return [
    "\\unset -f command",
    `\\command mkdir -m 700 ${quoteForShell(directory)} 2>/dev/null`,
    ...writeEvalFiles(token, directory),
    "",
  ].join("\n");
}

function frame(request: FrameRequest): string {
  const prefix = namePrefix(request.token);
  const load = "file" in request.command
    ? `\\command . ${quoteForShell(request.command.file)}`
    : `${commandVariable(request.token)}=${quoteForShell(` ${request.command.text}`)}`;
  const file = quoteForShell(`${request.directory}/${request.tty ? "eval_tty" : "eval"}`);
  const settings = `${prefix}p=${request.previousStatus} ${prefix}f=${
    quoteForShell(request.input)
  }`;
  const terminal = request.tty ? `\\${prefix}t ${request.nonce}; ` : "";
  return `{ \\${prefix}a ${request.nonce}; ${settings}; ${load}; \\command . ${file}; ` +
    `${terminal}\\${prefix}z ${request.nonce} "$?"; } >/dev/null 2>&1\n`;
}

/** The dash dialect. */
export const dashDialect: Dialect = { name: "dash", prompts: true, init, frame, repair };

/** The dialect of busybox ash, which prints no prompt when its commands come from a file. */
export const ashDialect: Dialect = {
  name: "ash",
  prompts: false,
  init,
  frame,
  repair,
  epilogue: (token, nonce) => `${namePrefix(token)}q ${nonce}\n`,
};
