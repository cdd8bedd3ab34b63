import assert from "node:assert/strict";
import { test } from "node:test";
import { HoldBack } from "../../../../src/output/store/hold_back.ts";
import { withinTime } from "../../../support/wait_for.ts";

test("HoldBack.wait() ends with release(), for everybody", async () => {
  const holdBack = new HoldBack({ momentMs: 3_600_000 });
  const waits = [holdBack.wait(), holdBack.wait()];
  assert.ok(waits.every((wait) => wait !== undefined));
  holdBack.release();
  await withinTime("both", Promise.all(waits));
});

test("HoldBack.wait() ends by itself, and waits no more when its time is used up", async () => {
  const holdBack = new HoldBack({ momentMs: 5, totalMs: 40 });
  let waits = 0;
  const useUp = async () => {
    for (let wait = holdBack.wait(); wait !== undefined; wait = holdBack.wait()) {
      await wait;
      waits++;
    }
  };
  await withinTime("the end of all moments", useUp());
  assert.ok(waits > 0);
  assert.equal(holdBack.wait(), undefined);
});
