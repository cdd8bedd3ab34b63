import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ExecOptions, ExecResult } from "../../mod.ts";
import { DrivenSessions } from "../support/driven_sessions.ts";
import { memoryOf } from "../support/processes.ts";
import { withinTime } from "../support/wait_for.ts";

const MIB = 1024 * 1024;
/**
 * What a process may grow by: the kept streams, their text, and what the runtime leaves uncollected,
 * some 230 to 480 MiB for any amount of output; below the largest flood here, whose text is three
 * times as large.
 */
const GROWTH_MAX_KIB = 560 * 1024;

/** Milliseconds that a flood may take on a busy machine. */
const FLOOD_MS = 1_800_000;

/** Runs a command in a process of its own and tells by how much that process grew at most. */
async function flood(
  command: string,
  options: ExecOptions = {},
): Promise<{ result: ExecResult; growthKib: number; next: ExecResult }> {
  await using driver = await DrivenSessions.start();
  await driver.open("s", {});
  await driver.exec("s", "seq 20000");
  const before = await memoryOf(driver.pid);
  const running = driver.exec("s", command, { timeoutMs: FLOOD_MS, ...options });
  const result = await withinTime(command, running, FLOOD_MS);
  const after = await memoryOf(driver.pid);
  const next = await withinTime("the next command", driver.exec("s", "echo next"));
  return { result, growthKib: after.peakKib - before.residentKib, next };
}

function assertBounded({ growthKib, next }: { growthKib: number; next: ExecResult }): void {
  assert.ok(growthKib < GROWTH_MAX_KIB, `the process grew by ${growthKib} KiB`);
  assert.deepEqual([next.stdout, next.stderr, next.background], ["next\n", "", undefined]);
}

/** The number of bytes of `seq 1 to`. */
function seqBytes(to: number): number {
  let bytes = 0;
  for (let digits = 1, from = 1; from <= to; digits++, from *= 10) {
    bytes += (Math.min(to, from * 10 - 1) - from + 1) * (digits + 1);
  }
  return bytes;
}

describe("exec() of a flood", () => {
  it("ends yes at its time-out", async () => {
    const run = await flood("yes", { timeoutMs: 1000 });
    assert.deepEqual([run.result.status, run.result.exitCode], ["timed_out", 124]);
    const { stdoutBytes, stdoutLines } = run.result.totals;
    assert.ok(stdoutBytes > MIB, `${stdoutBytes} bytes`);
    // The last write may be cut in the middle of a line.
    assert.equal(stdoutLines, Math.ceil(stdoutBytes / 2));
    assert.equal(run.result.truncated, true);
    assertBounded(run);
  });

  it("counts every byte of 600 MB of random bytes", async () => {
    const run = await flood("head -c 600000000 /dev/urandom");
    assert.deepEqual([run.result.status, run.result.exitCode], ["exited", 0]);
    assert.equal(run.result.totals.stdoutBytes, 600_000_000);
    assertBounded(run);
  });

  it("counts every line of seq 10000000 and shows its two ends", async () => {
    const run = await flood("seq 10000000");
    assert.equal(run.result.exitCode, 0);
    assert.equal(run.result.totals.stdoutBytes, seqBytes(10_000_000));
    assert.equal(run.result.totals.stdoutLines, 10_000_000);
    assert.match(run.result.stdout, /^1\n2\n3\n/);
    assert.match(run.result.stdout, /\n9999999\n10000000\n$/);
    assert.equal(run.result.truncated, true);
    assertBounded(run);
  });

  it("shows the very last lines with a tail budget", async () => {
    const run = await flood("seq 10000000", { budget: { keep: { mode: "tail", n: 3 } } });
    assert.match(run.result.stdout, /9999998\n9999999\n10000000\n$/);
    assert.equal(run.result.budget?.stdout.linesTotal, 10_000_000);
    assert.equal(run.result.budget?.stdout.linesKept, 3);
    assertBounded(run);
  });

  it("counts stderr as well", async () => {
    const run = await flood("seq 3000000 >&2; (exit 7)");
    assert.equal(run.result.exitCode, 7);
    assert.equal(run.result.totals.stderrBytes, seqBytes(3_000_000));
    assert.equal(run.result.totals.stderrLines, 3_000_000);
    assert.equal(run.result.totals.stdoutBytes, 0);
    assertBounded(run);
  });

  it("keeps two floods apart", async () => {
    const run = await flood("seq 2000000 & seq 1000000 >&2; wait");
    assert.equal(run.result.totals.stdoutLines, 2_000_000);
    assert.equal(run.result.totals.stdoutBytes, seqBytes(2_000_000));
    assert.match(run.result.stdout, /^1\n2\n/);
    assert.match(run.result.stdout, /\n2000000\n$/);
    // An interactive shell tells on stderr of the job.
    assert.ok(run.result.totals.stderrBytes - seqBytes(1_000_000) < 200);
    assertBounded(run);
  });

  it("takes a line of 64 MiB", async () => {
    const run = await flood(`head -c ${64 * MIB} /dev/zero | tr '\\0' x`);
    assert.equal(run.result.exitCode, 0);
    assert.equal(run.result.totals.stdoutBytes, 64 * MIB);
    assert.equal(run.result.totals.stdoutLines, 1);
    assert.match(run.result.stdout, /^x{100}/);
    assertBounded(run);
  });
});
