/**
 * Several policies as one: the strictest verdict stands.
 *
 * @module
 */

import type { Verdict } from "../exec_result.ts";
import type { Policy } from "./policy.ts";

const STRICTNESS = { allow: 0, ask: 1, deny: 2 } as const;

/**
 * Puts policies on top of each other, so that each can refuse more and none less.
 *
 * @param policies The policies.
 * @returns One policy.
 */
export function strictestOf(policies: readonly Policy[]): Policy {
  const [only] = policies;
  if (policies.length === 1 && only !== undefined) return only;
  const mayAllow = policies.every(({ whenNoHuman }) => whenNoHuman === "allow");
  return {
    decide: (request) => strictest(policies.map((policy) => policy.decide(request))),
    decideInput: (request) =>
      strictest(policies.map((policy) => policy.decideInput?.(request) ?? { decision: "allow" })),
    forSession: () => strictestOf(policies.map((policy) => policy.forSession?.() ?? policy)),
    started: (request) => policies.forEach((policy) => policy.started?.(request)),
    whenNoHuman: policies.length > 0 && mayAllow ? "allow" : "deny",
  };
}

function strictest(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>(
    (one, other) => STRICTNESS[other.decision] > STRICTNESS[one.decision] ? other : one,
    { decision: "allow" },
  );
}
