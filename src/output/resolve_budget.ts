/**
 * Budgets at the door: checked and complete before anything runs.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { safe, type SafeText } from "../safe_text.ts";
import { type BudgetKeep, DEFAULT_BUDGET, type ResolvedBudget } from "./budget.ts";
import type { GrepOptions } from "./grep_lines.ts";
import { compilePattern } from "./pattern.ts";

/** What holds where a budget says nothing. */
export interface BudgetDefaults {
  /** Characters of each stream. Default: {@linkcode LIMITS.resultMaxChars}. */
  readonly maxChars?: number;
  /** Lines of each stream, half from its start and half from its end. Default: all. */
  readonly maxLines?: number;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks a budget and fills in what it leaves open.
 *
 * @param budget The budget as it came in; `undefined` for none.
 * @param defaults What holds where it says nothing.
 * @returns The complete budget.
 * @throws ExeckitError `invalid_argument` when a key is unknown or a value out of range.
 */
export function resolveBudget(budget: unknown, defaults: BudgetDefaults = {}): ResolvedBudget {
  const fields = budget === undefined
    ? {}
    : fieldsOf(budget, { name: safe`budget`, keys: ["grep", "keep", "maxChars"] });
  const grep = fields["grep"] === undefined ? undefined : resolveGrep(fields["grep"]);
  return {
    ...(grep === undefined ? {} : { grep }),
    keep: fields["keep"] === undefined ? defaultKeep(defaults) : resolveKeep(fields["keep"]),
    maxChars: fields["maxChars"] === undefined
      ? defaults.maxChars ?? DEFAULT_BUDGET.maxChars
      : wholeNumber(fields["maxChars"], {
        name: safe`budget.maxChars`,
        least: 1,
        most: LIMITS.budgetMaxChars,
      }),
  };
}

function defaultKeep(defaults: BudgetDefaults): BudgetKeep {
  if (defaults.maxLines === undefined) return DEFAULT_BUDGET.keep;
  const head = Math.ceil(defaults.maxLines / 2);
  return { mode: "head_tail", head, tail: defaults.maxLines - head };
}

function resolveGrep(value: unknown): GrepOptions {
  const fields = fieldsOf(value, { name: safe`budget.grep`, keys: ["pattern", "context"] });
  const { pattern, context } = fields;
  if (typeof pattern !== "string") throw refused(safe`budget.grep.pattern must be a string`);
  return {
    pattern: compilePattern(pattern),
    context: context === undefined ? 0 : wholeNumber(context, {
      name: safe`budget.grep.context`,
      least: 0,
      most: LIMITS.budgetMaxContext,
    }),
  };
}

function resolveKeep(value: unknown): BudgetKeep {
  const name = safe`budget.keep`;
  const { mode } = fieldsOf(value, { name, keys: ["mode", "n", "head", "tail"] });
  const lines = { least: 0, most: LIMITS.budgetMaxLines };
  if (mode === "all") {
    fieldsOf(value, { name, keys: ["mode"] });
    return { mode };
  }
  if (mode === "head" || mode === "tail") {
    const { n } = fieldsOf(value, { name, keys: ["mode", "n"] });
    return { mode, n: wholeNumber(n, { ...lines, name: safe`budget.keep.n` }) };
  }
  if (mode !== "head_tail") {
    throw refused(safe`budget.keep.mode must be "all", "head", "tail" or "head_tail"`);
  }
  const { head, tail } = fieldsOf(value, { name, keys: ["mode", "head", "tail"] });
  return {
    mode,
    head: wholeNumber(head, { ...lines, name: safe`budget.keep.head` }),
    tail: wholeNumber(tail, { ...lines, name: safe`budget.keep.tail` }),
  };
}

/** Gives the fields of an object that has no others than these. */
function fieldsOf(value: unknown, wanted: { name: SafeText; keys: readonly string[] }): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refused(safe`${wanted.name} must be an object`);
  }
  for (const key of Object.keys(value)) {
    if (!wanted.keys.includes(key)) {
      // The key itself comes from the caller and is not repeated.
      throw refused(safe`${wanted.name} has a key that does not belong there`);
    }
  }
  // Checked just above: an object with none but these keys.
  return value as Fields;
}

function wholeNumber(
  value: unknown,
  range: { name: SafeText; least: number; most: number },
): number {
  if (typeof value === "number" && Number.isInteger(value)) {
    if (value >= range.least && value <= range.most) return value;
  }
  throw refused(
    safe`${range.name} must be a whole number from ${range.least} to ${range.most}`,
  );
}

function refused(reason: SafeText): ExeckitError {
  return new ExeckitError({
    code: "invalid_argument",
    message: safe`Cannot use the budget: ${reason}`,
  });
}
