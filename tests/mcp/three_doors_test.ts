import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { loadPolicyFile, openJsonlAudit, Session, toWire } from "../../mod.ts";
import { fakeToken } from "../support/fake_token.ts";
import { makeTestFolder } from "../support/open_session.ts";
import { connectServer } from "./connect_server.ts";
import { cliProgram } from "./server_program.ts";

const TIMEOUT_MS = 120_000;

/** What one door gave: a result for each command, and the lines of the audit file. */
interface Seen {
  readonly results: readonly Wire[];
  readonly audit: readonly Wire[];
}

type Wire = Readonly<Record<string, unknown>>;

/** The same place and settings for every door. */
interface Place {
  readonly cwd: string;
  readonly policy: string;
  readonly audit: string;
  readonly commands: readonly string[];
}

const POLICY = {
  version: 1,
  default: "allow",
  packs: { destructive: "deny", network: "ask" },
  rules: [
    { id: "no-touch", decision: "deny", program: "touch", say: "Ask the operator." },
    { id: "asked", decision: "ask", program: "mkdir" },
  ],
};

function commandsWith(token: string): readonly string[] {
  return [
    "echo out; echo err >&2; (exit 3)",
    `echo '${token}' | tee /dev/stderr`,
    "export DB_PASSWORD='correct horse 7'; echo \"$DB_PASSWORD\"",
    "echo 'correct horse 7'",
    `env nice t''ouch '${token}'`,
    `bash -c 'cd /; rm -rf "$HOME"'`,
    "mkdir made",
    "curl https://example.test/ -H 'Authorization: Bearer " + token + "'",
    "echo 'unclosed",
    "cd /usr && pwd",
    "pwd; seq 20",
  ];
}

async function throughLibrary({ cwd, policy, audit: path, commands }: Place): Promise<Seen> {
  const results: Wire[] = [];
  {
    await using audit = await openJsonlAudit({ path });
    await using session = await Session.open({
      transport: "local",
      cwd,
      audit,
      policy: (await loadPolicyFile(policy)).policy,
    });
    for (const command of commands) results.push(toWire(await session.exec(command)));
  }
  return { results, audit: readLines(readFileSync(path, "utf8")) };
}

async function throughMcp({ cwd, policy, audit, commands }: Place): Promise<Seen> {
  const results: Wire[] = [];
  {
    await using server = await connectServer({
      EXECKIT_MCP_POLICY_FILE: policy,
      EXECKIT_MCP_AUDIT: audit,
    }, permissionsFor(cwd));
    const session = await server.open({ cwd });
    for (const command of commands) {
      const { structured, text } = await server.exec(session, command);
      assert.ok(structured !== undefined, text);
      results.push(structured);
    }
    await server.call("session_destroy", { session_id: session });
  }
  return { results, audit: readLines(readFileSync(audit, "utf8")) };
}

async function runCli(
  args: readonly string[],
  cwd: string,
  stdin = "",
): Promise<readonly Wire[]> {
  const program = cliProgram(args, {}, permissionsFor(cwd));
  const child = spawn(program.command, program.args, {
    env: program.env,
    cwd: program.cwd,
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(stdin);
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => stdout += chunk);
  await once(child, "close");
  return readLines(stdout);
}

async function throughCli({ cwd, policy, audit, commands }: Place): Promise<Seen> {
  const files = ["--policy", policy, "--audit", audit];
  const results = await runCli(["exec", "--json", "--cwd", cwd, ...files, ...commands], cwd);
  return { results, audit: readLines(readFileSync(audit, "utf8")) };
}

function permissionsFor(folder: string): readonly string[] {
  return [`--allow-read=${folder}`, `--allow-write=${folder}`, "--allow-sys=uid"];
}

function readLines(text: string): readonly Wire[] {
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** Leaves out what differs from run to run, what is chained to that, and what MCP alone counts. */
function comparable(lines: readonly Wire[]): readonly Wire[] {
  return lines.map(({ ts: _, session: _1, duration_ms: _2, prev: _3, total_lines: _4, ...rest }) =>
    rest
  );
}

describe("the same commands", () => {
  it("give the same results, verdicts and audit events through library, MCP and CLI", {
    timeout: TIMEOUT_MS,
  }, async () => {
    using folder = makeTestFolder();
    const policy = join(folder.path, "policy.jsonc");
    const token = fakeToken(41);
    const commands = commandsWith(token);
    for (const whenNoHuman of ["deny", "allow"]) {
      writeFileSync(policy, JSON.stringify({ ...POLICY, whenNoHuman }));
      const placeOf = (door: string) => ({
        cwd: folder.path,
        policy,
        commands: whenNoHuman === "deny" ? commands : ["mkdir made && rmdir made"],
        audit: join(folder.path, `${whenNoHuman}-${door}.jsonl`),
      });
      const library = await throughLibrary(placeOf("library"));
      const mcp = await throughMcp(placeOf("mcp"));
      const cli = await throughCli(placeOf("cli"));
      assert.deepEqual(comparable(mcp.results), comparable(library.results));
      assert.deepEqual(comparable(cli.results), comparable(library.results));
      assert.deepEqual(comparable(mcp.audit), comparable(library.audit));
      assert.deepEqual(comparable(cli.audit), comparable(library.audit));

      const all = JSON.stringify([library, mcp, cli]);
      assert.ok(!all.includes(token) && !all.includes("correct horse 7"));
      const statuses = library.results.map(({ status }) => status);
      if (whenNoHuman === "allow") assert.deepEqual(statuses, ["exited"]);
      else assert.deepEqual(new Set(statuses), new Set(["exited", "blocked", "needs_approval"]));
    }
    assert.equal(existsSync(join(folder.path, "made")), false);
  });

  it("and standard inputs get the same verdict through library, MCP and policy check", {
    timeout: TIMEOUT_MS,
  }, async () => {
    using folder = makeTestFolder();
    const policy = join(folder.path, "policy.jsonc");
    writeFileSync(policy, JSON.stringify({ ...POLICY, unreadableCode: "deny" }));
    const given: readonly (readonly [string, string])[] = [
      ["sh", "nice touch made\n"],
      ["sed -f - /etc/hostname", "1e touch made\n"],
      ["sqlite3", ".shell touch made\n"],
      ["python3 -", "print(1)\n"],
      ["sh", "mkdir made\n"],
      ["cat", "touch made\n"],
    ];
    const lines = given.map(([cmd, stdin]) => JSON.stringify({ cmd, stdin })).join("\n");
    const check = ["policy", "check", "--json", "--stdin", "--policy", policy];
    const checked = await runCli([...check, "--cwd", folder.path], folder.path, lines);
    const variables = { EXECKIT_MCP_POLICY_FILE: policy };
    await using server = await connectServer(variables, permissionsFor(folder.path));
    const id = await server.open({ cwd: folder.path });
    await using session = await Session.open({
      transport: "local",
      cwd: folder.path,
      policy: (await loadPolicyFile(policy)).policy,
    });
    for (const [at, [command, stdin]] of given.entries()) {
      const { id: _, ...verdict } = checked[at] ?? {};
      const result = toWire(await session.exec(command, { stdin }));
      const call = { session_id: id, command, stdin };
      const { structured } = await server.call("session_exec", call);
      assert.deepEqual(result["verdict"] ?? { decision: "allow" }, verdict, command);
      assert.deepEqual(structured?.["verdict"], result["verdict"], command);
      assert.equal(structured?.["status"], result["status"], command);
    }
    const decisions = checked.map(({ decision }) => decision);
    assert.deepEqual(decisions, ["deny", "deny", "deny", "deny", "ask", "allow"]);
    assert.equal(existsSync(join(folder.path, "made")), false);
  });

  it("get the same verdict from policy check as from a session", {
    timeout: TIMEOUT_MS,
  }, async () => {
    using folder = makeTestFolder();
    const policy = join(folder.path, "policy.jsonc");
    writeFileSync(policy, JSON.stringify(POLICY));
    const commands = commandsWith(fakeToken(42)).filter((command) => !command.startsWith("cd "));
    const place = { cwd: folder.path, policy, audit: join(folder.path, "audit.jsonl"), commands };
    const { results } = await throughLibrary(place);
    const file = ["--policy", policy, "--cwd", folder.path];
    const checked = await runCli(["policy", "check", "--json", ...file, ...commands], folder.path);
    const verdicts = checked.map(({ id: _, ...verdict }) => verdict);
    const refused = results.map(({ verdict }) => verdict ?? { decision: "allow" });
    assert.ok(refused.length === commands.length && verdicts.length === commands.length);
    assert.deepEqual(withoutNumbers(verdicts), withoutNumbers(refused));
  });
});

/** A session goes on counting its placeholders; `policy check` begins anew with every command. */
function withoutNumbers(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replace(/(\[REDACTED:[a-z-]+)#\d+\]/g, "$1]"));
}
