import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { monotonicMs, nextTurn, startGrace, TIMED_OUT, withGrace } from "../../src/clock.ts";
import { waitFor } from "../support/wait_for.ts";

const GRACE_MS = 200;

/** Keeps this process from everything, as a machine does that stands still. */
function standStill(ms: number): void {
  const endMs = monotonicMs() + ms;
  while (monotonicMs() < endMs);
}

describe("withGrace()", () => {
  it("gives what came while the process stood still for longer", async () => {
    // What is read in the turns after the one in which it is woken.
    const answer = nextTurn().then(nextTurn).then(() => "answer");
    const waiting = withGrace(answer, GRACE_MS);
    standStill(2 * GRACE_MS);
    assert.equal(await waiting, "answer");
  });

  it("ends when nothing comes", async () => {
    const startedMs = monotonicMs();
    assert.equal(await withGrace(new Promise(() => undefined), GRACE_MS), TIMED_OUT);
    // A timer may be a millisecond early.
    assert.ok(monotonicMs() - startedMs >= 0.9 * GRACE_MS);
  });
});

describe("startGrace()", () => {
  it("does not call when it was ended", async () => {
    let calls = 0;
    const stop = startGrace(GRACE_MS, () => void calls++);
    await nextTurn();
    stop();
    let later = 0;
    startGrace(2 * GRACE_MS, () => void later++);
    await waitFor("a later grace", () => later > 0 || undefined);
    assert.equal(calls, 0);
  });
});
