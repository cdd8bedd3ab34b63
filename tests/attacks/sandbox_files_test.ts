import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import {
  makeCanary,
  makeHostFolder,
  openSandboxed,
  outcomeOf,
  SANDBOX_SKIP,
} from "../support/sandboxes.ts";

const skip = SANDBOX_SKIP;
const MIB = 1024 * 1024;

describe("a sandbox against writing outside its workspace", () => {
  it("writes to the workspace and nowhere else on the machine", { skip }, async () => {
    using workspace = makeHostFolder();
    using home = makeHostFolder("home");
    home.write("kept", "as it was");
    await using session = await openSandboxed({ workspace: workspace.path });
    assert.equal(session.cwd, workspace.path);

    await session.exec("echo mine >made");
    assert.equal(readFileSync(join(workspace.path, "made"), "utf8"), "mine\n");
    const outside = ["/etc/execkit", "/usr/bin/execkit", "/execkit", "/var/lib/execkit"];
    const targets = [...outside, `${home.path}/new`, `${home.path}/kept`];
    for (const target of targets) {
      const written = await outcomeOf(session, `echo taken >${target}`);
      assert.notEqual(written.exitCode, 0, target);
    }
    assert.equal(readFileSync(join(home.path, "kept"), "utf8"), "as it was");
    await session.exec("cd ..; touch beside");
    assert.ok(!existsSync(join(dirname(workspace.path), "beside")));
  });

  it("has a /tmp of its own, which ends with it", { skip }, async () => {
    using folder = makeHostFolder("tmp");
    folder.write("file", "the machine's");
    {
      await using session = await openSandboxed();
      assert.equal(session.cwd, "/tmp/workspace");
      const seen = await outcomeOf(session, `cat ${folder.path}/file; touch /tmp/x /var/tmp/x; ls`);
      assert.doesNotMatch(seen.text, /the machine's/);
    }
    await using session = await openSandboxed();
    const left = await outcomeOf(session, "ls /tmp /var/tmp");
    assert.doesNotMatch(left.text, /\bx\b/);
  });

  it("keeps hooks, git's settings and start files as they are", { skip }, async () => {
    using workspace = makeHostFolder();
    const names = [".git/config", ".git/hooks/pre-commit", ".bashrc", "policy.jsonc"];
    for (const name of names) workspace.write(name, "kept");
    workspace.write(".git/HEAD", "ref");
    await using session = await openSandboxed({
      workspace: workspace.path,
      readOnly: ["policy.jsonc"],
    });
    for (const name of names) {
      const tries = `echo x >${name}; rm -f ${name}; mv ${name} gone; chmod 777 ${name}`;
      assert.notEqual((await outcomeOf(session, tries)).exitCode, 0, name);
      assert.equal(readFileSync(join(workspace.path, name), "utf8"), "kept", name);
    }
    await session.exec("mv .git old; mkdir .git; mv .git/hooks h; touch .git/hooks/post-checkout");
    assert.deepEqual(readdirSync(join(workspace.path, ".git/hooks")), ["pre-commit"]);
    const index = await outcomeOf(session, "echo x >.git/index && cat .git/index");
    assert.equal(index.text, "x\n");
  });

  it("leaves no hooks where there were none", { skip }, async () => {
    using workspace = makeHostFolder();
    workspace.write(".git/HEAD", "ref");
    await using session = await openSandboxed({ workspace: workspace.path });
    await session.exec("mkdir -p .git/hooks; echo x >.git/hooks/pre-commit");
    assert.ok(!existsSync(join(workspace.path, ".git/hooks/pre-commit")));
  });

  it("sets no set-user-ID bit", { skip }, async () => {
    using workspace = makeHostFolder();
    await using session = await openSandboxed({ workspace: workspace.path });
    const tries = await outcomeOf(
      session,
      "cp /bin/true t; chmod u+s t; chmod 4755 t; chmod g+s t; chmod 755 t && echo plain",
    );
    assert.match(tries.text, /Operation not permitted/);
    assert.match(tries.text, /^plain$/m);
    assert.equal(statSync(join(workspace.path, "t")).mode & 0o7777, 0o755);
  });

  it("mounts nothing and sets nothing in the kernel", { skip }, async () => {
    await using session = await openSandboxed();
    const tries = [
      "mount -t tmpfs none /mnt",
      "mount -o remount,rw /",
      "umount /tmp",
      ": >>/proc/sys/kernel/core_pattern",
      ": >>/proc/sys/vm/drop_caches",
      ": >>/proc/sysrq-trigger",
      "mkdir /sys/fs/cgroup/pids/x",
      "mknod /tmp/disk b 8 0",
    ];
    for (const command of tries) {
      assert.notEqual((await outcomeOf(session, command)).exitCode, 0, command);
    }
    assert.equal((await session.exec("echo still here")).stdout, "still here\n");
  });

  it("fills neither the disk nor the memory", { skip }, async () => {
    using workspace = makeHostFolder();
    await using session = await openSandboxed({
      workspace: workspace.path,
      limits: { tmpBytes: 8 * MIB, fileBytes: 4 * MIB },
    });
    const tmp = await outcomeOf(
      session,
      "for n in 1 2 3; do head -c 4M /dev/zero >/tmp/fill$n || break; done; rm -f /tmp/fill*",
    );
    assert.match(tmp.text, /No space left/);
    const file = await session.exec("head -c 16M /dev/zero >big");
    assert.notEqual(file.exitCode, 0);
    assert.equal(statSync(join(workspace.path, "big")).size, 4 * MIB);
    const directories =
      'd=/tmp/execkit.*; for f in /dev/x /sys/x /proc/x $d/x; do touch "$f" && echo made; done';
    assert.doesNotMatch((await outcomeOf(session, directories)).text, /made/);
    assert.equal((await session.exec("echo still here")).stdout, "still here\n");
  });

  it("holds no file of the machine open for writing", { skip }, async () => {
    const canary = makeCanary();
    await using session = await openSandboxed();
    const open = await outcomeOf(session, "ls -l /proc/1/fd /proc/2/fd /proc/self/fd");
    const regular = open.text.split("\n").map((line) => line.split(" -> ")[1] ?? "")
      .filter((target) => target.startsWith("/") && !/^\/(dev|proc|tmp\/execkit)/.test(target));
    assert.deepEqual(regular, [], canary);
  });
});
