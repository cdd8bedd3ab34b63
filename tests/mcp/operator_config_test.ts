import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExeckitError } from "../../src/errors.ts";
import { LIMITS } from "../../src/limits.ts";
import { OPERATOR_VARIABLES, readOperatorConfig } from "../../src/mcp/operator_config.ts";

function configFrom(variables: Record<string, string>) {
  return readOperatorConfig((name) => variables[name]);
}

describe("readOperatorConfig()", () => {
  it("has defaults for everything", () => {
    assert.deepEqual(configFrom({}), {
      maxSessions: 64,
      sessionIdleMs: 30 * 60 * 1000,
      commandTimeoutMs: 40_000,
      deny: [],
    });
  });

  it("reads every variable", () => {
    const config = configFrom({
      EXECKIT_MCP_AUDIT: "/var/log/audit.jsonl",
      EXECKIT_MCP_MAX_SESSIONS: "3",
      EXECKIT_MCP_SESSION_TTL: " 90 ",
      EXECKIT_MCP_EXEC_TIMEOUT: "7",
      EXECKIT_MCP_DENY: "rm, dd",
      EXECKIT_MCP_ALLOW: "ls,cat",
      EXECKIT_MCP_POLICY_FILE: "/etc/policy.json",
    });
    assert.deepEqual(config, {
      auditPath: "/var/log/audit.jsonl",
      maxSessions: 3,
      sessionIdleMs: 90_000,
      commandTimeoutMs: 7000,
      deny: ["rm", "dd"],
      allow: ["ls", "cat"],
      policyFilePath: "/etc/policy.json",
    });
  });

  it("takes 0 as no idle closing", () => {
    assert.equal(configFrom({ EXECKIT_MCP_SESSION_TTL: "0" }).sessionIdleMs, 0);
  });

  it("lets no time-out outlive a call", () => {
    const { commandTimeoutMs } = configFrom({ EXECKIT_MCP_EXEC_TIMEOUT: "3600" });
    assert.equal(commandTimeoutMs, LIMITS.mcpCommandTimeoutMs);
  });

  it("looks up the documented variables and no others", () => {
    const asked: string[] = [];
    readOperatorConfig((name) => {
      asked.push(name);
      return undefined;
    });
    assert.deepEqual(asked.sort(), Object.values(OPERATOR_VARIABLES).map(String).sort());
  });

  const wrong: readonly (readonly [string, string])[] = [
    ["EXECKIT_MCP_MAX_SESSIONS", "0"],
    ["EXECKIT_MCP_MAX_SESSIONS", "1001"],
    ["EXECKIT_MCP_MAX_SESSIONS", "many"],
    ["EXECKIT_MCP_MAX_SESSIONS", "1.5"],
    ["EXECKIT_MCP_MAX_SESSIONS", "0x10"],
    ["EXECKIT_MCP_MAX_SESSIONS", ""],
    ["EXECKIT_MCP_SESSION_TTL", "-1"],
    ["EXECKIT_MCP_SESSION_TTL", "604801"],
    ["EXECKIT_MCP_EXEC_TIMEOUT", "0"],
    ["EXECKIT_MCP_EXEC_TIMEOUT", "3601"],
    ["EXECKIT_MCP_EXEC_TIMEOUT", "1e3"],
    ["EXECKIT_MCP_DENY", "rm,,dd"],
    ["EXECKIT_MCP_DENY", " "],
    ["EXECKIT_MCP_ALLOW", ""],
    ["EXECKIT_MCP_AUDIT", " "],
    ["EXECKIT_MCP_POLICY_FILE", ""],
  ];
  for (const [name, value] of wrong) {
    it(`refuses ${name}=${JSON.stringify(value)} by name and without its value`, () => {
      assert.throws(() => configFrom({ [name]: value }), (error) => {
        assert.ok(error instanceof ExeckitError);
        assert.equal(error.code, "invalid_config");
        assert.ok(error.detail.includes(name), error.detail);
        return true;
      });
    });
  }

  it("refuses to start when the runtime hides a variable, for a fence may be in it", () => {
    assert.throws(
      () => {
        readOperatorConfig((name) => {
          if (name === "EXECKIT_MCP_DENY") throw new Error("NotCapable: Requires env access");
          return undefined;
        });
      },
      (error) => {
        assert.ok(error instanceof ExeckitError);
        assert.equal(error.code, "permission_denied");
        assert.ok(error.message.includes("EXECKIT_MCP_DENY"));
        return true;
      },
    );
  });
});
