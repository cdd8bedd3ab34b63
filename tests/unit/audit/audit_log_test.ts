import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AuditEvent, AuditSink } from "../../../src/audit/audit_event.ts";
import { fanOut, memoryAudit } from "../../../src/audit/audit_log.ts";
import { ExeckitError } from "../../../src/errors.ts";
import { safe } from "../../../src/safe_text.ts";

const EVENT: AuditEvent = {
  event: "close",
  ts: 1,
  session: safe`s1`,
  transport: safe`local`,
  reason: "reaped",
};

function failingSink(): AuditSink {
  return {
    record: () => {
      throw new Error("hush");
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

describe("fanOut()", () => {
  it("gives each sink every event in order", async () => {
    const sinks = [memoryAudit(), memoryAudit()];
    await using fan = fanOut(sinks);
    await fan.record(EVENT);
    await fan.record({ ...EVENT, ts: 2 });
    for (const { events } of sinks) assert.deepEqual(events.map(({ ts }) => ts), [1, 2]);
  });
  it("fails when one sink fails, after the others have the event", async () => {
    const kept = memoryAudit();
    await using fan = fanOut([failingSink(), kept]);
    await assert.rejects(fan.record(EVENT), (error) => {
      assert.ok(error instanceof ExeckitError);
      assert.equal(error.code, "audit_failed");
      assert.match(error.message, /1 of 2 audit sinks failed/);
      assert.ok(!error.message.includes("hush"));
      return true;
    });
    assert.equal(kept.events.length, 1);
  });
  it("closes every sink", async () => {
    let closed = 0;
    const closing = {
      ...memoryAudit(),
      [Symbol.asyncDispose]: () => Promise.resolve(void closed++),
    };
    await fanOut([closing, closing])[Symbol.asyncDispose]();
    assert.equal(closed, 2);
  });
  it("of no sinks records nothing and does not fail", async () => {
    await using fan = fanOut([]);
    await fan.record(EVENT);
  });
});

describe("memoryAudit()", () => {
  it("keeps events, oldest first", async () => {
    await using audit = memoryAudit();
    await audit.record(EVENT);
    await audit.record({ ...EVENT, reason: "lost" });
    assert.deepEqual(audit.events, [EVENT, { ...EVENT, reason: "lost" }]);
  });
});
