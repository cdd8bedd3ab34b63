/**
 * Three answers instead of two, for what is only known when it runs.
 *
 * A rule that denies or asks matches on `yes` and `maybe`, a rule that allows on `yes` only.
 *
 * @module
 */

/** Whether something holds. */
export type Certainty = "no" | "maybe" | "yes";

const RANK = { no: 0, maybe: 1, yes: 2 } as const;

/** The least certain of some: what holds when all must. */
export function all(...parts: readonly Certainty[]): Certainty {
  return parts.reduce((one, other) => RANK[other] < RANK[one] ? other : one, "yes");
}

/** The most certain of some: what holds when one must. */
export function some(...parts: readonly Certainty[]): Certainty {
  return parts.reduce((one, other) => RANK[other] > RANK[one] ? other : one, "no");
}

/** The opposite. */
export function not(part: Certainty): Certainty {
  return part === "yes" ? "no" : part === "no" ? "yes" : "maybe";
}

/** `yes` or `no`. */
export function known(holds: boolean): Certainty {
  return holds ? "yes" : "no";
}
