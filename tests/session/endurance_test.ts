import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DrivenSessions } from "../support/driven_sessions.ts";
import { memoryOf, openFileCount } from "../support/processes.ts";
import { withinTime } from "../support/wait_for.ts";

const COMMANDS = 10_000;
const WARM_UP = 1000;
/** 230 bytes for each command: less than the smallest result takes. */
const HEAP_GROWTH_MAX_BYTES = 2 * 1024 * 1024;
/** What is not garbage yet counts here too, so that this is only a ceiling. */
const RESIDENT_GROWTH_MAX_KIB = 200 * 1024;
const SHELL_GROWTH_MAX_KIB = 4 * 1024;

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

describe("a session of 10,000 commands", () => {
  it("does not grow in memory, descriptors or latency", async () => {
    await using driver = await DrivenSessions.start();
    const { pid: shellPid } = await driver.open("s", {});
    const command = 'x=$((x + 1)); echo "$x"';
    const first = await driver.repeat("s", command, WARM_UP);
    const [heapBefore, memoryBefore] = [await driver.heapBytes(), await memoryOf(driver.pid)];
    const shellBefore = await memoryOf(shellPid);
    const filesBefore = await openFileCount(driver.pid);
    const rest = await withinTime(
      "10,000 commands",
      driver.repeat("s", command, COMMANDS - WARM_UP),
      300_000,
    );
    const last = rest.slice(-WARM_UP);
    assert.equal((await driver.exec("s", 'echo "$x"')).stdout, `${COMMANDS}\n`);
    assert.equal(await openFileCount(driver.pid), filesBefore);
    const heapGrowth = await driver.heapBytes() - heapBefore;
    assert.ok(heapGrowth < HEAP_GROWTH_MAX_BYTES, `the heap grew by ${heapGrowth} bytes`);
    const residentKib = (await memoryOf(driver.pid)).residentKib - memoryBefore.residentKib;
    assert.ok(residentKib < RESIDENT_GROWTH_MAX_KIB, `our process grew by ${residentKib} KiB`);
    const shellKib = (await memoryOf(shellPid)).residentKib - shellBefore.residentKib;
    assert.ok(shellKib < SHELL_GROWTH_MAX_KIB, `the shell grew by ${shellKib} KiB`);
    const ratio = median(last) / median(first);
    assert.ok(ratio < 4, `the last commands took ${ratio} times as long as the first`);
  });
});
