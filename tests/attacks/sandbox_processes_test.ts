import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { describe, it } from "node:test";
import { isAlive, killProcess, skipWithout } from "../support/processes.ts";
import {
  openSandboxed,
  outcomeOf,
  pidNamespaceOf,
  processesInNamespace,
  SANDBOX_SKIP,
} from "../support/sandboxes.ts";

const skip = SANDBOX_SKIP;

describe("a sandbox against other processes and the kernel", () => {
  it("makes no nested user namespace", { skip: skip || skipWithout("unshare") }, async () => {
    await using session = await openSandboxed();
    for (const flags of ["-U", "-Ur", "-Urm", "-m", "-n", "-p"]) {
      const tried = await outcomeOf(session, `unshare ${flags} true`);
      assert.notEqual(tried.exitCode, 0, flags);
    }
    assert.equal((await session.exec("echo still here")).stdout, "still here\n");
  });

  it("neither sees nor signals a process outside", { skip }, async () => {
    const outside = spawn("sleep", ["600"], { stdio: "ignore" });
    const pid = outside.pid;
    assert.ok(pid !== undefined);
    try {
      await using session = await openSandboxed();
      const seen = await outcomeOf(session, "grep -l sleep /proc/[0-9]*/cmdline");
      assert.doesNotMatch(seen.text, /cmdline/);
      await outcomeOf(session, `kill -9 ${pid}; kill -9 -${pid}`);
      assert.ok(await isAlive(pid));
    } finally {
      await killProcess(pid);
    }
  });

  it("loses no more than itself by killing everything it can", { skip }, async () => {
    await using session = await openSandboxed();
    const result = await session.exec("kill -9 -1; sleep 1");
    assert.notEqual(result.status, "timed_out");
    assert.equal((await session.exec("echo still here")).stdout, "still here\n");
  });

  it("has no capability and cannot gain one", { skip }, async () => {
    await using session = await openSandboxed();
    const status = await outcomeOf(session, "cat /proc/self/status");
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
      assert.match(status.text, new RegExp(`^${set}:\\s+0+$`, "m"));
    }
    assert.match(status.text, /^NoNewPrivs:\s+1$/m);
    assert.match(status.text, /^Seccomp:\s+2$/m);
  });

  it(
    "types no keys into its terminal",
    { skip: skip || skipWithout("perl", "script") },
    async () => {
      await using session = await openSandboxed();
      const typed = await outcomeOf(
        session,
        `perl -e 'my $key = "x"; ioctl(STDIN, 0x5412, $key) ? print "typed" : print "refused: $!"'`,
        { tty: true },
      );
      assert.match(typed.text, /refused: Operation not permitted/);
    },
  );

  it("traces nothing", { skip: skip || skipWithout("strace") }, async () => {
    await using session = await openSandboxed();
    const traced = await outcomeOf(session, "strace -o /dev/null true");
    assert.match(traced.text, /Operation not permitted/);
  });

  it("survives a fork bomb", { skip }, async () => {
    const processes = 48;
    await using session = await openSandboxed({ limits: { processes } });
    const namespace = await pidNamespaceOf(session.shell.pid);
    const bomb = session.exec("bomb() { bomb | bomb; }; bomb", { timeoutMs: 1500 });
    let most = 0;
    let isOver = false;
    void bomb.finally(() => isOver = true);
    while (!isOver) most = Math.max(most, (await processesInNamespace(namespace)).length);
    const { status } = await bomb;
    assert.ok(["timed_out", "exited"].includes(status), status);
    assert.ok(most <= processes + 1, `${most} processes`);
    assert.equal((await session.exec("echo still here; /bin/echo so")).stdout, "still here\nso\n");
  });

  it("survives a fork bomb in the background", { skip }, async () => {
    await using session = await openSandboxed({ limits: { processes: 48 } });
    await session.exec("bomb() { bomb | bomb & }; bomb");
    assert.equal((await session.exec("echo still here")).stdout, "still here\n");
  });
});
