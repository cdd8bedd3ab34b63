/**
 * The policy of a session that was given none.
 *
 * @module
 */

import type { Policy } from "./policy.ts";

/** Allows every command. It never asks, and so has no say in what asking means. */
export const allowAllPolicy: Policy = {
  decide: () => ({ decision: "allow" }),
  whenNoHuman: "allow",
};
