/**
 * Proposes an allow-list from commands that ran. What a pack asks about or denies is never part of
 * it, and the packs stay on in the proposal, so that its rules cannot open what they close. A rule
 * allows the arguments that ran and no others: what an agent ran to be allowed more is allowed only
 * once more.
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
  /** The first argument when it is a word, for the rule's name. */
  readonly sub: string;
  readonly isRemote: boolean;
  /** Whole lists of arguments, as JSON so that each is there once. */
  readonly argv: Set<string>;
  readonly examples: Set<string>;
}

const EXAMPLES_MAX = 3;
/** Lists of arguments of one rule at most: more is nothing that a person reads. */
const ARGV_MAX = 24;
/** Arguments of a list, and characters of an argument, at most. */
const ARGS_MAX = 32;
const ARG_MAX_CHARS = 256;
/** A name that no glob and no look-alike can hide in. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
/** A word that may be a subcommand. */
const SUB_WORD = /^[A-Za-z][A-Za-z0-9:_-]{0,63}$/;
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
    const program = plainProgram(subject);
    const argv = exactArguments(subject);
    if (program === undefined || argv === undefined) continue;
    // The pack allows it already.
    if (PACKS["read-only"].programs.get(program)?.(viewOf(subject)) !== undefined) continue;
    const first = subject.args[0]?.value ?? "";
    const sub = SUB_WORD.test(first) ? first : "";
    const isRemote = subject.remote;
    const key = JSON.stringify([program, sub, isRemote]);
    const draft = drafts.get(key) ??
      { program, sub, isRemote, argv: new Set(), examples: new Set() };
    drafts.set(key, draft);
    if (draft.argv.size < ARGV_MAX) draft.argv.add(JSON.stringify(argv));
    if (draft.examples.size < EXAMPLES_MAX) draft.examples.add(command);
  }
}

/**
 * The arguments as globs that match nothing else. Undefined for what is not the same twice: what
 * the program reads from its input, variables that are set for it, what was redacted or expanded.
 */
function exactArguments(subject: ProgramSubject): readonly string[] | undefined {
  const { args, input, variables, name } = subject;
  if (input.kind !== "none" || variables.length > 0 || args.length > ARGS_MAX) return undefined;
  const values = args.flatMap(({ value, many }) => value === undefined || many ? [] : [value]);
  const isPlain = values.every((value) =>
    value.length <= ARG_MAX_CHARS && !value.includes("[REDACTED")
  );
  if (values.length < args.length || !isPlain) return undefined;
  const globs = values.map((value) => value.replace(/[*?[\\]/g, "\\$&"));
  // The message of a commit is text that nothing reads as anything else.
  const isMessage = name === "git" && values.length === 3 && values[0] === "commit" &&
    /^(?:-m|-am|--message)$/.test(values[1] ?? "");
  return isMessage ? [...globs.slice(0, 2), "*"] : globs;
}

/** The name that a rule allows it under; undefined for a path that anybody may have written. */
function plainProgram({ name }: ProgramSubject): string | undefined {
  const base = TRUSTED_FOLDERS.exec(name)?.[1] ?? name;
  return PLAIN_NAME.test(base) ? base : undefined;
}

function ruleOf({ program, sub, isRemote, argv, examples }: Draft, index: number) {
  return {
    id: `${index + 1}-${program}${sub === "" ? "" : `-${sub.replace(/[^A-Za-z0-9]+/g, "-")}`}`,
    decision: "allow",
    program,
    argv: [...argv].map((list): unknown => JSON.parse(list)),
    stdin: "none",
    remote: isRemote,
    except: { env: "*" },
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
