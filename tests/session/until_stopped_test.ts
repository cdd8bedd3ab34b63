import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { untilStopped } from "../../src/session/until_stopped.ts";
import type { RunOutcome, ShellChannel } from "../../src/shell/shell_channel.ts";
import { sleepMs } from "../../src/clock.ts";
import { withinTime } from "../support/wait_for.ts";

const OUTCOME: RunOutcome = { kind: "ended", status: 0, usable: true };
// A channel whose command is over needs no ladder: nothing else of it is used.
const channel = { busy: false } as unknown as ShellChannel;

describe("untilStopped()", () => {
  it("calls for a look before the time-out, and waits for none that hangs", async () => {
    let end: (outcome: RunOutcome) => void = () => {};
    const running = new Promise<RunOutcome>((resolve) => end = resolve);
    const looks: boolean[] = [];
    const stopped = untilStopped(channel, running, {
      timeoutMs: 100,
      beforeTimeout: (tooLate) => {
        looks.push(tooLate.aborted);
        // The look itself never ends; the command does when it is too late for it.
        tooLate.addEventListener("abort", () => end(OUTCOME), { once: true });
      },
    });
    assert.equal((await withinTime("the time-out", stopped)).outcome, OUTCOME);
    assert.deepEqual(looks, [false]);
  });

  it("calls for no look at a command that has ended", async () => {
    let looks = 0;
    const timeoutMs = 40;
    const beforeTimeout = () => void looks++;
    await untilStopped(channel, Promise.resolve(OUTCOME), { timeoutMs, beforeTimeout });
    await sleepMs(timeoutMs);
    assert.equal(looks, 0);
  });
});
