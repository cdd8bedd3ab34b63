import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { LIMITS } from "../../src/limits.ts";
import { markSafeText, safe } from "../../src/safe_text.ts";
import type { ExecOptions } from "../../src/session/session_options.ts";
import { FAKE_SECRET, fakeResult, untilAborted } from "./fake_sessions.ts";
import { callTool, createSession, ERAS, startFakeServer } from "./fake_server.ts";

describe("session_create", () => {
  it("says where the session is", async () => {
    await using server = await startFakeServer();
    const answer = await callTool(server.client, "session_create", { transport: "local" });
    const { os, ...rest } = answer.structured ?? {};
    assert.deepEqual(rest, { session_id: "1_local", cwd: "/home/agent", shell: "bash" });
    assert.equal(os, process.platform);
    assert.equal(answer.text, JSON.stringify(answer.structured));
  });

  it("passes every argument on", async () => {
    await using server = await startFakeServer();
    await callTool(server.client, "session_create", {
      transport: "local",
      shell: "dash",
      cwd: "/tmp",
      env: { A: "1", B: 2 },
      allow: ["ls"],
      deny: ["rm"],
      output_budget: { max_chars: 100 },
    });
    const { shell, cwd, env, budget } = server.opener.last.options;
    assert.deepEqual({ shell, cwd, env }, {
      shell: "dash",
      cwd: "/tmp",
      env: { A: "1", B: "2" },
    });
    assert.equal(budget?.maxChars, 100);
    assert.deepEqual(budget?.keep, { mode: "head_tail", head: 200, tail: 200 });
    assert.deepEqual(server.rules, [{ allow: ["ls"], deny: ["rm"] }]);
  });

  it("bounds results by default", async () => {
    await using server = await startFakeServer();
    await createSession(server.client);
    assert.deepEqual(server.opener.last.options.budget, {
      keep: { mode: "head_tail", head: 200, tail: 200 },
      maxChars: 16_000,
    });
  });

  it("keeps the operator's ceiling", async () => {
    await using server = await startFakeServer("legacy", { EXECKIT_MCP_MAX_SESSIONS: "1" });
    await createSession(server.client);
    const answer = await callTool(server.client, "session_create", { transport: "local" });
    assert.equal(answer.isError, true);
    assert.match(answer.text, /^limit_reached: .*1 of 1/);
  });

  it("refuses what is not offered instead of opening something weaker", async () => {
    await using server = await startFakeServer();
    const answer = await callTool(server.client, "session_create", {
      transport: "local",
      sandbox: true,
    });
    assert.equal(answer.isError, true);
    assert.match(answer.text, /^invalid_argument: .*"sandbox" is not an argument/);
    assert.equal(server.opener.sessions.length, 0);
  });
});

describe("a cancelled session_create", () => {
  for (const era of ERAS) {
    it(`leaves no session behind that nobody knows of (${era})`, { timeout: 60_000 }, async () => {
      await using server = await startFakeServer(era);
      const abort = new AbortController();
      let proceed = () => {};
      server.opener.gate = new Promise<void>((resolve) => proceed = resolve);
      const asked = new Promise<void>((resolve) => server.opener.onOpen = resolve);
      const call = { name: "session_create", arguments: { transport: "local" } };
      const cancelled = server.client.callTool(call, { signal: abort.signal });
      await asked;
      abort.abort("the user stopped it");
      await assert.rejects(cancelled);
      // The answer to a later request comes only after the cancellation was taken in.
      await callTool(server.client, "session_list", {});
      const closed = new Promise<void>((resolve) => server.opener.onClose = resolve);
      proceed();
      await closed;
      assert.deepEqual(server.registry.list(), []);
    });
  }
});

describe("session_exec", () => {
  for (const era of ERAS) {
    it(`gives the same result as text and as structure (${era})`, async () => {
      await using server = await startFakeServer(era);
      const session = await createSession(server.client);
      server.opener.exec = () =>
        Promise.resolve(fakeResult({
          exitCode: 2,
          stdout: markSafeText("one\n"),
          stderr: markSafeText("two\nthree"),
          totals: { stdoutBytes: 4, stdoutLines: 1, stderrBytes: 9, stderrLines: 2 },
        }));
      const answer = await callTool(server.client, "session_exec", {
        session_id: session,
        command: "ls /nope",
      });
      assert.equal(answer.isError, false);
      assert.deepEqual(JSON.parse(answer.text), answer.structured);
      assert.deepEqual(answer.structured, {
        command_id: "c1",
        command: "ls /nope",
        status: "exited",
        exit_code: 2,
        stdout: "one\n",
        stderr: "two\nthree",
        cwd: "/home/agent",
        duration_ms: 3,
        truncated: false,
        totals: { stdout_bytes: 4, stdout_lines: 1, stderr_bytes: 9, stderr_lines: 2 },
        total_lines: 3,
      });
    });
  }

  it("passes every argument on, a number in quotes too", async () => {
    await using server = await startFakeServer();
    const session = await createSession(server.client);
    let seen: ExecOptions = {};
    server.opener.exec = (_command, options) => {
      seen = options;
      return Promise.resolve(fakeResult());
    };
    await callTool(server.client, "session_exec", {
      session_id: session,
      command: "cat",
      wait_ms: 700,
      until: { pattern: "ready", port: 8080 },
      timeout_ms: "500",
      stdin: "text",
      tty: true,
      budget: { grep: { pattern: "x", context: 2 }, keep: { mode: "tail", n: 5 } },
    });
    const { signal, waitSignal, ...rest } = seen;
    assert.ok(signal instanceof AbortSignal && waitSignal instanceof AbortSignal);
    assert.deepEqual(rest, {
      waitMs: 700,
      until: { pattern: "ready", port: 8080 },
      timeoutMs: 500,
      stdin: "text",
      tty: true,
      budget: {
        grep: { pattern: "x", context: 2 },
        keep: { mode: "tail", n: 5 },
        maxChars: LIMITS.mcpResultMaxChars,
      },
    });
  });

  it("lowers what a call cannot wait for, and says so", async () => {
    await using server = await startFakeServer();
    const session = await createSession(server.client);
    let seen: ExecOptions = {};
    server.opener.exec = (_command, options) => {
      seen = options;
      return Promise.resolve(fakeResult({ note: safe`Something else.` }));
    };
    const answer = await callTool(server.client, "session_exec", {
      session_id: session,
      command: "make",
      wait_ms: 90_000,
      timeout_ms: 100_000_000,
    });
    assert.equal(seen.waitMs, LIMITS.mcpCallMaxMs);
    assert.equal(seen.timeoutMs, LIMITS.commandTimeoutMaxMs);
    assert.equal(answer.isError, false);
    assert.match(
      String(answer.structured?.["note"]),
      /^Something else\. wait_ms was lowered to 45000, .* timeout_ms was lowered to 86400000/,
    );
  });

  it("waits for 10 seconds and sets no time-out, unless the operator has one", async () => {
    const settings: readonly (readonly [Record<string, string>, number | undefined])[] = [
      [{}, undefined],
      [{ EXECKIT_MCP_EXEC_TIMEOUT: "7" }, 7000],
    ];
    for (const [variables, timeoutMs] of settings) {
      await using server = await startFakeServer("legacy", variables);
      const session = await createSession(server.client);
      let seen: ExecOptions = {};
      server.opener.exec = (_command, options) => {
        seen = options;
        return Promise.resolve(fakeResult());
      };
      const call = { session_id: session, command: "true" };
      await callTool(server.client, "session_exec", call);
      assert.deepEqual([seen.waitMs, seen.timeoutMs], [10_000, timeoutMs]);
    }
  });

  it("starts nothing that outlives its session when the operator forbids it", async () => {
    await using server = await startFakeServer("legacy", { EXECKIT_MCP_DETACH: "off" });
    const session_id = await createSession(server.client);
    const ran: ExecOptions[] = [];
    server.opener.exec = (_command, options) => {
      ran.push(options);
      return Promise.resolve(fakeResult());
    };
    const call = { session_id, command: "true" };
    const { isError, text } = await callTool(server.client, "session_exec", {
      ...call,
      detach: true,
    });
    assert.ok(isError);
    assert.match(text, /^blocked_by_policy: .*operator does not allow.*EXECKIT_MCP_DETACH/);
    assert.deepEqual(ran, []);
    const tool = (await server.client.listTools()).tools.find(({ name }) =>
      name === "session_exec"
    );
    assert.match(JSON.stringify(tool?.inputSchema.properties?.["detach"]), /does not allow/);
    await callTool(server.client, "session_exec", { ...call, detach: false });
    assert.deepEqual(ran.map(({ detach }) => detach), [undefined]);
  });

  it("answers a blocked command with an error that holds the verdict", async () => {
    await using server = await startFakeServer();
    const session = await createSession(server.client);
    const verdict = {
      decision: "deny",
      rule: safe`deny:rm`,
      reason: safe`The operator does not allow rm.`,
    } as const;
    server.opener.exec = () => Promise.resolve(fakeResult({ status: "blocked", verdict }));
    const answer = await callTool(server.client, "session_exec", {
      session_id: session,
      command: "rm -rf x",
    });
    assert.equal(answer.isError, true);
    assert.equal(
      answer.text,
      "blocked_by_policy: The operator does not allow rm (rule deny:rm). Nothing was run. " +
        "Say so to the user; do not look for a way around it.",
    );
    assert.equal(answer.structured?.["status"], "blocked");
    assert.deepEqual(answer.structured?.["verdict"], verdict);
  });

  it("names the running command when the session is busy", async () => {
    await using server = await startFakeServer();
    const session = await createSession(server.client);
    server.opener.exec = untilAborted;
    const abort = new AbortController();
    const first = server.client.callTool(
      { name: "session_exec", arguments: { session_id: session, command: "sleep 9" } },
      { signal: abort.signal },
    );
    const answer = await callTool(server.client, "session_exec", {
      session_id: session,
      command: "true",
    });
    assert.equal(answer.isError, true);
    assert.match(
      answer.text,
      /^busy: Session 1_local is still running c1 \(sleep 9\) after 0 s\. /,
    );
    assert.match(answer.text, /session_read, .*session_input and signal INT, .*another session$/);
    abort.abort();
    await assert.rejects(first);
  });

  for (const era of ERAS) {
    it(`interrupts the command when the call is cancelled, and not later (${era})`, async () => {
      await using server = await startFakeServer(era);
      const session = await createSession(server.client);
      const abort = new AbortController();
      const interrupted = new Promise<void>((resolve) => {
        server.opener.exec = (command, options) => {
          options.signal?.addEventListener("abort", () => resolve());
          abort.abort("the user stopped it");
          return untilAborted(command, options);
        };
      });
      await assert.rejects(server.client.callTool(
        { name: "session_exec", arguments: { session_id: session, command: "sleep 9" } },
        { signal: abort.signal },
      ));
      await interrupted;
      const { structured } = await callTool(server.client, "session_list", {});
      assert.deepEqual(structured?.["sessions"], [{
        session_id: "1_local",
        transport: "local",
        target: "local",
        cwd: "/home/agent",
        idle_s: 0,
        commands: [{
          command_id: "c1",
          command: "sleep 9",
          status: "interrupted",
          exit_code: 0,
          lines: 0,
        }],
      }]);
      server.opener.exec = () => Promise.resolve(fakeResult());
      const call = { session_id: session, command: "true" };
      assert.equal((await callTool(server.client, "session_exec", call)).isError, false);
      // Some clients cancel every call once more when it has long been answered.
      await server.client.notification({
        method: "notifications/cancelled",
        params: { requestId: 3, reason: "AbortError" },
      });
      assert.equal((await callTool(server.client, "session_exec", call)).isError, false);
    });
  }

  it("hides an unforeseen failure from the agent and shows it to the operator", async () => {
    await using server = await startFakeServer();
    const session = await createSession(server.client);
    const failure = new Error(`cannot read ${FAKE_SECRET}`);
    server.opener.exec = () => Promise.reject(failure);
    const answer = await callTool(server.client, "session_exec", {
      session_id: session,
      command: "true",
    });
    assert.equal(answer.isError, true);
    assert.match(answer.text, /^internal: /);
    assert.ok(!answer.text.includes(FAKE_SECRET));
    assert.deepEqual(server.defects, [failure]);
  });
});

describe("session_list", () => {
  it("goes through many sessions by pages that closing does not shift", async () => {
    await using server = await startFakeServer();
    for (let count = 0; count < 45; count++) await createSession(server.client);
    const ids: string[] = [];
    let cursor: unknown;
    do {
      const args: Record<string, unknown> = cursor === undefined ? {} : { cursor };
      const { structured } = await callTool(server.client, "session_list", args);
      // The schema of the result says so.
      const page = structured?.["sessions"] as { session_id: string }[];
      ids.push(...page.map((session) => session.session_id));
      cursor = structured?.["next_cursor"];
      await server.registry.destroy(page[0]?.session_id ?? "");
    } while (cursor !== undefined);
    assert.deepEqual(ids, Array.from({ length: 45 }, (_, index) => `${index + 1}_local`));
  });

  it("shows more history of one session", async () => {
    await using server = await startFakeServer();
    const session = await createSession(server.client);
    for (let count = 0; count < 6; count++) {
      await callTool(server.client, "session_exec", { session_id: session, command: "true" });
    }
    const all = await callTool(server.client, "session_list", {});
    const one = await callTool(server.client, "session_list", { session_id: session });
    const commandsOf = (answer: typeof all) => {
      // The schema of the result says so.
      return (answer.structured?.["sessions"] as { commands: unknown[] }[])[0]?.commands.length;
    };
    assert.deepEqual([commandsOf(all), commandsOf(one)], [3, 6]);
  });

  it("refuses a cursor that it never gave", async () => {
    await using server = await startFakeServer();
    const answer = await callTool(server.client, "session_list", { cursor: "abc" });
    assert.match(answer.text, /^invalid_argument: /);
  });
});

describe("session_destroy", () => {
  it("closes the session once and answers false from then on", async () => {
    await using server = await startFakeServer();
    const args = { session_id: await createSession(server.client) };
    const first = await callTool(server.client, "session_destroy", args);
    const second = await callTool(server.client, "session_destroy", args);
    assert.deepEqual([first.structured, second.structured], [
      { destroyed: true },
      { destroyed: false },
    ]);
    assert.equal(server.opener.last.closed, true);
  });
});
