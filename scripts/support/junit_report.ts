/**
 * Reads the JUnit report of `deno test`.
 *
 * Deno lists the steps of a test after it, with the names joined by ` > `, and files them under the
 * module that registered them rather than the test file; so parents are told by name alone.
 *
 * @module
 */

import type { TestCase } from "./test_counts.ts";

const SEPARATOR = " > ";
const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

interface JunitCase {
  name: string;
  outcome: TestCase["outcome"];
}

/**
 * Reads a report.
 *
 * @param xml The report's text.
 * @returns Its cases, ready to be counted.
 */
export function readJunitReport(xml: string): TestCase[] {
  const cases = readCases(xml);
  const parents = new Set<string>();
  for (const { name } of cases) {
    const path = name.split(SEPARATOR);
    path.slice(1).forEach((_, depth) => parents.add(path.slice(0, depth + 1).join(SEPARATOR)));
  }
  return cases.map(({ name, outcome }) => ({
    path: name.split(SEPARATOR),
    outcome,
    isParent: parents.has(name),
  }));
}

function readCases(xml: string): JunitCase[] {
  const pattern = /<testcase name="([^"]*)"[^>]*?(?:\/>|>([^]*?)<\/testcase>)/g;
  return [...xml.matchAll(pattern)].map(([, name = "", body = ""]) => ({
    name: unescapeXml(name),
    outcome: outcomeOf(body),
  }));
}

function outcomeOf(body: string): TestCase["outcome"] {
  if (/<(?:failure|error)[ >/]/.test(body)) return "failed";
  return /<skipped[ >/]/.test(body) ? "skipped" : "passed";
}

function unescapeXml(text: string): string {
  return text
    .replace(
      /&#(x?)([0-9a-fA-F]+);/g,
      (_, hex: string, digits: string) =>
        String.fromCodePoint(Number.parseInt(digits, hex === "" ? 10 : 16)),
    )
    .replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
