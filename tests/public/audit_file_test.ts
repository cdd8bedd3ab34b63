import assert from "node:assert/strict";
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import {
  createDenyListPolicy,
  fanOut,
  memoryAudit,
  openJsonlAudit,
  toWire,
  verifyAudit,
} from "../../mod.ts";
import { failsWith, fakeToken, fileExists, letters, makeFolder, openLocal } from "./helpers.ts";

function linesOf(path: string): string[] {
  return readFileSync(path, "utf8").split("\n");
}

describe("openJsonlAudit()", () => {
  it("keeps every event in wire names, in a chain that verifyAudit() follows", async () => {
    using folder = makeFolder();
    const path = folder.file("logs/audit.jsonl");
    const memory = memoryAudit();
    {
      await using audit = fanOut([await openJsonlAudit({ path }), memory]);
      const policy = createDenyListPolicy({ deny: ["rm"] });
      await using session = await openLocal({ id: "kept", audit, policy });
      await session.exec("echo out; (exit 3)");
      await session.exec("rm x");
      await session.exec("sleep 60", { timeoutMs: 300 });
    }
    const lines = linesOf(path);
    const check = await verifyAudit(lines);
    assert.deepEqual([check.ok, check.lines, check.tornLines], [true, 7, []]);
    const events = lines.slice(0, -1).map((line) => JSON.parse(line));
    const expected = memory.events.map((event) => toWire(event));
    assert.deepEqual(events.map(({ prev: _, ...event }) => event), expected);
    assert.deepEqual(
      events.map(({ event }) => event),
      ["open", "start", "exec", "blocked", "start", "exec", "close"],
    );
    assert.deepEqual([events[2].exit_code, events[2].stdout], [3, "out\n"]);
    assert.equal(events[3].verdict.rule, "deny:rm");
    assert.deepEqual([events[5].status, events[5].timed_out], ["timed_out", true]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it("goes on with the chain of the file that is there", async () => {
    using folder = makeFolder();
    const path = folder.file("audit.jsonl");
    for (const name of ["one", "two"]) {
      await using audit = await openJsonlAudit({ path });
      await using session = await openLocal({ audit, id: name });
      await session.exec("true");
    }
    const check = await verifyAudit(linesOf(path));
    assert.deepEqual([check.ok, check.lines], [true, 8]);
  });

  it("makes an edited line visible", async () => {
    using folder = makeFolder();
    const path = folder.file("audit.jsonl");
    {
      await using audit = await openJsonlAudit({ path });
      await using session = await openLocal({ audit });
      await session.exec("echo evidence");
    }
    const edited = readFileSync(path, "utf8").replace("echo evidence", "echo harmless");
    const check = await verifyAudit(edited.split("\n"));
    assert.deepEqual([check.ok, check.brokenAtLine], [false, 3]);
    const removed = linesOf(path).filter((_, index) => index !== 1);
    assert.equal((await verifyAudit(removed)).ok, false);
  });

  it("stops commands before they run once the file is gone or was changed", async () => {
    using folder = makeFolder();
    for (const spoil of ["moved", "written"]) {
      const path = folder.file(`${spoil}.jsonl`);
      await using audit = await openJsonlAudit({ path });
      const session = await openLocal({ audit, cwd: folder.path });
      await session.exec("true");
      if (spoil === "written") writeFileSync(path, "not ours\n", { flag: "a" });
      else {
        renameSync(path, `${path}.old`);
        writeFileSync(`${path}.old`, "");
      }
      await failsWith("audit_failed", session.exec(`touch ${spoil}.ran`));
      assert.equal(existsSync(folder.file(`${spoil}.ran`)), false);
      await failsWith("audit_failed", session.close());
      assert.throws(
        () => statSync(`/proc/${session.shell.pid}`),
        "the shell has ended all the same",
      );
    }
  });

  it("fails with audit_failed when the path is no file that can be written", async () => {
    using folder = makeFolder();
    writeFileSync(folder.file("file"), "");
    await failsWith("audit_failed", openJsonlAudit({ path: folder.path }));
    await failsWith("audit_failed", openJsonlAudit({ path: folder.file("file/below") }));
  });

  it("holds no secret: not of a command, its output, its directory or a verdict", async () => {
    using folder = makeFolder();
    const path = folder.file("audit.jsonl");
    const [token, known] = [fakeToken(11), letters(12, 20)];
    {
      await using audit = await openJsonlAudit({ path });
      const policy = createDenyListPolicy({ deny: ["rm"] });
      const options = { audit, policy, secrets: [known], cwd: folder.path };
      await using session = await openLocal(options);
      await session.exec(`echo ${known}; echo ${token} >&2`);
      await session.exec(`mkdir ${known} && cd ${known}`);
      const blocked = await session.exec(`rm ${known} ${token}`);
      assert.equal(blocked.status, "blocked");
      assert.equal(JSON.stringify(blocked).includes(known), false);
      assert.match(blocked.verdict?.words ?? "", /^rm \[REDACTED:/);
    }
    const text = readFileSync(path, "utf8");
    assert.equal(text.includes(known) || text.includes(token), false);
    assert.equal((await verifyAudit(text.split("\n"))).ok, true);
  });
});

describe("redaction in a session", () => {
  it("reaches the output of background jobs and the interleaved output", async () => {
    using folder = makeFolder();
    const known = letters(13, 20);
    await using session = await openLocal({ secrets: [known] });
    const both = await session.exec(`echo ${known}; echo ${known} >&2`, { interleave: true });
    assert.equal(JSON.stringify(both).includes(known), false);
    assert.match(both.output ?? "", /^\[REDACTED:known#1\]\n\[REDACTED:known#1\]\n$/);
    const job = `{ until [ -e go ]; do sleep 0.02; done; echo ${known}; touch said; } &`;
    await session.exec(`cd '${folder.path}'; ${job}`);
    writeFileSync(folder.file("go"), "");
    await fileExists(folder.file("said"));
    let background = "";
    for (let count = 0; count < 50 && !background.includes("REDACTED"); count++) {
      background += (await session.exec("true")).background ?? "";
    }
    // The shell's own notice about the job repeats its command.
    background += (await session.exec("true")).background ?? "";
    assert.match(background, /^\[REDACTED:known#1\]\n/);
    assert.equal(background.includes(known), false);
  });

  it("gives one value one name, in every result", async () => {
    const [first, second] = [fakeToken(21), fakeToken(22)];
    await using session = await openLocal();
    const names = [];
    for (const token of [first, second, first]) {
      names.push((await session.exec(`echo ${token}`)).stdout);
    }
    assert.match(names[0] ?? "", /^\[REDACTED:github-token#\d+\]\n$/);
    assert.equal(names[2], names[0]);
    assert.notEqual(names[1], names[0]);
  });
});
