import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExeckitError } from "../../src/errors.ts";
import { LIMITS } from "../../src/limits.ts";
import { OPERATOR_VARIABLES, readOperatorConfig } from "../../src/mcp/operator_config.ts";
import type { Place } from "../../src/mcp/place_pattern.ts";

function configFrom(variables: Record<string, string>) {
  return readOperatorConfig((name) => variables[name]);
}

describe("readOperatorConfig()", () => {
  it("has defaults for everything", () => {
    assert.deepEqual(configFrom({}), {
      maxSessions: 64,
      sessionIdleMs: 30 * 60 * 1000,
      onCancel: "auto",
      mayDetach: true,
      output: { keepMs: 10 * 60 * 1000 },
      deny: [],
      remote: { insecureAcceptAnyHostKey: false, allowImages: [] },
    });
  });

  it("reads every variable", () => {
    const config = configFrom({
      EXECKIT_MCP_AUDIT: "/var/log/audit.jsonl",
      EXECKIT_MCP_MAX_SESSIONS: "3",
      EXECKIT_MCP_SESSION_TTL: " 90 ",
      EXECKIT_MCP_EXEC_TIMEOUT: "7",
      EXECKIT_MCP_ON_CANCEL: "detach",
      EXECKIT_MCP_DETACH: "off",
      EXECKIT_MCP_STATE_DIR: "/var/lib/execkit",
      EXECKIT_MCP_OUTPUT_QUOTA: "16",
      EXECKIT_MCP_OUTPUT_TTL: "5",
      EXECKIT_MCP_DENY: "rm, dd",
      EXECKIT_MCP_ALLOW: "ls,cat",
      EXECKIT_MCP_POLICY_FILE: "/etc/policy.json",
      EXECKIT_MCP_KEY_DIR: "/etc/keys",
      EXECKIT_MCP_KNOWN_HOSTS: "/etc/known_hosts",
      EXECKIT_MCP_INSECURE_ACCEPT_ANY_HOSTKEY: "on",
      EXECKIT_MCP_ALLOW_IMAGES: "alpine:*",
      EXECKIT_MCP_SANDBOX: "1",
      EXECKIT_MCP_SANDBOX_NETWORK: "host",
      EXECKIT_MCP_SANDBOX_WORKSPACE: "/srv/app",
    });
    assert.deepEqual(config, {
      auditPath: "/var/log/audit.jsonl",
      maxSessions: 3,
      sessionIdleMs: 90_000,
      commandTimeoutMs: 7000,
      onCancel: "detach",
      mayDetach: false,
      output: { directory: "/var/lib/execkit", maxBytes: 16 * 1024 * 1024, keepMs: 5000 },
      deny: ["rm", "dd"],
      allow: ["ls", "cat"],
      policyFilePath: "/etc/policy.json",
      remote: {
        keyDirectory: "/etc/keys",
        knownHostsPath: "/etc/known_hosts",
        insecureAcceptAnyHostKey: true,
        allowImages: ["alpine:*"],
      },
      sandbox: { network: "host", workspace: "/srv/app" },
    });
  });

  it("reads the list of containers", () => {
    const id = "0123456789abcdef".repeat(4);
    const { allowContainers = [] } = configFrom({
      EXECKIT_MCP_ALLOW_CONTAINERS: `web,app@db-*,*@tools,${id.slice(0, 12)},abc`,
    }).remote;
    const matches = (name: string, user?: string, containerId = "f".repeat(64)) => {
      const isOne = allowContainers.some((one) => one.matches({ name, id: containerId }, user));
      assert.equal(
        isOne && !allowContainers.some((one) => one.matches({ name, id: name }, user)),
        false,
        name,
      );
      return isOne;
    };
    assert.ok(matches("web") && !matches("web", "root") && !matches("web2"));
    assert.ok(matches("db-1", "app") && !matches("db-1", "root") && !matches("db-1"));
    assert.ok(matches("tools") && matches("tools", "root"));
    const byId = (reference: string, user?: string) =>
      allowContainers.some((one) =>
        one.matches({ name: reference, id: reference }, user) &&
        one.matches({ name: "any", id }, user)
      );
    assert.ok(byId(id) && byId(id.slice(0, 12)) && !byId(id, "root") && !byId(id.slice(0, 11)));
    assert.ok(!matches("any", undefined, `abc${"0".repeat(61)}`));
  });

  it("reads the list of hosts", () => {
    const { allowHosts = [] } = configFrom({
      EXECKIT_MCP_ALLOW_HOSTS: "web-*,deploy@DB:2222,[::1]:*,10.0.*,*.dev:80*",
    }).remote;
    const matches = (place: Place) => allowHosts.some((pattern) => pattern.matches(place));
    for (
      const place of [
        { host: "web-1" },
        { host: "WEB-1", user: "root", port: 22 },
        { host: "db", user: "deploy", port: 2222 },
        { host: "::1", port: 8022 },
        { host: "[::1]" },
        { host: "10.0.7.1" },
        { host: "a.dev", port: 8022 },
      ]
    ) assert.ok(matches(place), JSON.stringify(place));
    for (
      const place of [
        { host: "web" },
        { host: "web-1", port: 2222 },
        { host: "db" },
        { host: "db", user: "root", port: 2222 },
        // Without the port, the client configuration would choose it.
        { host: "db", user: "deploy" },
        { host: "a.dev" },
        { host: "10.0.0.1.evil.example" },
        { host: "10.0.evil" },
        { host: "10.0.7.1." },
        { host: "evil.example#web-1" },
      ]
    ) assert.ok(!matches(place), JSON.stringify(place));
  });

  it("puts sessions into a sandbox when it is told to, and says so for what needs one", () => {
    for (const on of ["1", "on"]) {
      assert.deepEqual(configFrom({ EXECKIT_MCP_SANDBOX: on }).sandbox, {});
    }
    for (const off of ["0", "off"]) {
      assert.equal(configFrom({ EXECKIT_MCP_SANDBOX: off }).sandbox, undefined);
    }
    const needing = {
      EXECKIT_MCP_SANDBOX_NETWORK: "none",
      EXECKIT_MCP_SANDBOX_WORKSPACE: "/srv/app",
    };
    for (const [name, value] of Object.entries(needing)) {
      for (const sandbox of [{}, { EXECKIT_MCP_SANDBOX: "off" }]) {
        assert.throws(() => configFrom({ ...sandbox, [name]: value }), new RegExp(name));
      }
    }
    const relative = { EXECKIT_MCP_SANDBOX: "on", EXECKIT_MCP_SANDBOX_WORKSPACE: "app" };
    assert.throws(() => configFrom(relative), /EXECKIT_MCP_SANDBOX_WORKSPACE/);
  });

  it("takes 0 as no idle closing", () => {
    assert.equal(configFrom({ EXECKIT_MCP_SESSION_TTL: "0" }).sessionIdleMs, 0);
  });

  it("takes a time-out of up to a day, and none when there is none", () => {
    const { commandTimeoutMs } = configFrom({ EXECKIT_MCP_EXEC_TIMEOUT: "86400" });
    assert.equal(commandTimeoutMs, LIMITS.commandTimeoutMaxMs);
    assert.equal("commandTimeoutMs" in configFrom({}), false);
  });

  it("takes 0 as output that ends with its session", () => {
    assert.equal(configFrom({ EXECKIT_MCP_OUTPUT_TTL: "0" }).output.keepMs, 0);
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
    ["EXECKIT_MCP_EXEC_TIMEOUT", "86401"],
    ["EXECKIT_MCP_ON_CANCEL", "kill"],
    ["EXECKIT_MCP_DETACH", "never"],
    ["EXECKIT_MCP_STATE_DIR", "state"],
    ["EXECKIT_MCP_OUTPUT_QUOTA", "0"],
    ["EXECKIT_MCP_OUTPUT_QUOTA", "257"],
    ["EXECKIT_MCP_OUTPUT_TTL", "86401"],
    ["EXECKIT_MCP_EXEC_TIMEOUT", "1e3"],
    ["EXECKIT_MCP_INSECURE_ACCEPT_ANY_HOSTKEY", "perhaps"],
    ["EXECKIT_MCP_ALLOW_HOSTS", "a b"],
    ["EXECKIT_MCP_ALLOW_HOSTS", "a@b@c"],
    ["EXECKIT_MCP_ALLOW_HOSTS", "web:ssh"],
    ["EXECKIT_MCP_ALLOW_CONTAINERS", ","],
    ["EXECKIT_MCP_ALLOW_CONTAINERS", "web,a@b@c"],
    ["EXECKIT_MCP_DENY", "rm,,dd"],
    ["EXECKIT_MCP_DENY", " "],
    ["EXECKIT_MCP_ALLOW", ""],
    ["EXECKIT_MCP_AUDIT", " "],
    ["EXECKIT_MCP_POLICY_FILE", ""],
    ["EXECKIT_MCP_SANDBOX", ""],
    ["EXECKIT_MCP_SANDBOX", "yes"],
    ["EXECKIT_MCP_SANDBOX", "ON"],
    ["EXECKIT_MCP_SANDBOX", "constructor"],
    ["EXECKIT_MCP_SANDBOX_NETWORK", "all"],
    ["EXECKIT_MCP_SANDBOX_WORKSPACE", ""],
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
