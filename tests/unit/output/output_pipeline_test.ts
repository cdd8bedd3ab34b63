import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { OutputPipeline } from "../../../src/output/output_pipeline.ts";
import { createRedactor } from "../../../src/output/redact.ts";
import { resolveBudget } from "../../../src/output/resolve_budget.ts";
import { Seeded } from "./fake_secrets.ts";

const encoder = new TextEncoder();

function pipeline(keepBytes?: number): OutputPipeline {
  const redactor = createRedactor();
  return new OutputPipeline(keepBytes === undefined ? { redactor } : { redactor, keepBytes });
}

describe("OutputPipeline", () => {
  test("gives both streams as they came, with exact totals", () => {
    const output = pipeline();
    output.push("stdout", encoder.encode("one\ntwo"));
    output.push("stderr", encoder.encode("oops\n"));
    output.end();
    assert.deepEqual(output.shape({ interleave: true }), {
      stdout: "one\ntwo",
      stderr: "oops\n",
      interleaved: output.shape({ interleave: true }).interleaved,
      truncated: false,
      totals: { stdoutBytes: 7, stdoutLines: 2, stderrBytes: 5, stderrLines: 1 },
    });
  });

  test("redacts a token that colour codes and chunk edges cut", () => {
    const token = `gh${"p_"}${new Seeded(81).alnum(36)}`;
    const text = `token \x1b[32m${token.slice(0, 12)}\x1b[1m${token.slice(12)}\x1b[0m ok\n`;
    const bytes = encoder.encode(text);
    for (let at = 1; at < bytes.length; at++) {
      const output = pipeline();
      output.push("stdout", bytes.subarray(0, at));
      output.push("stdout", bytes.subarray(at));
      output.end();
      const { stdout, totals } = output.shape();
      assert.equal(stdout, "token [REDACTED:github-token#1] ok\n");
      assert.equal(totals.stdoutBytes, bytes.length);
    }
  });

  test("redacts before it cuts, so that no half of a secret is left", () => {
    const random = new Seeded(82);
    for (let keepBytes = 200; keepBytes < 420; keepBytes += 7) {
      const token = `gh${"p_"}${random.alnum(36)}`;
      const output = pipeline(keepBytes);
      for (let line = 0; line < 200; line++) {
        output.push("stdout", encoder.encode(`${token} ${line}\n`));
      }
      output.end();
      const { stdout, truncated } = output.shape({
        budget: resolveBudget({ maxChars: keepBytes }),
      });
      assert.equal(truncated, true);
      assert.ok(!stdout.includes(token.slice(4, 10)), stdout);
    }
  });

  test("keeps the order of the streams", () => {
    const output = pipeline();
    for (let turn = 0; turn < 5; turn++) {
      output.push("stdout", encoder.encode(`out ${turn}\n`));
      output.push("stderr", encoder.encode(`err ${turn}\n`));
    }
    output.end();
    const lines = Array.from({ length: 5 }, (_, turn) => `out ${turn}\nerr ${turn}\n`);
    assert.equal(output.shape({ interleave: true }).interleaved, lines.join(""));
  });

  test("shows a prompt while the command still runs", () => {
    const output = pipeline();
    output.push("stdout", encoder.encode("[sudo] password for bob: "));
    assert.equal(output.shape().stdout, "[sudo] password for bob: ");
  });

  test("reports how the budget shortened each stream", () => {
    const output = pipeline();
    output.push("stdout", encoder.encode("a\n".repeat(100)));
    output.push("stderr", encoder.encode("b\n"));
    output.end();
    const { report, truncated } = output.shape({
      budget: resolveBudget({ keep: { mode: "tail", n: 3 } }),
    });
    assert.equal(truncated, true);
    assert.deepEqual(report, {
      stdout: { mode: "tail", linesTotal: 100, linesKept: 3 },
      stderr: { mode: "all", linesTotal: 1, linesKept: 1 },
    });
  });

  test("counts a flood exactly and keeps little of it", () => {
    const output = pipeline(10_000);
    const chunk = encoder.encode("y\n".repeat(32 * 1024));
    for (let round = 0; round < 100; round++) output.push("stdout", chunk);
    output.end();
    const { stdout, totals } = output.shape();
    assert.equal(totals.stdoutLines, 100 * 32 * 1024);
    assert.equal(totals.stdoutBytes, 100 * 64 * 1024);
    assert.ok(stdout.length <= 10_100);
    assert.match(
      stdout,
      /^(?:y\n)+\.\.\. 327\d{4} lines elided \(lines \d+-\d+\) \.\.\.\n(?:y\n)+$/,
    );
  });

  test("takes binary output and still gives text", () => {
    const random = new Seeded(83);
    const output = pipeline();
    output.push("stdout", Uint8Array.from({ length: 50_000 }, () => random.below(256)));
    output.end();
    const { stdout, totals } = output.shape({ budget: resolveBudget({ maxChars: 1_000_000 }) });
    assert.equal(totals.stdoutBytes, 50_000);
    assert.equal(stdout.isWellFormed(), true);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(stdout, /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/);
  });

  test("only counts what arrives after its end", () => {
    const output = pipeline();
    output.push("stdout", encoder.encode("one\n"));
    output.end();
    output.end();
    output.push("stdout", encoder.encode("two\n"));
    assert.equal(output.shape().stdout, "one\n");
    assert.equal(output.totals().stdoutLines, 2);
  });
});
