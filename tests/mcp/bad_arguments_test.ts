import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { callTool, createSession, startFakeServer } from "./fake_server.ts";

/** Tool, arguments, and what the error must say. The session of each is `1_local`. */
const CASES: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ["session_create", {}, /"transport" is missing/],
  ["session_create", { transport: "pod" }, /"transport" must be one of \["local","ssh","docker"\]/],
  ["session_create", { transport: "local", env: "A=1" }, /"env" must be object/],
  ["session_create", { transport: "local", env: { A: { b: 1 } } }, /"env\.A" must be string/],
  ["session_create", { transport: "local", allow: { ls: true } }, /"allow" must be array/],
  ["session_create", { transport: "local", workspace: "/x" }, /"workspace" is not an argument/],
  [
    "session_create",
    { transport: "local", output_budget: { keep: { mode: "tail" } } },
    /modes head and tail need n/,
  ],
  [
    "session_create",
    { transport: "local", output_budget: { keep: { mode: 1 } } },
    /"keep\.mode" must be one of/,
  ],
  ["session_exec", {}, /"session_id" is missing; "command" is missing/],
  ["session_exec", { session_id: "1_local", command: "" }, /"command" must NOT have fewer than 1/],
  [
    "session_exec",
    { session_id: "1_local", command: null },
    /"command" must NOT have fewer than 1/,
  ],
  ["session_exec", { session_id: "1_local", command: ["ls"] }, /"command" must be string/],
  ["session_exec", { session_id: "1_local", command: { run: "ls" } }, /"command" must be string/],
  ["session_exec", { session_id: "1_local", command: "ls", tty: "perhaps" }, /"tty" must be bool/],
  [
    "session_exec",
    { session_id: "1_local", command: "ls", timeout_ms: "soon" },
    /"timeout_ms" must be integer/,
  ],
  [
    "session_exec",
    { session_id: "1_local", command: "ls", timeout_ms: 0 },
    /"timeout_ms" must be >= 1/,
  ],
  ["session_exec", { session_id: "1_local", command: "ls", wait_ms: -1 }, /"wait_ms" must be >= 0/],
  ["session_exec", { session_id: "1_local", command: "ls", until: "up" }, /"until" must be object/],
  [
    "session_exec",
    { session_id: "1_local", command: "ls", until: { text: "up" } },
    /"text" is not an argument in "until"/,
  ],
  ["session_read", {}, /"command_id" is missing/],
  ["session_read", { command_id: "c1", stream: "all" }, /"stream" must be one of \["stdout"/],
  ["session_read", { command_id: "c1", lines: 0 }, /"lines" must be >= 1/],
  ["session_input", { command_id: "c1", signal: "STOP" }, /"signal" must be one of \["INT"/],
  ["session_input", { command_id: "c1", keys: "enter" }, /"keys" must be array/],
  [
    "session_exec",
    { session_id: "1_local", command: "ls", budget: { keep: { mode: "middle" } } },
    /"budget\.keep\.mode" must be one of \["all","tail","head","head_tail"\]/,
  ],
  [
    "session_exec",
    { session_id: "1_local", command: "ls", budget: { keep: { mode: "head_tail", head: 1 } } },
    /mode head_tail needs head and tail/,
  ],
  [
    "session_exec",
    { session_id: "1_local", command: "ls", budget: { grep: { context: 1 } } },
    /"pattern" is missing in "budget\.grep"/,
  ],
  ["session_list", { session_id: ["1_local"] }, /"session_id" must be string/],
  ["session_destroy", {}, /"session_id" is missing/],
];

describe("wrong arguments", () => {
  for (const [tool, args, expected] of CASES) {
    it(`are named: ${tool} ${JSON.stringify(args)}`, async () => {
      await using server = await startFakeServer();
      await createSession(server.client);
      const answer = await callTool(server.client, tool, args);
      assert.equal(answer.isError, true);
      assert.match(answer.text, /^invalid_argument: Cannot use the /);
      assert.match(answer.text, expected);
      assert.match(answer.text, /nothing was run$/);
      // The session lives, and so does the server.
      const next = { session_id: "1_local", command: "true" };
      assert.equal((await callTool(server.client, "session_exec", next)).isError, false);
    });
  }

  it("are named all at once, but not without end", async () => {
    await using server = await startFakeServer();
    const extra = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`key${n}`, n]));
    const answer = await callTool(server.client, "session_list", extra);
    assert.match(answer.text, /"key0" is not an argument; "key1" is not an argument/);
    assert.ok(answer.text.length < 1000, String(answer.text.length));
  });

  for (const tool of ["session_read", "session_input"]) {
    it(`an unknown command is an error that says where to look: ${tool}`, async () => {
      await using server = await startFakeServer();
      const answer = await callTool(server.client, tool, { command_id: "c99" });
      assert.equal(answer.isError, true);
      assert.match(answer.text, /^unknown_command: .*session_list/);
    });
  }

  for (const [tool, args] of [["session_exec", { command: "ls" }], ["session_list", {}]] as const) {
    it(`an unknown session is an error that lists the open ones: ${tool}`, async () => {
      await using server = await startFakeServer();
      await createSession(server.client);
      const answer = await callTool(server.client, tool, { ...args, session_id: "7_local" });
      assert.equal(answer.isError, true);
      assert.match(answer.text, /^unknown_session: .*Open sessions: 1_local\./);
    });
  }
});
