import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { memoryAudit, SessionRegistry } from "../../mod.ts";
import { failsWith, fakeToken, fileExists, makeFolder } from "./helpers.ts";

describe("SessionRegistry", () => {
  it("opens sessions, runs commands in them and lists both", async () => {
    await using registry = new SessionRegistry();
    const token = fakeToken(3);
    const first = await registry.open({ transport: "local", cwd: "/usr" });
    const second = await registry.open({ transport: "local", cwd: "/" });
    assert.notEqual(first.id, second.id);
    assert.equal(registry.get(first.id), first.session);
    await registry.exec(first.id, "echo one; echo two");
    await registry.exec(first.id, `echo ${token}; (exit 3)`);
    await registry.exec(second.id, "true");
    const [a, b] = registry.list();
    assert.deepEqual([a?.sessionId, a?.cwd, b?.sessionId, b?.cwd], [
      first.id,
      "/usr",
      second.id,
      "/",
    ]);
    assert.deepEqual(
      a?.commands.map((
        { commandId, status, exitCode, lines },
      ) => [commandId, status, exitCode, lines]),
      [["c2", "exited", 3, 1], ["c1", "exited", 0, 2]],
    );
    assert.equal(b?.commands[0]?.commandId, "c3");
    assert.equal(JSON.stringify(registry.list()).includes(token), false);
  });

  it("fails with unknown_session, naming the open ones and not the asked one", async () => {
    await using registry = new SessionRegistry();
    const { id } = await registry.open({ transport: "local" });
    const asked = `none-${fakeToken(4)}`;
    const error = await failsWith("unknown_session", registry.exec(asked, "true"));
    assert.ok(error.hint.includes(id));
    assert.equal(error.message.includes(asked), false);
    assert.throws(() => registry.get(asked), { code: "unknown_session" });
    assert.equal(await registry.destroy(asked), false);
  });

  it("fails with limit_reached when its ceiling is reached, until one is closed", async () => {
    await using registry = new SessionRegistry({ maxSessions: 1 });
    const { id } = await registry.open({ transport: "local" });
    await failsWith("limit_reached", registry.open({ transport: "local" }));
    assert.equal(await registry.destroy(id), true);
    const next = await registry.open({ transport: "local" });
    assert.equal((await registry.exec(next.id, "echo on")).stdout, "on\n");
  });

  it("fails with busy, naming the session and the command, and shows it as running", async () => {
    using folder = makeFolder();
    await using registry = new SessionRegistry();
    const { id } = await registry.open({ transport: "local", cwd: folder.path });
    const controller = new AbortController();
    const running = registry.exec(id, "touch begun; sleep 60", { signal: controller.signal });
    await fileExists(folder.file("begun"));
    const error = await failsWith("busy", registry.exec(id, "true"));
    assert.ok(error.detail.includes(id) && error.detail.includes("c1"), error.detail);
    const [summary] = registry.list();
    assert.deepEqual([summary?.idleMs, summary?.commands[0]?.status], [0, "running"]);
    controller.abort();
    assert.equal((await running).status, "interrupted");
  });

  it("closes a session that nobody uses, and the audit says so", async () => {
    const audit = memoryAudit();
    let onClose = () => {};
    const closed = new Promise<void>((resolve) => onClose = resolve);
    const watched = {
      async record(event: Parameters<typeof audit.record>[0]) {
        await audit.record(event);
        if (event.event === "close") onClose();
      },
      [Symbol.asyncDispose]: () => audit[Symbol.asyncDispose](),
    };
    await using registry = new SessionRegistry({ idleMs: 200 });
    const { id, session } = await registry.open({ transport: "local", audit: watched });
    await closed;
    assert.equal(session.closed, true);
    assert.deepEqual(registry.list(), []);
    await failsWith("unknown_session", registry.exec(id, "true"));
    const end = audit.events.at(-1);
    assert.ok(end?.event === "close" && end.reason === "reaped");
  });

  it("closes all its sessions when it is closed, and opens no more", async () => {
    const registry = new SessionRegistry();
    const { session } = await registry.open({ transport: "local" });
    await registry.close();
    await registry.close();
    assert.equal(session.closed, true);
    await failsWith("session_closed", registry.open({ transport: "local" }));
  });
});
