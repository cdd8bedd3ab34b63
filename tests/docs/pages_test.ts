import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkDocs } from "../../scripts/check_docs.ts";
import { formatFinding } from "../../scripts/support/findings.ts";
import { PROJECT_ROOT, readSource } from "../../scripts/support/source_files.ts";
import { ERROR_HINTS } from "../../src/error_codes.ts";

describe("the pages", () => {
  it("agree with the code and link to what exists", () => {
    assert.deepEqual(checkDocs(PROJECT_ROOT).map(formatFinding), []);
  });

  it("have a heading and a hint for every error code, in its order", () => {
    const page = readSource(PROJECT_ROOT, "docs/errors.md");
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, code]) => code);
    assert.deepEqual(headings, Object.keys(ERROR_HINTS));
    for (const hint of Object.values(ERROR_HINTS)) assert.ok(page.includes(`Next: ${hint}.`), hint);
  });
});
