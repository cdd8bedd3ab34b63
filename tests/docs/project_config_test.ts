import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { PROJECT_ROOT, readSource } from "../../scripts/support/source_files.ts";
import { OPERATOR_VARIABLES } from "../../src/mcp/operator_config.ts";

/** The parts of `deno.json` that are looked at. */
interface ProjectConfig {
  version: string;
  imports: Record<string, string>;
  exports: Record<string, string>;
  tasks: Record<string, string>;
  permissions: Record<string, { run?: string[]; env?: string[] }>;
}

// deno.json is ours and has these members.
const config = JSON.parse(readSource(PROJECT_ROOT, "deno.json")) as ProjectConfig;

/** The permissions that a task gives, sorted. */
function permissionFlags(task: string): string[] {
  const words = (config.tasks[task] ?? "").split(" ");
  return words.filter((word) => /^(?:--allow-|-A|-P|--permission)/.test(word)).sort();
}

/** The flags that stand for a permission set of the configuration. */
function flagsOfSet(name: string): string[] {
  return Object.entries(config.permissions[name] ?? {})
    .map(([kind, names]) => `--allow-${kind}=${names.join(",")}`).sort();
}

describe("deno.json", () => {
  it("gives `exec` and `mcp` exactly their permission sets", () => {
    assert.deepEqual(permissionFlags("exec"), flagsOfSet("local"));
    assert.deepEqual(permissionFlags("mcp"), flagsOfSet("mcp"));
    for (const task of ["exec", "mcp"]) assert.match(config.tasks[task] ?? "", / --no-prompt /);
  });

  it("lets a local session start `sh` and nothing else", () => {
    assert.deepEqual(config.permissions["local"]?.run, ["sh"]);
    assert.deepEqual(config.permissions["mcp"]?.run, ["sh"]);
  });

  it("lets the MCP server read exactly the operator's variables", () => {
    const names: string[] = Object.values(OPERATOR_VARIABLES);
    assert.deepEqual(config.permissions["mcp"]?.env, names.sort());
  });

  it("runs every task with the lock file frozen", () => {
    for (const [name, task] of Object.entries(config.tasks)) {
      const isRunner = /\bdeno (?:run|check|compile|test)\b/.test(task);
      if (isRunner) assert.match(task, /--frozen\b/, name);
    }
  });

  it("names only entries and scripts that exist", () => {
    const scripts = Object.values(config.tasks).flatMap((task) =>
      task.split(" ").filter((word) => word.endsWith(".ts"))
    );
    for (const file of [...scripts, ...Object.values(config.exports)]) {
      assert.ok(existsSync(join(PROJECT_ROOT, file)), file);
    }
  });

  it("pins every dependency to one version", () => {
    for (const [name, target] of Object.entries(config.imports)) {
      assert.match(target, /^npm:\/?(?:@[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+\/?$/, name);
    }
  });
});

describe("the project", () => {
  it("says the same version in deno.json, the source and the changelog", () => {
    assert.ok(readSource(PROJECT_ROOT, "src/version.ts").includes(`"${config.version}"`));
    assert.ok(readSource(PROJECT_ROOT, "CHANGELOG.md").includes(config.version));
  });

  it("has no package.json, which would change how deno task finds programs", () => {
    assert.ok(!existsSync(join(PROJECT_ROOT, "package.json")));
  });

  it("says its two commands in the README, and .ci/run calls the one for the tests", () => {
    const readme = readSource(PROJECT_ROOT, "README.md");
    assert.ok(readme.includes("npx -y deno@2.9.6 task exec "));
    assert.ok(readme.includes("npx -y deno@2.9.6 task test"));
    assert.match(readSource(PROJECT_ROOT, ".ci/run"), /npx -y deno@2\.9\.6\b[^]* task test\n/);
  });
});
