import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Session } from "../../mod.ts";
import { DrivenSessions } from "../support/driven_sessions.ts";
import { isAlive, skipWithout } from "../support/processes.ts";
import {
  openSandboxed,
  type OtherOptions,
  pidNamespaceOf,
  processesInNamespace,
  SANDBOX_SKIP,
} from "../support/sandboxes.ts";
import { untilBegun } from "../support/until_begun.ts";
import { waitFor } from "../support/wait_for.ts";

const skip = SANDBOX_SKIP;
const terminalSkip = skip || skipWithout("script");

async function waitUntilEmpty(namespace: string): Promise<void> {
  await waitFor(
    "the end of a sandbox",
    async () => (await processesInNamespace(namespace)).length === 0 ? true : undefined,
  );
}

for (const shell of ["bash", "zsh", "dash", "busybox"]) {
  describe(`a session of ${shell} in a sandbox`, () => {
    const shellSkip = skip || skipWithout(shell);

    it("keeps directory, environment and functions", { skip: shellSkip }, async () => {
      await using session = await openSandboxed(true, { shell, env: { GIVEN: "given" } });
      await session.exec('cd /usr/share; export MINE=mine; f() { echo "f $1"; }');
      const result = await session.exec('echo "$PWD $GIVEN $MINE"; f 1; (exit 7)');
      assert.equal(result.stdout, "/usr/share given mine\nf 1\n");
      assert.equal(result.exitCode, 7);
      assert.equal(result.cwd, "/usr/share");
    });

    it("takes input and long commands by file", { skip: shellSkip }, async () => {
      await using session = await openSandboxed(true, { shell });
      const fed = await session.exec("cat", { stdin: "from a file" });
      assert.equal(fed.stdout, "from a file");
      const long = await session.exec(`echo ${"x".repeat(100_000)} | wc -c`);
      assert.equal(long.stdout.trim(), "100001");
    });

    it("runs a command on its terminal", { skip: shellSkip || terminalSkip }, async () => {
      await using session = await openSandboxed(true, { shell });
      const result = await session.exec("test -t 0 && test -t 1 && echo yes", { tty: true });
      assert.equal(result.stdout, "yes\n");
    });

    it("goes on after a time-out", { skip: shellSkip }, async () => {
      await using session = await openSandboxed(true, { shell });
      await session.exec("cd /usr; MINE=mine");
      const result = await session.exec("sleep 600", { timeoutMs: 200 });
      assert.equal(result.status, "timed_out");
      assert.equal(result.shellReplaced, undefined);
      assert.equal((await session.exec('echo "$PWD $MINE"')).stdout, "/usr mine\n");
    });

    it("leaves no process when it is closed", { skip: shellSkip }, async () => {
      const session = await openSandboxed(true, { shell });
      const { pid } = session.shell;
      const namespace = await pidNamespaceOf(pid);
      await session.exec("sleep 600 & (env -i setsid sleep 600 &) >/dev/null 2>&1");
      assert.ok((await processesInNamespace(namespace)).includes(pid));
      await session.close();
      await waitUntilEmpty(namespace);
      assert.ok(!await isAlive(pid));
    });
  });
}

describe("a session in a sandbox", () => {
  it("re-enters bash in place with its state", { skip }, async () => {
    await using session = await openSandboxed();
    const { pid } = session.shell;
    await session.exec("cd /usr; MINE=mine; f() { echo f; }");
    const result = await session.exec("exit 3");
    assert.equal(result.exitCode, 3);
    assert.deepEqual(result.shellReplaced, { reason: "exit", stateKept: true });
    assert.equal((await session.exec('f; echo "$PWD $MINE"')).stdout, "f\n/usr mine\n");
    assert.equal(session.shell.pid, pid);
  });

  it("gets a new sandbox when its shell is killed", { skip }, async () => {
    await using session = await openSandboxed();
    const namespace = await pidNamespaceOf(session.shell.pid);
    await session.exec("cd /usr; touch /tmp/x; sleep 600 &");
    const killed = await session.exec("kill -9 $$");
    assert.equal(killed.shellReplaced?.reason, "killed");
    assert.equal((await session.exec("pwd; ls /tmp/x 2>&1 | wc -l")).stdout, "/usr\n1\n");
    assert.notEqual(await pidNamespaceOf(session.shell.pid), namespace);
    await waitUntilEmpty(namespace);
  });

  it("climbs the ladder against what ignores signals", { skip }, async () => {
    await using session = await openSandboxed();
    await session.exec("MINE=mine");
    const stubborn = `bash -c 'trap "" INT TERM; while :; do sleep 1; done'`;
    const result = await session.exec(stubborn, { timeoutMs: 200 });
    assert.equal(result.status, "timed_out");
    assert.equal(result.shellReplaced, undefined);
    assert.equal((await session.exec('echo "$MINE"')).stdout, "mine\n");
    const shell = await untilBegun(
      (timeoutMs) =>
        session.exec("trap '' INT TERM; echo begun; while :; do :; done", { timeoutMs }),
      ({ stdout }) => stdout === "begun\n",
    );
    assert.equal(shell.shellReplaced?.reason, "unresponsive");
    assert.equal((await session.exec("echo still here")).stdout, "still here\n");
  });

  it("keeps background jobs through a cancelled command", { skip: terminalSkip }, async () => {
    await using session = await openSandboxed();
    await session.exec("sleep 600 &");
    const result = await session.exec("sleep 600", { signal: AbortSignal.timeout(200) });
    assert.equal(result.status, "interrupted");
    const jobs = await session.exec("jobs -r; kill %1");
    assert.match(jobs.stdout, /Running\s+sleep 600/);
  });

  it("works without a terminal", { skip }, async () => {
    await using session = await openSandboxed(true, { terminal: "none" });
    assert.equal(session.shell.terminal, false);
    const result = await session.exec("sleep 600", { timeoutMs: 200 });
    assert.equal(result.status, "timed_out");
    const restarted = await session.exec("exit 4");
    assert.deepEqual(restarted.shellReplaced, { reason: "exit", stateKept: true });
    assert.equal((await session.exec("echo still here")).stdout, "still here\n");
  });

  it("leaves no process when its program is killed", { skip }, async () => {
    await using driver = await DrivenSessions.start();
    const options: OtherOptions = { sandbox: true };
    const { pid } = await driver.open("s", options);
    const namespace = await pidNamespaceOf(pid);
    await driver.exec("s", "(env -i setsid sleep 600 &) >/dev/null 2>&1");
    await driver.kill();
    await waitUntilEmpty(namespace);
  });

  it("stands beside sessions without one", { skip }, async () => {
    await using open = await Session.open({ transport: "local", sandbox: false });
    await using closed = await openSandboxed();
    assert.equal((await open.exec("echo $$")).stdout, `${open.shell.pid}\n`);
    assert.notEqual((await closed.exec("echo $$")).stdout, `${closed.shell.pid}\n`);
    assert.notEqual(await pidNamespaceOf(open.shell.pid), await pidNamespaceOf(closed.shell.pid));
  });
});
