/**
 * The programs that start the program named in their own arguments: a small table of data.
 *
 * Only what is listed is followed. An option that is not listed makes the inner program unknown,
 * since it might take the next word as its value.
 *
 * @module
 */

/** How a wrapper reads its arguments. */
export interface Wrapper {
  /**
   * What its operands are: `argv` a program and its arguments, `script` shell text behind the
   * options that hold a `c`, `login` shell text behind `-c` among a user's name and options, `text` words that are joined to shell text, `first` shell text in the first operand, `aliases`
   * definitions `name=text`, `find` programs behind `-exec` and its like.
   */
  readonly kind: "argv" | "script" | "login" | "text" | "first" | "aliases" | "find";
  /** Short options without a value. */
  readonly flags?: string;
  /** Short options with a value, attached or in the next word. */
  readonly valued?: string;
  /** Short options whose value can only be attached. */
  readonly attached?: string;
  /** Short options with which it starts nothing, such as `command -v`. */
  readonly stops?: string;
  /** Short options that name the text to replace, which is only followed when it is `{}`. */
  readonly placeholders?: string;
  /** Short options whose value is shell text. */
  readonly texts?: string;
  /** Short options with which it starts a shell when no program is named. */
  readonly shells?: string;
  /** Long options without a value in the next word. */
  readonly longFlags?: readonly string[];
  /** Long options with a value. */
  readonly longValued?: readonly string[];
  /** Operands in front of the program. */
  readonly operands?: number;
  /** True when `NAME=value` may stand in front of the program. */
  readonly assignments?: true;
}

const PLAIN: Wrapper = { kind: "argv" };
const SHELL: Wrapper = { kind: "script" };

/** Program name → how it reads its arguments. */
export const WRAPPERS: ReadonlyMap<string, Wrapper> = new Map<string, Wrapper>([
  ["sudo", {
    kind: "argv",
    flags: "AbBEHkKnNPS",
    valued: "CDghpRrTtUu",
    stops: "levV",
    shells: "si",
    longFlags: ["background", "login", "non-interactive", "preserve-env", "set-home", "stdin"],
    longValued: ["user", "group", "host", "prompt", "chdir", "chroot", "command-timeout"],
    assignments: true,
  }],
  ["doas", { kind: "argv", flags: "nL", valued: "uaC", shells: "s" }],
  ["env", {
    kind: "argv",
    flags: "i0v",
    valued: "uC",
    texts: "S",
    longFlags: ["ignore-environment", "null", "debug"],
    longValued: ["unset", "chdir"],
    assignments: true,
  }],
  ["command", { kind: "argv", flags: "p", stops: "vV" }],
  ["builtin", PLAIN],
  ["exec", { kind: "argv", flags: "cl", valued: "a" }],
  ["nohup", PLAIN],
  ["busybox", PLAIN],
  ["toybox", PLAIN],
  ["noglob", PLAIN],
  ["nocorrect", PLAIN],
  ["-", PLAIN],
  ["repeat", { kind: "argv", operands: 1 }],
  ["setsid", { kind: "argv", flags: "cfw", longFlags: ["ctty", "fork", "wait"] }],
  ["stdbuf", { kind: "argv", valued: "ioe", longValued: ["input", "output", "error"] }],
  ["nice", { kind: "argv", flags: "0123456789", valued: "n", longValued: ["adjustment"] }],
  ["ionice", { kind: "argv", flags: "t", valued: "cn", stops: "pPu" }],
  ["time", { kind: "argv", flags: "pavq", valued: "fo", stops: "V" }],
  ["timeout", {
    kind: "argv",
    flags: "v",
    valued: "ks",
    longFlags: ["foreground", "preserve-status", "verbose"],
    longValued: ["kill-after", "signal"],
    operands: 1,
  }],
  ["xargs", {
    kind: "argv",
    flags: "0oprtx",
    valued: "adELnPs",
    attached: "el",
    placeholders: "Ii",
    longFlags: ["null", "no-run-if-empty", "verbose", "interactive", "exit", "open-tty"],
    longValued: ["arg-file", "delimiter", "max-args", "max-procs", "max-chars"],
  }],
  ["find", { kind: "find" }],
  ["eval", { kind: "text" }],
  ["watch", {
    kind: "text",
    flags: "bcdegtpx",
    valued: "nq",
    longFlags: ["beep", "color", "differences", "errexit", "chgexit", "no-title", "exec"],
    longValued: ["interval"],
  }],
  ["trap", { kind: "first", stops: "lp" }],
  ["alias", { kind: "aliases", flags: "pgsrmL" }],
  ["su", { kind: "login" }],
  ...["sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "rbash"].map(
    (name): [string, Wrapper] => [name, SHELL],
  ),
]);
