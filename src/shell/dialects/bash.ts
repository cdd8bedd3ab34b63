/**
 * bash: an interactive shell that reads its commands from a pipe.
 *
 * The frame's words are checked before each command and its end is told twice: by markers that
 * `printf` writes, and by the prompt, which is set by an assignment that no function, alias or
 * disabled builtin can intercept. See docs/framing.md for why each piece is there.
 *
 * @module
 */

import { quoteForShell } from "../../shell_text/quote.ts";
import {
  commandStreams,
  commandVariable,
  type Dialect,
  frameFunctions,
  type FrameRequest,
  type InitRequest,
  initTail,
  namePrefix,
  TERMINAL_SETUP,
  withPreviousStatus,
} from "./dialect.ts";

/** Expands to nothing when `PROMPT_COMMAND` is unset or an array without elements. */
const PROMPT_COMMAND_SET = "${PROMPT_COMMAND[*]+1}";

/**
 * The functions that a frame calls, with `@` for the session's prefix.
 *
 * `@a` opens a frame: it fails unless `builtin eval` really runs its text in no function but this.
 * `@s` sets `$?`. `@t` marks the end on the terminal. `@z` closes the frame: it takes the directory
 * from `pwd` when `PWD` was assigned to and does not lead here, and assigns no variable before the
 * end is said, since a command may have made any of them readonly. Between two frames `set -v` is
 * off, kept in `@o`: the shell would show the next frame as it reads it; `@w` and `@u` see to that.
 * bash copies the body of a function at each call, so that what is rarely needed is not in `@a` or
 * `@z`.
 * What runs at a prompt is a way around the policy and has no use here: there is nobody to read one.
 * `PROMPT_COMMAND` is emptied only when it holds something: bash reads the words of `()` with its
 * parser, and when ^C arrives then, it goes on at the end of those words and takes that for the end
 * of its input.
 * `@x` is the EXIT trap: unless the shell is idle, it re-enters bash in place. The road is opened
 * again from the parent, because a command runs with the road's descriptors closed.
 */
const FUNCTIONS = String.raw`
@o=
@a() {
  [[ -z $@o ]] || \@u
  @n=$1 @i= PS1="\\036P$1 A \$? \$PWD\\036$1\\036"
  \builtin eval '@r=$1:$FUNCNAME'
  [[ $@r = "$1:@a" ]] && \builtin printf '\036B%s \036%s\036' "$1" "$1" >&7 &&
    \builtin printf '\036B%s \036%s\036' "$1" "$1" >&8
}
@s() { \builtin return "$1"; }
@t() { @v=$?; \builtin printf '\036T%s \036%s\036' "$1" "$1" >/dev/tty; \builtin return "$@v"; }
@u() { @o=; \builtin set -v; }
@w() { @o=v; \builtin set +v; }
@z() {
  [[ $3 -ef . ]] || \builtin set -- "$1" "$2" "$(\builtin pwd)"
  \builtin printf '\036E%s %s %s\036%s\036' "$1" "$2" "$3" "$1" >&7
  \builtin printf '\036S%s \036%s\036' "$1" "$1" >&8
  [[ $- != *v* ]] || \@w
  @i=1 @p=$3 PS1="\\036P$1 D $2 \${@p:-\$PWD}\\036$1\\036" PS2=$PS1 PS0=
  [[ -z ${PROMPT_COMMAND_SET} ]] || PROMPT_COMMAND=()
}
@x() {
  @v=$?
  [[ -z $@i && -n $@n && -p /proc/$PPID/fd/9 ]] || \builtin return
  \builtin trap - EXIT
  @p=$PWD
  [[ $@p -ef . ]] || @p=$(\builtin pwd)
  {
    \builtin printf '\036R%s %s %s\036%s\036' "$@n" "$@v" "$@p" "$@n" >&7
    \builtin printf '\036R%s %s %s\036%s\036' "$@n" "$@v" "$@p" "$@n" >&8
    \builtin exec "$BASH" --norc --noprofile --noediting -i <&9 9<&- >/dev/null 2>&8 5< <(
      \builtin declare -p; \builtin declare -f; \builtin alias -p; \builtin shopt -p
    )
  } 7>/proc/$PPID/fd/7 8>/proc/$PPID/fd/8 9</proc/$PPID/fd/9
}
@y() {
  @n= @i=1
  \builtin printf '\036Y%s %s %s %s\036%s\036' "$1" "$$" "$2" "$PWD" "$1" >&7
  \builtin printf '\036Y%s %s %s %s\036%s\036' "$1" "$$" "$2" "$PWD" "$1" >&8
}
`;

/**
 * Quotes a text in one line: after a parse error bash shows PS2 where PS1 belongs, so that both are
 * the end marker, and a frame of several lines would show it for each line.
 */
function ansiQuote(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n");
  return `$'${escaped}'`;
}

/** The bash dialect. */
export const bashDialect: Dialect = {
  name: "bash",
  prompts: true,

  init(request: InitRequest): string {
    const prefix = namePrefix(request.token);
    return [
      "PS1= PS2=",
      "set +H; set +o history; unset HISTFILE MAILCHECK TMOUT",
      // Job control without a terminal gives nothing but complaints about tcsetattr.
      request.terminal ? TERMINAL_SETUP : "set +m",
      ...(request.restore
        ? [". /dev/fd/5 2>/dev/null; exec 5<&-", "PS1= PS2= PROMPT_COMMAND=()"]
        : []),
      frameFunctions(FUNCTIONS, request.token),
      `\\builtin readonly -f ${
        ["a", "s", "t", "u", "w", "x", "z"].map((name) => prefix + name).join(" ")
      }`,
      `trap ${prefix}x EXIT`,
      ...initTail(request),
      "",
    ].join("\n");
  },

  frame(request: FrameRequest): string {
    const prefix = namePrefix(request.token);
    const { load, text } = evalText(request);
    const run = `${withPreviousStatus(request)}\\builtin eval ${text} ${commandStreams(request)}`;
    const terminal = request.tty ? `\\${prefix}t ${request.nonce}; ` : "";
    // A parse error in eval leaves the lexer in a state in which a line cannot begin with `{`.
    return `>&1; { if \\${prefix}a ${request.nonce}; then ${load}${run}; fi; ` +
      `${terminal}\\${prefix}z ${request.nonce} "$?" "\${PWD-}"; } 2>&1\n`;
  },

  /**
   * In POSIX mode special builtins win over functions, reserved words over aliases, and an
   * assignment switches it on.
   */
  repair: () =>
    [
      "POSIXLY_CORRECT=1",
      "\\unset -f builtin eval printf enable return exec declare alias shopt trap 2>/dev/null",
      "\\enable builtin eval printf return exec trap . 2>/dev/null",
      "\\set +o posix",
      "",
    ].join("\n"),
};

/**
 * The word that `builtin eval` gets, in bash and zsh alike.
 *
 * @param request The command.
 * @returns The word, and what must run before it. A leading space keeps `-x` from being an option.
 */
export function evalText(request: FrameRequest): { readonly load: string; readonly text: string } {
  if ("text" in request.command) {
    return { load: "", text: ansiQuote(` ${request.command.text}`) };
  }
  return {
    load: `\\builtin . ${quoteForShell(request.command.file)}; `,
    text: `"$${commandVariable(request.token)}"`,
  };
}
