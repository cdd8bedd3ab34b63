/**
 * A rule of the operator's file, and whether it matches.
 *
 * @module
 */

import type { Decision } from "../exec_result.ts";
import { type Argument, argumentTail } from "../shell_text/argument.ts";
import { programBaseName } from "../shell_text/program_spec.ts";
import type { ProgramSubject, RedirectSubject, Subject } from "../shell_text/subjects.ts";
import { normalizePath } from "../shell_text/written_files.ts";
import { type ArgumentsView, hasOnlyOptions, hasOption, hasSub, viewOf } from "./arguments_view.ts";
import { all, type Certainty, known, not, some } from "./certainty.ts";
import { compileGlob, type Glob } from "./glob.ts";
import { hostsOf } from "./hosts.ts";
import { isInside, resolvePath } from "./paths.ts";

/** Where a path must be. */
export interface PathPredicate {
  /** Folders in one of which it lies. */
  readonly inside?: readonly string[];
  /** Folders in none of which it lies. */
  readonly outside?: readonly string[];
  /** Globs for the whole path. */
  readonly is?: readonly string[];
}

/** What must hold for a rule to match; all that is given must. */
export interface Predicates {
  /** Globs for the program's name, or for its path when they hold a slash. */
  readonly program?: readonly string[];
  /** Subcommands, blanks between their words. */
  readonly sub?: readonly string[];
  /** Options of which one is given. */
  readonly anyFlag?: readonly string[];
  /** Options of which none is given. */
  readonly noFlag?: readonly string[];
  /** The only options that are given. */
  readonly onlyFlags?: readonly string[];
  /** Whole lists of arguments, a glob for each, of which one matches all that is given. */
  readonly argv?: readonly (readonly string[])[];
  /** Globs of which one matches an argument. */
  readonly arg?: readonly string[];
  /** Globs of which one matches an argument, where `anyFlag` does not hold. */
  readonly orArg?: readonly string[];
  /** Where the paths among the arguments are, or the file of a redirection. */
  readonly path?: PathPredicate;
  /** Globs for the hosts that the arguments name. */
  readonly hosts?: readonly string[];
  /** The rule is about redirections. */
  readonly redirect?: "read" | "write";
  /** Globs for variables that are set for the program, or that change what runs. */
  readonly env?: readonly string[];
  /** What standard input is. */
  readonly stdin?: readonly ("none" | "text" | "file" | "pipe")[];
  /** Globs for the wrappers, of which one leads there. */
  readonly via?: readonly string[];
  /** Whether it runs on another machine or in a container. */
  readonly remote?: boolean;
  /** Globs for the kind of the session's machine. */
  readonly transport?: readonly string[];
  /** Globs for the session's machine. */
  readonly target?: readonly string[];
  /** Globs for the session's name. */
  readonly session?: readonly string[];
}

/** A rule as the file gives it. */
export interface RuleInit extends Predicates {
  /** Its name. */
  readonly id: string;
  /** What it decides. */
  readonly decision: Decision;
  /** What to do instead. */
  readonly say?: string;
  /** What is left out: any of these. */
  readonly except?: readonly Predicates[];
}

/** What rules look at beside the subject. */
export interface RulePlace {
  /** The kind of machine. */
  readonly transport: string;
  /** The machine. */
  readonly target: string;
  /** The session's name. */
  readonly session: string;
}

/** A rule that can be asked. */
export interface Rule {
  /** Its name. */
  readonly id: string;
  /** What it decides. */
  readonly decision: Decision;
  /** What to do instead. */
  readonly say?: string;
  /** Whether it decides about a subject. */
  decides(subject: Subject, place: RulePlace): boolean;
}

type Test = (subject: Subject, place: RulePlace) => Certainty;

/**
 * Compiles a rule.
 *
 * @param init The rule.
 * @param trustedPaths Folders whose programs a rule that allows means by their name.
 * @returns The rule.
 */
export function compileRule(init: RuleInit, trustedPaths: readonly string[]): Rule {
  const { id, decision, say, except = [] } = init;
  const allows = decision === "allow";
  const test = compilePredicates(init, { allows, trustedPaths });
  // Inside of an exception the sense is turned round: what is left out must be certain.
  const excepts = except.map((part) => compilePredicates(part, { allows: !allows, trustedPaths }));
  return {
    id,
    decision,
    ...(say === undefined ? {} : { say }),
    decides: (subject, place) => {
      const matches = test(subject, place);
      if (matches === "no") return false;
      const result = all(matches, not(some("no", ...excepts.map((part) => part(subject, place)))));
      return allows ? result === "yes" : result !== "no";
    },
  };
}

interface Sense {
  readonly allows: boolean;
  readonly trustedPaths: readonly string[];
}

function compilePredicates(predicates: Predicates, sense: Sense): Test {
  const tests: Test[] = [kindTest(predicates, sense)];
  const { program, env, via, remote, transport, target, session } = predicates;
  if (program !== undefined) {
    const test = programTest(program, sense);
    // What only sets the variable is judged apart from the program that is given it.
    tests.push((subject, place) =>
      env !== undefined && subject.kind === "environment" ? "yes" : test(subject, place)
    );
  }
  if (via !== undefined) tests.push(({ via: names }) => anyGlob(via, names));
  if (remote !== undefined) tests.push((subject) => known(subject.remote === remote));
  if (transport !== undefined) tests.push((_, place) => anyGlob(transport, [place.transport]));
  if (target !== undefined) tests.push((_, place) => anyGlob(target, [place.target]));
  if (session !== undefined) tests.push((_, place) => anyGlob(session, [place.session]));
  tests.push(...argumentTests(predicates, sense));
  return (subject, place) => {
    let result: Certainty = "yes";
    for (const test of tests) {
      result = all(result, test(subject, place));
      if (result === "no") break;
    }
    return result;
  };
}

/** Which kinds of subject the rule speaks of. */
function kindTest({ redirect, env, program }: Predicates, { allows }: Sense): Test {
  if (redirect !== undefined) {
    return (subject) =>
      known(subject.kind === "redirect" && (subject.mode === redirect || subject.mode === "both"));
  }
  if (env !== undefined && program === undefined) {
    return ({ kind }) => known(kind === "environment" || kind === "program");
  }
  return (subject) =>
    known(
      subject.kind === "program" ||
        (env !== undefined && allows && subject.kind === "environment" &&
          subject.isTarget === true),
    );
}

const globs = new Map<string, Glob>();

function globOf(pattern: string): Glob {
  let glob = globs.get(pattern);
  if (glob === undefined) {
    glob = compileGlob(pattern);
    globs.set(pattern, glob);
  }
  return glob;
}

function anyGlob(patterns: readonly string[], texts: readonly string[]): Certainty {
  return known(patterns.some((pattern) => texts.some(globOf(pattern))));
}

function programTest(patterns: readonly string[], { allows, trustedPaths }: Sense): Test {
  return (subject) => {
    const name = subject.kind === "program"
      ? subject.name
      : subject.kind === "redirect"
      ? subject.program
      : undefined;
    if (name === undefined) return "no";
    return some(
      "no",
      ...patterns.map((pattern) => matchProgram(pattern, name, { allows, trustedPaths })),
    );
  };
}

function matchProgram(pattern: string, name: string, { allows, trustedPaths }: Sense): Certainty {
  const baseName = programBaseName(name);
  const path = name.includes("/") ? normalizePath(name, undefined) : name;
  if (pattern.includes("/")) {
    if (globOf(pattern)(path)) return "yes";
    // A bare name may be that very file.
    const isSame = globOf(programBaseName(pattern))(baseName);
    return isSame && !allows && !path.startsWith("/") ? "maybe" : "no";
  }
  const isNamed = globOf(pattern)(baseName) ||
    (!allows && globOf(pattern.toLowerCase())(baseName.toLowerCase())) ||
    (!allows && globOf(pattern)(baseName.replace(/^=(?=.)/, "")));
  if (!isNamed) return "no";
  if (!allows || !name.includes("/")) return "yes";
  return known(trustedPaths.includes(path.slice(0, path.lastIndexOf("/"))));
}

function argumentTests(predicates: Predicates, { allows }: Sense): Test[] {
  const tests: Test[] = [];
  const { sub, anyFlag, noFlag, onlyFlags, arg, argv, orArg, path, hosts, env, stdin } = predicates;
  const add = (test: (view: ArgumentsView) => Certainty) =>
    tests.push((subject) => subject.kind === "program" ? test(viewOf(subject)) : "no");
  if (sub !== undefined) add((view) => some("no", ...sub.map((words) => hasSub(view, words))));
  if (noFlag !== undefined) add((view) => not(hasOption(view, ...noFlag)));
  if (onlyFlags !== undefined) add((view) => hasOnlyOptions(view, onlyFlags));
  if (argv !== undefined) add((view) => matchWhole(view.subject, argv));
  if (arg !== undefined) add((view) => matchArguments(view.subject, arg));
  if (anyFlag !== undefined || orArg !== undefined) {
    add((view) =>
      some(
        anyFlag === undefined ? "no" : hasOption(view, ...anyFlag),
        orArg === undefined ? "no" : matchArguments(view.subject, orArg),
      )
    );
  }
  if (hosts !== undefined) add((view) => matchHosts(view, hosts, allows));
  if (stdin !== undefined) add(({ subject }) => known(stdin.includes(subject.input.kind)));
  if (path !== undefined) tests.push((subject) => matchPaths(subject, path, allows));
  if (env !== undefined) tests.push((subject) => matchVariables(subject, env));
  return tests;
}

function matchVariables(subject: Subject, patterns: readonly string[]): Certainty {
  if (subject.kind === "environment") return anyGlob(patterns, [subject.name]);
  return subject.kind === "program" ? anyGlob(patterns, subject.variables) : "no";
}

function matchArguments({ args }: ProgramSubject, patterns: readonly string[]): Certainty {
  return some(
    "no",
    ...args.map((argument): Certainty => {
      if (argument.value !== undefined) return anyGlob(patterns, [argument.value]);
      const head = argument.shape.replace(/\0.*$/s, "");
      return patterns.some((pattern) => couldMatch(pattern, head)) ? "maybe" : "no";
    }),
  );
}

function matchWhole({ args }: ProgramSubject, lists: readonly (readonly string[])[]): Certainty {
  if (args.some(({ value, many }) => value === undefined || many)) return "maybe";
  return known(
    lists.some((list) =>
      list.length === args.length &&
      args.every(({ value }, at) => globOf(list[at] ?? "")(value ?? ""))
    ),
  );
}

/** Whether a text that starts so can match: up to the first wildcard both must agree. */
function couldMatch(pattern: string, head: string): boolean {
  const fixed = /^[^*?[\\]*/.exec(pattern)?.[0] ?? "";
  const length = Math.min(fixed.length, head.length);
  return fixed.slice(0, length) === head.slice(0, length);
}

function matchHosts(view: ArgumentsView, patterns: readonly string[], allows: boolean): Certainty {
  const hosts = hostsOf(view);
  const parts = hosts.map((host): Certainty =>
    host === undefined ? "maybe" : anyGlob(patterns, [host])
  );
  if (!allows) return some("no", ...parts);
  return parts.length === 0 ? "no" : all(...parts);
}

/** Operands, and what may be a path in options: `-t/etc`, `--target-directory=$x`, `of=/etc/x`. */
function pathsOf(subject: ProgramSubject): readonly Argument[] {
  const { operands, values } = viewOf(subject);
  const named = operands.flatMap((argument) => {
    const at = /^[A-Za-z][\w-]*=(?=[/~.\0])/.exec(argument.shape)?.[0].length;
    return at === undefined ? [] : [argumentTail(argument, at)];
  });
  // A file that is opened for it, and that it is told to read.
  const { input } = subject;
  const isRead = input.kind === "file" && operands.some(({ value }) => value === "-");
  const given = values.map(({ value }) => value).filter(({ shape }) => /[/~\0]|^\.\.$/.test(shape));
  const attached = subject.args.flatMap((argument) => {
    const at = /^-[^-/~\0=]*(?=[/~\0])/.exec(argument.shape)?.[0].length;
    return at === undefined ? [] : [argumentTail(argument, at)];
  });
  return [...operands, ...named, ...given, ...attached, ...(isRead ? [input.path] : [])];
}

function matchPaths(subject: Subject, path: PathPredicate, allows: boolean): Certainty {
  const isRedirect = subject.kind === "redirect";
  if (!isRedirect && subject.kind !== "program") return "no";
  const paths = isRedirect ? [(subject satisfies RedirectSubject).path] : pathsOf(subject);
  const parts = paths.map((argument): Certainty => {
    const resolved = resolvePath(argument, subject.cwd);
    return all(
      path.inside === undefined ? "yes" : isInside(resolved, path.inside),
      path.outside === undefined ? "yes" : not(isInside(resolved, path.outside)),
      path.is === undefined
        ? "yes"
        : resolved.isWhole
        ? anyGlob(path.is, [resolved.text, argument.value ?? resolved.text])
        : path.is.some((pattern) => couldMatch(pattern, resolved.text))
        ? "maybe"
        : "no",
    );
  });
  if (!allows) return some("no", ...parts);
  return parts.length === 0 ? "no" : all(...parts);
}
