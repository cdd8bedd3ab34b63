import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { PROJECT_ROOT } from "../mcp/server_program.ts";

/** What a file imports when it is loaded; `import()` is not among it. */
function staticImports(file: string): string[] {
  const text = readFileSync(join(PROJECT_ROOT, file), "utf8");
  return [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom "([^"]+)";$/gm)]
    .filter(([statement]) => !/^(?:import|export) type\b/.test(statement))
    .flatMap((match) => match[1] ?? []);
}

/** The packages and builtins that are loaded with a file, through all files of ours. */
function loadedWith(entry: string): Set<string> {
  const files = new Set([entry]);
  const packages = new Set<string>();
  for (const file of files) {
    for (const name of staticImports(file)) {
      if (name.startsWith(".")) files.add(join(dirname(file), name));
      else packages.add(name);
    }
  }
  return packages;
}

describe("start-up", () => {
  it("loads nothing for the way from the bin to the server but the server", () => {
    assert.deepEqual([...loadedWith("src/cli/main.ts")], ["node:process"]);
    assert.deepEqual([...loadedWith("src/cli/commands/mcp.ts")], ["node:process"]);
    const server = [...loadedWith("src/mcp/mod.ts")];
    assert.ok(server.includes("@modelcontextprotocol/server"));
    assert.deepEqual(
      server.filter((name) => /commander|ssh2|dockerode|\/client|\/sdk/.test(name)),
      [],
    );
  });

  it("loads no MCP package with the library or with exec", () => {
    for (const entry of ["mod.ts", "src/cli/program.ts", "src/cli/commands/exec.ts"]) {
      const names = [...loadedWith(entry)];
      assert.deepEqual(names.filter((name) => name.startsWith("@modelcontextprotocol/")), []);
    }
  });
});
