/**
 * The budget argument: its schema, and the way from wire names to the session's budget.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { invalidArgument } from "../../option_checks.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import type { ExecOptions } from "../../session/session_options.ts";
import type { JsonSchema } from "../arguments.ts";

type Budget = NonNullable<ExecOptions["budget"]>;
type BudgetKeep = NonNullable<Budget["keep"]>;

/** A budget as an agent writes it. */
export interface WireBudget {
  /** Keep only matching lines. */
  readonly grep?: { readonly pattern: string; readonly context?: number };
  /** Keep only some lines. */
  readonly keep?: {
    readonly mode: "all" | "tail" | "head" | "head_tail";
    readonly n?: number;
    readonly head?: number;
    readonly tail?: number;
  };
  /** Characters of each stream at most. */
  readonly max_chars?: number;
}

const WHOLE_NUMBER: JsonSchema = { type: "integer", minimum: 0 };

/** The schema of a {@linkcode WireBudget}. */
export const BUDGET_SCHEMA: JsonSchema = {
  type: "object",
  description: "Shape what is returned of each stream: grep, then keep, then max_chars",
  properties: {
    grep: {
      type: "object",
      properties: {
        pattern: { type: "string", description: "Regex (RE2); keep matching lines" },
        context: WHOLE_NUMBER,
      },
      required: ["pattern"],
      additionalProperties: false,
    },
    keep: {
      type: "object",
      description: "head and tail take n, head_tail takes head and tail",
      properties: {
        mode: { type: "string", enum: ["all", "tail", "head", "head_tail"] },
        n: WHOLE_NUMBER,
        head: WHOLE_NUMBER,
        tail: WHOLE_NUMBER,
      },
      required: ["mode"],
      additionalProperties: false,
    },
    max_chars: { type: "integer", minimum: 1 },
  },
  additionalProperties: false,
};

/** What an MCP result shows when nobody asks for more, so that we choose what is cut. */
export const DEFAULT_BUDGET: Budget = {
  keep: {
    mode: "head_tail",
    head: LIMITS.mcpResultMaxLines / 2,
    tail: LIMITS.mcpResultMaxLines / 2,
  },
  maxChars: LIMITS.mcpResultMaxChars,
};

/**
 * Reads a budget. What it leaves out is as in {@linkcode DEFAULT_BUDGET}.
 *
 * @param wire The budget as the agent wrote it; its schema has been checked.
 * @returns The complete budget.
 * @throws {ExeckitError} `invalid_argument` when `keep` lacks the counts that its mode needs, or
 *   `max_chars` is above its ceiling.
 */
export function readBudget(wire: WireBudget | undefined): Budget {
  if (wire === undefined) return DEFAULT_BUDGET;
  if (wire.max_chars !== undefined && wire.max_chars > LIMITS.budgetMaxChars) {
    throw invalidArgument(
      safe`Cannot use the budget: "max_chars" must be at most ${LIMITS.budgetMaxChars}`,
    );
  }
  return {
    ...DEFAULT_BUDGET,
    ...(wire.grep === undefined ? {} : { grep: wire.grep }),
    ...(wire.keep === undefined ? {} : { keep: readKeep(wire.keep) }),
    ...(wire.max_chars === undefined ? {} : { maxChars: wire.max_chars }),
  };
}

function readKeep(keep: NonNullable<WireBudget["keep"]>): BudgetKeep {
  const { mode, n, head, tail } = keep;
  if (mode === "all") return { mode };
  if (mode === "head_tail") {
    if (head !== undefined && tail !== undefined) return { mode, head, tail };
    throw missingCount(safe`mode head_tail needs head and tail`);
  }
  if (n !== undefined) return { mode, n };
  throw missingCount(safe`modes head and tail need n`);
}

function missingCount(need: SafeText): ExeckitError {
  return new ExeckitError({
    code: "invalid_argument",
    message: safe`Cannot use the budget: in "keep", ${need}`,
  });
}
