import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connectServer } from "../mcp/connect_server.ts";
import { makeTestFolder } from "../support/open_session.ts";
import { makeCanary, makeHostFolder, SANDBOX_SKIP } from "../support/sandboxes.ts";

const TIMEOUT_MS = 120_000;
const options = { skip: SANDBOX_SKIP, timeout: TIMEOUT_MS };

describe("an agent that is to leave the operator's sandbox, over MCP", () => {
  it(
    "writes to the workspace and nowhere else, whatever it opens a session with",
    options,
    async () => {
      using workspace = makeHostFolder();
      using home = makeHostFolder("home");
      await using server = await connectServer({
        EXECKIT_MCP_SANDBOX: "1",
        EXECKIT_MCP_SANDBOX_WORKSPACE: workspace.path,
      });
      const first = await server.open();
      await server.exec(first, "echo mine >made");
      assert.equal(readFileSync(join(workspace.path, "made"), "utf8"), "mine\n");
      // A bwrap of its own, for whoever looks for one in the wrong place.
      await server.exec(
        first,
        'for p in bwrap sh bash script; do ln -s "$(command -v env)" $p; done',
      );

      const openings = [
        {},
        { cwd: home.path },
        { env: { PATH: `${workspace.path}:/usr/bin:/bin` } },
        { env: { HOME: workspace.path, TMPDIR: workspace.path } },
        { env: { EXECKIT_MCP_SANDBOX: "0", EXECKIT_MCP_SANDBOX_WORKSPACE: home.path } },
        { shell: "/bin/sh" },
        { allow: ["echo", "touch"] },
      ];
      for (const args of openings) {
        const session = await server.open(args);
        const { structured } = await server.exec(session, `echo taken >${home.path}/taken`);
        assert.notEqual(structured?.["exit_code"], 0, JSON.stringify(args));
        assert.equal(existsSync(join(home.path, "taken")), false, JSON.stringify(args));
        await server.call("session_destroy", { session_id: session });
      }
      const note = (await server.call("session_create", { transport: "local" })).text;
      assert.match(note, /in a sandbox.*no network/);
    },
  );

  it("sees no secret and no network", options, async () => {
    using home = makeHostFolder("home");
    const canary = makeCanary();
    home.write(".ssh/id_ed25519", canary);
    await using server = await connectServer({ EXECKIT_MCP_SANDBOX: "on" });
    const session = await server.open({ env: { HOME: home.path } });
    const { text } = await server.exec(session, "cat ~/.ssh/* 2>&1; cat /proc/net/dev");
    assert.ok(!text.includes(canary), text);
    assert.doesNotMatch(text, /eth0|ens\d|wlan/);
  });

  it("gets no session where there is no sandbox to be had", options, async () => {
    using folder = makeTestFolder();
    const bwrap = join(folder.path, "bwrap");
    writeFileSync(
      bwrap,
      "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n",
    );
    chmodSync(bwrap, 0o755);
    await using server = await connectServer({
      EXECKIT_MCP_SANDBOX: "1",
      PATH: `${folder.path}:/usr/local/bin:/usr/bin:/bin`,
    });
    const { text, isError } = await server.call("session_create", { transport: "local" });
    assert.match(text, /^unsupported: /, text);
    assert.equal(isError, true);
  });
});
