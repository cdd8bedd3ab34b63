import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Session } from "../../../src/session/session.ts";
import type { OwnContainerOptions } from "../../../src/transports/docker/docker_options.ts";
import {
  docker,
  DOCKER_FLAGS,
  DOCKER_SKIP,
  removeImagesAtEnd,
  testImage,
} from "../../support/docker.ts";
import { assertCode } from "../../support/docker_assertions.ts";
import { DrivenSessions } from "../../support/driven_sessions.ts";
import { makeTestFolder } from "../../support/open_session.ts";
import { waitFor } from "../../support/wait_for.ts";

const skip = DOCKER_SKIP;
const MIB = 1024 * 1024;

async function open(own: OwnContainerOptions = {}, user = "user"): Promise<Session> {
  return await Session.open({ transport: "docker", image: await testImage("busybox"), own, user });
}

/** A container's host name is the beginning of its id. */
async function idOf(session: { exec: Session["exec"] }): Promise<string> {
  const id = (await session.exec("hostname")).stdout.trim();
  assert.match(id, /^[0-9a-f]{12}$/);
  return id;
}

async function exists(id: string): Promise<boolean> {
  return await docker("ps", "--all", "--quiet", "--filter", `id=${id}`) !== "";
}

describe("an owned container", () => {
  it("has no capability, gains no privilege, and is filtered", { skip }, async () => {
    await using session = await open({}, "root");
    const { stdout } = await session.exec("cat /proc/self/status");
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
      assert.match(stdout, new RegExp(`^${set}:\\s+0000000000000000$`, "m"), set);
    }
    assert.match(stdout, /^NoNewPrivs:\s+1$/m);
    assert.match(stdout, /^Seccomp:\s+2$/m);
  });

  it("can be written to in /tmp only, by a user without rights too", { skip }, async () => {
    await using session = await open({ tmpBytes: 8 * MIB });
    const result = await session.exec(
      "touch /x /etc/x /home/user/x; echo kept >/tmp/x; cat /tmp/x",
    );
    assert.equal(result.stdout, "kept\n");
    assert.equal(result.stderr.match(/Read-only file system/g)?.length, 3);
    assert.match((await session.exec("ls -ld /tmp")).stdout, /^drwxrwxrwt/);
    const full = await session.exec("dd if=/dev/zero of=/tmp/big bs=1M count=16; wc -c </tmp/big");
    assert.match(full.stderr, /No space left/);
    assert.ok(Number(full.stdout) <= 8 * MIB);
  });

  it("can be written to when that was asked for", { skip }, async () => {
    await using session = await open({ writableRoot: true }, "root");
    assert.equal((await session.exec("echo x >/x; cat /x")).stdout, "x\n");
  });

  it("has no network but loopback", { skip }, async () => {
    await using session = await open();
    const { stdout } = await session.exec("cat /proc/net/dev");
    assert.deepEqual(stdout.match(/^ *[a-z0-9]+(?=:)/gm)?.map((name) => name.trim()), ["lo"]);
  });

  it("has bounds for processes", { skip }, async () => {
    await using session = await open({ processes: 24 });
    const limit = "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null";
    assert.equal((await session.exec(limit)).stdout, "24\n");
    // What cannot be told to end does so by itself: where nothing can be started, nobody can tell it.
    const many = "n=0; while [ $n -lt 60 ]; do sleep 3 & n=$((n+1)); done";
    const result = await session.exec(many, { timeoutMs: 10_000 });
    assert.match(result.stderr, /can't fork/);
    await waitFor(
      "room for a process",
      async () => (await session.exec("cat /dev/null")).exitCode === 0 ? true : undefined,
    );
  });

  it("has bounds for memory, and survives reaching them", { skip }, async () => {
    await using session = await open({ memoryBytes: 64 * MIB, tmpBytes: 4 * MIB });
    const result = await session.exec("tail /dev/zero", { timeoutMs: 60_000 });
    assert.equal(result.exitCode, 137);
    assert.equal((await session.exec("echo alive")).stdout, "alive\n");
  });

  it("sees what was mounted, and writes where it may", { skip }, async () => {
    using folder = makeTestFolder();
    for (const name of ["read", "write"]) mkdirSync(join(folder.path, name), { mode: 0o777 });
    writeFileSync(join(folder.path, "read", "file"), "from outside\n");
    const at = (name: string) => join(folder.path, name);
    await using session = await open({
      mounts: [
        { source: at("read"), target: "/mnt/read" },
        { source: at("write"), target: "/mnt/write", readOnly: false },
      ],
    }, "root");
    const result = await session.exec("cat /mnt/read/file; touch /mnt/read/x; touch /mnt/write/x");
    assert.equal(result.stdout, "from outside\n");
    assert.match(result.stderr, /\/mnt\/read\/x: Read-only file system/);
    assert.equal((await session.exec("ls /mnt/write")).stdout, "x\n");
  });

  it("stays the same when its shell is replaced", { skip }, async () => {
    await using session = await open();
    await session.exec("echo kept >/tmp/x");
    const id = await idOf(session);
    assert.equal((await session.exec("kill -9 $$")).shellReplaced?.reason, "killed");
    assert.equal((await session.exec("cat /tmp/x")).stdout, "kept\n");
    assert.equal(await idOf(session), id);
  });

  it("is gone when its session is closed", { skip }, async () => {
    const session = await open();
    const id = await idOf(session);
    assert.equal(await exists(id), true);
    await session.close();
    assert.equal(await exists(id), false);
  });

  it("starts no command that would have to outlive it", { skip }, async () => {
    await using session = await open();
    const error = await assertCode(
      () => session.exec("touch /tmp/begun", { detach: true }),
      "unsupported",
    );
    assert.match(error.message, /container of the session's own ends with.*Leave out detach/);
    assert.equal((await session.exec("[ -e /tmp/begun ] || echo no")).stdout, "no\n");
  });

  it("is gone when its session is closed while it is paused", { skip }, async () => {
    const session = await open();
    const id = await idOf(session);
    await docker("pause", id);
    await session.close();
    assert.equal(await exists(id), false);
  });

  it("is gone when its program is killed", { skip }, async () => {
    const image = await testImage("busybox");
    await using driver = await DrivenSessions.start({}, DOCKER_FLAGS);
    await driver.openOn("s", { transport: "docker", image });
    const id = await idOf({ exec: (command) => driver.exec("s", command) });
    await driver.exec("s", "(trap '' HUP TERM; sleep 600) & setsid sleep 600 &");
    await driver.kill();
    await waitFor("the container to be removed", async () => await exists(id) ? undefined : true);
  });

  it("clears away what an owner left that could not", { skip }, async () => {
    const label = "--label=dev.execkit.owned=true";
    const id = await docker("run", "--detach", label, await testImage("busybox"), "true");
    await waitFor(
      "the leftover to end",
      async () =>
        await docker("inspect", "--format", "{{.State.Running}}", id) === "false"
          ? true
          : undefined,
    );
    await using _session = await open();
    assert.equal(await exists(id), false);
  });

  it("is not made of an image that is not there", { skip }, async () => {
    const error = await assertCode(
      () => Session.open({ transport: "docker", image: "execkit-test-nothing:1" }),
      "connect_failed",
    );
    assert.match(error.message, /does not have the image/);
  });

  it("is removed when no session can be opened in it", { skip }, async () => {
    const before = await docker("ps", "--all", "--quiet", "--filter", "label=dev.execkit.owned");
    await assertCode(() => open({}, "nobody-here"), "invalid_argument");
    const image = await testImage("busybox");
    await assertCode(
      () => Session.open({ transport: "docker", image, shell: "zsh" }),
      "shell_not_found",
    );
    const after = await docker("ps", "--all", "--quiet", "--filter", "label=dev.execkit.owned");
    assert.equal(after, before);
  });

  it("refuses a mount whose source is not there", { skip }, async () => {
    const mounts = [{ source: "/srv/execkit-test-nothing", target: "/mnt" }];
    const error = await assertCode(() => open({ mounts }), "invalid_argument");
    assert.match(error.message, /mount's source/);
  });
});

removeImagesAtEnd();
