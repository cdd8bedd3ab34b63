import assert from "node:assert/strict";
import { existsSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { DetachedLedger } from "../../src/mcp/detached_ledger.ts";
import { createRedactor } from "../../src/output/redact.ts";
import { safe } from "../../src/safe_text.ts";
import { fakeToken } from "../support/fake_token.ts";
import { makeTestFolder } from "../support/open_session.ts";

const ENTRY = { transport: "ssh", target: safe`me@web:22`, command: safe`make all` } as const;

it("DetachedLedger.list() gives what was added, and nothing that is not as it was written", async () => {
  using folder = makeTestFolder();
  const redactor = createRedactor();
  const ledger = new DetachedLedger(folder.path, (text) => redactor.text(text));
  assert.deepEqual(await ledger.list(), []);
  const id = redactor.text("a".repeat(24));
  await ledger.add({ id, ...ENTRY });
  await assert.rejects(ledger.add({ id, ...ENTRY }));
  const put = (letter: string, text: string) =>
    writeFileSync(join(folder.path, `execkit-detached-${letter.repeat(24)}.json`), text);
  put("b", "{");
  put("c", '{"transport":"ssh"}');
  put("d", JSON.stringify({ ...ENTRY, transport: "elsewhere", startedMs: 1 }));
  put("e", JSON.stringify({ ...ENTRY, startedMs: 1, command: "x".repeat(100_000) }));
  writeFileSync(join(folder.path, "other.json"), JSON.stringify({ ...ENTRY, startedMs: 1 }));
  symlinkSync("other.json", join(folder.path, `execkit-detached-${"f".repeat(24)}.json`));
  assert.deepEqual(await ledger.list(), [{ id, ...ENTRY }]);
  const token = fakeToken(3);
  put("0", JSON.stringify({ ...ENTRY, startedMs: Date.now() + 1000, command: `echo ${token}` }));
  const [newest] = await ledger.list();
  assert.match(String(newest?.command), /^echo \[REDACTED/);
});

it("DetachedLedger.list() removes what is older than a month", async () => {
  using folder = makeTestFolder();
  const redactor = createRedactor();
  const ledger = new DetachedLedger(folder.path, (text) => redactor.text(text));
  await ledger.add({ id: redactor.text("a".repeat(24)), ...ENTRY });
  const path = join(folder.path, `execkit-detached-${"a".repeat(24)}.json`);
  const longAgo = new Date(Date.now() - 31 * 24 * 60 * 60 * 1000);
  utimesSync(path, longAgo, longAgo);
  assert.deepEqual(await ledger.list(), []);
  assert.equal(existsSync(path), false);
});
