/**
 * A policy of program names: a deny list, and optionally an allow list.
 *
 * It judges the programs that the shell would really start (`src/shell_text/finder.ts`). It is a
 * fence that catches accidents and plain attempts, not a wall: a program that is not on the list
 * can do what a listed one does. The wall is a least-privilege user, a container or a sandbox.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import { safe } from "../safe_text.ts";
import { programBaseName } from "../shell_text/program_spec.ts";
import { allowAllPolicy } from "./allow_all.ts";
import type { Policy } from "./policy.ts";
import { compileRule, type Rule } from "./rule.ts";
import { createRulePolicy } from "./rule_policy.ts";

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
  /** Whose lists they are, for the reasons in verdicts. Default: `operator`. */
  readonly author?: "operator" | "session";
}

/**
 * Makes a policy of program names. The strictest finding decides. What cannot be read, and a
 * program that is not known until the command runs, is denied. With both lists empty or absent
 * everything is allowed.
 *
 * @param lists The lists.
 * @returns The policy.
 * @throws {ExeckitError} `invalid_argument` when an entry is not a program's name or path.
 */
export function createDenyListPolicy(lists: ProgramLists): Policy {
  checkEntries([...lists.deny, ...lists.allow ?? []]);
  if (lists.deny.length === 0 && lists.allow === undefined) return allowAllPolicy;
  return createRulePolicy({
    default: lists.allow === undefined ? "allow" : "deny",
    dynamic: "deny",
    unreadableCode: "deny",
    scriptFiles: "allow",
    parseError: "deny",
    // Lists never ask, and so have no say in what asking means beside another policy.
    whenNoHuman: "allow",
    packs: new Map(),
    rules: listRules(lists),
    ...(lists.author === undefined ? {} : { author: lists.author }),
  });
}

/**
 * The rules that program lists stand for.
 *
 * @param lists The lists.
 * @returns A rule for each entry.
 */
export function listRules({ deny, allow = [] }: ProgramLists): readonly Rule[] {
  const denied = deny.map((entry) =>
    compileRule({ id: `deny:${entry}`, decision: "deny", program: [programBaseName(entry)] }, [])
  );
  const allowed = allow.map((entry) =>
    compileRule({ id: `allow:${entry}`, decision: "allow", program: [entry] }, [])
  );
  if (allow.length === 0) return denied;
  // The lists speak of programs; files are not their business.
  const files = compileRule({ id: "allow:files", decision: "allow", redirect: "write" }, []);
  return [...denied, ...allowed, files];
}

function checkEntries(entries: readonly string[]): void {
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
}
