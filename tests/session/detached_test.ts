import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { it } from "node:test";
import { createDenyListPolicy, ExeckitError, memoryAudit, Session } from "../../mod.ts";
import { PREPARE_SCRIPT } from "../../src/session/detached/detached_scripts.ts";
import { detachedSuite } from "../support/detached_suite.ts";
import { fakeToken } from "../support/fake_token.ts";
import { makeTestFolder, openSession, SHELLS } from "../support/open_session.ts";
import { waitFor } from "../support/wait_for.ts";

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

it("DetachedCommands.signal() is in the audit, and so is nothing that reached no command", async () => {
  const audit = memoryAudit();
  await using session = await Session.open({ transport: "local", audit });
  const { detachedId = "" } = await session.exec("sleep 600", { detach: true });
  await assert.rejects(session.detached.signal("0".repeat(24), "INT"));
  await session.detached.signal(detachedId, "KILL");
  const inputs = audit.events.filter(({ event }) => event === "input");
  assert.deepEqual(
    inputs.map((event) => event.event === "input" && [event.commandId, event.kind, event.text]),
    [[detachedId, "signal", "KILL"]],
  );
  await session.detached.wait(detachedId, { waitMs: 20_000 });
  await session.detached.remove(detachedId);
});

it("DetachedCommands.lines() shows no half of what may become a secret, and lines by number", async () => {
  using folder = makeTestFolder();
  const go = join(folder.path, "go");
  const token = fakeToken(5);
  const command = `echo one; echo two; printf %s ${token.slice(0, 20)}; ` +
    `until [ -e ${go} ]; do sleep 0.05; done; echo ${token.slice(20)}; echo four`;
  await using session = await Session.open({ transport: "local" });
  const { detachedId: id = "" } = await session.exec(command, { detach: true });
  await waitFor("the half", async () => {
    return (await session.detached.status(id)).stdoutBytes === 28 ? true : undefined;
  });
  const half = await session.detached.lines(id, { stream: "stdout", from: 2 });
  assert.equal(half.text, "two\n");
  assert.equal((await session.detached.read(id)).stdout, "one\ntwo\n");
  await session.exec(`touch ${go}`);
  assert.equal((await session.detached.wait(id, { waitMs: 20_000 })).state, "exited");
  const rest = await session.detached.lines(id, { stream: "stdout", from: -2 });
  assert.match(rest.text, /^\[REDACTED:[^\n]*\]\nfour\n$/);
  const found = await session.detached.search(id, { stream: "stdout", pattern: "^t|^f" });
  assert.deepEqual(found.lines.map(({ line, text }) => `${line} ${text}`), ["2 two", "4 four"]);
  await session.detached.remove(id);
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
