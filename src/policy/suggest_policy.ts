/**
 * Proposes an allow-list from commands that ran. What a pack asks about or denies is never part of
 * it, and the packs stay on in the proposal, so that its rules cannot open what they close.
 *
 * @module
 */

import type { Decision } from "../exec_result.ts";
import { LIMITS } from "../limits.ts";
import type { SafeText } from "../safe_text.ts";
import { findSubjects } from "../shell_text/finder.ts";
import type { ProgramSubject } from "../shell_text/subjects.ts";
import { viewOf } from "./arguments_view.ts";
import { type PackName, PACKS } from "./packs/packs.ts";
import type { Policy } from "./policy.ts";
import { readPolicyFile } from "./policy_file.ts";

/** A command that ran. */
export interface ObservedCommand {
  /** Its text, redacted. */
  readonly command: SafeText;
  /** How often it ran. */
  readonly count: number;
}

/** A command that the proposal does not allow, and why. */
export interface LeftOutCommand {
  /** Its text, redacted. */
  readonly command: SafeText;
  /** The rule that speaks against it. */
  readonly rule: string;
}

/** A proposal. */
export interface SuggestedPolicy {
  /** The file as data: what `JSON.stringify` makes a policy file of. */
  readonly file: { readonly [key: string]: unknown };
  /** How many of the commands it allows. */
  readonly covered: number;
  /** The commands that it does not allow. */
  readonly leftOut: readonly LeftOutCommand[];
}

/** A rule of the proposal, while it is put together. */
interface Draft {
  readonly program: string;
  readonly sub: string;
  readonly hasArguments: boolean;
  readonly flags: Set<string>;
  readonly examples: Set<string>;
}

const EXAMPLES_MAX = 3;
/** Flags of one rule at most: beyond, a program is not used in one way. */
const FLAGS_MAX = 24;
/** A name that no glob and no look-alike can hide in. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
const PLAIN_FLAG = /^--?[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
/** A word that may be a subcommand, and a first word that at least is one certain thing. */
const SUB_WORD = /^[A-Za-z][A-Za-z0-9:_-]{0,63}$/;
const FIRST_WORD = /^[A-Za-z0-9./][A-Za-z0-9._:/@+-]{0,127}$/;
const TRUSTED_FOLDERS = /^\/(?:usr\/(?:local\/)?)?s?bin\/([^/]+)$/;
// The keys of the table are the names.
const PACK_NAMES = Object.keys(PACKS) as PackName[];

/**
 * Proposes a policy.
 *
 * @param commands What ran.
 * @param redact Takes secrets out of verdicts.
 * @returns The proposal; it loads, its examples hold, and it was asked about every command.
 */
export function suggestPolicy(
  commands: readonly ObservedCommand[],
  redact: (text: string) => SafeText,
): SuggestedPolicy {
  const decide = (policy: Policy, command: SafeText) => judge(policy, command, redact);
  // With everything else allowed, whatever is not allowed is so because of a pack or a setting.
  const fence = policyOf({ ...settings("deny"), default: "allow" });
  const base = policyOf(settings("ask"));
  const harmless = commands.filter((one) => decide(fence, one.command).decision === "allow")
    .sort((one, other) => other.count - one.count);
  const drafts = new Map<string, Draft>();
  for (const { command } of harmless) {
    if (decide(base, command).decision !== "allow") addDrafts(drafts, command);
  }
  const rules = keepHolding([...drafts.values()].slice(0, LIMITS.suggestedRulesMax).map(ruleOf));
  const file = { ...settings("ask"), rules };
  const proposed = policyOf(file);
  const leftOut = commands.flatMap(({ command }) => {
    const verdict = decide(fence, command);
    const own = decide(proposed, command);
    if (own.decision === "allow") return [];
    const { rule } = verdict.decision === "allow" ? own : verdict;
    return [{ command, rule: rule ?? "default" }];
  });
  return { file, covered: commands.length - leftOut.length, leftOut };
}

function settings(packs: Decision): { readonly [key: string]: unknown } {
  return {
    version: 1,
    default: "ask",
    whenNoHuman: "deny",
    dynamic: "ask",
    unreadableCode: "ask",
    scriptFiles: "ask",
    parseError: "deny",
    packs: Object.fromEntries(
      PACK_NAMES.map((name) => [name, name === "read-only" ? "allow" : packs]),
    ),
  };
}

function policyOf(file: object): Policy {
  return readPolicyFile(JSON.stringify(file)).policy;
}

function judge(
  policy: Policy,
  command: SafeText,
  redact: (text: string) => SafeText,
): ReturnType<Policy["decide"]> {
  // Where it ran may differ from one time to the next.
  const place = { cwd: "", transport: "local", target: "local", shell: "bash" };
  return policy.decide({ ...place, command, redact });
}

function addDrafts(drafts: Map<string, Draft>, command: SafeText): void {
  for (const subject of findSubjects({ text: command, shell: "bash" }).subjects) {
    if (subject.kind !== "program" || subject.isFunction) continue;
    const name = plainProgram(subject);
    if (name === undefined) continue;
    const { operands, options } = viewOf(subject);
    const sub = subOf(operands.map(({ value }) => value));
    if (sub === undefined) continue;
    const hasArguments = subject.args.length > 0;
    const key = JSON.stringify([name, sub, hasArguments]);
    const draft = drafts.get(key) ??
      { program: name, sub, hasArguments, flags: new Set(), examples: new Set() };
    drafts.set(key, draft);
    for (const { text } of options) draft.flags.add(text);
    if (draft.examples.size < EXAMPLES_MAX) draft.examples.add(command);
  }
}

/** The name that a rule allows it under; undefined for a path that anybody may have written. */
function plainProgram({ name }: ProgramSubject): string | undefined {
  const base = TRUSTED_FOLDERS.exec(name)?.[1] ?? name;
  return PLAIN_NAME.test(base) ? base : undefined;
}

/** The words that come first: empty for none; undefined when a rule cannot name them. */
function subOf(operands: readonly (string | undefined)[]): string | undefined {
  const [first, second] = operands;
  if (operands.length === 0) return "";
  if (first === undefined || !FIRST_WORD.test(first)) return undefined;
  if (second === undefined || !SUB_WORD.test(first) || !SUB_WORD.test(second)) return first;
  return `${first} ${second}`;
}

function ruleOf({ program, sub, hasArguments, flags, examples }: Draft, index: number) {
  const known = [...flags].filter((flag) => PLAIN_FLAG.test(flag)).slice(0, FLAGS_MAX).sort();
  const options = known.length === 0 ? { noFlag: ["-*"] } : { onlyFlags: known };
  // Without a subcommand there were options at most.
  const noOperand = hasArguments ? { except: { arg: ["[!-]*"] } } : { except: { arg: ["*"] } };
  return {
    id: `${index + 1}-${program}${sub === "" ? "" : `-${sub.replace(/[^A-Za-z0-9]+/g, "-")}`}`,
    decision: "allow",
    program,
    args: { ...(sub === "" ? {} : { sub: [sub] }), ...options },
    ...(sub === "" ? noOperand : {}),
    examples: { match: [...examples] },
  };
}

/** A rule that does not match what it was made from is none to propose. */
function keepHolding(rules: readonly ReturnType<typeof ruleOf>[]) {
  const file = JSON.stringify({ ...settings("ask"), rules });
  const failing = new Set(
    readPolicyFile(file, { examples: "report" }).examples.filter(({ holds }) => !holds)
      .map(({ rule }) => rule),
  );
  return rules.filter(({ id }) => !failing.has(id));
}
