import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { probeCommand } from "../../src/shell/probe/probe_command.ts";
import { type ProbeReport, sessionListeners } from "../../src/shell/probe/probe_report.ts";
import { quoteForShell } from "../../src/shell_text/quote.ts";
import type { AsideScript } from "../../src/transports/transport.ts";
import { makeTestFolder, TERMINAL_SKIP } from "../support/open_session.ts";
import { listenSomewhere } from "../support/free_port.ts";
import { BASH, explain, ProbedShell } from "../support/probed_shell.ts";
import { findProgram, skipWithout } from "../support/processes.ts";
import { waitFor } from "../support/wait_for.ts";

describe("probeCommand()", { skip: TERMINAL_SKIP || BASH.skip }, () => {
  it("tells the tree of the foreground, with time used and age", async () => {
    await using probed = await ProbedShell.open(BASH);
    const running = probed.start("bash -c 'while :; do :; done; :' name 'an argument'", "pipes");
    const report = await running.seen(
      "a busy process",
      ({ foreground }) => (foreground[0]?.cpuMs ?? 0) > 50,
    );
    const [busy] = report.foreground;
    assert.ok(busy !== undefined && report.foreground.length === 1);
    assert.deepEqual(
      [busy.rawName, busy.rawArguments?.slice(3), busy.ppid, busy.wait.kind],
      ["bash", ["name", "an argument"], report.shell?.pid, "running"],
    );
    assert.ok((busy.ageMs ?? 0) >= busy.cpuMs - 20);
    const later = await running.seen(
      "more of it",
      ({ foreground }) => (foreground[0]?.cpuMs ?? 0) > busy.cpuMs,
    );
    const stuck = explain(later, report);
    assert.equal(stuck.main?.waitsFor, "running");
    assert.ok((stuck.cpuSinceMs ?? 0) > 0);
    assert.match(stuck.summary, /bash.* is running on the processor/);
    await running.stop();
  });

  it("tells what was left running, and nothing of the session's own", async () => {
    await using probed = await ProbedShell.open(BASH);
    assert.deepEqual((await probed.probe("session")).background, []);
    await probed.run(
      "sleep 701 & (sleep 702 &) ; setsid sleep 703 >/dev/null 2>&1 & nohup sleep 704 >/dev/null 2>&1 &",
    );
    const seconds = (report: ProbeReport) =>
      report.background
        .filter(({ rawName }) => rawName === "sleep")
        .map(({ rawArguments }) => rawArguments?.[1])
        .toSorted();
    await waitFor("all four", async () => {
      const found = seconds(await probed.probe("session"));
      return found.length === 4 ? found : undefined;
    });
    const report = await probed.probe("session");
    assert.deepEqual(seconds(report), ["701", "702", "703", "704"]);
    assert.deepEqual(report.background.filter(({ rawName }) => rawName !== "sleep"), []);
    const below = await probed.probe("descendants");
    assert.ok(
      below.background.length < report.background.length,
      "the orphan needs the whole look",
    );
  });

  it("tells what a stopped process and a pipe wait for", async () => {
    await using probed = await ProbedShell.open(BASH);
    const running = probed.start("bash -c 'kill -STOP $$; :'; :", "pipes");
    const stopped = await running.seen(
      "a stopped process",
      ({ background, foreground }) =>
        [...background, ...foreground].some(({ wait }) => wait.kind === "stopped"),
    );
    assert.equal(stopped.proc, true);
    await running.stop();
    const piped = probed.start("sleep 600 | cat", "pipes");
    const report = await piped.seen(
      "both",
      ({ foreground }) => foreground.filter(({ wait }) => wait.kind !== "unknown").length === 2,
    );
    assert.equal(explain(report).main?.waitsFor, "sleep");
    await piped.stop();
  });

  it("tells the ports that the session listens on", { skip: skipWithout("python3") }, async () => {
    await using probed = await ProbedShell.open(BASH);
    await using other = await listenSomewhere();
    const running = probed.start("python3 -u -m http.server 0 --bind 127.0.0.1", "pipes");
    const report = await running.seen("a port", (one) => sessionListeners(one).length > 0);
    const [mine] = sessionListeners(report);
    assert.match(running.output(), new RegExp(`port ${mine?.port} `));
    assert.equal(mine?.reach, "loopback");
    assert.ok(report.listeners?.some(({ port, pid }) => port === other.port && pid === undefined));
    assert.deepEqual(explain(report).listening?.map(({ port }) => port), [mine?.port]);
    await running.stop();
    assert.deepEqual(sessionListeners(await probed.probe("ports")), []);
    assert.equal((await probed.probe("session")).listeners, undefined);
  });

  it("says that the shell is gone when it is", async () => {
    const probed = await ProbedShell.open(BASH);
    const { session } = probed;
    const gone = { ...session, shellPid: 2 ** 22 + 1 };
    const report = await probeCommand(gone, "session");
    assert.deepEqual([report.proc, report.shell, report.foreground], [true, undefined, []]);
    await probed[Symbol.asyncDispose]();
  });
});

describe("probeCommand() on a poorer machine", { skip: TERMINAL_SKIP || BASH.skip }, () => {
  const without = (...words: string[]) => (aside: AsideScript): AsideScript => ({
    ...aside,
    script: words.reduce(
      (text, word) => text.replaceAll(word, `/no${word.slice(1)}`),
      aside.script,
    ),
  });

  it("finds the same where the kernel does not list children", async () => {
    await using probed = await ProbedShell.open(BASH);
    probed.alterAsides(without("/children"));
    const running = probed.start("bash -c 'read -p Name: x; :'");
    assert.equal((await running.waiting("Name:")).evidence, "terminal_read");
    await running.stop();
  });

  it("goes by the wait channel where system calls are hidden", async () => {
    await using probed = await ProbedShell.open(BASH);
    probed.alterAsides(without("/syscall"));
    const running = probed.start("bash -c 'read -p Name: x; :'");
    assert.equal((await running.waiting()).evidence, "terminal_read");
    await running.stop();
  });

  it("goes by the system call where wait channels are hidden", async () => {
    await using probed = await ProbedShell.open(BASH);
    probed.alterAsides(without("/wchan"));
    const running = probed.start("bash -c 'read -p Name: x; :'");
    assert.equal((await running.waiting()).evidence, "terminal_read");
    await running.stop();
  });

  it("goes by the last line where nothing is shown", async () => {
    await using probed = await ProbedShell.open(BASH);
    probed.alterAsides(without("/syscall", "/wchan"));
    const running = probed.start("bash -c 'read -p \"Password: \" x; :'");
    const { evidence, kind } = await running.waiting();
    assert.deepEqual([evidence, kind], ["prompt_like_line", "password"]);
    await running.stop();
  });

  it("goes by the last line where there is no /proc", async () => {
    await using probed = await ProbedShell.open(BASH);
    probed.alterAsides(without("/proc/"));
    const report = await probed.probe("ports");
    assert.deepEqual([report.proc, report.foreground, report.listeners], [false, [], undefined]);
    const running = probed.start("read -p 'Go on? [y/N] ' x");
    const { evidence, kind, pid } = await running.waiting();
    assert.deepEqual([evidence, kind, pid], ["prompt_like_line", "confirmation", undefined]);
    assert.match(explain(report).summary, /^No process of the foreground can be seen/);
    await running.stop();
  });

  const skipUser = skipWithout("setpriv", "sh") ||
    (process.getuid?.() === 0 ? false : "only root can become somebody else");
  it("goes by the last line for another user's processes", { skip: skipUser }, async () => {
    await using probed = await ProbedShell.open(BASH);
    probed.alterAsides(({ script, args = [] }) => ({
      script: 'exec setpriv --reuid=65534 --regid=65534 --clear-groups sh -c "$@"',
      args: [script, "execkit", ...args],
    }));
    const running = probed.start("printf 'Password: '; read x");
    const { evidence, kind } = await running.waiting();
    assert.deepEqual([evidence, kind], ["prompt_like_line", "password"]);
    await running.stop();
  });

  for (const aside of ["bash", "dash", "busybox"]) {
    it(`works by the tools of ${aside}`, { skip: skipWithout(aside) }, async () => {
      using folder = makeTestFolder();
      const shell = findProgram(aside) ?? "";
      if (aside === "busybox") linkApplets(folder.path, shell);
      const run = aside === "busybox"
        ? `PATH=${quoteForShell(folder.path)}; export PATH; exec sh -c "$@"`
        : `exec ${quoteForShell(shell)} -c "$@"`;
      await using probed = await ProbedShell.open(BASH);
      probed.alterAsides(({ script, args = [] }) => ({
        script: run,
        args: [script, "execkit", ...args],
      }));
      const running = probed.start("sleep 705 & read -s -p 'Word: ' x");
      const verdict = await running.waiting("Word: ");
      assert.deepEqual(
        [verdict.evidence, verdict.kind],
        ["terminal_read", "password"],
      );
      const report = await probed.probe("session");
      assert.deepEqual(report.background.map((one) => one.rawArguments?.[1]), ["705"]);
      await running.type("x\n");
      assert.equal(await running.ended(), 0);
    });
  }
});

/** Links what execkit's scripts may use, and nothing else. */
function linkApplets(folder: string, busybox: string): void {
  for (const applet of ["sh", "grep", "ls", "head", "stty", "dd", "sleep", "cut", "tr", "sed"]) {
    symlinkSync(busybox, join(folder, applet));
  }
}
