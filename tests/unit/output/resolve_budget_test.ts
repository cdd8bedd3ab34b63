import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ExeckitError } from "../../../src/errors.ts";
import { LIMITS } from "../../../src/limits.ts";
import { resolveBudget } from "../../../src/output/resolve_budget.ts";

function refusal(budget: unknown): string {
  try {
    resolveBudget(budget);
  } catch (error) {
    assert.ok(error instanceof ExeckitError);
    assert.equal(error.code, "invalid_argument");
    return error.detail;
  }
  assert.fail(`accepted: ${JSON.stringify(budget)}`);
}

describe("resolveBudget()", () => {
  test("fills in what is left open", () => {
    assert.deepEqual(resolveBudget(undefined), {
      keep: { mode: "all" },
      maxChars: LIMITS.resultMaxChars,
    });
    assert.deepEqual(resolveBudget({ maxChars: 5 }, { maxLines: 5 }), {
      keep: { mode: "head_tail", head: 3, tail: 2 },
      maxChars: 5,
    });
    assert.equal(resolveBudget({}, { maxChars: 16 }).maxChars, 16);
  });

  test("compiles the pattern once and keeps the context", () => {
    const { grep } = resolveBudget({ grep: { pattern: "(?i)Error|fail", context: 3 } });
    assert.equal(grep?.context, 3);
    assert.equal(grep?.pattern.test("an ERROR here"), true);
    assert.equal(grep?.pattern.test("all is well"), false);
  });

  test("refuses what is of the wrong type, out of range, or unknown", () => {
    const refused: readonly (readonly [unknown, RegExp])[] = [
      [null, /budget must be an object/],
      [[], /budget must be an object/],
      ["tail", /budget must be an object/],
      [{ max_chars: 5 }, /budget has a key that does not belong there/],
      [{ maxChars: 0 }, /budget\.maxChars must be a whole number from 1 to/],
      [{ maxChars: "5" }, /budget\.maxChars/],
      [{ maxChars: LIMITS.budgetMaxChars + 1 }, /budget\.maxChars/],
      [{ keep: { mode: "middle" } }, /budget\.keep\.mode must be/],
      [{ keep: { mode: "head" } }, /budget\.keep\.n must be/],
      [{ keep: { mode: "head", n: 1.5 } }, /budget\.keep\.n must be/],
      [{ keep: { mode: "tail", n: -1 } }, /budget\.keep\.n must be/],
      [{ keep: { mode: "tail", n: 1, head: 2 } }, /budget\.keep has a key/],
      [{ keep: { mode: "all", n: 1 } }, /budget\.keep has a key/],
      [{ keep: { mode: "head_tail", head: 1 } }, /budget\.keep\.tail must be/],
      [{ grep: "x" }, /budget\.grep must be an object/],
      [{ grep: {} }, /budget\.grep\.pattern must be a string/],
      [{ grep: { pattern: "x", context: 9999 } }, /budget\.grep\.context must be/],
      [{ grep: { pattern: "x", flags: "i" } }, /budget\.grep has a key/],
    ];
    for (const [budget, message] of refused) assert.match(refusal(budget), message);
  });

  test("refuses patterns that are empty, malformed, too long or too large", () => {
    const patterns: readonly (readonly [string, RegExp])[] = [
      ["", /it is empty/],
      ["[", /not valid RE2 syntax/],
      ["(a)\\1", /not valid RE2 syntax/],
      ["(?=x)", /not valid RE2 syntax/],
      ["x".repeat(LIMITS.patternMaxChars + 1), /longer than 4096 characters/],
      ["\\pL{999}".repeat(400), /counted repetitions/],
      ["(?:\\pL|\\pN|[a-z0-9_.-]{30}){100}", /too large/],
    ];
    for (const [pattern, message] of patterns) {
      assert.match(refusal({ grep: { pattern } }), message);
    }
  });

  test("does not repeat the caller's text in its message", () => {
    assert.ok(!refusal({ "sneaky key": 1 }).includes("sneaky"));
    assert.ok(!refusal({ grep: { pattern: "sneaky[" } }).includes("sneaky"));
  });

  test("matches in linear time where a backtracking engine would not", () => {
    const { grep } = resolveBudget({ grep: { pattern: "^(a+)+$" } });
    assert.equal(grep?.pattern.test(`${"a".repeat(50_000)}!`), false);
  });
});
