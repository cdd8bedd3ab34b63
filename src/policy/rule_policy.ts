/**
 * The policy engine: what a text would do, judged by rules and packs; the strictest finding stands.
 *
 * @module
 */

import type { Decision, Verdict } from "../exec_result.ts";
import { safe, type SafeText } from "../safe_text.ts";
import { findSubjects } from "../shell_text/finder.ts";
import { plainName } from "../shell_text/program_spec.ts";
import type { Definitions, Findings, ProgramSubject, Subject } from "../shell_text/subjects.ts";
import { viewOf } from "./arguments_view.ts";
import { findReaders } from "./input_readers.ts";
import type { PackFinding } from "./packs/pack.ts";
import { type PackName, PACKS } from "./packs/packs.ts";
import { isConnection, isHarmlessDevice } from "./paths.ts";
import type { Policy, PolicyInputRequest, PolicyPlace, PolicyRequest } from "./policy.ts";
import type { Rule, RulePlace } from "./rule.ts";
import { changesKeys, trickOf, TRICKS, type TypedTrick } from "./typed_input.ts";

/** Everything that a policy goes by. */
export interface PolicySettings {
  /** What no rule speaks of. */
  readonly default: Decision;
  /** Programs that are not known before they run, and what changes which programs run. */
  readonly dynamic: Decision;
  /** Code that cannot be read. */
  readonly unreadableCode: Decision;
  /** Script files. */
  readonly scriptFiles: Decision;
  /** Text that cannot be read. */
  readonly parseError: Decision;
  /** What `ask` means when nobody can be asked. */
  readonly whenNoHuman: "allow" | "deny";
  /** The packs that are on. */
  readonly packs: ReadonlyMap<PackName, Decision>;
  /** The rules. */
  readonly rules: readonly Rule[];
  /** Whose rules they are, for the reasons in verdicts. Default: `operator`. */
  readonly author?: "operator" | "session";
}

const STRICTNESS = { allow: 0, ask: 1, deny: 2 } as const;
const NO_DEFINITIONS: Definitions = { aliases: new Map(), functions: new Set() };

/** What was decided about one subject. */
interface Finding {
  readonly decision: Decision;
  readonly rule?: SafeText;
  readonly reason?: SafeText;
  readonly say?: SafeText;
  readonly subject?: Subject;
  readonly at?: { readonly start: number; readonly end: number };
}

/**
 * Makes a policy.
 *
 * @param settings What it goes by.
 * @returns The policy; `forSession` gives one that knows what earlier commands defined.
 */
export function createRulePolicy(settings: PolicySettings): Policy {
  return new RulePolicy(settings);
}

class RulePolicy implements Policy {
  readonly whenNoHuman: "allow" | "deny";
  readonly #settings: PolicySettings;
  readonly #remembers: boolean;
  #definitions = NO_DEFINITIONS;
  /** Whether an earlier command may have changed what keys mean at the session's terminal. */
  #hasOtherKeys = false;

  constructor(settings: PolicySettings, remembers?: "session") {
    this.#settings = settings;
    this.#remembers = remembers === "session";
    this.whenNoHuman = settings.whenNoHuman;
  }

  decide(request: PolicyRequest): Verdict {
    return this.#verdict(this.#judge(this.#findAll(request), request), request);
  }

  decideInput(request: PolicyInputRequest): Verdict {
    const running = this.#find(request, request.command).subjects;
    const reader = findReaders(running);
    if (reader === "data") return { decision: "allow" };
    if (reader !== "shell" && reader !== "unknown") {
      const decision = this.#settings.unreadableCode;
      const rule = safe`unreadable_input`;
      return decision === "allow" ? { decision } : {
        decision,
        rule,
        reason: INPUT_REASON,
        words: request.redact(request.input.slice(0, 400)),
      };
    }
    return this.#verdict(this.#judgeInput(request, reader, running), request);
  }

  forSession(): Policy {
    return new RulePolicy(this.#settings, "session");
  }

  started(request: PolicyRequest): void {
    if (!this.#remembers) return;
    const { definitions, subjects } = this.#findAll(request);
    this.#definitions = definitions;
    this.#hasOtherKeys ||= changesKeys(subjects);
  }

  #judgeInput(
    request: PolicyInputRequest,
    reader: "shell" | "unknown",
    running: readonly Subject[],
  ): Finding {
    const isTyped = request.isTyped === true;
    const text = isTyped ? request.input.replaceAll("\r", "\n") : request.input;
    const findings = this.#find(request, text);
    const { subjects } = findings;
    const hasWords = /\S\s+\S/.test(text);
    // Of a program that may be no shell only what a rule speaks of counts, and what is typed to hide
    // what runs: an answer is no command.
    const counts = ({ kind }: Subject) =>
      isTyped && (kind === "dynamic" || kind === "code" && hasWords);
    const judged = reader === "shell" ? this.#judge(findings, request) : strictest(
      subjects.map((subject) =>
        counts(subject) ? this.#judgeSubject(subject, request) : this.#byRules(subject, request)
      ),
    );
    const hasOtherKeys = reader === "shell" && (this.#hasOtherKeys || changesKeys(running));
    const trick = trickOf({ text, subjects, reader, isTyped }) ??
      (isTyped && hasOtherKeys ? "keys" : undefined);
    return trick === undefined ? judged : strictest([judged, this.#byTrick(trick)]);
  }

  #byTrick(trick: TypedTrick): Finding {
    const { dynamic } = this.#settings;
    if (trick !== "control" || dynamic === "deny") return { decision: dynamic, ...TRICKS[trick] };
    return { decision: this.#mayRefuse() ? "ask" : "allow", ...TRICKS[trick] };
  }

  #mayRefuse(): boolean {
    const { packs, rules, ...others } = this.#settings;
    return packs.size > 0 || rules.some(({ decision }) => decision !== "allow") ||
      [others.default, others.unreadableCode, others.scriptFiles, others.parseError, others.dynamic]
        .some((decision) => decision !== "allow");
  }

  #verdict(finding: Finding, place: PolicyPlace): Verdict {
    return toVerdict(finding, place, this.#settings.author ?? "operator");
  }

  #findAll(request: PolicyRequest): Findings {
    return this.#find(request, request.command, request.stdin);
  }

  #find({ cwd, shell }: PolicyPlace, text: string, stdin?: string): Findings {
    return findSubjects({
      text,
      shell,
      definitions: this.#definitions,
      ...(stdin === undefined ? {} : { stdin }),
      ...(cwd.startsWith("/") ? { cwd } : {}),
    });
  }

  #judge(findings: Findings, place: PolicyPlace): Finding {
    const { problem, subjects } = findings;
    const found = subjects.map((subject) => this.#judgeSubject(subject, place));
    if (problem !== undefined) {
      const decision = problem.kind === "limit" ? "deny" : this.#settings.parseError;
      found.push({ decision, ...PROBLEMS[problem.kind], at: problem.at });
    }
    return strictest(found);
  }

  #judgeSubject(subject: Subject, place: PolicyPlace): Finding {
    const { settings } = { settings: this.#settings };
    const byRules = this.#byRules(subject, place);
    if (subject.kind === "program" || subject.kind === "redirect") {
      if (byRules.rule !== undefined || isFree(subject)) return byRules;
      return settings.default === "allow"
        ? byRules
        : { decision: settings.default, ...NOT_ALLOWED[settings.author ?? "operator"], subject };
    }
    // Where a program turns to is for those to say who say which programs may run.
    const isTarget = subject.kind === "environment" && subject.isTarget === true;
    if (isTarget && (byRules.rule !== undefined || settings.default === "allow")) return byRules;
    const own = this.#byKind(subject);
    return strictest([own, byRules]);
  }

  /** What rules and packs say; `allow` without a rule when none speaks of it. */
  #byRules(subject: Subject, place: PolicyPlace): Finding {
    const rulePlace: RulePlace = {
      transport: place.transport,
      target: place.target,
      session: place.session ?? "",
    };
    let found: Finding = { decision: "allow" };
    for (const rule of this.#settings.rules) {
      const isStricter = found.rule === undefined ||
        STRICTNESS[rule.decision] > STRICTNESS[found.decision];
      if (!isStricter || !rule.decides(subject, rulePlace)) continue;
      const say = rule.say === undefined ? {} : { say: place.redact(rule.say) };
      found = { decision: rule.decision, rule: place.redact(rule.id), subject, ...say };
    }
    for (const [name, setting] of this.#settings.packs) {
      const finding = judgeByPack(name, subject);
      if (finding === undefined) continue;
      const decision = packDecision(setting, finding);
      if (found.rule !== undefined && STRICTNESS[decision] <= STRICTNESS[found.decision]) continue;
      const say = finding.say === undefined ? {} : { say: finding.say };
      found = { decision, rule: safe`${PACK_NAMES[name]}:${finding.rule}`, subject, ...say };
    }
    return found;
  }

  #byKind(subject: Subject): Finding {
    const { dynamic, unreadableCode, scriptFiles } = this.#settings;
    switch (subject.kind) {
      case "dynamic":
        return {
          decision: dynamic,
          ...(subject.what === "option" ? UNKNOWN_OPTION : UNKNOWN_PROGRAM),
          subject,
        };
      case "code":
        return { decision: unreadableCode, ...UNREADABLE, subject };
      case "script":
        return { decision: scriptFiles, ...SCRIPT, subject };
      case "environment":
        return { decision: dynamic, ...REDEFINED, subject };
      case "disguise":
        return { decision: dynamic === "deny" ? "deny" : "ask", ...DISGUISED, subject };
      default:
        return { decision: "allow" };
    }
  }
}

/** What needs no rule: reading a file, writing to a device that keeps nothing, own functions. */
function isFree(subject: Subject): boolean {
  if (subject.kind === "program") return subject.isFunction || subject.name === "";
  if (subject.kind !== "redirect") return false;
  return isHarmlessDevice(subject.path) || (subject.mode === "read" && !isConnection(subject.path));
}

function judgeByPack(name: PackName, subject: Subject): PackFinding | undefined {
  const pack = PACKS[name];
  if (subject.kind === "redirect") return pack.redirect?.(subject);
  if (subject.kind === "code") return pack.code?.(subject);
  if (subject.kind !== "program") return undefined;
  // A path may be a program that only has the name of one that reads.
  if (name === "read-only" && !isTrusted(subject)) return undefined;
  const view = viewOf(subject);
  const judge = pack.programs.get(view.program) ?? pack.programs.get(plainName(view.program));
  return judge?.(view) ?? pack.anyProgram?.(subject);
}

function isTrusted({ name }: ProgramSubject): boolean {
  return !name.includes("/") || /^\/(?:usr\/(?:local\/)?)?bin\/[^/]+$/.test(name);
}

function packDecision(setting: Decision, { gravity }: PackFinding): Decision {
  if (gravity === "grave") return setting === "allow" ? "ask" : "deny";
  if (gravity === "mild") return setting === "allow" ? "allow" : "ask";
  return setting;
}

const PACK_NAMES: { readonly [name in PackName]: SafeText } = {
  destructive: safe`destructive`,
  privilege: safe`privilege`,
  network: safe`network`,
  "package-install": safe`package-install`,
  "git-history": safe`git-history`,
  kubernetes: safe`kubernetes`,
  databases: safe`databases`,
  cloud: safe`cloud`,
  "read-only": safe`read-only`,
};

const INPUT_REASON =
  safe`The running program reads this as code that cannot be judged; run it as a command of its own instead`;
const NOT_ALLOWED = {
  operator: {
    rule: safe`not_allowed`,
    reason: safe`Nothing in the operator's policy allows this`,
  },
  session: {
    rule: safe`not_allowed`,
    reason: safe`Nothing in the list that this session was opened with allows this`,
  },
};
const AUTHORS = { operator: safe`The operator's`, session: safe`This session's own` };
const UNKNOWN_PROGRAM = {
  rule: safe`unknown_program`,
  reason:
    safe`Which program this starts is not known until it runs; write the program out literally`,
};
const UNKNOWN_OPTION = {
  rule: safe`unknown_option`,
  reason:
    safe`What this starts is not clear from its options; write the command without the wrapper`,
};
const UNREADABLE = {
  rule: safe`unreadable_code`,
  reason:
    safe`This runs code that cannot be read here; write plain commands, or put it in a file that is shown first`,
};
const SCRIPT = {
  rule: safe`script_file`,
  reason: safe`This runs a script file that is not read here; write its commands out`,
};
const REDEFINED = {
  rule: safe`redefinition`,
  reason:
    safe`This changes which programs run under their names; run the program by its path, without the setting`,
};
const DISGUISED = {
  rule: safe`disguise`,
  reason:
    safe`There are characters here that do not show as what they are; write it in plain ASCII`,
};
const PROBLEMS: { readonly [kind in "syntax" | "limit" | "dialect"]: Omit<Finding, "decision"> } = {
  syntax: {
    rule: safe`parse_error`,
    reason: safe`The command is not valid shell text; correct what is unclosed or out of place`,
  },
  limit: {
    rule: safe`limits`,
    reason: safe`The command is too long or too deeply nested to be judged; split it into several`,
  },
  dialect: {
    rule: safe`ambiguous`,
    reason: safe`Shells read this differently; write it in plain POSIX shell, or run it with bash`,
  },
};

/** The first of the strictest, a named one before one without a rule. */
function strictest(findings: readonly Finding[]): Finding {
  let found: Finding = { decision: "allow" };
  for (const finding of findings) {
    const isStricter = STRICTNESS[finding.decision] > STRICTNESS[found.decision];
    const isNamed = found.rule === undefined && finding.rule !== undefined &&
      finding.decision === found.decision;
    if (isStricter || isNamed) found = finding;
  }
  return found;
}

function toVerdict(
  finding: Finding,
  { redact }: PolicyPlace,
  author: "operator" | "session",
): Verdict {
  const { decision, rule, say, subject, at } = finding;
  if (decision === "allow") return rule === undefined ? { decision } : { decision, rule };
  const reason = finding.reason ?? reasonOf(finding, AUTHORS[author]);
  const place = subject?.at ?? at;
  return {
    decision,
    ...(rule === undefined ? {} : { rule }),
    reason: say === undefined ? safe`${reason}; do not work around it` : safe`${reason}. ${say}`,
    ...(say === undefined ? {} : { say }),
    ...(subject === undefined ? {} : { words: redact(subject.words) }),
    ...(place === undefined ? {} : { at: { start: place.start, end: place.end } }),
    ...(subject === undefined || subject.via.length === 0
      ? {}
      : { via: subject.via.map((name) => redact(name)) }),
    ...(subject?.kind === "program"
      ? { resolved: resolved(subject).map((word) => redact(word)) }
      : {}),
  };
}

function reasonOf({ decision, rule }: Finding, whose: SafeText): SafeText {
  const name = rule ?? safe`default`;
  return decision === "ask"
    ? safe`${whose} rule ${name} asks before this runs`
    : safe`${whose} rule ${name} forbids this`;
}

const MAX_RESOLVED = 20;

function resolved({ name, args }: ProgramSubject): readonly string[] {
  return [
    name,
    ...args.slice(0, MAX_RESOLVED).map(({ value, shape }) => value ?? shape.replaceAll("\0", "?")),
  ];
}
