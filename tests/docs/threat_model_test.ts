import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { PROJECT_ROOT, readSource } from "../../scripts/support/source_files.ts";

/** The rows of the page: vector, defence, source and test. */
function rows(): readonly (readonly string[])[] {
  const page = readSource(PROJECT_ROOT, "docs/threat_model.md");
  return page.split("\n").filter((line) => line.startsWith("| ") && line.includes("_test.ts"))
    .map((line) => line.split(/(?<!\\) \| |^\| | \|$/).map((cell) => cell.trim()).filter(Boolean));
}

/** The file that a cell names, in code and as a link that leads there. */
function fileOf(cell: string | undefined): string {
  const [, name, target] = /^\[`([^`]+)`\]\(\.\.\/(\S+)\)$/.exec(cell ?? "") ?? [];
  assert.ok(name !== undefined && name === target, cell);
  return name;
}

describe("docs/threat_model.md", () => {
  it("names a vector, a defence, a source and a test in every row", () => {
    assert.ok(rows().length > 20);
    for (const row of rows()) {
      assert.equal(row.length, 4, row.join(" | "));
      const [source, test] = [fileOf(row[2]), fileOf(row[3])];
      assert.match(source, /^src\/.*\.ts$/);
      assert.match(test, /^tests\/.*_test\.ts$/);
      for (const file of [source, test]) assert.ok(existsSync(join(PROJECT_ROOT, file)), file);
    }
  });

  it("has a row for every file in tests/attacks/", () => {
    const named = new Set(rows().map((row) => fileOf(row[3])));
    const files = readdirSync(join(PROJECT_ROOT, "tests/attacks"))
      .filter((name) => name.endsWith("_test.ts"));
    assert.ok(files.length > 10);
    assert.deepEqual(files.filter((name) => !named.has(`tests/attacks/${name}`)), []);
  });
});
