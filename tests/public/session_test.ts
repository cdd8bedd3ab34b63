import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { ExeckitError, type Session } from "../../mod.ts";
import { failsWith, fileExists, makeFolder, openLocal } from "./helpers.ts";

/** The state of a process, empty when there is none: the dead stay in the list until they are read. */
function stateOf(pid: number): string {
  return execFileSync("sh", ["-c", 'ps -o state= -p "$1"; exit 0', "sh", String(pid)], {
    encoding: "utf8",
  }).trim();
}

describe("Session.open()", () => {
  it("gives a session that keeps directory, variables and functions", async () => {
    using folder = makeFolder();
    await using session = await openLocal();
    assert.equal(session.transport, "local");
    assert.ok(session.shell.pid > 1);
    assert.match(session.id, /^[A-Za-z0-9._@-]+$/);
    await session.exec(`cd '${folder.path}' && export X=1; y='a  b'; greet() { echo "hi $1"; }`);
    const result = await session.exec('pwd; echo "$X" "$y"; greet you; sh -c "echo $X"');
    assert.equal(result.stdout, `${folder.path}\n1 a  b\nhi you\n1\n`);
    assert.equal(result.cwd, folder.path);
    assert.equal(session.cwd, folder.path);
  });

  it("takes id, cwd, env, shell and terminal", async () => {
    using folder = makeFolder();
    const cwd = folder.file("it's a $dir é");
    mkdirSync(cwd);
    const env = { PLAIN: "x y", QUOTED: `it's "$HOME" \\ \`x\`\nline`, EMPTY: "" };
    const options = { id: "mine.1", cwd, env, shell: "sh", terminal: "none" } as const;
    await using session = await openLocal(options);
    assert.equal(session.id, "mine.1");
    assert.equal(session.shell.terminal, false);
    assert.notEqual(session.shell.dialect, "zsh");
    const shown = await session.exec('printf "%s|" "$PWD" "$PLAIN" "$QUOTED" "${EMPTY-unset}"');
    assert.equal(shown.stdout, `${cwd}|x y|${env.QUOTED}||`);
    const inChild = await session.exec("sh -c 'printf %s \"$QUOTED\"'");
    assert.equal(inChild.stdout, env.QUOTED);
  });

  it("fails with invalid_cwd when the directory cannot be entered", async () => {
    using folder = makeFolder();
    await failsWith("invalid_cwd", openLocal({ cwd: folder.file("nowhere") }));
  });

  it("fails with shell_not_found when the shell is not there", async () => {
    using folder = makeFolder();
    await failsWith("shell_not_found", openLocal({ shell: folder.file("nosuch_shell") }));
  });
});

describe("Session.exec()", () => {
  it("gives exit code, both streams, totals and time", async () => {
    await using session = await openLocal();
    const result = await session.exec("echo one; echo two; printf bad >&2; (exit 42)");
    const { durationMs, commandId, ...rest } = result;
    assert.ok(durationMs >= 0);
    assert.notEqual(commandId, "");
    assert.deepEqual(rest, {
      command: "echo one; echo two; printf bad >&2; (exit 42)",
      status: "exited",
      exitCode: 42,
      stdout: "one\ntwo\n",
      stderr: "bad",
      cwd: session.cwd,
      truncated: false,
      totals: { stdoutBytes: 8, stdoutLines: 2, stderrBytes: 3, stderrLines: 1 },
    });
  });

  it("carries $? from one command to the next", async () => {
    await using session = await openLocal();
    await session.exec("(exit 7)");
    assert.equal((await session.exec('echo "$?"')).stdout, "7\n");
    assert.equal((await session.exec('echo "$?"')).stdout, "0\n");
  });

  it("gives the command its stdin, and end of file without it", async () => {
    await using session = await openLocal();
    const stdin = `a  b\n\\n $x 'é' 😀\n${"z".repeat(100_000)}\nno line end`;
    const result = await session.exec("cat", { stdin });
    assert.equal(result.stdout.length < stdin.length, true);
    assert.equal(result.totals.stdoutBytes, new TextEncoder().encode(stdin).length);
    const small = await session.exec("cat; echo .", { stdin: "a\0b 'é' 😀\nc" });
    assert.equal(small.totals.stdoutBytes, 17);
    assert.ok(small.stdout.endsWith(" 'é' 😀\nc.\n"));
    assert.equal((await session.exec("cat; echo end")).stdout, "end\n");
    assert.equal((await session.exec("cat; echo end", { stdin: "" })).stdout, "end\n");
  });

  it("gives both streams in order of arrival when interleave is set", async () => {
    using folder = makeFolder();
    await using session = await openLocal({ cwd: folder.path });
    const go = (name: string) => `until [ -e ${name} ]; do sleep 0.02; done`;
    const script = `echo 1; ${go("one")}; echo 2 >&2; ${go("two")}; echo 3`;
    // What arrives at the same time has no order: each line waits until the one before has been seen.
    const seen = (pattern: string) => ({ waitMs: 20_000, until: { pattern } });
    const { commandId } = await session.exec(script, { interleave: true, ...seen("^1$") });
    const command = session.command(commandId);
    writeFileSync(folder.file("one"), "");
    await command.wait(seen("^2$"));
    writeFileSync(folder.file("two"), "");
    const result = await command.wait({ waitMs: 20_000 });
    assert.equal(result.output, "1\n2\n3\n");
    assert.deepEqual([result.stdout, result.stderr], ["1\n3\n", "2\n"]);
    assert.equal((await session.exec("echo 1")).output, undefined);
  });

  it("ends a command at its time-out and keeps the session", async () => {
    // The second is for a machine that has not begun by then.
    for (const timeoutMs of [300, 5000]) {
      if (await timesOut(timeoutMs) === "begun\n") return;
    }
    assert.fail("The command did not begin");
  });

  async function timesOut(timeoutMs: number): Promise<string> {
    await using session = await openLocal({ timeoutMs });
    await session.exec("cd /usr; kept=yes", { timeoutMs: 30_000 });
    const byDefault = await session.exec("echo begun; sleep 60; echo not reached");
    assert.deepEqual([byDefault.status, byDefault.exitCode], ["timed_out", 124]);
    assert.notEqual(byDefault.note, undefined);
    const sleepSeconds = 2 * timeoutMs / 1000;
    const byCall = await session.exec(`sleep ${sleepSeconds}; echo in time`, { timeoutMs: 60_000 });
    assert.deepEqual([byCall.status, byCall.stdout], ["exited", "in time\n"]);
    const kept = await session.exec("echo $kept; pwd", { timeoutMs: 30_000 });
    assert.equal(kept.stdout, "yes\n/usr\n");
    return byDefault.stdout;
  }

  it("runs nothing when its signal has been aborted", async () => {
    using folder = makeFolder();
    await using session = await openLocal({ cwd: folder.path });
    const result = await session.exec("touch ran", { signal: AbortSignal.abort() });
    assert.equal(result.status, "interrupted");
    assert.equal((await session.exec("ls")).stdout, "");
  });

  it("is interrupted by its signal and keeps the session", async () => {
    using folder = makeFolder();
    await using session = await openLocal({ cwd: folder.path });
    const controller = new AbortController();
    const running = session.exec("kept=yes; touch begun; sleep 60; touch not_reached", {
      signal: controller.signal,
    });
    await fileExists(folder.file("begun"));
    controller.abort();
    assert.equal((await running).status, "interrupted");
    assert.equal((await session.exec("echo $kept; ls")).stdout, "yes\nbegun\n");
  });

  it("fails with busy, naming the running command, while one runs", async () => {
    using folder = makeFolder();
    await using session = await openLocal({ cwd: folder.path });
    const running = session.exec("touch begun; until [ -e go ]; do sleep 0.02; done; echo done");
    assert.equal(session.running, "c1");
    assert.equal(session.idleMs, 0);
    const error = await failsWith("busy", session.exec("touch second"));
    assert.match(error.detail, /\bc1\b/);
    await fileExists(folder.file("begun"));
    writeFileSync(folder.file("go"), "");
    assert.equal((await running).stdout, "done\n");
    assert.equal(session.running, undefined);
    assert.equal((await session.exec("ls")).stdout, "begun\ngo\n");
  });

  it("gives the output of background jobs apart from the commands'", async () => {
    using folder = makeFolder();
    await using session = await openLocal({ cwd: folder.path });
    const job = "{ until [ -e go ]; do sleep 0.02; done; echo from the job; touch said; } &";
    assert.equal((await session.exec(job)).stdout, "");
    // No command runs while the job writes.
    writeFileSync(folder.file("go"), "");
    await fileExists(folder.file("said"));
    let background = "";
    for (let count = 0; count < 50 && !background.includes("from the job\n"); count++) {
      const result = await session.exec("echo own");
      assert.equal(result.stdout, "own\n");
      background += result.background ?? "";
    }
    // What the shell itself says about its job may come along, or later.
    assert.match(background, /^from the job\n/);
    assert.doesNotMatch((await session.exec("true")).background ?? "", /^from the job/);
  });

  it("says that the shell was replaced when a command ends it", async () => {
    await using session = await openLocal({ cwd: "/usr" });
    const result = await session.exec("x=lost; exec true");
    assert.equal(result.exitCode, 0);
    assert.deepEqual(result.shellReplaced, { reason: "exit", stateKept: false });
    assert.equal((await session.exec('echo "[$x]"; pwd')).stdout, "[]\n/usr\n");
  });
});

describe("Session.close()", () => {
  it("ends the shell, can be called twice, and refuses commands afterwards", async () => {
    using folder = makeFolder();
    const session = await openLocal({ cwd: folder.path });
    await session.exec("sleep 600 &");
    const { pid } = session.shell;
    await Promise.all([session.close(), session.close()]);
    await session.close();
    assert.equal(session.closed, true);
    assert.match(stateOf(pid), /^[ZX]?$/);
    await failsWith("session_closed", session.exec("touch ran"));
  });

  it("is called by `await using`", async () => {
    let session: Session | undefined;
    {
      await using scoped = await openLocal();
      session = scoped;
      assert.equal(session.closed, false);
    }
    assert.equal(session.closed, true);
  });

  it("ends a running command", async () => {
    using folder = makeFolder();
    const session = await openLocal({ cwd: folder.path });
    const ended = session.exec("touch begun; sleep 60").catch((cause: unknown) => {
      assert.ok(cause instanceof ExeckitError, String(cause));
      return cause;
    });
    await fileExists(folder.file("begun"));
    await session.close();
    const result = await ended;
    assert.ok(result instanceof ExeckitError || result.status !== "exited", "it did not exit");
    assert.ok(result instanceof ExeckitError || result.shellReplaced === undefined, "no new shell");
  });
});
