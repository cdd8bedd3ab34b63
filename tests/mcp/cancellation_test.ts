import { SdkError, SdkErrorCode } from "@modelcontextprotocol/server";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { splitCancellation } from "../../src/mcp/cancellation.ts";
import type { OnCancel } from "../../src/mcp/operator_config.ts";

/** What a cancellation with this reason means. */
function meaning(reason: unknown, onCancel: OnCancel = "auto"): string {
  const abort = new AbortController();
  const { interrupt, detach } = splitCancellation(abort.signal, onCancel);
  assert.deepEqual([interrupt.aborted, detach.aborted], [false, false]);
  abort.abort(reason);
  assert.notEqual(interrupt.aborted, detach.aborted);
  return interrupt.aborted ? "interrupt" : "detach";
}

describe("splitCancellation()", () => {
  const reasons: readonly (readonly [unknown, string])[] = [
    ["McpError: MCP error -32001: Request timed out", "detach"],
    ["Request timed out", "detach"],
    ["SdkError: Request Timeout", "detach"],
    ["The operation was aborted due to timeout", "detach"],
    ["time out", "detach"],
    [new SdkError(SdkErrorCode.ConnectionClosed, "Connection closed"), "detach"],
    ["MCP request cancelled by caller", "interrupt"],
    ["AbortError", "interrupt"],
    ["", "interrupt"],
    [undefined, "interrupt"],
    [new SdkError(SdkErrorCode.RequestTimeout, "no reason of a client"), "interrupt"],
    [{ toString: () => "timed out" }, "interrupt"],
  ];
  for (const [reason, expected] of reasons) {
    it(`takes ${String(reason)} as ${expected}`, () => {
      assert.equal(meaning(reason), expected);
    });
  }

  it("does as the operator says, whatever the reason", () => {
    for (const [reason] of reasons) {
      assert.equal(meaning(reason, "interrupt"), "interrupt");
      assert.equal(meaning(reason, "detach"), "detach");
    }
  });

  it("hears of a call that was cancelled before", () => {
    const { interrupt } = splitCancellation(AbortSignal.abort("stop"), "auto");
    assert.equal(interrupt.aborted, true);
  });
});
