import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { EXIT_CODES } from "../../src/cli/exit_codes.ts";
import { OPERATOR_VARIABLES } from "../../src/mcp/operator_config.ts";
import { startFakeServer } from "./fake_server.ts";
import { DOCUMENTED_PERMISSIONS, PROJECT_ROOT } from "./server_program.ts";

function read(file: string): string {
  return readFileSync(join(PROJECT_ROOT, file), "utf8");
}

/** The first cells of the rows of every table in a page. */
function firstCells(page: string): string[] {
  return [...page.matchAll(/^\| ([^|]+?) +\|/gm)].map((match) => match[1] ?? "");
}

describe("docs/mcp.md", () => {
  it("holds the line that the tests start the server with", () => {
    const line = `deno run --frozen --no-prompt ${
      DOCUMENTED_PERMISSIONS.join(" ")
    } src/mcp/main.ts`;
    assert.ok(read("docs/mcp.md").includes(line), line);
  });

  it("lists every setting in its table", () => {
    const listed = firstCells(read("docs/mcp.md")).filter((cell) => cell.startsWith("`EXECKIT_"));
    const known = Object.values(OPERATOR_VARIABLES).map((name) => `\`${name}\``);
    assert.deepEqual(listed.sort(), known.sort());
  });

  it("lists every tool with its arguments", async () => {
    await using server = await startFakeServer();
    const page = read("docs/mcp.md");
    for (const { name, inputSchema } of (await server.client.listTools()).tools) {
      const row = page.split("\n").find((line) => line.startsWith(`| \`${name}\``)) ?? "";
      const cell = row.split("|")[2] ?? "";
      for (const arg of Object.keys(inputSchema.properties ?? {})) {
        const mark = inputSchema.required?.includes(arg) === true ? "\\*" : "";
        assert.ok(cell.includes(`\`${arg}\`${mark}`), `${name}: ${arg}`);
      }
    }
  });
});

describe("deno.json", () => {
  it("lets the server read every setting, and no other variable", () => {
    const { permissions, tasks } = JSON.parse(read("deno.json"));
    const known = Object.values(OPERATOR_VARIABLES).map(String).sort();
    assert.deepEqual(permissions.mcp.env, known);
    assert.ok(tasks.mcp.split(" ").includes(`--allow-env=${known.join(",")}`), tasks.mcp);
  });
});

describe("docs/cli.md", () => {
  it("lists the exit codes", () => {
    const listed = firstCells(read("docs/cli.md")).filter((cell) => /^\d+$/.test(cell)).map(Number);
    assert.deepEqual(listed, Object.values(EXIT_CODES));
  });
});
