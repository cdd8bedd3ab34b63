import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StopSwitch } from "../../src/session/command/stop_switch.ts";

describe("StopSwitch.listen()", () => {
  it("hears once what is said, and only while it listens", () => {
    const heard: string[] = [];
    const stop = new StopSwitch();
    stop.listen(() => heard.push("first"));
    stop.listen(() => heard.push("second"));
    assert.equal(stop.aborted, false);
    stop.abort();
    stop.abort();
    assert.equal(stop.aborted, true);
    assert.deepEqual(heard, ["second"]);

    const other = new StopSwitch();
    other.listen(() => heard.push("gone"));
    other.listen();
    other.abort();
    assert.deepEqual(heard, ["second"]);
  });
});
