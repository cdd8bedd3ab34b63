import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeTestFolder, SHELLS, withSession } from "../support/open_session.ts";
import { waitFor } from "../support/wait_for.ts";

for (const shell of SHELLS) {
  const { skip } = shell;

  test(
    `Session.exec() reports output between commands as background on ${shell.name}`,
    { skip },
    async () => {
      using folder = makeTestFolder();
      const go = join(folder.path, "go");
      const said = join(folder.path, "said");
      await withSession(shell, {}, async (session) => {
        const started = await session.exec(
          `(until [ -e ${go} ]; do sleep 0.02; done; echo late; echo worse >&2; : >${said}) & echo now`,
        );
        assert.equal(started.stdout, "now\n");
        assert.equal(started.background, undefined);
        writeFileSync(go, "");
        await waitFor("the background job's output", () => existsSync(said) || undefined);
        // The bytes are in the pipes; a command's markers come behind them.
        const first = await session.exec("echo mine");
        assert.equal(first.stdout, "mine\n");
        const second = await session.exec("echo own");
        const background = `${first.background ?? ""}${second.background ?? ""}`;
        assert.match(background, /^late$/m);
        assert.match(background, /^worse$/m);
        assert.equal(second.stdout, "own\n");
        assert.equal((await session.exec("true")).stdout, "");
      });
    },
  );
}
