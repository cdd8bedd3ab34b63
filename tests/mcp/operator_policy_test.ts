import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { ExeckitError } from "../../src/errors.ts";
import { readOperatorConfig } from "../../src/mcp/operator_config.ts";
import { loadOperatorPolicy, type SessionRules } from "../../src/mcp/operator_policy.ts";
import type { PolicyRequest } from "../../src/policy/policy.ts";
import { markSafeText } from "../../src/safe_text.ts";
import { makeTestFolder } from "../support/open_session.ts";

async function decide(
  variables: Record<string, string>,
  rules: SessionRules,
  command: string,
): Promise<string> {
  const fence = await loadOperatorPolicy(readOperatorConfig((name) => variables[name]));
  return fence.forSession(rules).decide(requestOf(command)).decision;
}

function requestOf(command: string): PolicyRequest {
  const place = { cwd: "/", transport: "local", target: "local", shell: "bash" };
  return { ...place, command, redact: markSafeText };
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
    using folder = makeTestFolder();
    const path = join(folder.path, "policy.json");
    writeFileSync(path, JSON.stringify({ deny: ["dd"] }));
    const operator = { EXECKIT_MCP_POLICY_FILE: path, EXECKIT_MCP_DENY: "rm" };
    assert.equal(await decide(operator, {}, "dd if=x"), "deny");
    assert.equal(await decide(operator, {}, "rm x"), "deny");
    assert.equal(await decide(operator, {}, "ls"), "allow");
    writeFileSync(path, '{"denny": ["dd"]}');
    await assert.rejects(
      decide(operator, {}, "ls"),
      isInvalidConfig(/POLICY_FILE: .*unknown key at line 1, column 2/),
    );
  });

  it("takes no policy file that an agent may have written", async () => {
    using folder = makeTestFolder();
    const workspace = join(folder.path, "workspace");
    mkdirSync(workspace);
    const path = join(workspace, "policy.json");
    writeFileSync(path, "{}");
    const operator = { EXECKIT_MCP_POLICY_FILE: path };
    assert.equal(await decide(operator, {}, "ls"), "allow");

    const sandbox = { EXECKIT_MCP_SANDBOX: "on", EXECKIT_MCP_SANDBOX_WORKSPACE: workspace };
    await assert.rejects(
      decide({ ...operator, ...sandbox }, {}, "ls"),
      isInvalidConfig(/POLICY_FILE: .*lies in a workspace/),
    );
    const link = join(folder.path, "link.json");
    symlinkSync(path, link);
    await assert.rejects(
      decide({ ...sandbox, EXECKIT_MCP_POLICY_FILE: link }, {}, "ls"),
      isInvalidConfig(/lies in a workspace/),
    );
    for (const mode of [0o620, 0o602]) {
      chmodSync(path, mode);
      await assert.rejects(decide(operator, {}, "ls"), isInvalidConfig(/others can write it/));
    }
  });

  it("takes no policy file of another user", {
    skip: process.getuid?.() === 0 ? false : "only root can give files away",
  }, async () => {
    using folder = makeTestFolder();
    const path = join(folder.path, "policy.json");
    writeFileSync(path, "{}");
    chownSync(path, 65_534, 65_534);
    const operator = { EXECKIT_MCP_POLICY_FILE: path };
    await assert.rejects(decide(operator, {}, "ls"), isInvalidConfig(/belongs to another user/));
  });

  it("says whose list a verdict goes by", async () => {
    const fence = await loadOperatorPolicy(
      readOperatorConfig((name) => name === "EXECKIT_MCP_DENY" ? "dd" : undefined),
    );
    const policy = fence.forSession({ deny: ["rm"], allow: ["ls", "rm", "dd"] });
    const reason = (command: string) => policy.decide(requestOf(command)).reason ?? "";
    assert.match(reason("dd"), /^The operator's rule deny:dd /);
    assert.match(reason("rm x"), /^This session's own rule deny:rm /);
    assert.match(reason("id"), /^Nothing in the list that this session was opened with /);
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
