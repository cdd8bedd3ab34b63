import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Budget, ExecResult, Session } from "../../mod.ts";
import { openLocal } from "./helpers.ts";

const COMMAND = "seq 1 100; seq 201 230 >&2";
/** What `seq 1 100` and `seq 201 230` write. */
const TOTALS = { stdoutBytes: 292, stdoutLines: 100, stderrBytes: 120, stderrLines: 30 };

function numbers(first: number, last: number): string {
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}\n`).join("");
}

/** All of these tests need a session, and none of them changes it. */
let shared: Session | undefined;
before(async () => {
  shared = await openLocal();
});
after(() => shared?.close());

async function run(budget: Budget): Promise<ExecResult> {
  assert.ok(shared !== undefined);
  const result = await shared.exec(COMMAND, { budget });
  assert.deepEqual(result.totals, TOTALS, "totals are exact whatever is shown");
  return result;
}

describe("a budget of Session.exec()", () => {
  it("is not reported when it changed nothing", async () => {
    const result = await run({ keep: { mode: "all" } });
    assert.deepEqual([result.truncated, result.budget], [false, undefined]);
    assert.deepEqual([result.stdout, result.stderr], [numbers(1, 100), numbers(201, 230)]);
  });

  it("keeps the first lines with head", async () => {
    const result = await run({ keep: { mode: "head", n: 3 } });
    assert.deepEqual([result.stdout, result.stderr], ["1\n2\n3\n", "201\n202\n203\n"]);
    assert.equal(result.truncated, true);
    assert.deepEqual(result.budget, {
      stdout: { mode: "head", linesTotal: 100, linesKept: 3 },
      stderr: { mode: "head", linesTotal: 30, linesKept: 3 },
    });
  });

  it("keeps the last lines with tail", async () => {
    const result = await run({ keep: { mode: "tail", n: 2 } });
    assert.deepEqual([result.stdout, result.stderr], ["99\n100\n", "229\n230\n"]);
    assert.equal(result.budget?.stdout.mode, "tail");
  });

  it("keeps both ends with head_tail, and says what is between them", async () => {
    const result = await run({ keep: { mode: "head_tail", head: 2, tail: 1 } });
    assert.equal(result.stdout, "1\n2\n... 97 lines elided (lines 3-99) ...\n100\n");
    assert.equal(result.stderr, "201\n202\n... 27 lines elided (lines 3-29) ...\n230\n");
    assert.equal(result.budget?.stdout.linesKept, 3);
  });

  it("keeps matching lines with their context", async () => {
    const result = await run({ grep: { pattern: "^(50|215)$", context: 1 } });
    const matched = (text: string) => text.split("\n").filter((line) => /^\d+$/.test(line));
    assert.deepEqual(matched(result.stdout), ["49", "50", "51"]);
    assert.deepEqual(matched(result.stderr), ["214", "215", "216"]);
    assert.equal(result.budget?.stdout.linesKept, 3);
    assert.equal(result.truncated, true);
  });

  it("takes grep before keep", async () => {
    const result = await run({ grep: { pattern: "0$" }, keep: { mode: "head", n: 2 } });
    assert.deepEqual(result.stdout.split("\n").filter((line) => /^\d+$/.test(line)), ["10", "20"]);
  });

  it("cuts the middle out at maxChars", async () => {
    const result = await run({ maxChars: 60 });
    assert.match(result.stdout, /^1\n2\n/);
    assert.match(result.stdout, /\n\.\.\. .* elided \(.*\) \.\.\.\n/);
    assert.ok(result.stdout.endsWith("99\n100\n"));
    assert.equal(result.truncated, true);
    assert.ok(result.stdout.length < 292);
  });

  it("holds for a whole session when it was given at open, and a call can change it", async () => {
    await using session = await openLocal({ budget: { keep: { mode: "tail", n: 1 } } });
    assert.equal((await session.exec(COMMAND)).stdout, "100\n");
    const whole = await session.exec(COMMAND, { budget: { keep: { mode: "all" } } });
    assert.equal(whole.stdout, numbers(1, 100));
  });
});

describe("Session.exec() without a budget", () => {
  it("bounds the text and counts exactly what was written", async () => {
    await using session = await openLocal();
    const result = await session.exec("seq 1 100000");
    // 9 × 2 + 90 × 3 + 900 × 4 + 9000 × 5 + 90000 × 6 + 7
    assert.equal(result.totals.stdoutBytes, 588_895);
    assert.equal(result.totals.stdoutLines, 100_000);
    assert.ok(result.stdout.length <= 100_000 && result.stdout.length > 90_000);
    assert.ok(result.stdout.startsWith("1\n2\n") && result.stdout.endsWith("99999\n100000\n"));
    assert.equal(result.truncated, true);
  });
});
