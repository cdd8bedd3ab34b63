import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { it } from "node:test";
import { createDenyListPolicy, ExeckitError, Session } from "../../mod.ts";
import { PREPARE_SCRIPT } from "../../src/session/detached/detached_scripts.ts";
import { detachedSuite } from "../support/detached_suite.ts";
import { makeTestFolder, openSession, SHELLS } from "../support/open_session.ts";

const NOT_ROOT = process.getuid?.() === 0 ? false : "only root can make another user's directory";
/** A user who owns nothing. */
const NOBODY = 65_534;

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

it("PREPARE_SCRIPT puts nothing below a directory of another user", { skip: NOT_ROOT }, () => {
  using folder = makeTestFolder();
  const root = join(folder.path, "execkit-state.0");
  const prepare = () =>
    spawnSync("sh", ["-c", PREPARE_SCRIPT, "sh", "0".repeat(24), "7"], {
      env: { PATH: process.env["PATH"], HOME: "", XDG_STATE_HOME: "", TMPDIR: folder.path },
      input: "true",
      encoding: "utf8",
    });
  mkdirSync(root);
  chownSync(root, NOBODY, NOBODY);
  assert.equal(prepare().status, 1);
  chownSync(root, 0, 0);
  const { status, stdout } = prepare();
  assert.deepEqual([status, stdout], [0, join(root, "detached", "0".repeat(24))]);
});

it("PREPARE_SCRIPT follows no link that stands where its directory would be", () => {
  using folder = makeTestFolder();
  mkdirSync(join(folder.path, "own"));
  symlinkSync("own", join(folder.path, `execkit-state.${process.getuid?.()}`));
  const { status } = spawnSync("sh", ["-c", PREPARE_SCRIPT, "sh", "0".repeat(24), "7"], {
    env: { PATH: process.env["PATH"], HOME: "", XDG_STATE_HOME: "", TMPDIR: folder.path },
    input: "true",
  });
  assert.equal(status, 1);
});
