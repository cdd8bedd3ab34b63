import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { describe, it } from "node:test";
import { Session } from "../../mod.ts";
import {
  DrivenSessions,
  type SessionTraces,
  TRACES_COMMAND,
  tracesFrom,
} from "../support/driven_sessions.ts";
import { leaveBehind } from "../support/left_behind.ts";
import {
  isAlive,
  killProcess,
  processesInSession,
  processesWithMark,
  runScript,
  skipWithout,
  waitForFileCount,
  waitUntilGone,
} from "../support/processes.ts";
import { makeTestFolder } from "../support/open_session.ts";
import { waitFor, withinTime } from "../support/wait_for.ts";

/** Milliseconds that 50 sessions may take on a busy machine. */
const BUSY_MS = 180_000;
const SHELLS = ["bash", "zsh", "dash", "busybox"];

/** Opens a session of each kind, and leaves background jobs and a running command in each. */
async function openAndLeave(driver: DrivenSessions): Promise<SessionTraces[]> {
  const kinds = SHELLS.filter((shell) => !skipWithout(shell)).flatMap((shell) => [
    { shell, terminal: "auto" as const },
    { shell, terminal: "none" as const },
  ]);
  return await Promise.all(kinds.map(async (options) => {
    const name = `${options.shell} ${options.terminal}`;
    await driver.open(name, options);
    return await leaveBehind(driver, name);
  }));
}

describe("the end of a session", () => {
  it("leaves nothing when our own process is killed", async () => {
    using temp = makeTestFolder();
    await using driver = await DrivenSessions.start({ TMPDIR: temp.path });
    const all = await openAndLeave(driver);
    assert.ok(readdirSync(temp.path).length >= all.length, "each session has a directory");
    await driver.kill();
    for (const { mark, sessionId } of all) await waitUntilGone(mark, sessionId);
    await waitFor(
      "the end of the directories",
      () => readdirSync(temp.path).length === 0 ? true : undefined,
    );
  });

  it("leaves nothing after close() while commands run", async () => {
    using temp = makeTestFolder();
    await using driver = await DrivenSessions.start({ TMPDIR: temp.path });
    const filesBefore = await driver.warmUp();
    const all = await openAndLeave(driver);
    const names = SHELLS.filter((shell) => !skipWithout(shell))
      .flatMap((shell) => [`${shell} auto`, `${shell} none`]);
    await Promise.all(names.map((name) => driver.close(name)));
    for (const { mark, sessionId } of all) await waitUntilGone(mark, sessionId);
    assert.deepEqual(readdirSync(temp.path), []);
    await waitForFileCount(driver.pid, filesBefore);
  });

  it("leaves nothing of 50 sessions that open and close at once", async () => {
    using temp = makeTestFolder();
    await using driver = await DrivenSessions.start({ TMPDIR: temp.path });
    const filesBefore = await driver.warmUp();
    const names = Array.from({ length: 50 }, (_, index) => `s${index}`);
    const all = await withinTime(
      "50 sessions",
      Promise.all(names.map(async (name) => {
        await driver.open(name, {});
        await driver.exec(name, "sleep 600 &");
        return await driver.traces(name);
      })),
      BUSY_MS,
    );
    assert.equal(new Set(all.map(({ mark }) => mark)).size, 50);
    await withinTime("50 ends", Promise.all(names.map((name) => driver.close(name))), BUSY_MS);
    for (const { mark, sessionId } of all) await waitUntilGone(mark, sessionId);
    assert.deepEqual(readdirSync(temp.path), []);
    await waitForFileCount(driver.pid, filesBefore);
  });

  it("finds a daemon that left the shell's session", { skip: skipWithout("setsid") }, async () => {
    const session = await Session.open({ transport: "local" });
    const traces = tracesFrom(await session.exec(TRACES_COMMAND));
    await session.exec("setsid sh -c 'sleep 600; :' >/dev/null 2>&1 </dev/null &");
    const outside = await waitFor("the daemon", async () => {
      const inside = (await processesInSession(traces.sessionId)).map(({ pid }) => pid);
      return (await processesWithMark(traces.mark)).find(({ pid, command }) =>
        command === "sleep 600" && !inside.includes(pid)
      );
    });
    await session.close();
    assert.equal(await isAlive(outside.pid), false);
  });

  // The named limit of README.md, "Limits, plainly": such a process carries no trace of its session. Only
  // what a machine offers beside a shell, such as a cgroup or a container, would hold it.
  it("does not find what clears its environment and leaves its session", {
    skip: skipWithout("setsid"),
  }, async () => {
    const session = await Session.open({ transport: "local" });
    const script = "setsid env -i /bin/sh -c 'echo $$; exec /bin/sleep 600' 2>/dev/null </dev/null";
    // Its output goes to a file: a pipe of ours in its hands would be a trace.
    const file = (await session.exec("mktemp")).stdout.trim();
    await session.exec(`${script} >${file} &`);
    const pid = Number(
      await waitFor("the daemon", async () => (await runScript(`cat "$1"`, file)) || undefined),
    );
    try {
      await session.close();
      assert.equal(await isAlive(pid), true);
    } finally {
      await killProcess(pid);
      rmSync(file);
    }
  });

  it("does not wait for a process that holds its output", {
    skip: skipWithout("setsid"),
  }, async () => {
    const session = await Session.open({ transport: "local" });
    const script = "setsid env -i /bin/sh -c 'echo pid=$$; exec /bin/sleep 600'";
    await session.exec(`${script} &`);
    const pid = Number(
      await waitFor("the daemon", async () => {
        const { background = "", stdout } = await session.exec(":");
        return /pid=(\d+)/.exec(background + stdout)?.[1];
      }),
    );
    try {
      await withinTime("close()", session.close());
      assert.equal(await isAlive(pid), true);
    } finally {
      await killProcess(pid);
    }
  });
});

describe("a session whose supervisor is killed", () => {
  it("goes on with a new shell, or says that it is lost", async () => {
    await using session = await Session.open({ transport: "local", cwd: "/usr" });
    const { mark, sessionId } = tracesFrom(await session.exec(TRACES_COMMAND));
    const running = session.exec("sleep 600");
    const supervisor = await waitFor("the supervisor", async () => {
      const pid = await runScript(
        `p=$1; for i in 1 2; do IFS= read -r l <"/proc/$p/stat"; l=\${l##*) }; l=\${l#* }; p=\${l%% *}; done; echo "$p"`,
        String(session.shell.pid),
      );
      return Number(pid) > 1 ? Number(pid) : undefined;
    });
    await killProcess(supervisor);
    const result = await withinTime("the command's end", running);
    assert.equal(result.status, "lost");
    const next = await withinTime("the next command", session.exec("echo on"));
    assert.deepEqual([next.stdout, next.cwd], ["on\n", "/usr"]);
    await waitUntilGone(mark, sessionId);
  });

  it("says so when the shell is killed under a command", async () => {
    await using session = await Session.open({ transport: "local", cwd: "/usr" });
    const result = await withinTime("the end", session.exec("kill -s KILL $$"));
    assert.deepEqual(result.shellReplaced, { reason: "killed", stateKept: false });
    assert.equal((await session.exec("pwd")).stdout, "/usr\n");
  });
});
