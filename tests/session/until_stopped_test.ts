import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StopSwitch } from "../../src/session/command/stop_switch.ts";
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

  it("stops at a switch that is thrown under way, and at one that was thrown before", async () => {
    for (const isBefore of [false, true]) {
      let end: (outcome: RunOutcome) => void = () => {};
      const running = new Promise<RunOutcome>((resolve) => end = resolve);
      const stop = new StopSwitch();
      if (isBefore) stop.abort();
      let asked: () => void = () => {};
      const isAsked = new Promise<void>((resolve) => asked = resolve);
      // Asked once the switch is heard. The outcome is on its way then, and is waited for.
      const asking = {
        get busy() {
          asked();
          return false;
        },
      } as unknown as ShellChannel;
      const stopped = untilStopped(asking, running, { timeoutMs: 60_000, stop });
      stop.abort();
      await withinTime("the switch", isAsked);
      end(OUTCOME);
      assert.deepEqual(await withinTime("the outcome", stopped), {
        outcome: OUTCOME,
        stopped: undefined,
      });
    }
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
