/**
 * The form of a rule pack.
 *
 * @module
 */

import type { SafeText } from "../../safe_text.ts";
import type { CodeSubject, ProgramSubject, RedirectSubject } from "../../shell_text/subjects.ts";
import { type ArgumentsView, hasOption } from "../arguments_view.ts";
import { type Certainty, some } from "../certainty.ts";

/**
 * How grave a finding is beside the pack's setting: `grave` is denied where the pack asks, `mild`
 * is asked where the pack denies.
 */
export type Gravity = "grave" | "normal" | "mild";

/** What a pack found. */
export interface PackFinding {
  /** The rule's name inside the pack. */
  readonly rule: SafeText;
  /** How grave it is. */
  readonly gravity: Gravity;
  /** What to do instead. */
  readonly say?: SafeText;
}

/** Judges one sort of subject; undefined when it is none of the pack's business. */
export type PackJudge<S> = (subject: S) => PackFinding | undefined;

/** Judges the runs of a program. */
export type ProgramJudge = (view: ArgumentsView) => PackFinding | undefined;

/** A rule pack. */
export interface Pack {
  /** Program → judge. */
  readonly programs: ReadonlyMap<string, ProgramJudge>;
  /** Judges every program, whatever its name. */
  readonly anyProgram?: PackJudge<ProgramSubject>;
  /** Judges files that are written or read by redirection. */
  readonly redirect?: PackJudge<RedirectSubject>;
  /** Judges code that cannot be read. */
  readonly code?: PackJudge<CodeSubject>;
}

/**
 * Makes the map of programs.
 *
 * @param lists Judges with the names of their programs, blanks between them.
 * @returns The map.
 */
export function programJudges(
  lists: readonly (readonly [ProgramJudge, string])[],
): ReadonlyMap<string, ProgramJudge> {
  const map = new Map<string, ProgramJudge>();
  for (const [judge, names] of lists) {
    for (const name of names.split(" ")) {
      const before = map.get(name);
      map.set(name, before === undefined ? judge : (view) => before(view) ?? judge(view));
    }
  }
  return map;
}

/** A finding of the pack's own gravity. */
export function normal(rule: SafeText, say?: SafeText): PackFinding {
  return say === undefined ? { rule, gravity: "normal" } : { rule, gravity: "normal", say };
}

/** A finding that is denied even where the pack asks. */
export function grave(rule: SafeText, say?: SafeText): PackFinding {
  return say === undefined ? { rule, gravity: "grave" } : { rule, gravity: "grave", say };
}

/** A finding that is asked even where the pack denies. */
export function mild(rule: SafeText, say?: SafeText): PackFinding {
  return say === undefined ? { rule, gravity: "mild" } : { rule, gravity: "mild", say };
}

/** Always the same finding, unless only help is asked for. */
export function always(finding: PackFinding): ProgramJudge {
  return (view) => asksForHelp(view) ? undefined : finding;
}

/** Tells whether only help or a version is asked for. */
export function asksForHelp(view: ArgumentsView): boolean {
  return view.options.some(({ text, isCertain }) =>
    isCertain && /^(?:--help|--version|-V|-version|-help)$/.test(text)
  ) || (view.operands.length === 1 && /^(?:help|version)$/.test(view.operands[0]?.value ?? ""));
}

/** Whether an option is given, or may be. */
export function mayHave(view: ArgumentsView, ...names: readonly string[]): boolean {
  return hasOption(view, ...names) !== "no";
}

/** Whether an option is certainly given. */
export function surelyHas(view: ArgumentsView, ...names: readonly string[]): boolean {
  return hasOption(view, ...names) === "yes";
}

/** The first operand when it is known, else the empty text. */
export function subOf(view: ArgumentsView, index = 0): string {
  return view.operands[index]?.value ?? "";
}

/**
 * Whether the words of a subcommand are among some.
 *
 * @param view The arguments.
 * @param names Subcommands, blanks between them.
 * @returns Whether the first operand is one; `maybe` when it is not known.
 */
export function subIs(view: ArgumentsView, names: string): Certainty {
  const wanted = names.split(" ");
  const candidates = view.unknownInFront > 0 ? view.operands : view.operands.slice(0, 1);
  const [first] = candidates;
  if (first !== undefined && first.value === undefined) return "maybe";
  return some(
    "no",
    ...candidates.map(({ value }) => value !== undefined && wanted.includes(value) ? "yes" : "no"),
  );
}
