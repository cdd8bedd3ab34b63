import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DrivenSessions, type SessionTraces } from "../../support/driven_sessions.ts";
import { leaveBehind } from "../../support/left_behind.ts";
import {
  openFileCount,
  skipWithout,
  waitForFileCount,
  waitUntilGone,
} from "../../support/processes.ts";
import { SSHD_SKIP, TestSshd } from "../../support/sshd.ts";
import { waitFor, withinTime } from "../../support/wait_for.ts";

const SHELLS = ["bash", "zsh", "dash", "busybox"].filter((shell) => !skipWithout(shell));

/** What a session over SSH needs of Deno, and the driver of the test. */
const PERMISSIONS = [
  "--allow-run=sh",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
];

function startDriver(server: TestSshd): Promise<DrivenSessions> {
  return DrivenSessions.start({}, [...PERMISSIONS, `--allow-net=${server.host}:${server.port}`]);
}

async function openAndLeave(driver: DrivenSessions, server: TestSshd): Promise<SessionTraces[]> {
  return await Promise.all(SHELLS.map(async (shell) => {
    await driver.openOn(shell, { ...server.options(), transport: "ssh", shell });
    return await leaveBehind(driver, shell);
  }));
}

/** Logins that fail; one descriptor left by each would be seen. */
const FAILED_LOGINS = 5;

describe("the end of a session over SSH", { skip: SSHD_SKIP }, () => {
  it("leaves nothing on the host when our own process is killed", async () => {
    await using server = await TestSshd.start();
    await using driver = await startDriver(server);
    const all = await openAndLeave(driver, server);
    await driver.kill();
    for (const { mark, sessionId } of all) await waitUntilGone(mark, sessionId);
    await waitFor(
      "the end of the connections",
      async () => (await server.connections()).length === 0 ? true : undefined,
    );
  });

  it("leaves nothing on either side after close() while commands run", async () => {
    await using server = await TestSshd.start();
    await using driver = await startDriver(server);
    // The first session loads what is loaded once for all.
    await driver.openOn("first", { ...server.options(), transport: "ssh" });
    await driver.close("first");
    await waitFor(
      "the end of the first connection",
      async () => (await server.connections()).length === 0 ? true : undefined,
    );
    const filesBefore = await openFileCount(driver.pid);
    const all = await openAndLeave(driver, server);
    await withinTime("close()", Promise.all(SHELLS.map((shell) => driver.close(shell))));
    for (const { mark, sessionId } of all) await waitUntilGone(mark, sessionId);
    await waitFor(
      "the end of the connections",
      async () => (await server.connections()).length === 0 ? true : undefined,
    );
    await waitForFileCount(driver.pid, filesBefore);
  });

  it("leaves no connection when a login fails", async () => {
    await using server = await TestSshd.start();
    await using driver = await startDriver(server);
    const options = { ...server.options(), transport: "ssh", user: "nobody-here" } as const;
    const fail = async (times: number) => {
      for (let round = 0; round < times; round++) {
        await assert.rejects(driver.openOn("refused", options), /auth_failed/);
      }
    };
    // What a runtime opens once for all is there after the first few.
    await fail(3);
    const filesBefore = await openFileCount(driver.pid);
    await fail(FAILED_LOGINS);
    await waitFor("the end of the connections", async () => {
      return (await server.connections()).length === 0 ? true : undefined;
    });
    await waitFor("the end of the sockets", async () => {
      return await openFileCount(driver.pid) < filesBefore + FAILED_LOGINS ? true : undefined;
    });
  });
});
