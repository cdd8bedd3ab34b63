/**
 * zsh: as bash, with its own prompt escapes and without a way to restart in place.
 *
 * @module
 */

import { evalText } from "./bash.ts";
import {
  commandStreams,
  type Dialect,
  frameFunctions,
  type FrameRequest,
  type InitRequest,
  initTail,
  namePrefix,
  TERMINAL_SETUP,
  withPreviousStatus,
} from "./dialect.ts";

/** The functions of a frame, with `@` for the session's prefix; their roles are those of bash. */
const FUNCTIONS = String.raw`
@o=
@a() {
  [[ -z $@o ]] || { @o=; \builtin set -v; }
  @n=$1 @r= PS1=$'\036P'"$1 A %? %/"$'\036'"$1"$'\036'
  \builtin eval '@r=$@n:$funcstack[2]'
  [[ $@r = "$1:@a" ]] && \builtin printf '\036B%s \036%s\036' "$1" "$1" >&7 &&
    \builtin printf '\036B%s \036%s\036' "$1" "$1" >&8
}
@s() { \builtin return "$1"; }
@t() { @v=$?; \builtin printf '\036T%s \036%s\036' "$1" "$1" >/dev/tty; \builtin return "$@v"; }
@z() {
  \builtin set -- "$1" "$2" "$PWD"
  [[ $3 -ef . ]] || \builtin set -- "$1" "$2" "$(\builtin pwd)"
  \builtin printf '\036E%s %s %s\036%s\036' "$1" "$2" "$3" "$1" >&7
  \builtin printf '\036S%s \036%s\036' "$1" "$1" >&8
  [[ ! -o verbose ]] || { @o=v; \builtin set +v; }
  PS1=$'\036P'"$1 D $2 %/"$'\036'"$1"$'\036'
  PS2=$PS1
}
@y() {
  \builtin printf '\036Y%s %s %s %s\036%s\036' "$1" "$$" "$2" "$PWD" "$1" >&7
  \builtin printf '\036Y%s %s %s %s\036%s\036' "$1" "$$" "$2" "$PWD" "$1" >&8
}
`;

/** The zsh dialect. */
export const zshDialect: Dialect = {
  name: "zsh",
  prompts: true,

  init(request: InitRequest): string {
    return [
      "PS1= PS2=",
      "HISTSIZE=0; setopt interactive_comments; unsetopt bang_hist bg_nice prompt_sp prompt_cr zle",
      "unset HISTFILE MAILCHECK TMOUT; zmodload zsh/parameter",
      ...(request.terminal ? [TERMINAL_SETUP] : []),
      frameFunctions(FUNCTIONS, request.token),
      ...initTail(request),
      "",
    ].join("\n");
  },

  frame(request: FrameRequest): string {
    const prefix = namePrefix(request.token);
    const { load, text } = evalText(request);
    const run = `${withPreviousStatus(request)}\\builtin eval ${text} ${commandStreams(request)}`;
    const terminal = request.tty ? `\\${prefix}t ${request.nonce}; ` : "";
    // A fatal expansion error or an interrupt drops the rest of a line, but not an always-list.
    return `{ { if \\${prefix}a ${request.nonce}; then ${load}${run}; fi; } ` +
      `always { ${terminal}\\${prefix}z ${request.nonce} "$?"; }; } 2>&1\n`;
  },
};
