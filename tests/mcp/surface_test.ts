import { Ajv } from "@modelcontextprotocol/server/validators/ajv";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { CommandStatus, ExecResult } from "../../src/exec_result.ts";
import { INSTRUCTIONS } from "../../src/mcp/server.ts";
import { safe } from "../../src/safe_text.ts";
import { fakeResult } from "./fake_sessions.ts";
import { callTool, createSession, ERAS, startFakeServer } from "./fake_server.ts";

/** Characters per token of English and JSON, rounded down so that the estimate is high. */
const CHARS_PER_TOKEN = 4;
/** Tokens of all tools that a model may have to read, with room left for those still to come. */
const MAX_TOKENS = 1700;

const SESSION_CREATE_ARGS = [
  "transport",
  "host",
  "port",
  "user",
  "key_path",
  "password",
  "fingerprint",
  "container",
  "image",
  "shell",
  "cwd",
  "env",
  "allow",
  "deny",
  "output_budget",
];

async function listTools() {
  await using server = await startFakeServer();
  return (await server.client.listTools()).tools;
}

function hints(readOnly: boolean, destructive: boolean, idempotent: boolean, open: boolean) {
  return {
    readOnlyHint: readOnly,
    destructiveHint: destructive,
    idempotentHint: idempotent,
    openWorldHint: open,
  };
}

/** What the tools look like to a client, in their order. */
const SURFACE = [
  {
    name: "session_create",
    title: "Open a shell session",
    required: ["transport"],
    args: SESSION_CREATE_ARGS,
    annotations: hints(false, false, false, true),
  },
  {
    name: "session_exec",
    title: "Run a command",
    required: ["session_id", "command"],
    args: [
      "session_id",
      "command",
      "wait_ms",
      "until",
      "timeout_ms",
      "stdin",
      "tty",
      "tty_size",
      "budget",
      "detach",
    ],
    annotations: hints(false, true, false, true),
  },
  {
    name: "session_read",
    title: "Read command output",
    required: ["command_id"],
    args: [
      "command_id",
      "stream",
      "from_line",
      "lines",
      "grep",
      "context",
      "until",
      "wait_ms",
      "screen",
    ],
    annotations: hints(true, false, false, false),
  },
  {
    name: "session_input",
    title: "Answer or signal a command",
    required: ["command_id"],
    args: ["command_id", "text", "enter", "secret", "keys", "signal", "wait_ms"],
    annotations: hints(false, true, false, true),
  },
  {
    name: "session_list",
    title: "List sessions",
    required: [],
    args: ["session_id", "cursor"],
    annotations: hints(true, false, true, false),
  },
  {
    name: "session_destroy",
    title: "Close a session",
    required: ["session_id"],
    args: ["session_id"],
    annotations: hints(false, true, true, false),
  },
];

describe("tools/list", () => {
  it("is the same in both eras and keeps names, order, arguments and hints", async () => {
    const surfaces = await Promise.all(ERAS.map(async (era) => {
      await using server = await startFakeServer(era);
      return (await server.client.listTools()).tools;
    }));
    assert.equal(JSON.stringify(surfaces[0]), JSON.stringify(surfaces[1]));
    assert.deepEqual(
      surfaces[0]?.map(({ name, title, inputSchema, annotations }) => ({
        name,
        title,
        required: inputSchema.required ?? [],
        args: Object.keys(inputSchema.properties ?? {}),
        annotations,
      })),
      SURFACE,
    );
  });

  it("asks to be shown at once for the tools that every task starts with", async () => {
    const shown = (await listTools()).filter(({ _meta }) =>
      _meta?.["anthropic/alwaysLoad"] === true
    );
    assert.deepEqual(shown.map(({ name }) => name), [
      "session_create",
      "session_exec",
      "session_read",
    ]);
  });

  it("costs a model few tokens", async () => {
    const visible = (await listTools()).map(({ name, description, inputSchema }) =>
      JSON.stringify({ name, description, inputSchema })
    );
    const chars = visible.join("").length + INSTRUCTIONS.length;
    assert.ok(chars / CHARS_PER_TOKEN <= MAX_TOKENS, `${chars} characters`);
  });

  it("uses no schema keyword that clients are known to trip over", async () => {
    for (const { inputSchema, outputSchema } of await listTools()) {
      const text = JSON.stringify([inputSchema, outputSchema]);
      assert.ok(!/"(?:\$schema|\$ref|anyOf|oneOf|allOf|nullable|null)"/.test(text), text);
      assert.equal(inputSchema.type, "object");
      assert.equal(outputSchema?.["type"], "object");
    }
  });

  it("says the operator's idle time", async () => {
    await using server = await startFakeServer("legacy", { EXECKIT_MCP_SESSION_TTL: "600" });
    const [create] = (await server.client.listTools()).tools;
    assert.match(create?.description ?? "", /closed after 10 min without a command/);
    await using endless = await startFakeServer("legacy", { EXECKIT_MCP_SESSION_TTL: "0" });
    const [other] = (await endless.client.listTools()).tools;
    assert.doesNotMatch(other?.description ?? "", /closed after/);
  });
});

describe("the server", () => {
  for (const era of ERAS) {
    it(`introduces itself with the package's version (${era})`, async () => {
      const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
      const { version } = JSON.parse(readFileSync(config, "utf8"));
      await using server = await startFakeServer(era);
      const info = server.client.getServerVersion();
      assert.equal(info?.name, "execkit");
      assert.equal(info?.version, version);
      assert.equal(server.client.getInstructions(), INSTRUCTIONS);
    });
  }
});

describe("the result of session_exec", () => {
  const stream = { mode: "head_tail", linesTotal: 9000, linesKept: 400 } as const;
  const statuses: readonly CommandStatus[] = [
    "exited",
    "running",
    "waiting_for_input",
    "timed_out",
    "interrupted",
    "blocked",
    "needs_approval",
    "lost",
  ];
  const { exitCode: _, ...withoutExitCode } = fakeResult();
  const branches: readonly (readonly [string, ExecResult])[] = [
    ...statuses.map((status) => [status, fakeResult({ status })] as const),
    ["no exit code", withoutExitCode],
    ["a fraction of a millisecond", fakeResult({ durationMs: 1.25 })],
    [
      "a budget report",
      fakeResult({ truncated: true, budget: { stdout: stream, stderr: stream } }),
    ],
    ["background output", fakeResult({ background: safe`[1] done` })],
    ["a replaced shell", fakeResult({ shellReplaced: { reason: "exit", stateKept: true } })],
    [
      "a prompt, what it waits for and what it left running",
      fakeResult({
        status: "waiting_for_input",
        inputWanted: { kind: "password", prompt: safe`Password:`, evidence: "terminal_read" },
        untilMet: "port",
        activity: safe`Reads the terminal`,
        leftRunning: [{ pid: 7, command: safe`sleep 9` }],
      }),
    ],
    ["a note", fakeResult({ note: safe`Something to know` })],
    [
      "a full verdict",
      fakeResult({
        status: "blocked",
        verdict: {
          decision: "deny",
          rule: safe`deny:rm`,
          reason: safe`No`,
          words: safe`rm -rf`,
          via: [safe`sudo`, safe`env`],
        },
      }),
    ],
  ];
  for (const [name, result] of branches) {
    it(`matches its schema with ${name}`, async () => {
      await using server = await startFakeServer();
      const tool = (await server.client.listTools()).tools.find(({ name }) =>
        name === "session_exec"
      );
      const schema: Record<string, unknown> = tool?.outputSchema ?? { not: {} };
      const validate = new Ajv({ allErrors: true }).compile(schema);
      const session = await createSession(server.client);
      server.opener.exec = () => Promise.resolve(result);
      const answer = await callTool(server.client, "session_exec", {
        session_id: session,
        command: "true",
      });
      assert.ok(validate(answer.structured), JSON.stringify(validate.errors));
      assert.equal(answer.isError, ["blocked", "needs_approval"].includes(result.status));
      if (!answer.isError) assert.deepEqual(JSON.parse(answer.text), answer.structured);
    });
  }
});
