/**
 * Counts tests the same way for every runtime: leaves only.
 *
 * A leaf is a test without subtests. A suite, or a test with subtests, is not counted, unless it
 * fails while everything inside it passed. A skipped suite counts as one skipped test.
 *
 * @module
 */

/** One reported test, suite or step. */
export interface TestCase {
  /** Names from the outermost suite to the test itself. */
  path: readonly string[];
  /** What became of it. */
  outcome: "passed" | "failed" | "skipped";
  /** Whether tests were reported inside it. */
  isParent: boolean;
  /** Why it was skipped, where the runtime says so. */
  reason?: string;
}

/** A test that did not run. */
export interface SkippedTest {
  /** The names of its suites and its own, joined by ` > `. */
  name: string;
  /** Why, or `undefined` when the test gave no reason. */
  reason: string | undefined;
}

/** The counts of one run. */
export interface TestCounts {
  /** Leaves that passed. */
  passed: number;
  /** Leaves that failed, and parents that failed on their own. */
  failed: number;
  /** Leaves and whole suites that were skipped. */
  skipped: SkippedTest[];
}

/** How the wrapper of `node:test` writes a skip's reason into the name of a test. */
const REASON_IN_NAME = / \[skipped: (?<reason>[^]*)\]$/;

/**
 * Counts reported cases.
 *
 * @param cases Every case of the run.
 * @returns The counts.
 */
export function countTests(cases: readonly TestCase[]): TestCounts {
  const counts: TestCounts = { passed: 0, failed: 0, skipped: [] };
  const failedInside = new Set<string>();
  for (const one of cases) {
    if (one.outcome === "failed") {
      one.path.slice(0, -1).forEach((_, depth) => failedInside.add(key(one.path, depth + 1)));
    }
  }
  for (const one of cases) {
    if (one.outcome === "skipped") counts.skipped.push(skippedTest(one));
    else if (!one.isParent) counts[one.outcome] += 1;
    else if (one.outcome === "failed" && !failedInside.has(key(one.path, one.path.length))) {
      counts.failed += 1;
    }
  }
  return counts;
}

/**
 * Leaves out what a runtime reports as skipped only because it does not match the filter.
 *
 * @param cases Every case of the run.
 * @param filter The part of a name that was asked for, if any.
 * @returns The cases that were asked for.
 */
export function matchingCases(cases: readonly TestCase[], filter: string | undefined): TestCase[] {
  return cases.filter(({ outcome, path }) =>
    filter === undefined || outcome !== "skipped" || path.join(" > ").includes(filter)
  );
}

function key(path: readonly string[], length: number): string {
  return JSON.stringify(path.slice(0, length));
}

function skippedTest(one: TestCase): SkippedTest {
  const last = one.path.at(-1) ?? "";
  const found = REASON_IN_NAME.exec(last);
  const name = [...one.path.slice(0, -1), last.replace(REASON_IN_NAME, "")].join(" > ");
  return { name, reason: found?.groups?.["reason"] ?? one.reason };
}

/**
 * Writes the line that ends every test run.
 *
 * @param counts The counts.
 * @returns `N passed, N failed, N skipped`.
 */
export function closingLine(counts: TestCounts): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped`;
}
