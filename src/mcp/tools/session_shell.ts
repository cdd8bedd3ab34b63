/**
 * The shell that an agent asks for, within what the operator allows.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import type { Policy } from "../../policy/policy.ts";
import { safe } from "../../safe_text.ts";
import { quoteForShell } from "../../shell_text/quote.ts";
import { mayOpen, type OpeningPlace, openingVerdict } from "./opening_verdict.ts";

/**
 * Refuses a path that the policy would not let run as a command. A name is looked for where the
 * operator's `PATH` says; a path leads to whatever a repository or an archive has under the name of
 * a shell, and it runs before the policy has judged anything.
 *
 * @param shell The shell's name or path.
 * @param policy The session's policy.
 * @param place Where it is to run.
 * @throws {ExeckitError} `blocked_by_policy`.
 */
export function requireAllowedShell(shell: string, policy: Policy, place: OpeningPlace): void {
  if (!shell.includes("/")) return;
  if (mayOpen(openingVerdict(quoteForShell(shell), policy, place), policy)) return;
  throw new ExeckitError({
    code: "blocked_by_policy",
    message: safe`The policy does not allow to run this path as a shell`,
    hint: safe`Leave out 'shell', or name one without a path; do not look for another way`,
  });
}
