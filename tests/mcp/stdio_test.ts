import { Client as ModernClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernStdio } from "@modelcontextprotocol/client/stdio";
import { Client as ClassicClient } from "@modelcontextprotocol/sdk/client";
// @ts-types="@modelcontextprotocol/sdk/client/stdio"
import { StdioClientTransport as ClassicStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIMITS } from "../../src/limits.ts";
import {
  type Answer,
  callTool,
  clientOptions,
  createSession,
  ERAS,
  type ToolCaller,
} from "./fake_server.ts";
import { serverProgram } from "./server_program.ts";

/** Starting a runtime and a shell on a busy machine takes a few seconds. */
const TIMEOUT_MS = 120_000;

/** A connected client of any kind, as far as the tests use it. */
interface Connected extends AsyncDisposable {
  /** Calls a tool. */
  call(name: string, args: Record<string, unknown>): Promise<Answer>;
  /** The names of the tools. */
  toolNames(): Promise<string[]>;
}

async function connectClassic(variables: Record<string, string> = {}): Promise<Connected> {
  const client = new ClassicClient({ name: "classic", version: "1" });
  await client.connect(new ClassicStdio({ ...serverProgram(variables), stderr: "inherit" }));
  return {
    call: (name, args) => callTool(client, name, args),
    toolNames: async () => (await client.listTools()).tools.map((tool) => tool.name),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function connectModern(era: (typeof ERAS)[number]): Promise<Connected> {
  const client = new ModernClient({ name: "modern", version: "1" }, clientOptions(era));
  await client.connect(new ModernStdio({ ...serverProgram(), stderr: "inherit" }));
  return {
    call: (name, args) => callTool(client, name, args),
    toolNames: async () => (await client.listTools()).tools.map((tool) => tool.name),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function open(client: Connected): Promise<string> {
  const { structured, text } = await client.call("session_create", { transport: "local" });
  assert.equal(typeof structured?.["session_id"], "string", text);
  return String(structured?.["session_id"]);
}

/** What an agent does with the server from its first call to its last. */
async function wholeLoop(client: Connected): Promise<void> {
  assert.deepEqual(await client.toolNames(), [
    "session_create",
    "session_exec",
    "session_read",
    "session_input",
    "session_list",
    "session_destroy",
  ]);
  const session_id = await open(client);
  assert.equal(session_id, "1_local");
  const run = (command: string) => client.call("session_exec", { session_id, command });
  assert.equal((await run("cd /tmp && export X=1")).structured?.["exit_code"], 0);
  const { structured, text, isError } = await run('pwd; echo "$X"; ls /no/such/place');
  assert.equal(isError, false);
  assert.deepEqual(JSON.parse(text), structured);
  assert.equal(structured?.["status"], "exited");
  assert.equal(structured?.["stdout"], "/tmp\n1\n");
  assert.match(String(structured?.["stderr"]), /\/no\/such\/place/);
  assert.equal(structured?.["exit_code"], 2);
  assert.equal(structured?.["cwd"], "/tmp");
  const list = await client.call("session_list", {});
  assert.match(list.text, /"cd \/tmp && export X=1"/);
  const first = await client.call("session_destroy", { session_id });
  assert.deepEqual(first.structured, { destroyed: true });
  assert.match((await run("true")).text, /^unknown_session: /);
}

describe("the server over stdio, with no more than the documented permissions", () => {
  it("serves a client of the SDK's 1.x line", { timeout: TIMEOUT_MS }, async () => {
    await using client = await connectClassic();
    await wholeLoop(client);
  });

  for (const era of ERAS) {
    it(`serves a client of the 2.x line (${era})`, { timeout: TIMEOUT_MS }, async () => {
      await using client = await connectModern(era);
      await wholeLoop(client);
    });
  }
});

describe("commands that are hard to take", () => {
  it("have a true result or a clear error, and the session lives", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await using client = await connectModern("modern");
    const session_id = await open(client);
    const run = (command: string) => client.call("session_exec", { session_id, command });
    for (const command of ["", "echo a\0b", `echo ${"x".repeat(LIMITS.commandMaxBytes)}`]) {
      const { isError, text } = await run(command);
      assert.equal(isError, true, text.slice(0, 200));
      assert.match(text, /^(?:invalid_argument|limit_reached): /);
      assert.ok(text.length < 500, String(text.length));
    }
    const long = await run(`printf %s ${"y".repeat(5000 - 10)}`);
    assert.equal(String(long.structured?.["stdout"]).length, 4990);
    const huge = await run(`: ${"z".repeat(300 * 1024)}\necho "$?-$((6*7))"`);
    assert.equal(huge.structured?.["stdout"], "0-42\n", huge.text.slice(0, 200));
    assert.equal((await run("echo alive")).structured?.["stdout"], "alive\n");
  });

  it("are ended at their time-out, and the session keeps its state", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await using client = await connectModern("legacy");
    const session_id = await open(client);
    await client.call("session_exec", { session_id, command: "cd /tmp; Y=kept" });
    const { structured, isError } = await client.call("session_exec", {
      session_id,
      command: "echo before; sleep 60",
      // Long enough for a stalled machine to come to the sleep.
      timeout_ms: 2000,
    });
    assert.equal(isError, false);
    assert.equal(structured?.["status"], "timed_out");
    assert.equal(structured?.["exit_code"], 124);
    assert.equal(structured?.["stdout"], "before\n");
    const after = await client.call("session_exec", { session_id, command: "pwd; echo $Y" });
    assert.equal(after.structured?.["stdout"], "/tmp\nkept\n");
  });

  it("show at most 400 lines and 16,000 characters of a flood", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await using client = await connectModern("modern");
    const session_id = await open(client);
    const { structured } = await client.call("session_exec", { session_id, command: "seq 100000" });
    const stdout = String(structured?.["stdout"]);
    assert.ok(stdout.length <= LIMITS.mcpResultMaxChars + 200, String(stdout.length));
    assert.ok(stdout.startsWith("1\n2\n") && stdout.trimEnd().endsWith("\n100000"));
    assert.equal(structured?.["truncated"], true);
    assert.equal(structured?.["total_lines"], 100_000);
  });
});

describe("the fence", () => {
  it("takes the strictest of operator and agent", { timeout: TIMEOUT_MS }, async () => {
    await using client = await connectClassic({ EXECKIT_MCP_DENY: "rm" });
    const { structured } = await client.call("session_create", {
      transport: "local",
      allow: ["rm", "echo", "true"],
      deny: ["true"],
    });
    const session_id = structured?.["session_id"];
    const run = (command: string) => client.call("session_exec", { session_id, command });
    for (const command of ["rm -rf /nowhere", "true", "ls /", "echo $(rm x)"]) {
      const { isError, text, structured } = await run(command);
      assert.equal(isError, true, `${command}: ${text}`);
      assert.match(text, /^blocked_by_policy: /);
      assert.equal(structured?.["status"], "blocked");
    }
    assert.equal((await run("echo fine")).structured?.["stdout"], "fine\n");
  });
});

/** Asks for the list until a command in it has the status; every answer is a round trip. */
async function listShows(client: ToolCaller, status: string): Promise<void> {
  let text: string;
  do {
    const answer = await callTool(client, "session_list", {});
    assert.match(answer.text, /"session_id":"1_local"/);
    text = answer.text;
  } while (!text.includes(`"status":"${status}"`));
}

describe("cancelling a call", () => {
  it("interrupts the command and keeps the session", { timeout: TIMEOUT_MS }, async () => {
    const client = new ModernClient({ name: "modern", version: "1" }, clientOptions("legacy"));
    await client.connect(new ModernStdio({ ...serverProgram(), stderr: "inherit" }));
    try {
      const session_id = await createSession(client);
      const abort = new AbortController();
      const call = { session_id, command: "sleep 30" };
      const cancelled = client.callTool(
        { name: "session_exec", arguments: call },
        { signal: abort.signal },
      );
      // The list answers from the server, so the command has been taken up when it shows it.
      await listShows(client, "running");
      abort.abort("stopped");
      await assert.rejects(cancelled);
      await listShows(client, "interrupted");
      const next = await callTool(client, "session_exec", { session_id, command: "echo on" });
      assert.equal(next.structured?.["stdout"], "on\n");
    } finally {
      await client.close();
    }
  });
});
