import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkDocs, writeErrorsPage } from "../../scripts/check_docs.ts";
import { readErrorCodes } from "../../scripts/support/error_docs.ts";
import { writeProject } from "./project_fixture.ts";

const CODES = `export const ERROR_HINTS = {
  /** It is
   *  broken. */
  broken: "Mend it",
} as const;
`;
const FILES = {
  "deno.json":
    '{ "imports": { "re2js": "npm:re2js@2.10.0" }, "tasks": { "docs:write": "x", "test": "x" } }',
  "src/error_codes.ts": CODES,
  "docs/errors.md": "",
  "docs/dependencies.md": "| `re2js@2.10.0` | MIT | why |\n",
};

/** Checks a project whose error page is right, with some files changed. */
function findIn(changes: Readonly<Record<string, string>>): string[] {
  using project = writeProject({ ...FILES, ...changes });
  writeErrorsPage(project.path);
  return checkDocs(project.path).map(({ rule, file, line }) => `${rule} ${file}:${line ?? "-"}`);
}

describe("checkDocs()", () => {
  it("finds nothing when the pages agree with the code", () => {
    assert.deepEqual(findIn({}), []);
  });

  it("finds an error page that is not that of the codes", () => {
    using project = writeProject(FILES);
    assert.deepEqual(checkDocs(project.path).map(({ rule }) => rule), ["errors-page"]);
  });

  it("finds a dependency without a reason, and a reason without a dependency", () => {
    assert.deepEqual(findIn({ "docs/dependencies.md": "" }), [
      "dependencies-page docs/dependencies.md:-",
    ]);
    const text = "| `re2js@2.10.0` | MIT | why |\n| `gone@1.0.0` | MIT | why |\n";
    assert.deepEqual(findIn({ "docs/dependencies.md": text }), [
      "dependencies-page docs/dependencies.md:-",
    ]);
  });

  it("finds a task that does not exist", () => {
    const text = "Run `deno task test`,\nor `npx -y deno@2.9.6 task nope`.\n";
    assert.deepEqual(findIn({ "README.md": text }), ["tasks README.md:2"]);
  });

  it("finds links to files and headings that do not exist", () => {
    const text = [
      "# The title",
      "[a](docs/errors.md) [b](docs/errors.md#broken) [c](#the-title) [d](https://example.com/x)",
      "[e](docs/gone.md)",
      "[f](docs/errors.md#gone)",
      "```",
      "[g](in/code.md)",
      "```",
      "[h](#gone)",
    ].join("\n");
    assert.deepEqual(findIn({ "README.md": text }), [
      "links README.md:3",
      "links README.md:4",
      "links README.md:8",
    ]);
  });
});

describe("readErrorCodes()", () => {
  it("reads code, comment and hint", () => {
    assert.deepEqual(readErrorCodes(CODES), [
      { code: "broken", when: "It is broken.", next: "Mend it" },
    ]);
  });
});
