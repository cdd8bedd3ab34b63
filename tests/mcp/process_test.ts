import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { makeTestFolder } from "../support/open_session.ts";
import { exitCodeOf, IS_DENO, type Program, serverProgram } from "./server_program.ts";
import { waitFor } from "../support/wait_for.ts";

const TIMEOUT_MS = 120_000;

interface Message {
  readonly id?: number;
  readonly result?: { readonly structuredContent?: Record<string, unknown> };
}

/** A server as a bare process, for what no client shows: streams, signals, exit codes. */
class BareServer {
  readonly child: ChildProcessWithoutNullStreams;
  readonly exited: Promise<number>;
  stderr = "";
  readonly #lines: AsyncIterator<string>;
  #id = 0;

  constructor({ command, args, env, cwd }: Program) {
    this.child = spawn(command, args, { env, cwd, stdio: "pipe" });
    // What was written before the end may still be unread at "exit".
    this.exited = once(this.child, "close").then(exitCodeOf);
    this.child.stderr.on("data", (chunk) => this.stderr += String(chunk));
    this.#lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  send(message: Record<string, unknown>): void {
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }

  /** Sends a request and gives its answer; every line on the way must be of the protocol. */
  async request(method: string, params: Record<string, unknown>): Promise<Message> {
    this.#id += 1;
    this.send({ id: this.#id, method, params });
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done === true) throw new Error(`The server ended: ${this.stderr}`);
      // Whatever a line holds, it has at most these members of those looked at.
      const message = JSON.parse(value) as Message;
      if (message.id === this.#id) return message;
    }
  }

  async initialize(): Promise<void> {
    await this.request("initialize", {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "bare", version: "1" },
    });
    this.send({ method: "notifications/initialized" });
  }

  async call(name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { result } = await this.request("tools/call", { name, arguments: args });
    return result?.structuredContent ?? {};
  }
}

/** Whoever inherits a killed shell takes a moment to reap it. */
async function waitUntilDead(pid: number): Promise<void> {
  await waitFor("the shell's end", () => Promise.resolve(isAlive(pid) ? undefined : true));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function startWithShell(): Promise<{ server: BareServer; shellPid: number }> {
  const server = new BareServer(serverProgram());
  await server.initialize();
  const { session_id } = await server.call("session_create", { transport: "local" });
  const { stdout } = await server.call("session_exec", { session_id, command: "echo $$" });
  const shellPid = Number(stdout);
  assert.ok(isAlive(shellPid));
  return { server, shellPid };
}

describe("the server's process", () => {
  const endings = [
    ["end of input", (server: BareServer) => server.child.stdin.end(), 0],
    ["SIGTERM", (server: BareServer) => server.child.kill("SIGTERM"), 143],
    ["SIGINT", (server: BareServer) => server.child.kill("SIGINT"), 130],
  ] as const;
  for (const [name, end, exitCode] of endings) {
    it(`closes its shells at ${name}`, { timeout: TIMEOUT_MS }, async () => {
      const { server, shellPid } = await startWithShell();
      end(server);
      assert.equal(await server.exited, exitCode);
      await waitUntilDead(shellPid);
      assert.equal(server.stderr, "");
    });
  }

  it("ends at end of input before any message", { timeout: TIMEOUT_MS }, async () => {
    const server = new BareServer(serverProgram());
    server.child.stdin.end();
    assert.equal(await server.exited, 0);
  });

  it("ends a running command with the input", { timeout: TIMEOUT_MS }, async () => {
    const { server, shellPid } = await startWithShell();
    server.send({
      id: 99,
      method: "tools/call",
      params: {
        name: "session_exec",
        arguments: { session_id: "1_local", command: "sleep 600" },
      },
    });
    server.child.stdin.end();
    assert.equal(await server.exited, 0);
    await waitUntilDead(shellPid);
  });

  it("survives input that is no message", { timeout: TIMEOUT_MS }, async () => {
    const server = new BareServer(serverProgram());
    await server.initialize();
    server.child.stdin.write("this is not JSON\n\n{}\n[]\n");
    const { session_id } = await server.call("session_create", { transport: "local" });
    assert.equal(session_id, "1_local");
    server.child.stdin.end();
    assert.equal(await server.exited, 0);
  });
});

describe("a broken setting", () => {
  const settings: readonly (readonly [Record<string, string>, string])[] = [
    [{ EXECKIT_MCP_MAX_SESSIONS: "lots" }, "EXECKIT_MCP_MAX_SESSIONS"],
    [{ EXECKIT_MCP_DENY: "rm -rf" }, "EXECKIT_MCP_DENY"],
    [{ EXECKIT_MCP_AUDIT: "/" }, "EXECKIT_MCP_AUDIT"],
    [{ EXECKIT_MCP_POLICY_FILE: "/nowhere/policy.json" }, "EXECKIT_MCP_POLICY_FILE"],
    [{ EXECKIT_MCP_STATE_DIR: "/nowhere/state" }, "EXECKIT_MCP_STATE_DIR"],
    [{
      EXECKIT_MCP_SANDBOX: "on",
      EXECKIT_MCP_SANDBOX_WORKSPACE: tmpdir(),
      EXECKIT_MCP_STATE_DIR: join(tmpdir(), "state"),
    }, "EXECKIT_MCP_STATE_DIR"],
    [{ EXECKIT_MCP_SANDBOX: "yes" }, "EXECKIT_MCP_SANDBOX"],
    [{
      EXECKIT_MCP_SANDBOX: "on",
      EXECKIT_MCP_SANDBOX_WORKSPACE: tmpdir(),
      EXECKIT_MCP_AUDIT: join(tmpdir(), "audit.jsonl"),
    }, "EXECKIT_MCP_AUDIT"],
  ];
  for (const [variables, name] of settings) {
    it(`keeps the server from starting and is named: ${name}`, {
      timeout: TIMEOUT_MS,
    }, async () => {
      const server = new BareServer(
        serverProgram(variables, ["--allow-read=/", "--allow-write=/"]),
      );
      let stdout = "";
      server.child.stdout.on("data", (chunk) => stdout += String(chunk));
      assert.equal(await server.exited, 1);
      assert.ok(server.stderr.startsWith("execkit-mcp: invalid_config: "), server.stderr);
      assert.ok(server.stderr.includes(name), server.stderr);
      assert.equal(stdout, "");
    });
  }
});

describe("the operator's files", () => {
  it("need no more than the permissions that an error names", { timeout: TIMEOUT_MS }, async () => {
    using folder = makeTestFolder();
    const policy = join(folder.path, "policy.json");
    writeFileSync(policy, "{}");
    const variables = { EXECKIT_MCP_POLICY_FILE: policy };
    // Node has no permissions that could be missing.
    if (IS_DENO) {
      const server = new BareServer(serverProgram(variables));
      assert.equal(await server.exited, 1);
      assert.match(server.stderr, /^execkit-mcp: invalid_config: .*EXECKIT_MCP_POLICY_FILE/);
      assert.match(server.stderr, /--allow-read/);
    }
    const permissions = [`--allow-read=${policy}`, "--allow-sys=uid"];
    const started = new BareServer(serverProgram(variables, permissions));
    await started.initialize();
    started.child.stdin.end();
    assert.equal(await started.exited, 0, started.stderr);
  });

  it("for output need no more than the permissions that an error names", {
    timeout: TIMEOUT_MS,
  }, async () => {
    using folder = makeTestFolder();
    const state = join(folder.path, "state");
    const variables = { EXECKIT_MCP_STATE_DIR: state };
    // Node has no permissions that could be missing.
    if (IS_DENO) {
      const server = new BareServer(serverProgram(variables));
      assert.equal(await server.exited, 1);
      assert.match(server.stderr, /^execkit-mcp: invalid_config: .*EXECKIT_MCP_STATE_DIR/);
      assert.match(server.stderr, /read and write permission/);
    }
    const permissions = [`--allow-read=${state}`, `--allow-write=${state}`, "--allow-sys=uid"];
    const started = new BareServer(serverProgram(variables, permissions));
    await started.initialize();
    started.child.stdin.end();
    assert.equal(await started.exited, 0, started.stderr);
  });

  it("are read and written where the settings say", { timeout: TIMEOUT_MS }, async () => {
    const directory = mkdtempSync(join(tmpdir(), "execkit-mcp-"));
    try {
      const audit = join(directory, "audit.jsonl");
      const policy = join(directory, "policy.json");
      writeFileSync(policy, JSON.stringify({ deny: ["touch"] }));
      const variables = { EXECKIT_MCP_AUDIT: audit, EXECKIT_MCP_POLICY_FILE: policy };
      const permissions = [
        `--allow-read=${directory}`,
        `--allow-write=${directory}`,
        "--allow-sys=uid",
      ];
      const server = new BareServer(serverProgram(variables, permissions));
      await server.initialize();
      const { session_id } = await server.call("session_create", { transport: "local" });
      const file = join(directory, "touched");
      const blocked = await server.call("session_exec", { session_id, command: `touch ${file}` });
      assert.equal(blocked["status"], "blocked");
      await server.call("session_exec", { session_id, command: "true" });
      server.child.stdin.end();
      assert.equal(await server.exited, 0, server.stderr);
      assert.equal(existsSync(file), false);
      const events = readFileSync(audit, "utf8").trim().split("\n")
        .map((line) => JSON.parse(line).event);
      assert.deepEqual(events, ["open", "blocked", "start", "exec", "close"]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
