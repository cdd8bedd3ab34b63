import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExeckitError } from "../../src/errors.ts";
import { readOperatorConfig } from "../../src/mcp/operator_config.ts";
import { loadOperatorPolicy } from "../../src/mcp/operator_policy.ts";
import { type TargetArguments, targetOptions } from "../../src/mcp/tools/session_target.ts";
import { parsePolicyFile } from "../../src/policy/policy_file.ts";
import { safe } from "../../src/safe_text.ts";
import type { SessionOptions } from "../../src/session/session_options.ts";
import { callTool, startFakeServer } from "./fake_server.ts";

async function optionsFor(
  variables: Record<string, string>,
  args: TargetArguments,
): Promise<SessionOptions> {
  const config = readOperatorConfig((name) => variables[name]);
  const policy = (await loadOperatorPolicy(config)).forSession({});
  return targetOptions(args, policy, { config, redact: () => safe`redacted` });
}

/** Operator's variables, the agent's arguments, and what the error must say; nothing: it opens. */
const CASES: readonly (readonly [
  Record<string, string>,
  TargetArguments,
  RegExp | undefined,
])[] = [
  [{}, { transport: "ssh", host: "web" }, undefined],
  [{}, { transport: "ssh" }, /'host' is missing/],
  [{}, { transport: "local", host: "web" }, /'host' does not go with this transport/],
  [{}, { transport: "docker", container: "web", port: 22 }, /'port' does not go/],
  [{}, { transport: "docker" }, /Exactly one of 'container' and 'image'/],
  [{}, { transport: "docker", container: "a", image: "b" }, /Exactly one of/],
  [{}, { transport: "docker", container: "web" }, undefined],
  [{}, { transport: "docker", image: "alpine" }, /^blocked_by_policy: .*EXECKIT_MCP_ALLOW_IMAGES/],
  [{ EXECKIT_MCP_ALLOW_IMAGES: "alp*" }, { transport: "docker", image: "alpine" }, undefined],
  [{ EXECKIT_MCP_DENY: "ssh" }, { transport: "ssh", host: "web" }, /^blocked_by_policy/],
  [{ EXECKIT_MCP_DENY: "docker" }, { transport: "docker", container: "web" }, /^blocked_by_pol/],
  [{ EXECKIT_MCP_ALLOW: "ls" }, { transport: "ssh", host: "web" }, /^blocked_by_policy/],
  [
    { EXECKIT_MCP_ALLOW: "ls", EXECKIT_MCP_ALLOW_HOSTS: "web" },
    { transport: "ssh", host: "web" },
    undefined,
  ],
  [
    { EXECKIT_MCP_SANDBOX: "on" },
    { transport: "ssh", host: "web" },
    /^blocked_by_policy: .*sandbox/,
  ],
  [
    { EXECKIT_MCP_SANDBOX: "on" },
    { transport: "docker", container: "web" },
    /^blocked_by_policy: .*sandbox/,
  ],
  [
    { EXECKIT_MCP_SANDBOX: "on", EXECKIT_MCP_ALLOW_HOSTS: "web" },
    { transport: "ssh", host: "web" },
    undefined,
  ],
  [
    { EXECKIT_MCP_ALLOW_HOSTS: "web" },
    { transport: "ssh", host: "db" },
    /^blocked_by_policy: .*EXECKIT_MCP_ALLOW_HOSTS/,
  ],
  [
    { EXECKIT_MCP_ALLOW_HOSTS: "deploy@web" },
    { transport: "ssh", host: "web", user: "root" },
    /^blocked_by_policy/,
  ],
  [
    { EXECKIT_MCP_ALLOW_CONTAINERS: "web" },
    { transport: "docker", container: "db" },
    /^blocked_by_policy: .*EXECKIT_MCP_ALLOW_CONTAINERS/,
  ],
  [
    { EXECKIT_MCP_ALLOW_CONTAINERS: "web" },
    { transport: "docker", container: "web", user: "root" },
    /^blocked_by_policy: .*as this user/,
  ],
];

describe("session_create on another machine", () => {
  for (const [variables, args, error] of CASES) {
    const outcome = error === undefined ? "opens" : "is refused";
    it(`${outcome}: ${JSON.stringify(args)} with ${JSON.stringify(variables)}`, async () => {
      const options = optionsFor(variables, args);
      if (error === undefined) assert.equal((await options).transport, args.transport);
      else await assert.rejects(options, (cause) => isError(cause, error));
    });
  }

  it("passes what the agent asks for and what the operator sets, and nothing else", async () => {
    const asked = { host: "web", port: 2222, user: "me", fingerprint: "SHA256:x" };
    const options = await optionsFor({
      EXECKIT_MCP_KEY_DIR: "/etc/keys",
      EXECKIT_MCP_KNOWN_HOSTS: "/etc/known",
    }, { transport: "ssh", key_path: "id", ...asked });
    assert.deepEqual(options, {
      transport: "ssh",
      ...asked,
      keyPath: "id",
      keyDirectory: "/etc/keys",
      knownHosts: { record: "/etc/known", judgePinned: true },
      insecureAcceptAnyHostKey: false,
    });
  });

  it("has the policy judge the user in a container too", () => {
    const policy = parsePolicyFile(JSON.stringify({
      version: 1,
      default: "allow",
      unreadableCode: "allow",
      rules: [{ id: "no-root", decision: "deny", program: "docker", args: { anyFlag: ["-u"] } }],
    }));
    const config = readOperatorConfig(() => undefined);
    const open = (user?: string) =>
      targetOptions(
        { transport: "docker", container: "web", ...(user === undefined ? {} : { user }) },
        policy,
        { config, redact: () => safe`redacted` },
      );
    assert.equal(open().transport, "docker");
    assert.throws(() => open("root"), (cause) => isError(cause, /^blocked_by_policy/));
  });

  it("shows no password in a list, an error or an id", async () => {
    await using server = await startFakeServer();
    const password = "s3cr3t-" + "passw0rd";
    const { text } = await callTool(server.client, "session_create", {
      transport: "ssh",
      host: "web",
      password,
    });
    const list = await callTool(server.client, "session_list", {});
    assert.ok(!`${text}${list.text}`.includes(password));
  });
});

function isError(cause: unknown, pattern: RegExp): boolean {
  assert.ok(cause instanceof ExeckitError, String(cause));
  assert.match(cause.message, pattern);
  return true;
}
