import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ExeckitError, memoryAudit, parsePolicyFile, Session } from "../../mod.ts";
import { CommandOutput } from "../../src/output/store/command_output.ts";
import { commandSuite } from "../support/command_suite.ts";
import { makeTestFolder, openSession, SHELLS, TERMINAL_SKIP } from "../support/open_session.ts";

for (const shell of SHELLS) {
  commandSuite({
    name: `local, ${shell.dialect}`,
    skip: shell.skip || TERMINAL_SKIP,
    terminal: true,
    open: () => openSession(shell),
  });
}

const LONG_MS = 20_000;

const isCode = (code: string) => (cause: unknown) => {
  assert.ok(cause instanceof ExeckitError, String(cause));
  assert.equal(cause.code, code, cause.message);
  return true;
};

describe("input to a command", { skip: TERMINAL_SKIP }, () => {
  it("passes the policy, whole or in parts, typed or edited", async () => {
    const policy = parsePolicyFile(JSON.stringify({
      version: 1,
      default: "allow",
      whenNoHuman: "allow",
      rules: [{ id: "no-rm", decision: "deny", program: ["rm"] }],
    }));
    await using session = await Session.open({ transport: "local", shell: "bash", policy });
    const shell = await session.exec("bash --norc --noprofile -i </dev/tty", { waitMs: LONG_MS });
    assert.equal(shell.status, "waiting_for_input", JSON.stringify(shell));
    const command = session.command(shell.commandId);
    await assert.rejects(command.input({ text: "rm -rf /nope\n" }), isCode("blocked_by_policy"));
    await command.input({ text: "r" });
    await assert.rejects(command.input({ text: "m -rf /nope" }), isCode("blocked_by_policy"));
    await command.input({ keys: ["ctrl_c"] });
    await command.input({ text: "exit", keys: ["enter"] });
    assert.equal((await command.wait({ waitMs: LONG_MS })).status, "exited");
  });

  it("hides what answers a password prompt, everywhere", async () => {
    const audit = memoryAudit();
    await using session = await Session.open({ transport: "local", shell: "bash", audit });
    const asked = await session.exec(
      `python3 -c 'import getpass; print("got", getpass.getpass("Password: "))'`,
      { waitMs: LONG_MS },
    );
    assert.deepEqual([asked.status, asked.inputWanted?.kind], ["waiting_for_input", "password"]);
    const answer = `hidden-${"answer"}-1`;
    const command = session.command(asked.commandId);
    await command.input({ text: answer, keys: ["enter"] });
    const result = await command.wait({ waitMs: LONG_MS });
    assert.match(result.stdout, /got \[REDACTED/);
    const seen = JSON.stringify([result, audit.events, await command.read()]);
    assert.ok(!seen.includes(answer), seen);
  });
});

describe("a wait", () => {
  it("ends with its signal, and the command goes on", async () => {
    await using session = await Session.open({ transport: "local" });
    const stop = new AbortController();
    const waiting = session.exec("sleep 600", { waitMs: LONG_MS, waitSignal: stop.signal });
    stop.abort();
    const result = await waiting;
    assert.equal(result.status, "running");
    assert.equal(session.running, result.commandId);
  });

  it("ends at the command's own time-out", async () => {
    await using session = await Session.open({ transport: "local" });
    const result = await session.exec("sleep 600", { waitMs: LONG_MS, timeoutMs: 300 });
    assert.deepEqual([result.status, result.exitCode], ["timed_out", 124]);
  });

  it("refuses what cannot be waited for before anything runs", async () => {
    await using session = await Session.open({ transport: "local" });
    const wrong: Record<string, unknown>[] = [
      { waitMs: -1 },
      { waitMs: "soon" },
      { waitMs: 1, until: { port: 0 } },
      { waitMs: 1, until: { pattern: "(" } },
      { until: { pattern: "x" } },
    ];
    for (const options of wrong) {
      await assert.rejects(session.exec("touch /nope", options), isCode("invalid_argument"));
    }
  });
});

describe("the output of a command", () => {
  it("goes to a file that nobody else can read, and ends with the session", async () => {
    using folder = makeTestFolder();
    const outputDirectory = join(folder.path, "output");
    {
      await using session = await Session.open({ transport: "local", outputDirectory });
      const { commandId } = await session.exec("seq 1000000");
      const page = await session.command(commandId).read({
        stream: "stdout",
        from: 500_000,
        lines: 1,
      });
      assert.equal(page.text, "500000\n");
      assert.equal(statSync(outputDirectory).mode & 0o077, 0);
    }
    assert.deepEqual(readdirSync(outputDirectory), []);
  });

  it("is shaped once for the audit and for who runs the command", async (context) => {
    const audit = memoryAudit();
    await using session = await Session.open({ transport: "local", audit });
    const shape = context.mock.method(CommandOutput.prototype, "shape");
    const { stdout } = await session.exec("echo once");
    assert.equal(stdout, "once\n");
    assert.equal(shape.mock.callCount(), 1);
  });

  it("is remembered for the last commands, and freed for older ones", async () => {
    await using session = await Session.open({ transport: "local" });
    const { commandId } = await session.exec("echo first");
    for (let count = 0; count < 20; count++) await session.exec("true");
    assert.throws(() => session.command(commandId), isCode("unknown_command"));
    assert.equal(session.commands.length, 20);
  });
});
