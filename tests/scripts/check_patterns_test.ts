import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkPatterns } from "../../scripts/check_patterns.ts";
import { writeProject } from "./project_fixture.ts";

/** Checks a project of one file, and gives `rule:line` for each finding. */
function findIn(file: string, text: string): string[] {
  using project = writeProject({ [file]: text });
  return checkPatterns(project.path).map(({ rule, line }) => `${rule}:${line ?? "-"}`);
}

/** A function of so many lines. */
function longFunction(lines: number): string {
  return `function f() {\n${"  f();\n".repeat(lines - 2)}}\n`;
}

describe("checkPatterns()", () => {
  it("finds nothing in a clean file", () => {
    const text = "/** One. */\nexport const one = [1] as const;\n";
    assert.deepEqual(findIn("src/one.ts", text), []);
  });

  it("finds a file over 400 lines and leaves one of 400", () => {
    assert.deepEqual(findIn("src/one.ts", "//\n".repeat(400)), []);
    assert.deepEqual(findIn("src/one.ts", "//\n".repeat(401)), ["file-length:1"]);
  });

  it("finds a function over 60 lines and leaves one of 60", () => {
    assert.deepEqual(findIn("src/one.ts", longFunction(60)), []);
    assert.deepEqual(findIn("src/one.ts", longFunction(61)), ["function-length:1"]);
  });

  it("measures tests, and not the suites around them", () => {
    const body = "  work();\n".repeat(70);
    assert.deepEqual(findIn("tests/a_test.ts", `describe("x", () => {\n${body}});\n`), []);
    assert.deepEqual(findIn("tests/a_test.ts", `it("x", () => {\n${body}});\n`), [
      "function-length:1",
    ]);
  });

  it("finds five parameters and a boolean default", () => {
    assert.deepEqual(findIn("src/one.ts", "const f = (a, b, c, d) => 1;"), []);
    assert.deepEqual(findIn("src/one.ts", "const f = (a, b, c, d, e) => 1;"), ["parameters:1"]);
    assert.deepEqual(findIn("src/one.ts", "function f(deep = false) {}"), ["parameters:1"]);
  });

  it("finds any and non-null assertions, and not the words in strings", () => {
    const text = 'const a: any = 1;\nconst b = a!;\nclass C { d!: string }\nconst s = "any!";\n';
    assert.deepEqual(findIn("src/one.ts", text), ["no-any:1", "no-non-null:2", "no-non-null:3"]);
  });

  it("finds a cast without a reason", () => {
    assert.deepEqual(findIn("src/one.ts", "const a = b as C;\n"), ["explained-cast:1"]);
    assert.deepEqual(findIn("src/one.ts", "const a = <C> b;\n"), ["explained-cast:1"]);
    for (
      const text of [
        "const a = b as C; // the parser gives nothing else\n",
        "// The parser gives nothing else.\nconst a = b as C;\n",
        "// The parser gives nothing else.\nconst a = f({\n  b,\n  c: b as C,\n});\n",
        "const a = b as const;\n",
        'import { a as b } from "./a.ts";\n',
        "const a = b satisfies C;\n",
      ]
    ) assert.deepEqual(findIn("src/one.ts", text), [], text);
  });

  it("finds unfinished marks", () => {
    const mark = "TO" + "DO";
    assert.deepEqual(findIn("src/one.ts", `// ${mark}: later\n`), ["no-unfinished-marks:1"]);
  });

  it("finds console in the source and not in a script", () => {
    assert.deepEqual(findIn("src/one.ts", "console.log(1);"), ["no-console:1"]);
    assert.deepEqual(findIn("scripts/one.ts", "console.log(1);"), []);
  });

  it("finds timers in tests and not in their support", () => {
    assert.deepEqual(findIn("tests/a_test.ts", "setTimeout(done, 10);"), ["no-sleep:1"]);
    assert.deepEqual(findIn("tests/a_test.ts", 'import "node:timers/promises";'), ["no-sleep:1"]);
    assert.deepEqual(findIn("tests/support/wait_for.ts", "setTimeout(done, 10);"), []);
  });

  it("finds skips without a reason, and tests that are left alone", () => {
    for (
      const text of [
        't.skip("later");',
        'it.skip("x", f);',
        'test.only("x", f);',
        'test("x", { skip: true }, f);',
        'it("x", { todo: "later" }, f);',
      ]
    ) assert.deepEqual(findIn("tests/a_test.ts", text), ["said-skips:1"], text);
    assert.deepEqual(findIn("tests/a_test.ts", 'test("x", { skip: "no zsh" }, f);'), []);
  });

  it("finds the Deno namespace in tests", () => {
    assert.deepEqual(findIn("tests/a_test.ts", "Deno.cwd();"), ["no-deno-in-tests:1"]);
    assert.deepEqual(findIn("tests/a_test.ts", 'const is = "Deno" in globalThis;'), []);
  });

  it("finds exports and interface members without a comment", () => {
    const text = "export interface A {\n  b: string;\n}\nfunction inner() {}\n";
    assert.deepEqual(findIn("src/one.ts", text), ["documented-exports:1", "documented-exports:2"]);
  });

  it("finds vague and badly written file names", () => {
    assert.deepEqual(findIn("src/session/utils.ts", ""), ["file-name:-"]);
    assert.deepEqual(findIn("src/session/execPipeline.ts", ""), ["file-name:-"]);
    assert.deepEqual(findIn("src/common/one.ts", ""), ["file-name:-"]);
  });

  it("finds text in the shape of a secret, in any kind of file", () => {
    const token = "gh" + "p_" + "a1".repeat(18);
    assert.deepEqual(findIn("tests/fixtures/a.txt", `\ntoken ${token}`), ["no-secret-shapes:2"]);
    assert.deepEqual(findIn("docs/a.md", "A" + "KIAIOSFODNN7EXAMPLE"), []);
  });

  it("finds a file that does not belong into the root", () => {
    assert.deepEqual(findIn("package.json", "{}"), ["root-files:-"]);
    assert.deepEqual(findIn("notes.md", ""), ["root-files:-"]);
  });

  it("gives every finding a reason and a remedy", () => {
    using project = writeProject({ "src/utils.ts": "export let a: any = b!;", "x.md": "" });
    const findings = checkPatterns(project.path);
    assert.ok(findings.length >= 4);
    for (const { why, remedy } of findings) assert.ok(why.length > 10 && remedy.length > 5);
  });
});
