import assert from "node:assert/strict";
import { it } from "node:test";
import { createDenyListPolicy, ExeckitError, Session } from "../../mod.ts";
import { detachedSuite } from "../support/detached_suite.ts";
import { openSession, SHELLS } from "../support/open_session.ts";

for (const shell of SHELLS) {
  detachedSuite({
    name: `local, ${shell.dialect}`,
    skip: shell.skip,
    open: () => openSession(shell),
  });
}

it("exec() with detach refuses what the policy refuses", async () => {
  const policy = createDenyListPolicy({ deny: ["rm"] });
  await using session = await Session.open({ transport: "local", policy });
  const result = await session.exec("rm /tmp/x", { detach: true });
  assert.equal(result.status, "blocked");
  assert.equal(result.detachedId, undefined);
});

it("exec() with detach takes neither input nor a terminal", async () => {
  await using session = await Session.open({ transport: "local" });
  for (const options of [{ stdin: "x" }, { tty: true }]) {
    await assert.rejects(
      session.exec("cat", { ...options, detach: true }),
      (cause) => cause instanceof ExeckitError && cause.code === "invalid_argument",
    );
  }
});
