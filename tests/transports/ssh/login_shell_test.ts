import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { findProgram } from "../../support/processes.ts";
import { openSsh, refusedSsh, runOverSsh } from "../../support/ssh_sessions.ts";
import { SSHD_SKIP, SSHD_USERS_SKIP, TestSshd } from "../../support/sshd.ts";
import { withinTime } from "../../support/wait_for.ts";

const LOGIN_SHELLS = ["bash", "dash", "zsh", "fish", "tcsh", "busybox"];

describe("a session over SSH", { skip: SSHD_USERS_SKIP }, () => {
  for (const name of LOGIN_SHELLS.filter((shell) => shell !== "busybox")) {
    const shell = findProgram(name);
    const skip = shell === undefined ? `${name} is not installed` : false;
    it(`works when the login shell is ${name}`, { skip }, async () => {
      const user = { name: `ek-${name}`, shell: shell ?? "" };
      await using server = await TestSshd.start({ users: [user] });
      await using session = await openSsh(server.options({ user: user.name }));
      const result = await session.exec('echo "it\'s $((6 * 7))"; id -un; echo err >&2; (exit 3)');
      assert.equal(result.stdout, `it's 42\n${user.name}\n`);
      assert.equal(result.stderr, "err\n");
      assert.equal(result.exitCode, 3);
      // A file goes beside the shell, by a script of its own.
      assert.equal(
        (await session.exec("wc -c", { stdin: "x".repeat(100_000) })).stdout.trim(),
        "100000",
      );
    });
  }

  it("drops what a profile writes before the shell is there", async () => {
    const user = { name: "ek-noisy", shell: "/bin/bash" };
    await using server = await TestSshd.start({ users: [user] });
    const noise =
      'echo "Welcome to $HOSTNAME"; head -c 100000 /dev/zero | tr "\\0" n; echo e >&2\n';
    // bash reads it when sshd starts it.
    writeFileSync(join(server.path, `home-${user.name}`, ".bashrc"), noise, { mode: 0o644 });
    assert.equal(await runOverSsh(server.options({ user: user.name })), "in\n");
  });

  it("says what to check when the login shell is nologin", async () => {
    const user = { name: "ek-nologin", shell: "/usr/sbin/nologin" };
    await using server = await TestSshd.start({ users: [user] });
    const options = server.options({ user: user.name });
    const error = await withinTime("the refusal", refusedSsh(options, "connect_failed"));
    assert.match(error.message, /did not run our script: the login shell ended with exit code 1/);
    assert.match(error.hint, /nologin/);
  });

  it("says what to check when the login shell does not exist", async () => {
    const user = { name: "ek-noshell", shell: "/nonexistent/shell" };
    await using server = await TestSshd.start({ users: [user] });
    // OpenSSH refuses such a user at the login.
    await refusedSsh(server.options({ user: user.name }), "auth_failed");
  });
});

describe("a server that runs something else", { skip: SSHD_SKIP }, () => {
  it("is told from a shell when it ends", async () => {
    await using server = await TestSshd.start({
      config: ["ForceCommand echo $SSH_ORIGINAL_COMMAND"],
    });
    const error = await refusedSsh(server.options(), "connect_failed");
    assert.match(error.message, /did not run our script/);
    assert.match(error.hint, /ForceCommand/);
  });

  it("is told from a shell when it says nothing", async () => {
    await using server = await TestSshd.start({ config: ["ForceCommand cat"] });
    const options = server.options({ connectTimeoutMs: 3000 });
    const error = await withinTime("the refusal", refusedSsh(options, "connect_failed"));
    assert.match(error.message, /nothing of it was heard/);
  });

  it("is told from a shell when it never stops talking", async () => {
    await using server = await TestSshd.start({ config: ["ForceCommand yes"] });
    const error = await withinTime(
      "the refusal",
      refusedSsh(server.options({ connectTimeoutMs: 3000 }), "connect_failed"),
    );
    assert.match(error.message, /did not run our script/);
  });

  it("says so when nobody may run commands", async () => {
    await using server = await TestSshd.start({ config: ["MaxSessions 0"] });
    const error = await withinTime("the refusal", refusedSsh(server.options(), "connect_failed"));
    assert.match(error.message, /lets nobody run commands/);
  });
});
