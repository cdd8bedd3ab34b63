import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ExeckitError } from "../../src/errors.ts";
import { readOperatorConfig } from "../../src/mcp/operator_config.ts";
import { loadOperatorPolicy, type SessionRules } from "../../src/mcp/operator_policy.ts";
import { markSafeText } from "../../src/safe_text.ts";

async function decide(
  variables: Record<string, string>,
  rules: SessionRules,
  command: string,
): Promise<string> {
  const fence = await loadOperatorPolicy(readOperatorConfig((name) => variables[name]));
  return fence.forSession(rules).decide({
    command,
    cwd: "/",
    transport: "local",
    target: "local",
    shell: "bash",
    redact: markSafeText,
  }).decision;
}

describe("loadOperatorPolicy()", () => {
  it("allows everything by default", async () => {
    assert.equal(await decide({}, {}, "rm -rf x"), "allow");
  });

  it("lets a session narrow what the operator allows, and never widen it", async () => {
    const operator = { EXECKIT_MCP_ALLOW: "ls,cat,rm", EXECKIT_MCP_DENY: "rm" };
    const cases: readonly (readonly [SessionRules, string, string])[] = [
      [{}, "ls", "allow"],
      [{}, "rm x", "deny"],
      [{}, "id", "deny"],
      [{ allow: ["id", "rm"] }, "id", "deny"],
      [{ allow: ["id", "rm"] }, "rm x", "deny"],
      [{ allow: ["cat"] }, "ls", "deny"],
      [{ allow: ["cat"] }, "cat x", "allow"],
      [{ deny: ["cat"] }, "cat x", "deny"],
      [{ deny: ["cat"] }, "ls", "allow"],
      [{ allow: [] }, "ls", "deny"],
    ];
    for (const [rules, command, expected] of cases) {
      const decision = await decide(operator, rules, command);
      assert.equal(decision, expected, `${command} with ${JSON.stringify(rules)}`);
    }
  });

  it("adds the policy file to the lists", async () => {
    const directory = mkdtempSync(join(tmpdir(), "execkit-policy-"));
    try {
      const path = join(directory, "policy.json");
      writeFileSync(path, JSON.stringify({ deny: ["dd"] }));
      const operator = { EXECKIT_MCP_POLICY_FILE: path, EXECKIT_MCP_DENY: "rm" };
      assert.equal(await decide(operator, {}, "dd if=x"), "deny");
      assert.equal(await decide(operator, {}, "rm x"), "deny");
      assert.equal(await decide(operator, {}, "ls"), "allow");
      writeFileSync(path, '{"denny": ["dd"]}');
      await assert.rejects(decide(operator, {}, "ls"), isInvalidConfig(/policy file/));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("names the variable whose value cannot be used", async () => {
    const wrong: readonly (readonly [string, string])[] = [
      ["EXECKIT_MCP_DENY", "rm -rf"],
      ["EXECKIT_MCP_DENY", "r*"],
      ["EXECKIT_MCP_ALLOW", "ls;id"],
      ["EXECKIT_MCP_POLICY_FILE", "/no/such/file"],
    ];
    for (const [name, value] of wrong) {
      await assert.rejects(decide({ [name]: value }, {}, "ls"), isInvalidConfig(new RegExp(name)));
    }
  });

  it("refuses a session's list that is none", async () => {
    await assert.rejects(decide({}, { deny: ["rm -rf"] }, "ls"), { code: "invalid_argument" });
  });
});

function isInvalidConfig(expected: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof ExeckitError);
    assert.equal(error.code, "invalid_config");
    assert.match(error.message, expected);
    return true;
  };
}
