/**
 * A policy of program names: a deny list, and optionally an allow list.
 *
 * It judges the programs that the shell would really start, through quoting, substitutions,
 * common wrappers and shell text in strings (`src/shell_text/programs.ts` says what it sees and
 * what not). It is a fence that catches accidents and plain attempts, not a wall: a program that
 * is not on the list can do what a listed one does. The wall is a least-privilege user, a container
 * or a sandbox.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import type { Verdict } from "../exec_result.ts";
import { safe, type SafeText } from "../safe_text.ts";
import { type Program, programBaseName, scanPrograms } from "../shell_text/programs.ts";
import type { Policy, PolicyRequest } from "./policy.ts";

/** The lists of a {@linkcode createDenyListPolicy}. */
export interface ProgramLists {
  /**
   * Programs that must not run: names, or paths of which the last part counts. A program is
   * denied under this name on any path, in upper or lower case.
   */
  readonly deny: readonly string[];
  /**
   * The only programs that may run; without it, all that are not denied may. A name allows the
   * bare name only, a path allows exactly that path. An empty list allows nothing.
   */
  readonly allow?: readonly string[];
}

const ADVICE = safe`do not work around it; tell the user what you need and why`;

/**
 * Makes a policy of program names. The strictest finding decides: a denied program, then a program
 * that is not known until the command runs, then one that is not on the allow list. Text that
 * cannot be read with certainty is denied. With both lists empty or absent everything is allowed.
 *
 * @param lists The lists.
 * @returns The policy.
 * @throws {ExeckitError} `invalid_argument` when an entry is not a program's name or path.
 */
export function createDenyListPolicy(lists: ProgramLists): Policy {
  const deny = new Map(checkEntries(lists.deny).map((entry) => [denyKey(entry), entry]));
  const allow = lists.allow === undefined ? undefined : new Set(checkEntries(lists.allow));
  return { decide: (request) => decide(request, deny, allow) };
}

function checkEntries(entries: readonly string[]): readonly string[] {
  for (const entry of entries) {
    // What a shell would split or expand can never match, and would only look like a rule.
    if (/[\s\0*?[\]{}$"'`\\;&|<>()]/.test(entry) || programBaseName(entry) === "") {
      throw new ExeckitError({
        code: "invalid_argument",
        message: safe`Cannot make a policy: a list entry is not a program's name or path`,
        hint: safe`Give each program as one plain name such as rm, without arguments or patterns`,
      });
    }
  }
  return entries;
}

/** File systems that ignore case would run `RM` as `rm`. */
function denyKey(name: string): string {
  return programBaseName(name).toLowerCase();
}

function decide(
  request: PolicyRequest,
  deny: ReadonlyMap<string, string>,
  allow: ReadonlySet<string> | undefined,
): Verdict {
  if (deny.size === 0 && allow === undefined) return { decision: "allow" };
  const { programs, incomplete } = scanPrograms(request.command, request.shell);
  for (const program of programs) {
    const entry = program.name === undefined ? undefined : deny.get(denyKey(program.name));
    if (entry !== undefined) return denied(request, program, request.redact(entry));
  }
  if (incomplete) return unreadable();
  const unknown = programs.find((program) => program.name === undefined);
  if (unknown !== undefined) return notKnown(request, unknown);
  const other = programs.find(({ name }) => name !== undefined && allow?.has(name) === false);
  return other === undefined ? { decision: "allow" } : notAllowed(request, other);
}

function denied(request: PolicyRequest, program: Program, entry: SafeText): Verdict {
  return {
    decision: "deny",
    rule: safe`deny:${entry}`,
    reason: safe`The program ${entry} is on the operator's deny list; ${ADVICE}`,
    ...whereFound(request, program),
  };
}

function notAllowed(request: PolicyRequest, program: Program): Verdict {
  const name = request.redact(program.name ?? "");
  return {
    decision: "deny",
    rule: safe`not_allowed`,
    reason: safe`The program ${name} is not on the operator's allow list; ${ADVICE}`,
    ...whereFound(request, program),
  };
}

function notKnown(request: PolicyRequest, program: Program): Verdict {
  return {
    decision: "deny",
    rule: safe`unknown_program`,
    reason:
      safe`Which program this starts is not known until it runs, and programs are restricted here; write the program and its options out literally`,
    ...whereFound(request, program),
  };
}

function unreadable(): Verdict {
  return {
    decision: "deny",
    rule: safe`unreadable_command`,
    reason:
      safe`The command cannot be read with certainty (something is unclosed, nested too deep, or read differently from shell to shell), and programs are restricted here; write it more plainly or split it into several commands`,
  };
}

function whereFound(
  { redact }: PolicyRequest,
  { words, via }: Program,
): Pick<Verdict, "words" | "via"> {
  return {
    words: redact(words),
    ...(via.length > 0 ? { via: via.map((name) => redact(name)) } : {}),
  };
}
