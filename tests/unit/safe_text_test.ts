import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EMPTY_SAFE_TEXT, joinSafe, safe } from "../../src/safe_text.ts";

describe("joinSafe()", () => {
  it("puts the separator between texts, and leaves empty ones out", () => {
    const parts = [EMPTY_SAFE_TEXT, safe`a`, EMPTY_SAFE_TEXT, safe`b`, EMPTY_SAFE_TEXT];
    assert.equal(joinSafe(parts, safe`; `), "a; b");
    assert.equal(joinSafe([EMPTY_SAFE_TEXT], safe`; `), EMPTY_SAFE_TEXT);
  });
});
