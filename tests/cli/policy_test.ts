import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import {
  type PolicyCheckIo,
  type PolicyCheckOptions,
  runPolicyCheck,
} from "../../src/cli/commands/policy_check.ts";
import { runPolicyExplain } from "../../src/cli/commands/policy_explain.ts";
import { runPolicyExamples } from "../../src/cli/commands/policy_examples.ts";
import { toWire } from "../../src/exec_result.ts";
import { LIMITS } from "../../src/limits.ts";
import { parsePolicyFile } from "../../src/policy/policy_file.ts";
import { cliProgram, exitCodeOf } from "../mcp/server_program.ts";
import { fakeToken } from "../support/fake_token.ts";
import { makeTestFolder, type TestFolder } from "../support/open_session.ts";
import { policyFixture, requestOf } from "../unit/policy/policy_rows.ts";
import { captured, type Run } from "../support/captured_run.ts";

const TIMEOUT_MS = 120_000;

/** A folder with a policy file in it. */
function policyFolder(text: string): TestFolder & { readonly file: string } {
  const folder = makeTestFolder();
  const file = join(folder.path, "policy.jsonc");
  writeFileSync(file, text);
  return { ...folder, file };
}

async function check(
  questions: PolicyCheckIo["questions"],
  options: Partial<PolicyCheckOptions> = {},
): Promise<Run> {
  using folder = policyFolder(policyFixture("packs.jsonc"));
  return await captured((io) =>
    runPolicyCheck({ json: true, ...options, policy: folder.file }, { ...io, questions })
  );
}

/** The bytes of a text, in pieces that cut characters and lines. */
async function* inPieces(text: string, length = 7): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += length) {
    yield await Promise.resolve(bytes.subarray(at, at + length));
  }
}

function parseLines(text: string): Record<string, unknown>[] {
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

describe("runPolicyCheck()", () => {
  it("prints the whole verdict in wire names, as the library gives it", async () => {
    const policy = parsePolicyFile(policyFixture("packs.jsonc"));
    const commands = ["ls", "env nice r''m -rf '/x y'", "curl https://example.test"];
    const { output } = await check({ commands });
    const expected = commands.map((command, index) => ({
      id: index + 1,
      ...toWire(policy.decide(requestOf(command, { cwd: "" }))),
    }));
    assert.deepEqual(parseLines(output), expected);
  });

  it("exits with 0 for allow, 3 for ask, 4 for deny, and the strictest of several", async () => {
    const cases: readonly (readonly [readonly string[], number])[] = [
      [["ls"], 0],
      [["curl x"], 3],
      [["rm -rf /"], 4],
      [["rm -rf /", "ls", "curl x"], 4],
    ];
    for (const [commands, expected] of cases) {
      assert.equal((await check({ commands })).exitCode, expected, commands.join());
    }
  });

  it("answers every line under its id or number, and goes on after a broken one", async () => {
    const lines = [
      '{"id":"a","cmd":"rm -rf /","why":"a key of the caller"}',
      "not json",
      "",
      '{"id":7,"command":"ls ünï"}',
      '{"cmd":"ls"}',
      '{"id":[1],"cmd":"ls"}',
      '{"id":"b"}',
      '{"id":"c","cmd":"ls","command":"ls"}',
      '{"id":"d","cmd":"ls","cwd":5}',
      "[]",
      '{"id":"e","cmd":"ls"}',
    ];
    const { output, exitCode } = await check({ lines: inPieces(lines.join("\n")) });
    const answers = parseLines(output).map((answer) => [
      answer["id"],
      answer["decision"] ?? "error",
    ]);
    assert.deepEqual(answers, [
      ["a", "deny"],
      [2, "error"],
      [7, "allow"],
      [5, "allow"],
      [6, "error"],
      ["b", "error"],
      ["c", "error"],
      ["d", "error"],
      [10, "error"],
      ["e", "allow"],
    ]);
    assert.equal(exitCode, 1);
    assert.equal((await check({ lines: inPieces('{"cmd":"rm -rf /"}\n') })).exitCode, 0);
  });

  it("takes the place of a line before that of the options", async () => {
    using folder = policyFolder(JSON.stringify({
      version: 1,
      default: "deny",
      rules: [{ id: "there", decision: "allow", program: "ls", target: "db1", transport: "ssh" }],
    }));
    const lines = '{"cmd":"ls"}\n{"cmd":"ls","host":"web"}\n{"cmd":"ls","transport":"docker"}\n';
    const options = { policy: folder.file, json: true, host: "db1", transport: "ssh" };
    const { output } = await captured((io) =>
      runPolicyCheck(options, { ...io, questions: { lines: inPieces(lines) } })
    );
    assert.deepEqual(
      parseLines(output).map(({ decision }) => decision),
      ["allow", "deny", "deny"],
    );
  });

  it("judges lines one by one: nothing that one defines holds for the next", async () => {
    const lines = '{"cmd":"alias ls=\\"rm -rf /\\""}\n{"cmd":"ls"}\n';
    const { output } = await check({ lines: inPieces(lines) });
    assert.equal(parseLines(output)[1]?.["decision"], "allow");
  });

  it("bounds a line, and refuses bytes that are no text", async () => {
    async function* input(): AsyncGenerator<Uint8Array> {
      const piece = new Uint8Array(LIMITS.policyLineMaxBytes / 4).fill(0x61);
      for (let count = 0; count < 6; count++) yield await Promise.resolve(piece);
      yield new TextEncoder().encode('\n{"id":1,"cmd":"ls"}\n');
      yield Uint8Array.of(0x7b, 0xff, 0x7d, 0x0a);
    }
    const { output, exitCode } = await check({ lines: input() });
    const answers = parseLines(output);
    assert.deepEqual(answers.map(({ id }) => id), [1, 1, 3]);
    assert.deepEqual(answers.map((answer) => "error" in answer), [true, false, true]);
    assert.equal(exitCode, 1);
  });

  it("shows no secret and nothing that a terminal acts on", async () => {
    const token = fakeToken(3);
    const command = `rm -rf / '${token}' '\u{202e}' '\x1b[2J\x07'`;
    for (const json of [true, false]) {
      const { output } = await check({ commands: [command] }, { json });
      assert.ok(!output.includes(token));
      const shown = output.replaceAll("\n", "");
      assert.doesNotMatch(shown, json ? /\p{Cc}/u : /[\p{Cc}\p{Cf}]/u);
      assert.match(output, /deny/);
    }
  });

  it("refuses a file that others can write, and says what is broken in one", async () => {
    using folder = policyFolder('{"version": 1,\n "defualt": "deny"}');
    const run = () =>
      captured((io) =>
        runPolicyCheck({ policy: folder.file }, { ...io, questions: { commands: ["ls"] } })
      );
    const broken = await run();
    assert.match(broken.errors, /unknown key at line 2, column 2/);
    assert.deepEqual([broken.exitCode, broken.output], [1, ""]);
    chmodSync(folder.file, 0o666);
    assert.match((await run()).errors, /others can write it/);
  });
});

describe("runPolicyExplain()", () => {
  async function explain(command: string): Promise<Run> {
    using folder = policyFolder(policyFixture("packs.jsonc"));
    return await captured((io) => runPolicyExplain({ policy: folder.file }, { ...io, command }));
  }

  it("underlines the words, and names rule, chain and resolved program", async () => {
    const { output, exitCode } = await explain("ls\necho é; env nice r''m -rf '/x y'");
    const lines = output.split("\n");
    const marked = lines.findIndex((line) => line.includes("^"));
    const marks = lines[marked] ?? "";
    const above = lines[marked - 1]?.slice(marks.indexOf("^"), marks.lastIndexOf("^") + 1);
    assert.equal(above, "r''m -rf '/x y'");
    assert.match(output, /^rule +destructive:remove_recursive$/m);
    assert.match(output, /^via +env → nice$/m);
    assert.match(output, /^resolved +"rm" "-rf" "\/x y"$/m);
    assert.match(output, /^It would:\n {2}run ls\n {2}run echo é\n/m);
    assert.equal(exitCode, 4);
  });

  it("underlines nothing where a secret was taken out, and shows none", async () => {
    const token = fakeToken(4);
    const { output } = await explain(`rm -rf / ${token}`);
    assert.ok(!output.includes(token) && !output.includes("^"), output);
    assert.match(output, /^words +rm -rf \/ \[REDACTED:/m);
  });

  it("stays short whatever the command is", async () => {
    const { output, exitCode } = await explain(`${"a".repeat(100_000)} ${"true;".repeat(3000)}`);
    assert.equal(exitCode, 4);
    assert.ok(output.length < 20_000, `${output.length}`);
    const long = await explain(`${"true\n".repeat(500)}rm -rf /\n${"true\n".repeat(500)}`);
    assert.match(long.output, /\n {2}…\n {2}rm -rf \/\n {2}\^{8}\n\n/);
    assert.ok(long.output.split("\n").length < 100);
  });
});

describe("runPolicyExamples()", () => {
  const rule = { id: "no-rm", decision: "deny", program: "rm" };

  async function test(examples: object, options: { json?: boolean } = {}): Promise<Run> {
    using folder = policyFolder(JSON.stringify({ version: 1, rules: [{ ...rule, examples }] }));
    return await captured((io) => runPolicyExamples({ policy: folder.file, ...options }, io));
  }

  it("prints each example, and exits with 0 when all hold", async () => {
    const { output, exitCode } = await test({ match: ["rm x", "env rm x"], noMatch: ["ls"] });
    assert.equal(
      output,
      "ok    no-rm  matches  rm x\nok    no-rm  matches  env rm x\n" +
        "ok    no-rm  leaves   ls\n3 hold, 0 do not\n",
    );
    assert.equal(exitCode, 0);
  });

  it("prints those that do not hold too, and exits with 1", async () => {
    const { output, exitCode } = await test({ match: ["ls", "rm x"], noMatch: ["rm y"] }, {
      json: true,
    });
    assert.deepEqual(parseLines(output).map(({ holds }) => holds), [false, true, false]);
    assert.equal(exitCode, 1);
  });
});

describe("execkit-mcp policy", () => {
  async function run(args: readonly string[], readable: string, stdin = ""): Promise<Run> {
    const program = cliProgram(["policy", ...args], {}, [
      `--allow-read=${dirname(readable)}`,
    ]);
    const { command, args: all, env, cwd } = program;
    const child = spawn(command, all, { env, cwd, stdio: "pipe" });
    let [output, errors] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (chunk) => output += chunk);
    child.stderr.setEncoding("utf8").on("data", (chunk) => errors += chunk);
    child.stdin.end(stdin);
    return { exitCode: exitCodeOf(await once(child, "close")), output, errors };
  }

  it("checks, explains and tests with no permission but to read the file", {
    timeout: TIMEOUT_MS,
  }, async () => {
    using folder = policyFolder(policyFixture("packs.jsonc"));
    const file = ["--policy", folder.file];
    const checked = await run(["check", ...file, "--json", "--stdin"], folder.file, '{"cmd":"ls"}');
    assert.deepEqual(checked, {
      exitCode: 0,
      output: '{"id":1,"decision":"allow"}\n',
      errors: "",
    });
    const denied = await run(["check", ...file, "rm -rf /"], folder.file);
    assert.match(denied.output, /^deny {3}rm -rf \/ \[destructive:remove_recursive\]\n/);
    assert.equal(denied.exitCode, 4);
    assert.equal((await run(["explain", ...file, "curl x"], folder.file)).exitCode, 3);
    assert.equal((await run(["test", ...file], folder.file)).exitCode, 0);
  });

  it("exits with 2 at a wrong command line", { timeout: TIMEOUT_MS }, async () => {
    using folder = policyFolder(policyFixture("packs.jsonc"));
    for (const args of [["check", "ls"], ["check", "--policy", folder.file], ["suggest"]]) {
      assert.equal((await run(args, folder.file)).exitCode, 2, args.join(" "));
    }
  });

  it("follows a link to the file and refuses where that leads", {
    timeout: TIMEOUT_MS,
  }, async () => {
    using folder = policyFolder('{"version":1,"workspace":["/nowhere"]}');
    const link = join(folder.path, "link");
    symlinkSync(folder.file, link);
    assert.equal((await run(["test", "--policy", link], link)).exitCode, 0);
    writeFileSync(folder.file, JSON.stringify({ version: 1, workspace: [folder.path] }));
    assert.match((await run(["test", "--policy", link], link)).errors, /lies in a workspace/);
  });
});
