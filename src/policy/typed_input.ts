/**
 * What makes text that is typed to a shell something else than it looks like.
 *
 * @module
 */

import { safe, type SafeText } from "../safe_text.ts";
import { programBaseName } from "../shell_text/program_spec.ts";
import type { ProgramSubject, Subject } from "../shell_text/subjects.ts";

/** Why typed text is not what runs: control characters, the history, changed keys. */
export type TypedTrick = "control" | "history" | "keys";

/** A tab completes, ^U kills, ESC begins a key: only the end of a line means the same everywhere. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]/;
/** History expansion: `!word` anywhere, `^old^new` at the start of a line. */
const HISTORY = /(?:^|[^\\$])![^\s=(]|(?:^|\n)[ \t]*\^/;
/** To a program that may be no shell, an answer with an exclamation mark is an answer. */
const LINE_HISTORY = /(?:^|\n)[ \t]*[!^]/;

/** Programs that recall lines, or say what keys and lines mean. `r` is zsh's and ksh's `fc -e -`. */
const KEY_PROGRAMS: ReadonlySet<string> = new Set([
  ...["fc", "r", "bind", "bindkey", "zle", "vared", "tset", "reset"],
]);
/** Programs that take a shell's options: zsh corrects names after a single key. */
const OPTION_PROGRAMS: ReadonlySet<string> = new Set([
  "set",
  "setopt",
  "emulate",
  "zsh",
  "unsetopt",
]);
/** What `stty` may be told without changing how a line is edited and ended. */
const HARMLESS_STTY = /^(?:-a|-g|--all|--save|size|speed|sane|-?echo|rows|cols|columns|\d{1,4})$/;

/** The rules' names, and what they say to the one who types. */
export const TRICKS: {
  readonly [trick in TypedTrick]: { readonly rule: SafeText; readonly reason: SafeText };
} = {
  control: {
    rule: safe`control_characters`,
    reason:
      safe`Control characters in typed text edit or complete the line, so that it cannot be judged; type plain text without tabs, and Enter or ctrl_c as keys`,
  },
  history: {
    rule: safe`history`,
    reason:
      safe`What this takes from the shell's history is not known here; write the command out literally`,
  },
  keys: {
    rule: safe`terminal_keys`,
    reason:
      safe`Keys or lines may mean something else to this shell, so that what is typed cannot be judged; run it as a command of its own instead`,
  },
};

/** Text on its way to a program. */
export interface TypedText {
  /** The text. */
  readonly text: string;
  /** What it does, as it stands. */
  readonly subjects: readonly Subject[];
  /** Who reads it. */
  readonly reader: "shell" | "unknown";
  /** Whether it is typed at a terminal. */
  readonly isTyped: boolean;
}

/**
 * Tells whether text can become another text on its way to a shell.
 *
 * @param typed The text.
 * @returns Why; undefined when it stays what it is.
 */
export function trickOf({ text, subjects, reader, isTyped }: TypedText): TypedTrick | undefined {
  if (reader === "shell" && HISTORY.test(text)) return "history";
  if (!isTyped) return undefined;
  if (CONTROL.test(text)) return "control";
  if (LINE_HISTORY.test(text) || /histchars/i.test(text)) return "history";
  return changesKeys(subjects) || subjects.some(recalls) ? "keys" : undefined;
}

/**
 * Tells whether a command leaves the terminal, or its children, with keys that mean something else:
 * another kill character, or ctrl_c without effect.
 *
 * @param subjects What the command does.
 * @returns Whether it may.
 */
export function changesKeys(subjects: readonly Subject[]): boolean {
  return subjects.some((subject) => subject.kind === "program" && programChangesKeys(subject));
}

function programChangesKeys({ name, args }: ProgramSubject): boolean {
  const values = args.map(({ value }) => value);
  switch (programBaseName(name)) {
    case "stty":
      return values.some((value) => value === undefined || !HARMLESS_STTY.test(value));
    case "trap":
      return values.slice(1).some((value) =>
        value === undefined || /^(?:(?:sig)?int|2)$/i.test(value)
      );
    default:
      return false;
  }
}

function recalls(subject: Subject): boolean {
  if (subject.kind !== "program") return false;
  const name = programBaseName(subject.name);
  if (KEY_PROGRAMS.has(name)) return true;
  return OPTION_PROGRAMS.has(name) &&
    subject.args.some(({ value }) =>
      value === undefined || /correct|histsubst/i.test(value.replaceAll(/[_-]/g, ""))
    );
}
