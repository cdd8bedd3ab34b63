import assert from "node:assert/strict";
import { chmodSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ExeckitError, memoryAudit, Session } from "../../mod.ts";
import { freePort, listenSomewhere } from "../support/free_port.ts";
import { makeTestFolder } from "../support/open_session.ts";
import { findProgram, skipWithout } from "../support/processes.ts";
import { waitFor, withinTime } from "../support/wait_for.ts";

const LONG_MS = 20_000;

describe("a result's note", () => {
  it("says that the port belongs to nobody of the session", async () => {
    await using foreign = await listenSomewhere();
    await using session = await Session.open({ transport: "local" });
    const met = await session.exec("sleep 600", {
      waitMs: LONG_MS,
      until: { port: foreign.port },
    });
    assert.equal(met.untilMet, "port");
    assert.match(met.note ?? "", /is no process of this session that can be seen/);
  });

  it("says that an earlier command listens, and nothing of the command's own listener", {
    skip: skipWithout("python3"),
  }, async () => {
    const port = await freePort();
    await using session = await Session.open({ transport: "local" });
    const server = `python3 -m http.server --bind 127.0.0.1 ${port} >/dev/null 2>&1 &`;
    const own = await session.exec(`${server} read x </dev/tty; :`, {
      waitMs: LONG_MS,
      until: { port },
    });
    assert.doesNotMatch(own.note ?? "", /listens on port/);
    const command = session.command(own.commandId);
    command.interrupt();
    await command.wait({ waitMs: LONG_MS });
    const next = { waitMs: LONG_MS, until: { port } };
    const earlier = await session.exec("sleep 600", next);
    assert.equal(earlier.untilMet, "port");
    assert.match(earlier.note ?? "", /is older than the command/);
  });

  it("says that the session was closed, when close() comes before the end", async () => {
    const session = await Session.open({ transport: "local" });
    const begun = await session.exec("echo begun; sleep 600", {
      waitMs: LONG_MS,
      until: { pattern: "^begun$" },
    });
    const waiting = session.command(begun.commandId).wait({ waitMs: LONG_MS });
    await session.close();
    const { status, note } = await withinTime("the end", waiting);
    assert.equal(status, "lost");
    assert.match(note ?? "", /^The session was closed while the command ran/);
  });

  it("says that a huge command is shown in part; the audit has it whole", async () => {
    const audit = memoryAudit();
    await using session = await Session.open({ transport: "local", audit });
    const command = `true ${"word ".repeat(100_000)}`;
    const result = await session.exec(command);
    assert.equal(result.exitCode, 0);
    assert.ok(result.command.length <= 4000, String(result.command.length));
    assert.ok(result.command.startsWith("true word"));
    assert.match(result.note ?? "", /Of the command's 500005 characters/);
    const whole = audit.events.flatMap((one) => "command" in one ? [one.command] : []);
    assert.deepEqual(whole.map(({ length }) => length), [command.length, command.length]);
  });
});

describe("a name that the kernel has cut", () => {
  it("is taken whole from the arguments, and so redacted", {
    skip: skipWithout("sleep"),
  }, async () => {
    using folder = makeTestFolder();
    const secret = "Zx9Qw7Lk3" + "Vb8Nm2Tr5Yp";
    const program = join(folder.path, secret);
    copyFileSync(findProgram("sleep") ?? "", program);
    chmodSync(program, 0o755);
    await using session = await Session.open({ transport: "local", secrets: [secret] });
    const { commandId } = await session.exec(`${program} 600`, { waitMs: 0 });
    const command = session.command(commandId);
    const activity = await waitFor("the program", async () => {
      const running = await command.wait({ waitMs: 100 });
      return running.activity?.includes("asleep") ? running.activity : undefined;
    });
    for (const text of [activity, JSON.stringify(await command.explain())]) {
      assert.doesNotMatch(text, /Zx9Q/);
      assert.match(text, /REDACTED/);
    }
  });
});

describe("a refused pattern", () => {
  for (
    const [pattern, why] of [
      ["(a{1,100}){1,100}", /^invalid_argument: Cannot use until\.pattern: it is too large/],
      ["(?=a)b", /^invalid_argument: Cannot use until\.pattern: .*no look-around/],
    ] as const
  ) {
    it(`is named with its argument and what is wrong: ${pattern}`, async () => {
      await using session = await Session.open({ transport: "local" });
      await assert.rejects(session.exec("true", { waitMs: 1, until: { pattern } }), (cause) => {
        assert.ok(cause instanceof ExeckitError);
        assert.match(cause.message, why);
        return true;
      });
    });
  }
});
