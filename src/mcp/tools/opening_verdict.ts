/**
 * What the policy says of a session before it is there, as of the command that does the same.
 *
 * @module
 */

import type { Verdict } from "../../exec_result.ts";
import type { Policy, PolicyRequest } from "../../policy/policy.ts";
import type { SafeText } from "../../safe_text.ts";

/** Where the command would run. */
export interface OpeningPlace {
  /** The kind of machine. */
  readonly transport: PolicyRequest["transport"];
  /** Redacts what a verdict quotes. */
  readonly redact: (text: string) => SafeText;
}

/**
 * Judges a command that stands for a part of a session's options.
 *
 * @param command The command.
 * @param policy The session's policy.
 * @param place Where it would run.
 * @returns The verdict.
 */
export function openingVerdict(
  command: string,
  policy: Policy,
  { transport, redact }: OpeningPlace,
): Verdict {
  const target = redact(transport);
  return policy.decide({ command, cwd: "/", transport, target, shell: "bash", redact });
}

/**
 * Tells whether a verdict lets a session be opened, for which nobody can be asked.
 *
 * @param verdict The verdict.
 * @param policy The policy that gave it.
 * @returns True for `allow`, and for `ask` where the policy then allows.
 */
export function mayOpen({ decision }: Verdict, policy: Policy): boolean {
  return decision === "allow" || (decision === "ask" && policy.whenNoHuman === "allow");
}
