import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readJunitReport } from "../../scripts/support/junit_report.ts";
import { readNodeReport } from "../../scripts/support/node_report.ts";
import { PROJECT_ROOT, readSource } from "../../scripts/support/source_files.ts";
import {
  closingLine,
  countTests,
  matchingCases,
  type TestCounts,
} from "../../scripts/support/test_counts.ts";
import { judgeRun, selectTests } from "../../scripts/support/test_run.ts";

// Recorded from both runtimes over tests/fixtures/test_reports/sample.ts.
const REPORTS = "tests/fixtures/test_reports";
const denoCases = () => readJunitReport(readSource(PROJECT_ROOT, join(REPORTS, "deno.xml")));
const nodeCases = () => readNodeReport(readSource(PROJECT_ROOT, join(REPORTS, "node.jsonl")));

const GREEN: TestCounts = { passed: 3, failed: 0, skipped: [] };
const ONE_SKIP: TestCounts = { ...GREEN, skipped: [{ name: "a", reason: "no sshd" }] };
const NOTHING: TestCounts = { passed: 0, failed: 0, skipped: [] };

describe("countTests()", () => {
  it("counts leaves, and parents that fail on their own", () => {
    const counts = countTests(denoCases());
    assert.equal(closingLine(counts), "6 passed, 3 failed, 3 skipped");
  });

  it("gives the same counts for the reports of both runtimes", () => {
    assert.equal(closingLine(countTests(nodeCases())), closingLine(countTests(denoCases())));
  });

  it("names what was skipped with its reason, the same in both runtimes", () => {
    const names = (counts: TestCounts) =>
      counts.skipped.map(({ name, reason }) => `${name}: ${reason}`).sort();
    assert.deepEqual(names(countTests(denoCases())), [
      "is skipped: no sshd here",
      "skipped suite: no dockerd",
      'suite > is left out: needs "zsh" & more',
    ]);
    assert.deepEqual(names(countTests(nodeCases())), names(countTests(denoCases())));
  });
});

describe("matchingCases()", () => {
  it("drops the skips that the filter did not ask for, and no result", () => {
    const counts = countTests(matchingCases(denoCases(), "suite"));
    assert.deepEqual(counts.skipped.map(({ name }) => name), [
      "skipped suite",
      "suite > is left out",
    ]);
    assert.equal(counts.failed, countTests(denoCases()).failed);
  });
});

describe("judgeRun()", () => {
  const judge = (counts: TestCounts, exitCode: number, isSkipAFailure: boolean) =>
    judgeRun({ counts, exitCode, isSkipAFailure });

  it("passes a run whose tests passed or were skipped", () => {
    const verdict = judge(ONE_SKIP, 0, false);
    assert.equal(verdict.exitCode, 0);
    assert.deepEqual(verdict.lines, ["skipped: a (no sshd)", "3 passed, 0 failed, 1 skipped"]);
  });

  it("fails on a skip when none is allowed", () => {
    assert.equal(judge(ONE_SKIP, 0, true).exitCode, 1);
    assert.equal(judge(GREEN, 0, true).exitCode, 0);
  });

  it("fails when no test was found", () => {
    const verdict = judge(NOTHING, 0, false);
    assert.equal(verdict.exitCode, 1);
    assert.equal(verdict.lines.at(-1), "0 passed, 0 failed, 0 skipped");
  });

  it("counts a failure when the program failed and no test did", () => {
    const verdict = judge(GREEN, 1, false);
    assert.equal(verdict.exitCode, 1);
    assert.equal(verdict.lines.at(-1), "3 passed, 1 failed, 0 skipped");
  });

  it("fails when a test failed although the program ended well", () => {
    assert.equal(judge({ ...GREEN, failed: 1 }, 0, false).exitCode, 1);
  });
});

describe("selectTests()", () => {
  it("takes files, folders and a filter", () => {
    const { files, filter } = selectTests(
      PROJECT_ROOT,
      ["tests/scripts/test_counts_test.ts", "--filter", "a b"],
      "tests",
    );
    assert.deepEqual(files, ["tests/scripts/test_counts_test.ts"]);
    assert.equal(filter, "a b");
    assert.equal(selectTests(PROJECT_ROOT, ["--filter=x"], "tests/scripts").filter, "x");
  });

  it("looks in the default folder and leaves out fixtures", () => {
    const { files } = selectTests(PROJECT_ROOT, [], "tests");
    assert.ok(files.includes("tests/scripts/test_counts_test.ts"));
    assert.ok(files.every((file) => !file.startsWith("tests/fixtures/")));
  });

  it("refuses an option that it does not know", () => {
    assert.throws(() => selectTests(PROJECT_ROOT, ["--fliter"], "tests"), /unknown "--fliter"/);
  });
});
