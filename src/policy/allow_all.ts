/**
 * The policy of a session that was given none.
 *
 * @module
 */

import type { Policy } from "./policy.ts";

/** Allows every command. */
export const allowAllPolicy: Policy = { decide: () => ({ decision: "allow" }) };
