import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { applyBudget, type BudgetedText, type TextFacts } from "../../../src/output/budget.ts";
import { resolveBudget } from "../../../src/output/resolve_budget.ts";
import { markSafeText } from "../../../src/safe_text.ts";
import { Seeded } from "./fake_secrets.ts";

function shaped(text: string, budget: unknown, facts: TextFacts = {}): BudgetedText {
  return applyBudget(markSafeText(text), resolveBudget(budget), facts);
}

const ten = Array.from({ length: 10 }, (_, index) => `line ${index + 1}\n`).join("");

describe("applyBudget()", () => {
  test("leaves text alone that fits", () => {
    for (const text of ["", "a", "a\n", ten, "\n\n"]) {
      const { truncated, ...rest } = shaped(text, undefined);
      assert.equal(rest.text, text);
      assert.equal(truncated, false);
      assert.equal(rest.report.mode, "all");
      assert.equal(rest.report.linesKept, rest.report.linesTotal);
    }
  });

  test("keeps the first or the last lines", () => {
    const head = shaped(ten, { keep: { mode: "head", n: 2 } });
    assert.equal(head.text, "line 1\nline 2\n");
    assert.deepEqual(head.report, { mode: "head", linesTotal: 10, linesKept: 2 });
    const tail = shaped(ten.trimEnd(), { keep: { mode: "tail", n: 2 } });
    assert.equal(tail.text, "line 9\nline 10");
    assert.equal(tail.truncated, true);
    assert.equal(shaped(ten, { keep: { mode: "tail", n: 0 } }).text, "");
    assert.equal(shaped(ten, { keep: { mode: "head", n: 99 } }).truncated, false);
  });

  test("keeps both ends and says which lines are missing", () => {
    const both = shaped(ten, { keep: { mode: "head_tail", head: 2, tail: 1 } });
    assert.equal(both.text, "line 1\nline 2\n... 7 lines elided (lines 3-9) ...\nline 10\n");
    assert.deepEqual(both.report, { mode: "head_tail", linesTotal: 10, linesKept: 3 });
    const nearly = shaped(ten, { keep: { mode: "head_tail", head: 5, tail: 5 } });
    assert.equal(nearly.text, ten);
    assert.equal(nearly.truncated, false);
    const one = shaped(ten, { keep: { mode: "head_tail", head: 5, tail: 4 } });
    assert.match(one.text, /\n\.\.\. 1 line elided \(line 6\) \.\.\.\n/);
  });

  test("keeps matching lines with context, then lines of those", () => {
    const found = shaped(ten, { grep: { pattern: "^line [37]$", context: 1 } });
    assert.equal(
      found.text,
      "line 2\nline 3\nline 4\n... 1 line elided (line 5) ...\nline 6\nline 7\nline 8\n",
    );
    assert.deepEqual(found.report, { mode: "all", linesTotal: 10, linesKept: 6 });
    const last = shaped(ten, { grep: { pattern: "line" }, keep: { mode: "tail", n: 1 } });
    assert.equal(last.text, "line 10\n");
    assert.equal(last.report.mode, "tail");
    assert.equal(shaped(ten, { grep: { pattern: "nothing" } }).text, "");
  });

  test("matches lines without their line ends", () => {
    assert.equal(shaped("one\r\ntwo\r\n", { grep: { pattern: "^one$" } }).text, "one\r\n");
  });

  test("cuts the middle out at line ends when characters are too many", () => {
    const text = Array.from({ length: 500 }, (_, index) => `this is line ${index + 1}\n`).join("");
    const capped = shaped(text, { maxChars: 1000 });
    assert.ok(capped.text.length <= 1000 && capped.text.length > 800);
    assert.equal(capped.report.mode, "head_tail");
    const [, before, first, last, after] =
      /line (\d+)\n\.\.\. \d+ lines elided \(lines (\d+)-(\d+)\) \.\.\.\nthis is line (\d+)\n/.exec(
        capped.text,
      ) ?? [];
    assert.equal(Number(first), Number(before) + 1);
    assert.equal(Number(after), Number(last) + 1);
    assert.equal(capped.report.linesKept, 500 - (Number(last) - Number(first) + 1));
  });

  test("cuts inside a line that is too long, and never inside a character", () => {
    for (let shift = 0; shift < 4; shift++) {
      const text = "x".repeat(shift) + "😀".repeat(2000);
      const capped = shaped(text, { maxChars: 1001 });
      assert.ok(capped.text.length <= 1001);
      assert.match(capped.text, /\n\.\.\. \d+ characters elided \(line 1\) \.\.\.\n/);
      assert.equal(capped.text.isWellFormed(), true);
      assert.deepEqual(capped.report, { mode: "head_tail", linesTotal: 1, linesKept: 1 });
    }
  });

  test("halves very small limits, with the marker on top", () => {
    assert.match(
      shaped("abcdefghij", { maxChars: 4 }).text,
      /^ab\n\.\.\. 6 characters .*\.\.\.\nij$/,
    );
    assert.equal(shaped("abcdefghij", { maxChars: 1 }).text, "a");
  });

  test("counts lines that were dropped before, and numbers the others by them", () => {
    const text = "line 1\nline 2\nline 999\nline 1000\n";
    const facts = { linesTotal: 1000, gap: { at: 14, lines: 996 } };
    const all = shaped(text, undefined, facts);
    assert.equal(
      all.text,
      "line 1\nline 2\n... 996 lines elided (lines 3-998) ...\nline 999\nline 1000\n",
    );
    assert.deepEqual(all.report, { mode: "all", linesTotal: 1000, linesKept: 4 });
    assert.equal(all.truncated, true);
    const ends = shaped(text, { keep: { mode: "head_tail", head: 1, tail: 1 } }, facts);
    assert.equal(ends.text, "line 1\n... 998 lines elided (lines 2-999) ...\nline 1000\n");
  });

  test("shows only lines of the text in order, and counts them right, for random budgets", () => {
    const random = new Seeded(71);
    for (let round = 0; round < 300; round++) {
      const count = random.below(60);
      const lines = Array.from(
        { length: count },
        (_, at) => `${at + 1}:${"z".repeat(random.below(30))}`,
      );
      const result = shaped(lines.map((line) => `${line}\n`).join(""), {
        ...(random.below(2) === 0
          ? { grep: { pattern: "[1-5]:z+", context: random.below(3) } }
          : {}),
        keep: { mode: "head_tail", head: random.below(20), tail: random.below(20) },
        maxChars: 400 + random.below(2000),
      });
      const shown = result.text.split("\n").slice(0, -1).filter((line) => !line.startsWith("..."));
      const numbers = shown.map((line) => lines.indexOf(line));
      assert.ok(numbers.every((number, at) => number > (numbers[at - 1] ?? -1)), result.text);
      assert.equal(result.report.linesKept, shown.length);
      assert.equal(result.truncated, shown.length < count);
    }
  });
});
