import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Session } from "../../mod.ts";
import { TRACES_COMMAND, tracesFrom } from "../support/driven_sessions.ts";
import { runScript, skipWithout, waitUntilGone } from "../support/processes.ts";
import { untilBegun } from "../support/until_begun.ts";
import { waitFor, withinTime } from "../support/wait_for.ts";

/** Waits until a shell runs a child whose name is the given one. */
async function waitForChild(shellPid: number, name: string): Promise<void> {
  await waitFor(`a child named ${name}`, async () => {
    const names = await runScript('ps -o comm= --ppid "$1"; exit 0', String(shellPid));
    return names.split("\n").some((line) => line.trim() === name) ? true : undefined;
  });
}

for (const shell of ["bash", "zsh", "dash", "busybox"]) {
  const skip = skipWithout(shell);
  describe(`exec() in ${shell} with a signal`, () => {
    it("interrupts a running command and keeps the session", { skip }, async () => {
      await using session = await Session.open({ transport: "local", shell });
      await session.exec("cd /usr; v=1; export E=2; fn() { echo fn; }");
      const controller = new AbortController();
      const running = session.exec("sleep 600", { signal: controller.signal });
      await waitForChild(session.shell.pid, shell === "busybox" ? "sh" : "sleep").catch(() =>
        waitForChild(session.shell.pid, "sleep")
      );
      controller.abort();
      const result = await withinTime("the interrupt", running);
      assert.equal(result.status, "interrupted");
      assert.equal(result.exitCode, 130);
      assert.equal(result.shellReplaced, undefined);
      const state = await session.exec('echo "$v $E $(fn) $PWD"');
      assert.equal(state.stdout, "1 2 fn /usr\n");
    });

    it("interrupts at once when the signal is aborted already", { skip }, async () => {
      await using session = await Session.open({ transport: "local", shell });
      await session.exec("v=1");
      const signal = AbortSignal.abort();
      const result = await withinTime("the end", session.exec("sleep 600", { signal }));
      assert.equal(result.status, "interrupted");
      assert.notEqual(result.exitCode, 0);
      assert.equal((await session.exec('echo "$v"')).stdout, "1\n");
    });

    it("takes no notice of an abort after the end", { skip }, async () => {
      await using session = await Session.open({ transport: "local", shell });
      const controller = new AbortController();
      const done = await session.exec("v=1; echo done", { signal: controller.signal });
      controller.abort();
      assert.equal(done.status, "exited");
      const next = await session.exec('echo "$v"; sleep 0.1; echo end');
      assert.deepEqual([next.status, next.stdout], ["exited", "1\nend\n"]);
    });

    it("wakes a shell that stopped itself, and lets it end by itself", { skip }, async () => {
      await using session = await Session.open({ transport: "local", shell });
      const command = "trap 'echo interrupted' INT; kill -s STOP $$; echo woken; trap - INT";
      const controller = new AbortController();
      const running = session.exec(command, { signal: controller.signal });
      await waitFor("the stopped shell", async () => {
        const state = await runScript('ps -o state= -p "$1"; exit 0', String(session.shell.pid));
        return state.trim() === "T" ? true : undefined;
      });
      controller.abort();
      const result = await withinTime("the end", running);
      assert.equal(result.status, "interrupted");
      assert.equal(result.stdout, "woken\n");
      assert.equal(result.shellReplaced, undefined);
    });

    it("ends the command and everything else when the session is closed", { skip }, async () => {
      const session = await Session.open({ transport: "local", shell });
      const { mark, sessionId } = tracesFrom(await session.exec(TRACES_COMMAND));
      const running = session.exec("sleep 600 & sleep 600").then(
        ({ status }) => status,
        (cause: unknown) => cause instanceof Error ? cause.message : "",
      );
      await withinTime("close()", session.close());
      await withinTime("the command's end", running);
      await waitUntilGone(mark, sessionId);
      await assert.rejects(session.exec("true"), { code: "session_closed" });
    });
  });
}

describe("exec()", () => {
  it("gives what a command wrote before its time-out", async () => {
    await using session = await Session.open({ transport: "local" });
    const command = "echo out; echo err >&2; sleep 600";
    const result = await untilBegun(
      (timeoutMs) => session.exec(command, { timeoutMs }),
      ({ stderr }) => stderr.startsWith("err\n"),
    );
    assert.equal(result.status, "timed_out");
    assert.equal(result.stdout, "out\n");
    assert.match(result.stderr, /^err\n/);
    assert.match(result.note ?? "", /time-out/);
  });

  it("lets a command that handles the interrupt end in its own way", async () => {
    await using session = await Session.open({ transport: "local" });
    const command =
      `sh -c 'trap "echo cleaned; exit 3" INT; echo begun; while :; do sleep 0.05; done'`;
    const result = await untilBegun(
      (timeoutMs) => session.exec(command, { timeoutMs }),
      ({ stdout }) => stdout.startsWith("begun"),
    );
    assert.deepEqual([result.status, result.exitCode], ["timed_out", 124]);
    assert.equal(result.stdout, "begun\ncleaned\n");
  });

  it("refuses a second command while one runs, and goes on", async () => {
    await using session = await Session.open({ transport: "local" });
    const controller = new AbortController();
    const running = session.exec("sleep 600", { signal: controller.signal });
    await assert.rejects(session.exec("true"), { code: "busy" });
    controller.abort();
    assert.equal((await running).status, "interrupted");
    assert.equal((await session.exec("echo on")).stdout, "on\n");
  });
});
