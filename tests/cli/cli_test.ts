import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { cliProgram, exitCodeOf, PROJECT_ROOT } from "../mcp/server_program.ts";
import { makeTestFolder } from "../support/open_session.ts";

const TIMEOUT_MS = 120_000;

/** What a run of the program left behind. */
interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

function start(
  args: readonly string[],
  permissions: readonly string[] = [],
): ChildProcessWithoutNullStreams {
  const { command, args: all, env, cwd } = cliProgram(args, {}, permissions);
  return spawn(command, all, { env, cwd, stdio: "pipe" });
}

async function finish(child: ChildProcessWithoutNullStreams): Promise<Run> {
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => stdout += chunk);
  child.stderr.setEncoding("utf8").on("data", (chunk) => stderr += chunk);
  const exitCode = exitCodeOf(await once(child, "close"));
  return { stdout, stderr, exitCode };
}

async function run(
  args: readonly string[],
  stdin = "",
  permissions: readonly string[] = [],
): Promise<Run> {
  const child = start(args, permissions);
  const finished = finish(child);
  child.stdin.end(stdin);
  return await finished;
}

/** Durations differ from run to run. */
function masked(text: string): string {
  return text.replace(/\d+ ms/g, "N ms").replace(/"duration_ms":\d+/g, '"duration_ms":0');
}

describe("execkit-mcp exec", () => {
  it("runs the commands of the README in one session", { timeout: TIMEOUT_MS }, async () => {
    const { stdout, stderr, exitCode } = await run([
      "exec",
      "cd /tmp && export X=1",
      'pwd; echo $X; echo "no such thing" >&2; (exit 2)',
    ]);
    assert.equal(
      masked(stdout),
      [
        "$ cd /tmp && export X=1",
        "[exit 0 · N ms · /tmp]",
        "",
        '$ pwd; echo $X; echo "no such thing" >&2; (exit 2)',
        "/tmp",
        "1",
        "! no such thing",
        "[exit 2 · N ms · /tmp]",
        "",
      ].join("\n"),
    );
    assert.deepEqual({ stderr, exitCode }, { stderr: "", exitCode: 0 });
  });

  it("shows a command of several lines as one", { timeout: TIMEOUT_MS }, async () => {
    const { stdout } = await run(["exec", "--cwd", "/", "for i in 1 2\ndo echo $i; done"]);
    assert.equal(
      masked(stdout),
      "$ for i in 1 2\n> do echo $i; done\n1\n2\n[exit 0 · N ms · /]\n",
    );
  });

  it("prints JSON lines in wire names with --json", { timeout: TIMEOUT_MS }, async () => {
    const { stdout, exitCode } = await run(["exec", "--json", "--cwd", "/", "echo a", "false"]);
    const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.equal(exitCode, 0);
    assert.deepEqual(
      lines.map(({ command, status, exit_code, stdout, stderr, cwd, truncated, totals }) => ({
        command,
        status,
        exit_code,
        stdout,
        stderr,
        cwd,
        truncated,
        totals,
      })),
      [
        {
          command: "echo a",
          status: "exited",
          exit_code: 0,
          stdout: "a\n",
          stderr: "",
          cwd: "/",
          truncated: false,
          totals: { stdout_bytes: 2, stdout_lines: 1, stderr_bytes: 0, stderr_lines: 0 },
        },
        {
          command: "false",
          status: "exited",
          exit_code: 1,
          stdout: "",
          stderr: "",
          cwd: "/",
          truncated: false,
          totals: { stdout_bytes: 0, stdout_lines: 0, stderr_bytes: 0, stderr_lines: 0 },
        },
      ],
    );
    for (const line of lines) assert.equal(typeof line.duration_ms, "number");
  });

  it("reads commands from standard input in place of -", { timeout: TIMEOUT_MS }, async () => {
    const { stdout, exitCode } = await run(
      ["exec", "--json", "cd /; V=first", "-", "echo $V-last"],
      "V=$V-second\n\n  \nV=$V-third",
    );
    const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ command }) => command), [
      "cd /; V=first",
      "V=$V-second",
      "V=$V-third",
      "echo $V-last",
    ]);
    assert.equal(lines.at(-1)?.stdout, "first-second-third-last\n");
    assert.equal(exitCode, 0);
  });

  it("uses the shell that was asked for", { timeout: TIMEOUT_MS }, async () => {
    const { stdout } = await run([
      "exec",
      "--shell",
      "bash",
      "--json",
      "echo ${BASH_VERSION:+bash}",
    ]);
    assert.equal(JSON.parse(stdout).stdout, "bash\n");
  });

  it("goes on after a command that the policy blocked, and exits with 4", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { stdout, exitCode } = await run([
      "exec",
      "--deny",
      "rm,dd",
      "--cwd",
      "/",
      "rm -rf /nowhere",
      "echo on",
    ]);
    assert.match(masked(stdout), /^\$ rm -rf \/nowhere\n\[blocked · N ms · \/\]\nblocked: .+\n\n/);
    assert.ok(stdout.includes("$ echo on\non\n"));
    assert.equal(exitCode, 4);
  });

  it("runs nothing without the policy file that it was given", {
    timeout: TIMEOUT_MS,
  }, async () => {
    using folder = makeTestFolder();
    const made = join(folder.path, "made");
    const broken = join(folder.path, "policy.jsonc");
    writeFileSync(broken, '{ "version": 1, "defualt": "deny" }');
    for (const policy of ["/no/such/file", broken]) {
      const options = ["exec", "--policy", policy, `touch ${made}`];
      const { stdout, stderr, exitCode } = await run(options, "", ["--allow-read"]);
      assert.match(stderr, /^execkit-mcp: invalid_config: Cannot use the policy file: /);
      assert.deepEqual({ stdout, exitCode }, { stdout: "", exitCode: 1 });
    }
    assert.equal(existsSync(made), false);
  });

  it("runs nothing more once the audit file cannot be written", {
    timeout: TIMEOUT_MS,
  }, async () => {
    using folder = makeTestFolder();
    const audit = join(folder.path, "audit.jsonl");
    const { stdout, stderr, exitCode } = await run(
      ["exec", "--audit", audit, "--cwd", folder.path, "echo on", "rm audit.jsonl", "touch made"],
      "",
      [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`],
    );
    assert.match(stdout, /^\$ echo on\non\n/);
    assert.match(stderr, /^execkit-mcp: audit_failed: /);
    assert.equal(existsSync(join(folder.path, "made")), false);
    assert.equal(exitCode, 1);
  });

  it("ends a command at its time-out and counts that as a result", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { stdout, exitCode } = await run([
      "exec",
      "--timeout",
      "2",
      "--cwd",
      "/",
      "echo begun; sleep 60",
      "echo on",
    ]);
    assert.match(
      masked(stdout),
      /^\$ echo begun; sleep 60\nbegun\n(?:! \n)?\[timed out, exit 124 · N ms · \/\]\nnote: /,
    );
    assert.ok(stdout.includes("$ echo on\non\n"));
    assert.equal(exitCode, 0);
  });

  it("says why there is no result, goes on, and exits with 1", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const commands = "echo a\0b\necho on\n";
    const text = await run(["exec", "-"], commands);
    assert.match(text.stderr, /^execkit-mcp: invalid_argument: /);
    assert.ok(text.stdout.includes("$ echo on\non\n"));
    assert.equal(text.exitCode, 1);
    const json = await run(["exec", "--json", "-"], commands);
    const [error, result] = json.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.equal(error.error.code, "invalid_argument");
    assert.equal(result.stdout, "on\n");
    assert.deepEqual({ stderr: json.stderr, exitCode: json.exitCode }, { stderr: "", exitCode: 1 });
  });

  it("exits with 1 when there is no session to be had", { timeout: TIMEOUT_MS }, async () => {
    const { stdout, stderr, exitCode } = await run(["exec", "--cwd", "/no/such/place", "pwd"]);
    assert.match(stderr, /^execkit-mcp: invalid_cwd: /);
    assert.deepEqual({ stdout, exitCode }, { stdout: "", exitCode: 1 });
  });

  it("interrupts the running command at ^C and runs no further one", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const child = start(["exec", "--cwd", "/", "echo ready", "echo begun; sleep 60", "echo never"]);
    const finished = finish(child);
    child.stdin.end();
    await Promise.race([once(child.stdout, "data"), finished]);
    child.kill("SIGINT");
    const { stdout, exitCode } = await finished;
    assert.ok(!stdout.includes("never"), stdout);
    assert.equal(exitCode, 130);
  });
});

describe("execkit-mcp", () => {
  it("prints its version", { timeout: TIMEOUT_MS }, async () => {
    const { version } = JSON.parse(readFileSync(join(PROJECT_ROOT, "deno.json"), "utf8"));
    for (const args of [["version"], ["--version"]]) {
      const { stdout, exitCode } = await run(args);
      assert.deepEqual({ stdout, exitCode }, { stdout: `${version}\n`, exitCode: 0 });
    }
  });

  it("explains itself", { timeout: TIMEOUT_MS }, async () => {
    const { stdout, exitCode } = await run(["--help"]);
    assert.equal(exitCode, 0);
    for (const command of ["exec", "mcp", "policy", "redact", "version"]) {
      assert.ok(stdout.includes(`\n  ${command} `));
    }
  });

  const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
    [["exec"], /missing required argument/],
    [["exec", "--timeout", "soon", "true"], /number of seconds/],
    [["exec", "--timeout", "-1", "true"], /number of seconds/],
    [["exec", "--deny", "a,,b", "true"], /names with commas/],
    [["exec", "--colour", "true"], /unknown option/],
    [["frobnicate"], /unknown command/],
  ];
  for (const [args, expected] of mistakes) {
    it(`exits with 2 at ${JSON.stringify(args)}`, { timeout: TIMEOUT_MS }, async () => {
      const { stdout, stderr, exitCode } = await run(args);
      assert.match(stderr, expected);
      assert.deepEqual({ stdout, exitCode }, { stdout: "", exitCode: 2 });
    });
  }

  for (const args of [[], ["mcp"]]) {
    it(`serves MCP with ${args.length === 0 ? "no arguments" : "mcp"}`, {
      timeout: TIMEOUT_MS,
    }, async () => {
      const request = {
        jsonrpc: "2.0",
        id: 1,
        method: "initialize",
        params: {
          protocolVersion: "2025-06-18",
          capabilities: {},
          clientInfo: { name: "test", version: "1" },
        },
      };
      const child = start(args);
      const finished = finish(child);
      child.stdin.write(`${JSON.stringify(request)}\n`);
      await Promise.race([once(child.stdout, "data"), finished]);
      child.stdin.end();
      const { stdout, exitCode } = await finished;
      assert.equal(JSON.parse(stdout).result.serverInfo.name, "execkit");
      assert.equal(exitCode, 0);
    });
  }
});
