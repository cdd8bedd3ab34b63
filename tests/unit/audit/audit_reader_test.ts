import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AUDIT_GENESIS, chainStep } from "../../../src/audit/audit_chain.ts";
import { verifyAudit } from "../../../src/audit/audit_reader.ts";
import { ExeckitError } from "../../../src/errors.ts";

/** Lines that chain as the sink's do. */
function chained(count: number): readonly string[] {
  const lines: string[] = [];
  let prev = AUDIT_GENESIS;
  for (let ts = 1; ts <= count; ts++) {
    const line = JSON.stringify({ event: "close", ts, prev });
    lines.push(line);
    prev = chainStep(line, prev).next;
  }
  return lines;
}

async function brokenAt(lines: readonly string[]): Promise<number | undefined> {
  const { ok, brokenAtLine } = await verifyAudit(lines);
  assert.equal(ok, brokenAtLine === undefined);
  return brokenAtLine;
}

describe("verifyAudit()", () => {
  const lines = chained(5);
  it("accepts a whole file, with or without the empty end of a split text", async () => {
    assert.equal(await brokenAt(lines), undefined);
    assert.equal(await brokenAt([...lines, ""]), undefined);
    assert.equal(await brokenAt([]), undefined);
  });
  it("refuses a path, a whole text, bytes and chunks of several lines", async () => {
    const text = `${lines.join("\n")}\n`;
    const chunks = [text.slice(0, 300), text.slice(300)];
    // Callers without types can pass anything that can be iterated.
    const bytes = new TextEncoder().encode(text) as Iterable<unknown> as Iterable<string>;
    for (const given of ["/var/log/audit.jsonl", "", text, chunks, bytes]) {
      await assert.rejects(() => verifyAudit(given), (error) => {
        assert.ok(error instanceof ExeckitError);
        assert.equal(error.code, "invalid_argument");
        assert.match(error.hint ?? "", /lines/);
        return true;
      });
    }
  });
  it("takes lines as they arrive", async () => {
    async function* arriving() {
      for (const line of lines) yield await Promise.resolve(line);
    }
    assert.equal((await verifyAudit(arriving())).lines, 5);
  });
  it("finds a removed line, the first one included", async () => {
    assert.equal(await brokenAt(lines.slice(1)), 1);
    assert.equal(await brokenAt(lines.toSpliced(2, 1)), 3);
  });
  it("finds an edited line by the one behind it", async () => {
    const edited = lines.map((line) => line.replace('"ts":3', '"ts":9'));
    assert.equal(await brokenAt(edited), 4);
  });
  it("finds lines that changed places, and inserted and doubled ones", async () => {
    const [first = "", second = "", ...rest] = lines;
    assert.equal(await brokenAt([second, first, ...rest]), 1);
    assert.equal(await brokenAt([first, first, second, ...rest]), 2);
    assert.equal(await brokenAt([first, '{"event":"open"}', second, ...rest]), 3);
    assert.equal(await brokenAt([first, "", second, ...rest]), 2);
    assert.equal(await brokenAt([...lines, "", ""]), 6);
  });
  it("finds a whole line that was made to look torn", async () => {
    assert.equal(await brokenAt(lines.map((line, at) => at === 2 ? line.slice(0, 9) : line)), 4);
  });
  it("gives the end's hash, which a cut changes", async () => {
    const whole = await verifyAudit(lines);
    const cut = await verifyAudit(lines.slice(0, -1));
    assert.equal(cut.ok, true);
    assert.notEqual(cut.lastHash, whole.lastHash);
    assert.equal(JSON.parse(lines[4] ?? "").prev, cut.lastHash);
  });
});
