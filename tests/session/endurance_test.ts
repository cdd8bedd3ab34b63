import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DrivenSessions } from "../support/driven_sessions.ts";
import { memoryOf, openFileCount, waitForFileCount } from "../support/processes.ts";
import { withinTime } from "../support/wait_for.ts";

const COMMANDS = 10_000;
const WARM_UP = 1000;
/** Commands of the long session and of a new one that are compared in turn. */
const AT_ONCE = 100;
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
    await driver.repeat("s", command, WARM_UP);
    const [heapBefore, memoryBefore] = [await driver.heapBytes(), await memoryOf(driver.pid)];
    const shellBefore = await memoryOf(shellPid);
    const filesBefore = await openFileCount(driver.pid);
    const ratio = await withinTime("10,000 commands", runAndCompare(driver, command), 300_000);
    assert.equal((await driver.exec("s", 'echo "$x"')).stdout, `${COMMANDS}\n`);
    await waitForFileCount(driver.pid, filesBefore);
    const heapGrowth = await driver.heapBytes() - heapBefore;
    assert.ok(heapGrowth < HEAP_GROWTH_MAX_BYTES, `the heap grew by ${heapGrowth} bytes`);
    const residentKib = (await memoryOf(driver.pid)).residentKib - memoryBefore.residentKib;
    assert.ok(residentKib < RESIDENT_GROWTH_MAX_KIB, `our process grew by ${residentKib} KiB`);
    const shellKib = (await memoryOf(shellPid)).residentKib - shellBefore.residentKib;
    assert.ok(shellKib < SHELL_GROWTH_MAX_KIB, `the shell grew by ${shellKib} KiB`);
    assert.ok(ratio < 4, `the last commands took ${ratio} times as long as those of a new session`);
  });
});

/** Runs what is left; the last commands and those of a new session find the same machine in turn. */
async function runAndCompare(driver: DrivenSessions, command: string): Promise<number> {
  await driver.repeat("s", command, COMMANDS - 2 * WARM_UP);
  await using other = await DrivenSessions.start();
  await other.open("s", {});
  await other.repeat("s", command, AT_ONCE);
  const [last, first]: [number[], number[]] = [[], []];
  for (let count = 0; count < WARM_UP; count += AT_ONCE) {
    last.push(...await driver.repeat("s", command, AT_ONCE));
    first.push(...await other.repeat("s", command, AT_ONCE));
  }
  return median(last) / median(first);
}
