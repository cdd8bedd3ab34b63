import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { ExeckitError, Session } from "../../mod.ts";
import { detachedSuite } from "../support/detached_suite.ts";
import { SSHD_SKIP, TestSshd } from "../support/sshd.ts";
import { waitFor } from "../support/wait_for.ts";

/** Milliseconds between two signs of life in these tests. */
const KEEPALIVE_MS = 300;

async function open(server: TestSshd, reconnect: boolean): Promise<Session> {
  return await Session.open({
    transport: "ssh",
    shell: "bash",
    ...server.options({ keepaliveIntervalMs: KEEPALIVE_MS }),
    reconnect,
  });
}

async function signalConnections(server: TestSshd, signal: "SIGKILL" | "SIGSTOP"): Promise<void> {
  for (const { pid } of await server.connections()) process.kill(pid, signal);
}

const hasCode = (code: string) => (cause: unknown) => {
  assert.ok(cause instanceof ExeckitError, String(cause));
  assert.equal(cause.code, code, cause.message);
  return true;
};

/** Breaks the link under a running command. */
async function breakUnder(session: Session, server: TestSshd, signal: "SIGKILL" | "SIGSTOP") {
  const running = session.exec("echo begun; sleep 600");
  await waitFor("the command", async () => {
    return (await server.descendants()).some(({ command }) => command.includes("sleep 600"));
  });
  await signalConnections(server, signal);
  return await running;
}

describe("a session whose link breaks", { skip: SSHD_SKIP }, () => {
  for (const signal of ["SIGKILL", "SIGSTOP"] as const) {
    it(`says that the command is lost after ${signal}, and connects again`, async () => {
      await using server = await TestSshd.start();
      await using session = await open(server, true);
      await session.exec('export KEPT="it\'s"; GONE=1; unset LANG; cd /usr');
      const lost = await breakUnder(session, server, signal);
      assert.equal(lost.status, "lost");
      assert.equal(lost.exitCode, undefined);
      assert.equal(lost.stdout, "begun\n");
      assert.match(lost.note ?? "", /connects again/);
      const next = await session.exec('echo "$KEPT-$GONE-${LANG-unset}"; pwd');
      assert.equal(next.stdout, "it's--unset\n/usr\n");
      assert.deepEqual(next.shellReplaced, { reason: "link_lost", stateKept: false });
      const after = await session.exec("echo again");
      assert.deepEqual([after.stdout, after.shellReplaced], ["again\n", undefined]);
    });

    it(`takes no more commands after ${signal} without reconnect`, async () => {
      await using server = await TestSshd.start();
      await using session = await open(server, false);
      const lost = await breakUnder(session, server, signal);
      assert.equal(lost.status, "lost");
      assert.match(lost.note ?? "", /Open a new session/);
      await assert.rejects(session.exec("true"), hasCode("session_lost"));
    });
  }

  it("finds its detached commands again", async () => {
    await using server = await TestSshd.start();
    await using session = await open(server, true);
    const begun = await session.exec("sleep 1; echo survived; exit 3", { detach: true });
    const id = begun.detachedId ?? "";
    await breakUnder(session, server, "SIGKILL");
    const status = await session.detached.wait(id, { waitMs: 20_000 });
    assert.deepEqual([status.state, status.exitCode], ["exited", 3]);
    assert.equal((await session.detached.read(id)).stdout, "survived\n");
    await session.detached.remove(id);
    assert.equal((await session.exec("true")).shellReplaced?.reason, "link_lost");
  });

  it("does not connect again to a host with another key", async () => {
    await using server = await TestSshd.start({ hostKeys: ["ed25519"] });
    await using other = await TestSshd.start({ hostKeys: ["ed25519"] });
    await using session = await open(server, true);
    await breakUnder(session, server, "SIGKILL");
    const line = other.knownHostsLine("ed25519", `[${server.host}]:${server.port}`);
    writeFileSync(join(server.path, "known_hosts"), line);
    await assert.rejects(session.exec("true"), hasCode("host_key_changed"));
    // The operator mends it, and the session goes on.
    writeFileSync(join(server.path, "known_hosts"), server.knownHostsLine());
    assert.equal((await session.exec("echo on")).stdout, "on\n");
  });

  it("closes in bounded time, and leaves nothing on the host", async () => {
    await using server = await TestSshd.start();
    const session = await open(server, false);
    await breakUnder(session, server, "SIGKILL");
    await session.close();
    await waitFor("the end of the command", async () => {
      return (await server.descendants()).every(({ command }) => !command.includes("sleep 600"));
    });
  });
});

const servers: TestSshd[] = [];
after(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
});
detachedSuite({
  name: "ssh, bash",
  skip: SSHD_SKIP,
  open: async () => {
    const server = servers[0] ?? await TestSshd.start();
    servers[0] = server;
    return await open(server, false);
  },
});
