import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ExeckitError } from "../../src/errors.ts";
import { LIMITS } from "../../src/limits.ts";
import { DetachedLedger } from "../../src/mcp/detached_ledger.ts";
import { createRedactor } from "../../src/output/redact.ts";
import { safe } from "../../src/safe_text.ts";
import type { DetachedStatus } from "../../src/session/detached/detached_commands.ts";
import { makeTestFolder } from "../support/open_session.ts";
import { callTool, createSession, startFakeServer } from "./fake_server.ts";
import { fakeResult } from "./fake_sessions.ts";

const redactor = createRedactor();
const redact = (text: string) => redactor.text(text);
const idOf = (number: number) => redact(number.toString(16).padStart(24, "0"));

function statusOf(number: number, state: DetachedStatus["state"]): DetachedStatus {
  const command = safe`sleep`;
  return { id: idOf(number), state, begunMs: number, stdoutBytes: 0, stderrBytes: 0, command };
}

const range = (length: number) => Array.from({ length }, (_, number) => number);

describe("session_list", () => {
  it("shows every running detached command, and says how many others there are", async () => {
    await using server = await startFakeServer();
    await createSession(server.client);
    const list = async (commands: readonly DetachedStatus[]) => {
      const { detached } = server.opener.last;
      server.opener.last.detached = { ...detached, list: () => Promise.resolve([...commands]) };
      const { structured } = await callTool(server.client, "session_list", {});
      // The schema of the result says so.
      const shown = structured?.["detached"] as Record<string, unknown>[];
      const running = shown.filter(({ status }) => status === "running").length;
      return { shown: shown.length, running, note: structured?.["note"] };
    };
    const ended = range(25).map((number) => statusOf(number, "exited"));
    const few = await list([statusOf(99, "running"), ...ended]);
    assert.deepEqual([few.shown, few.running], [LIMITS.detachedListed, 1]);
    assert.match(String(few.note), /^6 more detached commands are not shown: session_read /);
    const many = range(30).map((number) => statusOf(100 + number, "running"));
    const all = await list([...ended, ...many]);
    assert.deepEqual([all.shown, all.running], [30, 30]);
    assert.match(String(all.note), /^25 more detached/);
    const tooMany = range(103).map((number) => statusOf(100 + number, "running"));
    assert.match(String((await list(tooMany)).note), /^3 more .*, 3 of them running/);
    assert.equal((await list(ended.slice(0, 20))).note, undefined);
  });
});

it("session_read says when it may have forgotten how far it had read", async () => {
  await using server = await startFakeServer();
  await createSession(server.client);
  const { detached } = server.opener.last;
  const line = { stream: "stdout", line: 1, text: safe`one`, fromByte: 0, endsLine: true } as const;
  const asked: unknown[] = [];
  server.opener.last.detached = {
    ...detached,
    status: (id) => Promise.resolve(statusOf(Number.parseInt(id, 16), "exited")),
    lines: (_id, { from }) => {
      asked.push(from);
      const lines = from === 1 ? [{ ...line, arrivedMs: 0 }] : [];
      return Promise.resolve({ text: safe`one\n`, lines, totalLines: 1, gaps: [], hasMore: false });
    },
  };
  const read = async (number: number) => {
    const call = { command_id: idOf(number) };
    const { structured } = await callTool(server.client, "session_read", call);
    return structured?.["note"];
  };
  assert.equal(await read(1), undefined);
  assert.equal(await read(1), undefined);
  assert.deepEqual(asked, [1, 2]);
  for (const number of range(LIMITS.detachedRemembered)) await read(10 + number);
  assert.match(String(await read(1)), /first lines: where old commands were read to/);
  assert.equal(asked.at(-1), 1);
  assert.equal(await read(5000), undefined);
});

describe("DetachedLedger.add()", () => {
  const fill = (folder: string) => {
    for (const number of range(LIMITS.detachedNoted)) {
      const entry = { transport: "local", target: "local", command: "x", startedMs: number + 1 };
      const path = join(folder, `execkit-detached-${idOf(number)}.json`);
      writeFileSync(path, JSON.stringify(entry));
    }
  };
  const entry = (number: number) =>
    ({ id: idOf(number), transport: "local", target: safe`local`, command: safe`x` }) as const;

  it("removes the oldest ended command where there are too many, and no running one", async () => {
    using folder = makeTestFolder();
    fill(folder.path);
    const ledger = new DetachedLedger(folder.path, redact);
    const mayRun = new Set<string>([idOf(0), idOf(1)]);
    await ledger.add(
      entry(5000),
      () => Promise.resolve(({ id }) => Promise.resolve(!mayRun.has(id))),
    );
    const noted = new Set((await ledger.list()).map(({ id }) => String(id)));
    assert.equal(noted.size, LIMITS.detachedNoted);
    assert.deepEqual([0, 1, 2, 3, 5000].map((number) => noted.has(idOf(number))), [
      true,
      true,
      false,
      true,
      true,
    ]);
    await assert.rejects(
      ledger.add(entry(5001)),
      (cause) => cause instanceof ExeckitError && cause.code === "limit_reached",
    );
    assert.equal(readdirSync(folder.path).length, LIMITS.detachedNoted);
  });

  it("is told what has ended by the machines, and the result says what could not be noted", async () => {
    using folder = makeTestFolder();
    fill(folder.path);
    await using server = await startFakeServer("legacy", { EXECKIT_MCP_STATE_DIR: folder.path });
    const session_id = await createSession(server.client);
    const { detached } = server.opener.last;
    let state: DetachedStatus["state"] = "running";
    const all = () => range(LIMITS.detachedNoted).map((number) => statusOf(number, state));
    server.opener.last.detached = {
      ...detached,
      list: () => Promise.resolve(all()),
      status: (id) => Promise.resolve({ ...statusOf(0, state), id: redact(id) }),
    };
    let number = 5000;
    server.opener.exec = () =>
      Promise.resolve(fakeResult({ status: "running", detachedId: idOf(number++) }));
    const start = async () => {
      const call = { session_id, command: "sleep 9", detach: true };
      const { structured } = await callTool(server.client, "session_exec", call);
      return String(structured?.["note"]);
    };
    assert.match(await start(), /Cannot note where the command runs: 1000 .*keep its command_id/);
    state = "exited";
    assert.doesNotMatch(await start(), /Cannot note/);
    const names = readdirSync(folder.path);
    assert.deepEqual(
      [names.length, names.includes(`execkit-detached-${idOf(0)}.json`)],
      [LIMITS.detachedNoted, false],
    );
  });
});
