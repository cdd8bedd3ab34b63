import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { exitCodeOf, serverProgram } from "../mcp/server_program.ts";
import { makeTestFolder } from "../support/open_session.ts";

const TIMEOUT_MS = 120_000;
const FENCE = '{ "version": 1, "default": "ask", "rules": [] }';

/** Starts the real server with a policy file; gives how it ended and what it said. */
async function start(
  file: string,
  variables: Record<string, string> = {},
): Promise<{ readonly exitCode: number; readonly stderr: string }> {
  const settings = { EXECKIT_MCP_POLICY_FILE: file, ...variables };
  const permissions = ["--allow-read", "--allow-sys=uid"];
  const { command, args, env, cwd } = serverProgram(settings, permissions);
  const child = spawn(command, args, { env, cwd, stdio: "pipe" });
  let stderr = "";
  child.stderr.on("data", (chunk) => stderr += String(chunk));
  child.stdin.end();
  return { exitCode: exitCodeOf(await once(child, "close")), stderr };
}

describe("a policy file that somebody else may have written", () => {
  it("keeps the server from starting, and is said to", { timeout: TIMEOUT_MS }, async () => {
    using folder = makeTestFolder();
    const workspace = join(folder.path, "workspace");
    mkdirSync(workspace);
    const write = (name: string, text: string, mode = 0o600) => {
      const path = join(folder.path, name);
      writeFileSync(path, text);
      chmodSync(path, mode);
      return path;
    };
    const good = write("good.jsonc", FENCE);
    assert.deepEqual(await start(good), { exitCode: 0, stderr: "" });

    const inside = write("workspace/p.jsonc", FENCE);
    const link = join(folder.path, "link.jsonc");
    symlinkSync(inside, link);
    const own = JSON.stringify({ version: 1, workspace: [folder.path] });
    const sandbox = { EXECKIT_MCP_SANDBOX: "on", EXECKIT_MCP_SANDBOX_WORKSPACE: workspace };
    const cases: readonly (readonly [string, RegExp, Record<string, string>?])[] = [
      [write("group.jsonc", FENCE, 0o620), /others can write it/],
      [write("world.jsonc", FENCE, 0o602), /others can write it/],
      [inside, /lies in a workspace/, sandbox],
      [link, /lies in a workspace/, sandbox],
      [write("own.jsonc", own), /lies in a workspace/],
      [folder.path, /no regular file/],
      ["/dev/zero", /no regular file|others can write it/],
      [write("huge.jsonc", " ".repeat(2 ** 20 + 1)), /more than 1048576 bytes/],
      [write("cut.jsonc", FENCE.slice(0, -3)), /not valid JSON at line 1/],
      [write("empty.jsonc", ""), /at line 1, column 1/],
      [write("typo.jsonc", '{"version":1,\n"defualt":"deny"}'), /unknown key at line 2, column 1/],
      [write("twice.jsonc", '{"version":1,"default":"deny","default":"allow"}'), /given twice/],
    ];
    for (const [path, expected, variables] of cases) {
      const { exitCode, stderr } = await start(path, variables);
      assert.match(stderr, expected, path);
      assert.match(stderr, /^execkit-mcp: invalid_config: .*EXECKIT_MCP_POLICY_FILE/);
      assert.equal(exitCode, 1, path);
    }
  });
});
