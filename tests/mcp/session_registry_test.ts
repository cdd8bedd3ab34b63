import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExeckitError } from "../../src/errors.ts";
import type { ErrorCode } from "../../src/error_codes.ts";
import type { ExecResult } from "../../src/exec_result.ts";
import { LIMITS } from "../../src/limits.ts";
import { markSafeText } from "../../src/safe_text.ts";
import { SessionRegistry } from "../../src/session/session_registry.ts";
import { FAKE_SECRET, FakeOpener, fakeResult, untilAborted } from "./fake_sessions.ts";

const LOCAL = { transport: "local" } as const;

function hasCode(code: ErrorCode, ...parts: string[]): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof ExeckitError);
    assert.equal(error.code, code);
    for (const part of parts) assert.ok(error.message.includes(part), error.message);
    return true;
  };
}

describe("SessionRegistry.open()", () => {
  it("numbers sessions and passes the id on", async () => {
    const opener = new FakeOpener();
    await using registry = new SessionRegistry({ open: opener.open });
    assert.equal((await registry.open(LOCAL)).id, "1_local");
    assert.equal((await registry.open(LOCAL)).id, "2_local");
    assert.equal(opener.last.options.id, "2_local");
  });

  it("makes an id of shell-safe characters from a custom target", async () => {
    const opener = new FakeOpener();
    await using registry = new SessionRegistry({ open: opener.open });
    const { id } = await registry.open({
      transport: {
        kind: "ssh",
        target: "deploy@web 01;$(x)" + "y".repeat(100),
        open: () => Promise.reject(new Error("not used")),
      },
    });
    assert.match(id, /^1_ssh_deploy@web-01--[A-Za-z0-9_.@-]+$/);
    assert.ok(id.length <= 70);
  });

  it("tells all sessions of a password, unless it may be a word or fills memory", async () => {
    const opener = new FakeOpener();
    await using registry = new SessionRegistry({ open: opener.open, maxSessions: 200 });
    await registry.open(LOCAL);
    const open = (password: string) => registry.open({ transport: "ssh", host: "web", password });
    await open("word");
    await open("x".repeat(257));
    for (let number = 100; number < 200; number++) await open(`password-${number}`);
    const hidden = new Set(opener.sessions[0]?.hidden);
    assert.equal(hidden.size, 64);
    assert.ok([...hidden].every((value) => value.startsWith("password-")));
    await registry.open({ ...LOCAL, secrets: ["own"] });
    assert.deepEqual(opener.last.options.secrets, ["own", ...hidden]);
    assert.doesNotMatch(registry.redact("it was password-100"), /password-100/);
  });

  it("counts sessions that are still being opened, so that the ceiling holds", async () => {
    const opener = new FakeOpener();
    await using registry = new SessionRegistry({ open: opener.open, maxSessions: 3 });
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => registry.open(LOCAL)));
    const failures = tries.flatMap((one) => one.status === "rejected" ? [one.reason] : []);
    assert.equal(opener.sessions.length, 3);
    assert.equal(failures.length, 5);
    for (const failure of failures) hasCode("limit_reached", "3 of 3")(failure);
  });

  it("gives the place back when opening fails and when a session is destroyed", async () => {
    const opener = new FakeOpener();
    let isBroken = true;
    await using registry = new SessionRegistry({
      maxSessions: 1,
      open: (options) => isBroken ? Promise.reject(new Error("no shell")) : opener.open(options),
    });
    await assert.rejects(registry.open(LOCAL), /no shell/);
    isBroken = false;
    const { id } = await registry.open(LOCAL);
    await assert.rejects(registry.open(LOCAL), hasCode("limit_reached"));
    await registry.destroy(id);
    await registry.open(LOCAL);
  });

  it("closes a session whose opening ends after close(), and refuses further ones", async () => {
    const opener = new FakeOpener();
    let proceed = () => {};
    const gate = new Promise<void>((resolve) => proceed = resolve);
    const registry = new SessionRegistry({
      open: async (options) => {
        await gate;
        return await opener.open(options);
      },
    });
    const opening = registry.open(LOCAL);
    const closing = registry.close();
    proceed();
    await assert.rejects(opening, hasCode("session_closed"));
    await closing;
    assert.equal(opener.last.closed, true);
    await assert.rejects(registry.open(LOCAL), hasCode("session_closed"));
  });
});

describe("SessionRegistry.get()", () => {
  it("names the open sessions when there is none with the id, and not the id itself", async () => {
    await using registry = new SessionRegistry({ open: new FakeOpener().open });
    assert.throws(() => registry.get("9_local"), hasCode("unknown_session", "No session is open"));
    await registry.open(LOCAL);
    await registry.open(LOCAL);
    assert.throws(() => registry.get(FAKE_SECRET), (error) => {
      hasCode("unknown_session", "1_local, 2_local")(error);
      assert.ok(error instanceof Error && !error.message.includes(FAKE_SECRET));
      return true;
    });
  });

  it("names ten sessions at most", async () => {
    await using registry = new SessionRegistry({ open: new FakeOpener().open });
    for (let count = 0; count < 13; count++) await registry.open(LOCAL);
    assert.throws(() => registry.get("x"), hasCode("unknown_session", "10_local and 3 more"));
  });
});

describe("SessionRegistry.exec()", () => {
  it("refuses a second command at once while one is running, and names it", async () => {
    const opener = new FakeOpener();
    opener.exec = untilAborted;
    await using registry = new SessionRegistry({ open: opener.open });
    const { id } = await registry.open(LOCAL);
    const abort = new AbortController();
    const first = registry.exec(id, "sleep 9", { signal: abort.signal });
    await assert.rejects(
      registry.exec(id, "true"),
      hasCode("busy", "1_local", "c1", "sleep 9", "session_read"),
    );
    const [running] = registry.list()[0]?.commands ?? [];
    const { runningMs = -1, ...listed } = running ?? {};
    assert.deepEqual(listed, { commandId: "c1", command: "sleep 9", status: "running" });
    assert.ok(runningMs >= 0);
    abort.abort();
    assert.equal((await first).status, "interrupted");
    opener.exec = () => Promise.resolve(fakeResult());
    assert.equal((await registry.exec(id, "true")).status, "exited");
  });

  it("lets another session work while one is busy", async () => {
    const opener = new FakeOpener();
    opener.exec = untilAborted;
    await using registry = new SessionRegistry({ open: opener.open });
    const { id } = await registry.open(LOCAL);
    const abort = new AbortController();
    const first = registry.exec(id, "sleep 9", { signal: abort.signal });
    opener.exec = () => Promise.resolve(fakeResult());
    const other = await registry.open(LOCAL);
    assert.equal((await registry.exec(other.id, "true")).status, "exited");
    abort.abort();
    await first;
  });

  it("counts commands over all sessions, so that an id names one command", async () => {
    await using registry = new SessionRegistry({ open: new FakeOpener().open });
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      const { id } = await registry.open(LOCAL);
      ids.push((await registry.exec(id, "true")).commandId);
    }
    assert.deepEqual(ids, ["c1", "c2", "c3"]);
  });

  it("forgets a session that closed under a command", async () => {
    const opener = new FakeOpener();
    opener.exec = () => {
      opener.last.closed = true;
      return Promise.resolve(fakeResult({ status: "lost" }));
    };
    await using registry = new SessionRegistry({ open: opener.open, maxSessions: 1 });
    const { id } = await registry.open(LOCAL);
    assert.equal((await registry.exec(id, "kill -9 $$")).status, "lost");
    assert.throws(() => registry.get(id), hasCode("unknown_session"));
    await registry.open(LOCAL);
  });
});

describe("SessionRegistry.list()", () => {
  it("keeps the newest commands, redacted and cut, and a bounded number of them", async () => {
    const opener = new FakeOpener();
    let code = 0;
    opener.exec = (): Promise<ExecResult> => {
      code += 1;
      const totals = { stdoutBytes: 2, stdoutLines: 2, stderrBytes: 1, stderrLines: 1 };
      return Promise.resolve(fakeResult({ exitCode: code % 256, totals }));
    };
    await using registry = new SessionRegistry({ open: opener.open });
    const { id } = await registry.open(LOCAL);
    for (let count = 0; count < LIMITS.recentCommands + 5; count++) {
      await registry.exec(id, `echo ${FAKE_SECRET} ${"long ".repeat(40)}`);
    }
    const commands = registry.list()[0]?.commands ?? [];
    assert.equal(commands.length, LIMITS.recentCommands);
    assert.equal(commands[0]?.commandId, `c${LIMITS.recentCommands + 5}`);
    assert.equal(commands[0]?.exitCode, LIMITS.recentCommands + 5);
    assert.equal(commands[0]?.lines, 3);
    for (const { command } of commands) {
      assert.equal(command.length, 80);
      assert.ok(command.startsWith("echo [REDACTED:known#1] long"), command);
    }
  });

  it("does not cut a character in half", async () => {
    const opener = new FakeOpener();
    await using registry = new SessionRegistry({ open: opener.open });
    const { id } = await registry.open(LOCAL);
    await registry.exec(id, "x".repeat(78) + "😀".repeat(9));
    const command = registry.list()[0]?.commands[0]?.command ?? "";
    assert.equal(command, "x".repeat(78) + "…");
  });

  it("shows place and idle time", async () => {
    const opener = new FakeOpener();
    await using registry = new SessionRegistry({ open: opener.open });
    await registry.open(LOCAL);
    opener.last.idleMs = 4321;
    opener.last.cwd = markSafeText("/tmp");
    assert.deepEqual(registry.list(), [{
      sessionId: "1_local",
      transport: "local",
      target: "local",
      cwd: "/tmp",
      idleMs: 4321,
      commands: [],
    }]);
  });
});

describe("SessionRegistry.destroy()", () => {
  it("closes the session once and answers false from then on", async () => {
    const opener = new FakeOpener();
    await using registry = new SessionRegistry({ open: opener.open });
    const { id } = await registry.open(LOCAL);
    assert.equal(await registry.destroy(id), true);
    assert.equal(opener.last.closeReason, "destroyed");
    assert.equal(await registry.destroy(id), false);
    assert.equal(await registry.destroy("nothing"), false);
  });
});

describe("SessionRegistry idle closing", () => {
  it("closes an idle session and leaves a busy one alone", { timeout: 60_000 }, async () => {
    const opener = new FakeOpener();
    opener.exec = untilAborted;
    await using registry = new SessionRegistry({ open: opener.open, idleMs: 20 });
    const busy = await registry.open(LOCAL);
    const abort = new AbortController();
    const running = registry.exec(busy.id, "sleep 9", { signal: abort.signal });
    // A session that counts its idle time wrongly must not be closed under its command either.
    opener.last.idleMs = 1_000_000;
    await registry.open(LOCAL);
    const closed = new Promise<void>((resolve) => {
      opener.last.onClose = () => Promise.resolve(resolve());
    });
    opener.last.idleMs = 1_000_000;
    // The timer does not hold the process, so the test must.
    const hold = new MessageChannel();
    hold.port1.onmessage = () => {};
    await closed;
    hold.port1.close();
    assert.equal(opener.last.closeReason, "reaped");
    assert.deepEqual(registry.list().map(({ sessionId }) => sessionId), ["1_local"]);
    abort.abort();
    await running;
  });
});

describe("SessionRegistry.close()", () => {
  it("closes all sessions at the same time", { timeout: 60_000 }, async () => {
    const opener = new FakeOpener();
    const registry = new SessionRegistry({ open: opener.open });
    for (let count = 0; count < 5; count++) await registry.open(LOCAL);
    let waiting = 0;
    let release = () => {};
    const allThere = new Promise<void>((resolve) => release = resolve);
    for (const session of opener.sessions) {
      session.onClose = () => {
        waiting += 1;
        if (waiting === 5) release();
        // Settles only when every other session is being closed too.
        return allThere;
      };
    }
    await registry.close();
    assert.equal(waiting, 5);
    assert.deepEqual(registry.list(), []);
    await registry.close();
  });

  it("does not fail when a session cannot be closed", async () => {
    const opener = new FakeOpener();
    const registry = new SessionRegistry({ open: opener.open });
    await registry.open(LOCAL);
    opener.last.onClose = () => Promise.reject(new Error("stuck"));
    await registry.close();
    assert.deepEqual(registry.list(), []);
  });
});
