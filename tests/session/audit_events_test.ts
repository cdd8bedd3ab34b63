import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type AuditEvent,
  type AuditSink,
  createDenyListPolicy,
  memoryAudit,
  Session,
  type SessionOptions,
} from "../../mod.ts";

/** The events' names, and their commands' ids where they have one. */
function outline(events: readonly AuditEvent[]): string[] {
  return events.map((event) =>
    "commandId" in event ? `${event.event} ${event.commandId}` : event.event
  );
}

async function withAudit(
  options: Partial<SessionOptions>,
  body: (session: Session) => Promise<void>,
): Promise<readonly AuditEvent[]> {
  const audit = memoryAudit();
  {
    await using session = await Session.open({ ...options, transport: "local", audit, id: "s" });
    await body(session);
  }
  return audit.events;
}

/** A sink that fails from a given event on. */
function failingAudit(isFailing: (event: AuditEvent) => boolean): AuditSink {
  return {
    record: (event) => isFailing(event) ? Promise.reject(new Error("disk")) : Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

describe("the audit of a session", () => {
  it("tells the whole life in order", async () => {
    const events = await withAudit({}, async (session) => {
      await session.exec("cd /usr; echo out; echo err >&2; (exit 3)");
      await session.exec("true");
    });
    assert.deepEqual(outline(events), [
      "open",
      "start c1",
      "exec c1",
      "start c2",
      "exec c2",
      "close",
    ]);
    const [open, start, exec] = events;
    assert.ok(open?.event === "open" && start?.event === "start" && exec?.event === "exec");
    assert.deepEqual([open.session, open.transport, open.target], ["s", "local", "local"]);
    assert.equal(start.command, "cd /usr; echo out; echo err >&2; (exit 3)");
    assert.deepEqual(
      [exec.status, exec.exitCode, exec.stdout, exec.stderr, exec.cwd],
      ["exited", 3, "out\n", "err\n", "/usr"],
    );
    assert.ok(events.every((event) => event.session === "s" && Number.isInteger(event.ts)));
  });

  it("marks a time-out", async () => {
    const events = await withAudit({}, async (session) => {
      await session.exec("sleep 600", { timeoutMs: 100 });
    });
    const exec = events.find((event) => event.event === "exec");
    assert.ok(exec?.event === "exec");
    assert.deepEqual([exec.status, exec.exitCode, exec.timedOut], ["timed_out", 124, true]);
  });

  it("tells what was given as standard input, and whether all of it is there", async () => {
    const policy = createDenyListPolicy({ deny: ["rm"] });
    const events = await withAudit({ policy }, async (session) => {
      await session.exec("cat", { stdin: "é\n" });
      await session.exec("sh", { stdin: "rm -rf /nowhere" });
      await session.exec("echo --password=hunter2hunter2");
    });
    const told = events.flatMap((event) =>
      event.event === "start" || event.event === "exec" || event.event === "blocked"
        ? [[event.event, event.stdin, event.stdinBytes, event.isWhole]]
        : []
    );
    assert.deepEqual(told, [
      ["start", "é\n", 3, undefined],
      ["exec", "é\n", 3, undefined],
      ["blocked", "rm -rf /nowhere", 15, undefined],
      ["start", undefined, undefined, false],
      ["exec", undefined, undefined, false],
    ]);
  });

  it("records a refusal instead of a start", async () => {
    const policy = createDenyListPolicy({ deny: ["rm"] });
    const events = await withAudit({ policy }, async (session) => {
      const result = await session.exec("rm -rf /nowhere");
      assert.equal(result.status, "blocked");
    });
    assert.deepEqual(outline(events), ["open", "blocked c1", "close"]);
  });

  it("holds no secret: not in the command, not in the output", async () => {
    const secret = `q9${Math.random().toString(36).slice(2)}Zz`;
    const events = await withAudit({ secrets: [secret] }, async (session) => {
      await session.exec(`echo ${secret}; mkdir -p /tmp/${secret} && cd /tmp/${secret}`);
      await session.exec(`cd / && rmdir /tmp/${secret}`);
    });
    assert.equal(events.length, 6);
    assert.ok(!JSON.stringify(events).includes(secret));
  });

  it("records a command that the end of the session cut off", async () => {
    const audit = memoryAudit();
    const session = await Session.open({ transport: "local", audit, id: "s" });
    const running = session.exec("sleep 600").then(() => "result", () => "error");
    await session.close();
    await running;
    const names = outline(audit.events);
    assert.deepEqual(names.slice(0, 2), ["open", "start c1"]);
    assert.equal(names.filter((name) => /^(exec|failed) c1$/.test(name)).length, 1);
    assert.ok(names.includes("close"));
  });

  it("refuses to run what it cannot record", async () => {
    const audit = failingAudit((event) => event.event === "start");
    await using session = await Session.open({ transport: "local", audit });
    await assert.rejects(session.exec("echo ran"));
  });

  it("refuses to open what it cannot record", async () => {
    const audit = failingAudit(() => true);
    await assert.rejects(Session.open({ transport: "local", audit }));
  });
});
