import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connectServer } from "../mcp/connect_server.ts";
import { makeTestFolder } from "../support/open_session.ts";

const TIMEOUT_MS = 120_000;

/** Arguments of session_create that are no one's to give, or that shells and loaders read. */
function refusedOpenings({ folder, evil, made }: Record<"folder" | "evil" | "made", string>) {
  return [
    { policy: { default: "allow" } },
    { policy_file: evil },
    { sandbox: false },
    { approve: true },
    { secrets: [] },
    { audit: null },
    { transport: "memory" },
    { deny: "none" },
    { shell: evil },
    { shell: "relative/sh" },
    { env: { BASH_ENV: evil } },
    { env: { ENV: evil } },
    { env: { ZDOTDIR: folder } },
    { env: { LD_PRELOAD: evil } },
    { env: { DYLD_INSERT_LIBRARIES: evil } },
    { env: { PROMPT_COMMAND: `touch ${made}` } },
    { env: { PS1: `$(touch ${made})` } },
    { env: { SHELLOPTS: "xtrace", PS4: `$(touch ${made})` } },
    { env: { "BASH_FUNC_ls%%": `() { touch ${made}; }` } },
  ];
}

describe("an agent that is to widen what the operator allows, over MCP", () => {
  it("finds no argument for it", { timeout: TIMEOUT_MS }, async () => {
    using folder = makeTestFolder();
    const made = join(folder.path, "made");
    const evil = join(folder.path, "evil");
    writeFileSync(evil, `touch ${made}\n`);
    await using server = await connectServer({ EXECKIT_MCP_DENY: "touch,sh" });

    const narrowing = [
      {},
      { allow: ["touch", "sh", "true"] },
      { deny: [] },
      { env: { EXECKIT_MCP_DENY: "", EXECKIT_MCP_SANDBOX: "off" } },
    ];
    for (const args of narrowing) {
      const session = await server.open({ cwd: folder.path, ...args });
      const { text, isError } = await server.exec(session, `touch ${made}`);
      assert.match(text, /^blocked_by_policy: /, JSON.stringify(args));
      assert.equal(isError, true);
      await server.call("session_destroy", { session_id: session });
    }

    for (const args of refusedOpenings({ folder: folder.path, evil, made })) {
      const answer = await server.call("session_create", { transport: "local", ...args });
      assert.equal(answer.isError, true, JSON.stringify(args));
      assert.match(answer.text, /^(?:invalid_argument|shell_not_found|blocked_by_policy): /);
    }
    const session = await server.open({ cwd: folder.path });
    const smuggled = [
      { command: "true", policy: "none" },
      { command: "true", approved: true },
      { command: ["touch", made] },
      { command: `true\0touch ${made}` },
      { command: "cat", stdin: `touch ${made}\n`, shell: "sh" },
    ];
    for (const args of smuggled) {
      const answer = await server.call("session_exec", { session_id: session, ...args });
      assert.match(answer.text, /^invalid_argument: /, JSON.stringify(args));
    }
    assert.equal(existsSync(made), false);
  });

  it("runs no program that a repository calls a shell", { timeout: TIMEOUT_MS }, async () => {
    using folder = makeTestFolder();
    const made = join(folder.path, "made");
    await using server = await connectServer({ EXECKIT_MCP_ALLOW: "ls,echo" });
    for (const name of ["bash", "bash-5.2", "zsh", "dash", "busybox"]) {
      const path = join(folder.path, name);
      writeFileSync(path, `#!/bin/sh\ntouch ${made}\n`, { mode: 0o755 });
      for (const shell of [path, `/./${path}`]) {
        const answer = await server.call("session_create", { transport: "local", shell });
        assert.match(answer.text, /^blocked_by_policy: .*shell/, shell);
      }
    }
    assert.equal(existsSync(made), false);
    const session = await server.open({ shell: "bash" });
    assert.equal((await server.exec(session, "echo in")).structured?.["stdout"], "in\n");
  });

  it("sets no variable that leads around a policy file", { timeout: TIMEOUT_MS }, async () => {
    using folder = makeTestFolder();
    const made = join(folder.path, "made");
    const file = join(folder.path, "policy.jsonc");
    writeFileSync(
      file,
      JSON.stringify({ version: 1, default: "deny", packs: { "read-only": "allow" } }),
      {
        mode: 0o600,
      },
    );
    await using server = await connectServer({ EXECKIT_MCP_POLICY_FILE: file }, [
      `--allow-read=${file}`,
      "--allow-sys=uid",
    ]);
    const leading = [
      { PATH: `${folder.path}:/usr/bin:/bin` },
      {
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "core.fsmonitor",
        GIT_CONFIG_VALUE_0: `touch ${made}`,
      },
      { GIT_EXTERNAL_DIFF: `touch ${made}` },
      { LESSOPEN: `|touch ${made}` },
      { PYTHONPATH: folder.path },
      { HOME: folder.path },
      { IFS: "/" },
      { GIT_DIR: folder.path },
      { npm_config_script_shell: made },
    ];
    for (const env of leading) {
      const answer = await server.call("session_create", { transport: "local", env });
      assert.match(answer.text, /^blocked_by_policy: /, JSON.stringify(env));
    }
    await server.open({ env: { NAME: "value", LANG: "C" } });
    assert.equal(existsSync(made), false);
  });
});
