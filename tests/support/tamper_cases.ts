/**
 * Commands that take the words away from the shell that a frame is made of.
 *
 * @module
 */

import type { TestShell } from "./open_session.ts";

/** Commands of one session; after each, the results have to be true. */
export interface TamperCase {
  /** What it does. */
  readonly name: string;
  /** The commands, in order. */
  readonly commands: readonly string[];
  /** The dialects that have such a thing. Default: all. */
  readonly dialects?: readonly TestShell["dialect"][];
}

/** Every word that a frame could be made of. */
const WORDS = [
  ...["eval", "builtin", "command", "printf", "echo", "trap", "exec", "return", "set", "unset"],
  ...["test", "[", ".", "source", "read", "cd", "pwd", "exit", "export", "declare", "shopt"],
  ...["alias", "unalias", "enable", "local", "true", "false", ":", "shift", "stty", "cat"],
] as const;
const RESERVED = ["if", "then", "fi", "{", "}", "case", "esac", "while", "!", "[[", "always"];

/** A definition that a shell refuses must not stop the ones behind it. */
function attempt(text: string): string {
  return `eval '${text.replaceAll("'", "'\\''")}' 2>/dev/null`;
}

function shadowed(word: string): TamperCase {
  return {
    name: `function and alias ${word}`,
    commands: [
      `${attempt(`${word}(){ return 3; }`)}; true`,
      attempt(`alias ${word}='/bin/echo NOISE'`),
    ],
  };
}

const ALL_AT_ONCE: TamperCase = {
  name: "a function for every word at once",
  // The words that the definitions themselves need come last. The bodies use no word at all: with
  // `:` in them, a function named `:` would call itself for ever.
  commands: [
    [...WORDS].reverse().map((word) => attempt(`${word}(){ SHADOWED=1; }`)).join("; "),
    "builtin(){ SHADOWED=1; }; command(){ SHADOWED=1; }",
  ],
};

const INTERNAL_VARIABLES = "$(set | sed -n 's/^\\(__ek_[a-z0-9]*\\)=.*/\\1/p')";

const ALL_SHELLS: readonly TamperCase[] = [
  ...WORDS.map(shadowed),
  ALL_AT_ONCE,
  {
    name: "aliases of reserved words",
    commands: RESERVED.map((word) => attempt(`alias '${word}=/bin/false'`)),
  },
  {
    name: "an alias of every word at once",
    commands: [
      [...WORDS].reverse().map((word) => attempt(`alias '${word}=/bin/false'`)).join("; "),
    ],
  },
  { name: "PATH emptied and unset", commands: ["PATH=", "unset PATH"] },
  { name: "readonly prompts", commands: ["readonly PS1 PS2 PROMPT_COMMAND"] },
  {
    name: "own prompts",
    commands: ["PS1='$(/bin/echo NOISE)$ ' PS2='> ' PS4='$(/bin/echo NOISE)'"],
  },
  {
    name: "every internal variable readonly",
    commands: [`for v in ${INTERNAL_VARIABLES}; do readonly $v; done`],
  },
  {
    name: "every internal variable unset",
    commands: [`for v in ${INTERNAL_VARIABLES}; do unset $v; done`],
  },
  {
    name: "every internal variable unset, with nounset",
    commands: [`set -u; for v in ${INTERNAL_VARIABLES} PWD; do unset $v; done`],
  },
  {
    name: "every internal variable changed",
    commands: [`for v in ${INTERNAL_VARIABLES}; do eval "$v=9"; done`],
  },
  { name: "own EXIT trap", commands: ["trap '/bin/echo NOISE' EXIT", "exit 5"] },
  { name: "no EXIT trap", commands: ["trap - EXIT", "exit 5"] },
  { name: "ignored signals", commands: ["trap '' INT TERM HUP CHLD PIPE"] },
  { name: "the shell replaced by a program", commands: ["exec /bin/true"] },
  { name: "the shell replaced by a shell", commands: ["exec /bin/sh"] },
  { name: "the shell killed", commands: ["kill -9 $$"] },
  { name: "the shell hung up", commands: ["kill -HUP $$"] },
  {
    name: "shell options",
    commands: ["set -f", "set -u", "set -x", "set +x", "set -e", "set -a", "set -b", "set -C"],
  },
  { name: "IFS", commands: ["IFS=0123456789abcdef/", "IFS='E '"] },
  {
    name: "descriptors closed and moved",
    commands: ["exec 7>&- 8>&- 9<&-", "exec 7</dev/null 8>/dev/null 9>&1", "exec 0<&- 1>&- 2>&-"],
  },
  {
    name: "own temporary files removed",
    commands: ['rm -rf "${TMPDIR:-/tmp}"/execkit.*/eval* "${TMPDIR:-/tmp}"/nothing'],
  },
  {
    name: "a directory that is gone",
    commands: ['d=$(mktemp -d); cd "$d"; rmdir "$d"', "cd /var/tmp"],
  },
  { name: "PWD changed", commands: ["PWD=/forged OLDPWD=/forged", "unset PWD"] },
];

const BASH: readonly TamperCase[] = [
  {
    name: "enable -n of single words",
    commands: [
      "enable -n printf echo",
      "enable -n builtin",
      "enable -n command",
      "enable -n trap exec return",
    ],
  },
  { name: "enable -n eval", commands: ["enable -n eval"] },
  { name: "enable -n of everything", commands: ["enable -n $(compgen -b)"] },
  {
    name: "hash -p",
    commands: ["hash -p /bin/false printf; hash -p /bin/false stty; hash -p /bin/false cat"],
  },
  { name: "every internal function unset", commands: ["unset -f $(compgen -A function __ek_)"] },
  {
    name: "every internal function emptied",
    commands: ['for f in $(compgen -A function __ek_); do eval "$f(){ :; }"; done'],
  },
  {
    name: "every internal function readonly",
    commands: ["readonly -f $(compgen -A function __ek_)"],
  },
  {
    name: "DEBUG, ERR and RETURN traps",
    commands: ["trap '/bin/echo NOISE' DEBUG", "trap '/bin/echo NOISE' ERR RETURN", "set -ET"],
  },
  {
    name: "extdebug with a failing DEBUG trap",
    commands: ["shopt -s extdebug; trap 'false' DEBUG"],
  },
  {
    name: "extdebug with a returning DEBUG trap",
    commands: ["d(){ return 2; }; shopt -s extdebug; trap d DEBUG"],
  },
  {
    name: "PROMPT_COMMAND",
    commands: ["PROMPT_COMMAND='/bin/echo NOISE; PS1=x'", "PROMPT_COMMAND='exit 3'"],
  },
  { name: "PS0 and promptvars", commands: ["PS0='NOISE\\n'", "shopt -u promptvars"] },
  { name: "a restricted shell", commands: ["set -r"] },
  { name: "POSIX mode", commands: ["set -o posix", "POSIXLY_CORRECT=1", "eval(){ :; }; true"] },
  { name: "exit after one command", commands: ["set -t"] },
  { name: "set +m", commands: ["set +m", "set -m"] },
];

const ZSH: readonly TamperCase[] = [
  {
    name: "disabled builtins",
    commands: ["disable printf echo", "disable builtin", "disable eval", "disable -r if"],
  },
  { name: "every internal function unset", commands: ["unset -f ${(k)functions[(I)__ek_*]}"] },
  {
    name: "every internal function emptied",
    commands: ['for f in ${(k)functions[(I)__ek_*]}; do eval "$f(){ :; }"; done'],
  },
  {
    name: "hooks",
    commands: [
      "precmd(){ /bin/echo NOISE; }",
      "preexec(){ /bin/echo NOISE; }",
      "chpwd(){ /bin/echo NOISE; }",
    ],
  },
  {
    name: "trap functions",
    commands: [
      "TRAPDEBUG(){ /bin/echo NOISE; }",
      "TRAPZERR(){ /bin/echo NOISE; }",
      "TRAPEXIT(){ /bin/echo NOISE; }",
    ],
  },
  { name: "global aliases", commands: ["alias -g '{=x' '}=y'", "alias -g if=x"] },
  {
    name: "emulation and options",
    commands: [
      "setopt ksh_arrays sh_word_split local_options err_return",
      "emulate sh",
      "setopt no_function_argzero prompt_subst",
    ],
  },
  { name: "another prompt command", commands: ["PROMPT='%n$(echo NOISE)' RPROMPT=NOISE"] },
];

/** The cases of one dialect. */
export function tamperCases(dialect: TestShell["dialect"]): readonly TamperCase[] {
  const own = dialect === "bash" ? BASH : dialect === "zsh" ? ZSH : [];
  return [...ALL_SHELLS, ...own];
}
