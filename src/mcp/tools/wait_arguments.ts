/**
 * The arguments by which an agent says how long to wait, and for what.
 *
 * @module
 */

import { LIMITS } from "../../limits.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import type { JsonSchema } from "../arguments.ts";

/** What else ends a wait, as an agent writes it. */
export interface WireUntil {
  /** A pattern that a line matches. */
  readonly pattern?: string;
  /** A port that something listens on. */
  readonly port?: number;
}

/** The schema of a {@linkcode WireUntil}. */
export const UNTIL_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    pattern: { type: "string" },
    port: { type: "integer" },
  },
  additionalProperties: false,
};

/**
 * Makes the schema of `wait_ms`. It has no maximum: who asks for too much gets less and a note.
 *
 * @param description What is said of it.
 * @returns The schema.
 */
export function waitSchema(description: string): JsonSchema {
  return { type: "integer", minimum: 0, description };
}

/** How long to wait, and what to say about it. */
export interface BoundedWait {
  /** Milliseconds. */
  readonly waitMs: number;
  /** That it was lowered; absent when it was not. */
  readonly note?: SafeText;
}

/**
 * Bounds a wait, so that no client gives the call up.
 *
 * @param waitMs What the agent asked for, or the default.
 * @returns What it gets.
 */
export function boundWait(waitMs: number): BoundedWait {
  const mostMs = LIMITS.mcpCallMaxMs;
  if (waitMs <= mostMs) return { waitMs };
  return {
    waitMs: mostMs,
    note:
      safe`wait_ms was lowered to ${mostMs}, the most that one call may wait: call again to go on.`,
  };
}
