import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { skipWithout } from "../support/processes.ts";
import { pidNamespaceOf, processesInNamespace, SANDBOX_SKIP } from "../support/sandboxes.ts";
import { waitFor } from "../support/wait_for.ts";
import { WrappedShell, type Wrapping } from "../support/wrapped_shell.ts";

/** The pipes have to belong to the user too, or a shell could not open them again by name. */
const OWN_PIPES = `bash -c 'exec > >(cat) 2> >(cat >&2); exec sh -c "$@"' bash "$@"`;
const NOBODY = "setpriv --reuid 65534 --regid 65534 --clear-groups";
const isRoot = process.getuid?.() === 0;
const AS_NOBODY: Wrapping = isRoot
  ? { launch: `exec ${NOBODY} ${OWN_PIPES}`, aside: `exec ${NOBODY} sh -c "$@"` }
  : { launch: `exec sh -c "$@"`, aside: `exec sh -c "$@"` };
const skip = SANDBOX_SKIP || skipWithout("bash", ...(isRoot ? ["setpriv"] : []));

describe("a sandbox of an unprivileged user", () => {
  it("holds what a sandbox has to hold", { skip }, async () => {
    await using shell = await WrappedShell.open(AS_NOBODY);
    const tries = [
      "unshare -Ur true",
      "touch /etc/x /usr/x /var/x",
      ": >>/proc/sys/kernel/core_pattern",
      "mount -t tmpfs none /mnt",
      "cp /bin/true t && chmod u+s t",
      "ls -A /root | grep .",
      "echo x 2>/dev/null >/dev/tcp/127.0.0.1/22",
    ];
    for (const command of tries) {
      assert.notEqual((await shell.run(command)).exitCode, 0, command);
    }
    assert.equal((await shell.run("echo still here; id -u")).text.split("\n")[0], "still here");
  });

  it("keeps what a session promises", { skip }, async () => {
    await using shell = await WrappedShell.open(AS_NOBODY);
    await shell.run("cd /usr; MINE=mine; f() { echo f; }");
    const restarted = await shell.run("exit 3");
    assert.equal(restarted.exitCode, 3);
    assert.deepEqual(restarted.replaced, { reason: "exit", stateKept: true });
    const stopped = await shell.run(`bash -c 'trap "" INT TERM; sleep 600'`, 200);
    assert.equal(stopped.status, "timed_out");
    assert.equal(stopped.replaced, undefined);
    assert.equal((await shell.run('f; echo "$PWD $MINE"')).text, "f\n/usr mine\n");
  });

  it("is bounded by the process limit and leaves nothing", { skip }, async () => {
    const processes = 40;
    let namespace = "";
    {
      await using shell = await WrappedShell.open(AS_NOBODY, { limits: { processes } });
      namespace = await pidNamespaceOf(shell.keeper.channel.shellPid);
      const bomb = shell.run("bomb() { bomb | bomb; }; bomb", 1500);
      let most = 0;
      let isOver = false;
      void bomb.finally(() => isOver = true);
      while (!isOver) most = Math.max(most, (await processesInNamespace(namespace)).length);
      await bomb;
      assert.ok(most <= processes + 1, `${most} processes`);
      assert.equal((await shell.run("/bin/echo still here")).text, "still here\n");
      await shell.run("(env -i setsid sleep 600 &) >/dev/null 2>&1");
    }
    await waitFor(
      "the end of a sandbox",
      async () => (await processesInNamespace(namespace)).length === 0 ? true : undefined,
    );
  });
});

describe("a sandbox against inherited descriptors", () => {
  it("holds no directory that its parent had open", { skip }, async () => {
    const inherit = `exec bash -c 'exec 20</ 113</etc; exec sh -c "$@"' bash "$@"`;
    await using shell = await WrappedShell.open({ launch: inherit, aside: `exec sh -c "$@"` });
    const open = await shell.run("ls -l /proc/[0-9]*/fd");
    assert.doesNotMatch(open.text, /(20|113) -> \/(etc)?$/m);
  });
});
