import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRedactor } from "../../../src/output/redact.ts";
import { cleanRows } from "./clean_rows.ts";
import { Seeded } from "./fake_secrets.ts";
import {
  knownRows,
  type SecretRow,
  structureRows,
  tokenRows,
  valueRows,
  wrappedRows,
} from "./secret_rows.ts";

const random = new Seeded(61);

/** Rows per class, and the share of them that must be clean afterwards. */
const CLASSES: readonly (readonly [string, readonly SecretRow[], number])[] = [
  ["tokens", tokenRows(random, 4), 0.98],
  ["values by their surroundings", valueRows(random, 2), 0.98],
  ["known values", knownRows(random), 1],
  ["tokens that a terminal wrapped", wrappedRows(random, 60), 0.9],
  ["key files and encoded pairs", structureRows(random), 0.98],
];

function isGone({ text, secrets, known }: SecretRow): boolean {
  const result = createRedactor({ secrets: known ?? [] }).text(text);
  return secrets.every((secret) => !result.includes(secret));
}

describe("createRedactor().text() on rows of every class", () => {
  for (const [name, rows, share] of CLASSES) {
    test(`redacts ${name}`, () => {
      const missed = rows.filter((row) => !isGone(row)).map(({ kind }) => kind);
      assert.ok(missed.length <= rows.length * (1 - share), missed.join("\n"));
    });
  }

  test("redacts at least 98 of 100 rows of all classes", () => {
    const rows = CLASSES.flatMap(([, some]) => some);
    assert.ok(rows.length >= 300);
    assert.ok(rows.filter(isGone).length >= rows.length * 0.98);
  });

  test("touches none of the rows that only look like secrets", () => {
    for (const text of cleanRows(random)) assert.equal(createRedactor().text(text), text);
  });
});
