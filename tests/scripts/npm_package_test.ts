import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkPackage, finishManifest } from "../../scripts/support/npm_package.ts";
import { PROJECT_ROOT, readSource } from "../../scripts/support/source_files.ts";

const PROGRAM = "#!/usr/bin/env node\nrun();\n";
const FILES: Readonly<Record<string, string>> = {
  "package.json": '{ "exports": { ".": { "types": "./mod.d.ts" } } }',
  "LICENSE": "",
  "NOTICE": "",
  "README.md": "",
  "mod.js": 'export { a } from "./src/a.js";\n',
  "mod.d.ts": "",
  "src/cli/main.js": PROGRAM,
  "src/cli/main.d.ts": "",
};

function problemsOf(changes: Readonly<Record<string, string | undefined>>): string[] {
  const files = new Map(
    Object.entries({ ...FILES, ...changes }).flatMap(([file, text]) =>
      text === undefined ? [] : [[file, text] as const]
    ),
  );
  return checkPackage([...files.keys()], (file) => files.get(file) ?? "", "/build/here");
}

describe("finishManifest()", () => {
  const config = readSource(PROJECT_ROOT, "deno.json");
  const manifest = finishManifest({
    name: "@execkit/core",
    version: "1.2.3",
    exports: { ".": "./mod.js" },
    dependencies: { re2js: "^2.0.0", "@commander-js/extra-typings": "*" },
  }, config);

  it("keeps what deno pack wrote and adds program, engines and words", () => {
    assert.equal(manifest.name, "@execkit/core");
    assert.equal(manifest.version, "1.2.3");
    assert.deepEqual(manifest["exports"], { ".": "./mod.js" });
    assert.deepEqual(manifest.bin, { "execkit-mcp": "src/cli/main.js" });
    assert.deepEqual(manifest["engines"], { node: ">=20" });
    assert.equal(typeof manifest["description"], "string");
  });

  it("pins dependencies and their peers to the versions of deno.json", () => {
    // deno.json is ours and has this member.
    const { imports } = JSON.parse(config) as { imports: Record<string, string> };
    for (const name of ["re2js", "commander", "@commander-js/extra-typings"]) {
      assert.equal(`npm:${name}@${manifest.dependencies?.[name]}`, imports[name]);
    }
  });

  it("refuses a dependency that deno.json does not pin", () => {
    const unknown = { name: "a", version: "1.0.0", dependencies: { "left-pad": "1" } };
    assert.throws(() => finishManifest(unknown, config), /Failed to pin "left-pad"/);
  });
});

describe("checkPackage()", () => {
  it("finds nothing wrong with a whole package", () => {
    assert.deepEqual(problemsOf({}), []);
  });

  it("finds tests, sources and lock files", () => {
    for (const file of ["tests/a.json", "src/a_test.js", "src/a.ts", "deno.json", "deno.lock"]) {
      assert.match(problemsOf({ [file]: "" }).join("\n"), /does not belong/, file);
    }
  });

  it("finds a door without types, and types that import what has none", () => {
    assert.match(problemsOf({ "mod.d.ts": undefined }).join("\n"), /^mod\.d\.ts is missing/);
    const types = 'export { a } from "./src/a.js";';
    assert.match(
      problemsOf({ "mod.d.ts": types }).join("\n"),
      /^src\/a\.d\.ts is missing, and mod/,
    );
    assert.deepEqual(problemsOf({ "mod.d.ts": types, "src/a.d.ts": "" }), []);
  });

  it("finds paths of the building machine and names that Node does not know", () => {
    assert.equal(problemsOf({ "mod.js": 'const a = "/build/here/mod.ts";' }).length, 1);
    assert.equal(problemsOf({ "mod.js": "// file:///somewhere/mod.ts" }).length, 1);
    assert.equal(problemsOf({ "mod.js": 'import a from "npm:a@1";' }).length, 1);
    assert.equal(problemsOf({ "mod.js": 'await import("jsr:@a/b");' }).length, 1);
  });

  it("finds what is missing", () => {
    for (const file of ["LICENSE", "NOTICE", "README.md", "package.json"]) {
      assert.deepEqual(problemsOf({ [file]: undefined }), [`${file} is missing`]);
    }
  });

  it("finds a program that Node would not start", () => {
    assert.deepEqual(problemsOf({ "src/cli/main.js": "run();" }), [
      "src/cli/main.js has no node shebang",
    ]);
  });
});
