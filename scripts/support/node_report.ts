/**
 * Makes and reads the machine report of `node --test`.
 *
 * @module
 */

import type { TestCase } from "./test_counts.ts";

/** One line of the report: a test or suite that has ended; what is inside it came before. */
interface NodeEvent {
  name: string;
  nesting: number;
  outcome: TestCase["outcome"];
  reason?: string;
}

/** The source of the reporter that `node --test-reporter` loads; it writes a JSON line per test. */
export const NODE_REPORTER_SOURCE = `
export default async function* report(events) {
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const isSkipped = data.skip !== undefined || data.todo !== undefined;
    const why = [data.skip, data.todo].find((value) => typeof value === "string" && value !== "");
    yield JSON.stringify({
      name: data.name,
      nesting: data.nesting,
      outcome: isSkipped ? "skipped" : type === "test:pass" ? "passed" : "failed",
      reason: why,
    }) + "\\n";
  }
}
`;

/**
 * Reads a report.
 *
 * @param lines The report's text, a JSON object per line.
 * @returns Its cases, ready to be counted.
 */
export function readNodeReport(lines: string): TestCase[] {
  const cases: TestCase[] = [];
  // By nesting: the cases that wait for the event of the suite or test that they are inside of.
  const open: TestCase[][] = [];
  for (const line of lines.split("\n").filter((text) => text !== "")) {
    // The reporter above wrote the line.
    const event = JSON.parse(line) as NodeEvent;
    const inside = open.splice(event.nesting + 1).flat();
    for (const child of inside) child.path = [event.name, ...child.path];
    const one: TestCase = {
      path: [event.name],
      outcome: event.outcome,
      isParent: inside.length > 0,
      ...(event.reason === undefined ? {} : { reason: event.reason }),
    };
    cases.push(one);
    const level = open[event.nesting] ?? [];
    level.push(one, ...inside);
    open[event.nesting] = level;
  }
  return cases;
}
