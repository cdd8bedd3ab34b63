import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import {
  ExeckitError,
  type ExecOptions,
  type ExecResult,
  Session,
  type SessionCommand,
} from "../../mod.ts";
import { TRACES_COMMAND, tracesFrom } from "../support/driven_sessions.ts";
import { makeTestFolder, openSession, SHELLS } from "../support/open_session.ts";
import {
  commandOf,
  killProcess,
  openFileCount,
  processesWithMark,
  skipWithout,
  waitForFileCount,
  waitUntilGone,
} from "../support/processes.ts";
import { SSHD_SKIP, TestSshd } from "../support/sshd.ts";
import { untilBegun } from "../support/until_begun.ts";
import { waitFor, withinTime } from "../support/wait_for.ts";

/** Milliseconds that are more than enough for what is waited for. */
const LONG_MS = 20_000;

const isCode = (code: string) => (cause: unknown) => {
  assert.ok(cause instanceof ExeckitError, String(cause));
  assert.equal(cause.code, code, cause.message);
  return true;
};

/** Interrupts a command, and expects it to end and the session to go on. */
async function stop(session: Session, command: SessionCommand): Promise<ExecResult> {
  command.interrupt();
  const result = await command.wait({ waitMs: LONG_MS });
  assert.equal(result.status, "interrupted", JSON.stringify(result));
  assert.equal((await session.exec("echo next")).stdout, "next\n");
  return result;
}

const WATCHER = `
const fs = require("node:fs");
const [path] = process.argv.slice(2);
let seen = "";
const build = () => {
  const text = fs.readFileSync(path, "utf8");
  if (text !== seen) console.log("built", seen = text);
};
build();
console.log("ready in", 1, "ms - watching for changes");
fs.watch(require("node:path").dirname(path), build);
`;

describe("a command that does not end by itself", () => {
  it("python3 -m http.server is started, found listening and ended", {
    skip: skipWithout("python3"),
  }, async () => {
    await using session = await Session.open({ transport: "local" });
    const started = await session.exec("python3 -u -m http.server --bind 127.0.0.1 0", {
      waitMs: LONG_MS,
      until: { pattern: "Serving HTTP on" },
    });
    assert.deepEqual([started.status, started.untilMet], ["running", "pattern"]);
    const port = Number(/port (\d+)/.exec(started.stdout)?.[1]);
    const command = session.command(started.commandId);
    const listening = await command.wait({ waitMs: LONG_MS, until: { port } });
    assert.deepEqual([listening.status, listening.untilMet], ["running", "port"]);
    const report = await command.explain();
    assert.deepEqual(report.listening?.map((one) => one.port), [port]);
    await stop(session, command);
    assert.deepEqual((await processesWithMark((await traces(session)).mark)).filter(isServer), []);
  });

  it("a watcher is started, and followed from change to change", {
    skip: skipWithout("node"),
  }, async () => {
    using folder = makeTestFolder();
    mkdirSync(join(folder.path, "sources"));
    const [script, source] = [join(folder.path, "watch.cjs"), join(folder.path, "sources/one")];
    writeFileSync(script, WATCHER);
    writeFileSync(source, "1");
    await using session = await Session.open({ transport: "local" });
    const started = await session.exec(`node ${script} ${source}`, {
      waitMs: LONG_MS,
      until: { pattern: "watching for changes" },
    });
    assert.deepEqual([started.status, started.untilMet], ["running", "pattern"]);
    const command = session.command(started.commandId);
    const { cursor } = await command.read({ stream: "stdout" });
    await session.files.write(source, "2");
    // What is written in place is empty for a moment, which a watcher may build.
    writeFileSync(join(folder.path, "next"), "3");
    renameSync(join(folder.path, "next"), source);
    await command.wait({ waitMs: LONG_MS, until: { pattern: "^built 3$" } });
    const news = await command.read({ stream: "stdout", since: cursor });
    // The watcher may see the file while it is still empty.
    assert.match(news.text, /^(?:built 2?\n)*built 3\n$/);
    await stop(session, command);
  });

  it("tail -f is followed from line to line", async () => {
    using folder = makeTestFolder();
    const path = join(folder.path, "log");
    writeFileSync(path, "first\n");
    await using session = await Session.open({ transport: "local" });
    const options = { waitMs: LONG_MS, until: { pattern: "^first$" } };
    const started = await session.exec(`tail -f ${path}`, options);
    const command = session.command(started.commandId);
    appendFileSync(path, "second\n");
    const more = await command.wait({ waitMs: LONG_MS, until: { pattern: "^second$" } });
    assert.deepEqual([more.status, more.untilMet], ["running", "pattern"]);
    assert.equal((await stop(session, command)).stdout, "first\nsecond\n");
  });

  it("is refused a port that cannot be", async () => {
    await using session = await Session.open({ transport: "local" });
    const wrong = { waitMs: 1, until: { port: 70_000 } };
    await assert.rejects(session.exec("true", wrong), isCode("invalid_argument"));
  });
});

const isServer = ({ command }: { readonly command: string }) => command.includes("http.server");

async function traces(session: Session): Promise<ReturnType<typeof tracesFrom>> {
  return tracesFrom(await session.exec(TRACES_COMMAND));
}

/** Leaves its parents twice, as daemons do, and keeps what it was given as standard output. */
const DAEMON = `
import os, sys, time
child = os.fork()
if child:
    os.waitpid(child, 0)
    os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
while not os.path.exists(sys.argv[1]): time.sleep(0.02)
print("late words", flush=True)
open(sys.argv[2], "w").close()
time.sleep(600)
`;

interface LeftBehind {
  readonly command: string;
  /** What one of the processes that are named looks like. */
  readonly named: RegExp;
  /** Whether it says something on standard output, once it may. */
  readonly speaks?: true;
  /** The shells that it is for. Default: all. */
  readonly shells?: readonly string[];
  readonly skip?: string | false;
}

/** `$go` is a file that is there when they may speak, `$said` one that they make then. */
const LEFT_BEHIND: readonly LeftBehind[] = [
  { command: "sleep 1000 &", named: /^sleep 1000$/ },
  {
    command: "(until [ -e $go ]; do sleep 0.02; done; echo late words; : >$said; sleep 600) &",
    named: /sh\b/,
    speaks: true,
  },
  { command: "nohup sleep 1001 &", named: /^sleep 1001$/, skip: skipWithout("nohup") },
  {
    command: "nohup sleep 1002 >/dev/null 2>&1 </dev/null &",
    named: /^sleep 1002$/,
    skip: skipWithout("nohup"),
  },
  {
    command: "setsid -f sleep 1003",
    named: /^sleep 1003$/,
    shells: ["bash", "zsh", "dash"],
    skip: skipWithout("setsid"),
  },
  { command: "setsid sleep 1004 &", named: /^sleep 1004$/, skip: skipWithout("setsid") },
  { command: "ssh-agent", named: /^ssh-agent$/, skip: skipWithout("ssh-agent") },
  { command: 'eval "$(ssh-agent -s)"', named: /^ssh-agent -s$/, skip: skipWithout("ssh-agent") },
  {
    command: `python3 -c '${DAEMON}' $go $said`,
    named: /python3 -c/,
    speaks: true,
    skip: skipWithout("python3"),
  },
];

describe("a command that leaves something running", () => {
  for (const shell of SHELLS) {
    for (const left of LEFT_BEHIND) {
      if (left.shells?.includes(shell.name) === false) continue;
      const [title] = left.command.trim().split("\n");
      it(`returns, and names it: ${title} in ${shell.name}`, {
        skip: shell.skip || left.skip,
      }, async () => {
        using folder = makeTestFolder();
        const [go, said] = [join(folder.path, "go"), join(folder.path, "said")];
        const session = await openSession(shell, { env: { go, said } });
        const { mark, sessionId } = await traces(session);
        try {
          await assertNamed(session, left);
          writeFileSync(go, "");
          if (left.speaks) await assertInBackground(session, said);
          const next = await session.exec("echo next", { waitMs: LONG_MS });
          assert.deepEqual([next.stdout, next.leftRunning], ["next\n", undefined]);
        } finally {
          await session.close();
        }
        await waitUntilGone(mark, sessionId);
      });
    }
  }
});

async function assertNamed(session: Session, { command, named }: LeftBehind): Promise<void> {
  const result = await withinTime(command, session.exec(command, { waitMs: LONG_MS }));
  assert.deepEqual([result.status, result.exitCode], ["exited", 0], JSON.stringify(result));
  const left = result.leftRunning ?? [];
  assert.ok(left.length > 0, JSON.stringify(result));
  // One that was seen before it had become the program has its shell's name.
  await waitFor(`${named} among ${JSON.stringify(left)}`, async () => {
    const commands = await Promise.all(left.map(({ pid }) => commandOf(pid)));
    return commands.some((now) => now !== undefined && named.test(now)) ? true : undefined;
  });
}

/** What was said between two commands is in neither's output. */
async function assertInBackground(session: Session, said: string): Promise<void> {
  await waitFor("what is said late", () => existsSync(said) || undefined);
  const results = [await session.exec("echo mine"), await session.exec("echo mine")];
  assert.deepEqual(results.map(({ stdout }) => stdout), ["mine\n", "mine\n"]);
  assert.match(results.map(({ background }) => background ?? "").join(""), /^late words$/m);
}

interface Waiting {
  readonly session: Session;
  readonly command: SessionCommand;
}

/** Starts a command that lives until it is ended. */
async function startEndless(session: Session, options: ExecOptions = {}): Promise<Waiting> {
  const begun = await session.exec("echo begun; sleep 600", {
    ...options,
    waitMs: LONG_MS,
    until: { pattern: "^begun$" },
  });
  assert.deepEqual([begun.status, begun.untilMet], ["running", "pattern"]);
  return { session, command: session.command(begun.commandId) };
}

describe("a wait for a command", () => {
  it("is one of several, at the same time and in turn", async () => {
    using folder = makeTestFolder();
    const go = join(folder.path, "go");
    await using session = await Session.open({ transport: "local" });
    const command = `until [ -e ${go} ]; do sleep 0.02; done; echo gone; (exit 4)`;
    const first = await session.exec(command, { waitMs: 50 });
    assert.equal(first.status, "running");
    const held = session.command(first.commandId);
    const short = [0, 20, 40].map((waitMs) => held.wait({ waitMs }));
    assert.deepEqual((await Promise.all(short)).map(({ status }) => status), [
      ...["running", "running", "running"],
    ]);
    const long = [1, 2, 3].map(() => held.wait({ waitMs: LONG_MS }));
    writeFileSync(go, "");
    for (const { status, exitCode, stdout } of await Promise.all(long)) {
      assert.deepEqual([status, exitCode, stdout], ["exited", 4, "gone\n"]);
    }
    assert.equal((await held.wait({ waitMs: 0 })).status, "exited");
  });

  it("is cancelled, and the command goes on", async () => {
    await using session = await Session.open({ transport: "local" });
    const { command } = await startEndless(session);
    const cancel = new AbortController();
    const waiting = command.wait({ waitMs: LONG_MS, signal: cancel.signal });
    cancel.abort();
    assert.equal((await waiting).status, "running");
    const late = await command.wait({ waitMs: LONG_MS, signal: cancel.signal });
    assert.equal(late.status, "running");
    await stop(session, command);
  });

  it("ends when the command is interrupted", async () => {
    await using session = await Session.open({ transport: "local" });
    const { command } = await startEndless(session);
    const waits = [command.wait({ waitMs: LONG_MS }), command.wait({ waitMs: LONG_MS })];
    command.interrupt();
    command.interrupt();
    for (const { status, exitCode } of await Promise.all(waits)) {
      assert.deepEqual([status, exitCode], ["interrupted", 130]);
    }
    command.interrupt();
    assert.equal((await session.exec("echo next")).stdout, "next\n");
  });

  it("ends when the command's time is over", async () => {
    await using session = await Session.open({ transport: "local" });
    const result = await untilBegun(
      (timeoutMs) => session.exec("echo begun; sleep 600", { waitMs: LONG_MS, timeoutMs }),
      ({ stdout }) => stdout === "begun\n",
    );
    assert.deepEqual([result.status, result.exitCode, result.stdout], [
      "timed_out",
      124,
      "begun\n",
    ]);
    const again = await session.command(result.commandId).wait({ waitMs: LONG_MS });
    assert.deepEqual([again.status, again.exitCode], ["timed_out", 124]);
  });

  it("ends when the session is closed, with what there was", async () => {
    const session = await Session.open({ transport: "local" });
    const { mark, sessionId } = await traces(session);
    const { command } = await startEndless(session);
    const waits = [command.wait({ waitMs: LONG_MS }), command.wait({ waitMs: LONG_MS })];
    await withinTime("close()", session.close());
    for (const { status, stdout } of await Promise.all(waits)) {
      assert.deepEqual([status, stdout], ["lost", "begun\n"]);
    }
    await assert.rejects(command.input({ signal: "INT" }), isCode("busy"));
    await assert.rejects(command.read(), isCode("unknown_command"));
    assert.throws(() => session.command(command.id), isCode("unknown_command"));
    command.interrupt();
    await waitUntilGone(mark, sessionId);
  });

  it("ends when the shell is killed", async () => {
    await using session = await Session.open({ transport: "local", shell: "bash" });
    const { command } = await startEndless(session);
    const waiting = command.wait({ waitMs: LONG_MS });
    await killProcess(session.shell.pid);
    const { status, stdout } = await waiting;
    assert.ok(status === "lost" || status === "exited", status);
    assert.equal(stdout, "begun\n");
    assert.equal((await session.exec("echo next")).stdout, "next\n");
  });

  it("ends when the link is lost, and the next session finds nothing left", {
    skip: SSHD_SKIP,
  }, async () => {
    await using server = await TestSshd.start();
    const open = () => Session.open({ transport: "ssh", shell: "bash", ...server.options() });
    const session = await open();
    try {
      const { mark, sessionId } = await traces(session);
      const { command } = await startEndless(session);
      const waits = [command.wait({ waitMs: LONG_MS }), command.wait({ waitMs: LONG_MS })];
      for (const { pid } of await server.connections()) await killProcess(pid);
      for (const { status, stdout, note } of await withinTime("both", Promise.all(waits))) {
        assert.deepEqual([status, stdout], ["lost", "begun\n"]);
        assert.match(note ?? "", /link .* broke/);
      }
      assert.equal((await command.read()).text, "begun\n");
      await assert.rejects(session.exec("true"), isCode("session_lost"));
      await waitUntilGone(mark, sessionId);
    } finally {
      await session.close();
    }
    await using next = await open();
    assert.equal((await next.exec("echo next")).stdout, "next\n");
  });

  it("leaves no descriptor behind, however it ends", async () => {
    await using session = await Session.open({ transport: "local" });
    const cycle = async () => {
      const cancel = new AbortController();
      const { command } = await startEndless(session);
      const cancelled = command.wait({ waitMs: LONG_MS, signal: cancel.signal });
      const waiting = command.wait({ waitMs: LONG_MS, until: { pattern: "never" } });
      await command.wait({ waitMs: 20 });
      cancel.abort();
      await cancelled;
      await stop(session, command);
      await waiting;
    };
    // What a runtime opens once for all is there after the first.
    await cycle();
    const before = await openFileCount(process.pid);
    for (let count = 0; count < 4; count++) await cycle();
    await waitForFileCount(process.pid, before);
  });
});
