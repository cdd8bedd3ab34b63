import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EXIT_CODES, exitCodeOf } from "../../src/cli/exit_codes.ts";
import { readableResult } from "../../src/cli/readable_result.ts";
import { markSafeText, safe } from "../../src/safe_text.ts";
import { fakeResult } from "../mcp/fake_sessions.ts";

describe("readableResult()", () => {
  it("shows command, stdout, stderr and facts", () => {
    const result = fakeResult({
      command: markSafeText("make\ntest"),
      exitCode: 2,
      stdout: markSafeText("one\n\nthree"),
      stderr: markSafeText("bad\nworse\n"),
      durationMs: 12.4,
      truncated: true,
    });
    assert.equal(
      readableResult(result),
      "$ make\n> test\none\n\nthree\n! bad\n! worse\n[exit 2 · 12 ms · /home/agent · output cut]\n",
    );
  });

  it("tells everything that happened beside the output", () => {
    const result = fakeResult({
      status: "timed_out",
      exitCode: 124,
      background: safe`done\n`,
      shellReplaced: { reason: "unresponsive", stateKept: false },
      note: safe`Something to know`,
    });
    assert.equal(
      readableResult(result),
      "$ true\n& done\n[timed out, exit 124 · 3 ms · /home/agent]\n" +
        "note: the shell was replaced (unresponsive), its variables are lost\n" +
        "note: Something to know\n",
    );
  });

  it("says why a command was blocked", () => {
    const { exitCode: _, ...result } = fakeResult({
      status: "blocked",
      verdict: { decision: "deny", reason: safe`rm is not allowed` },
    });
    assert.equal(
      readableResult(result),
      "$ true\n[blocked · 3 ms · /home/agent]\nblocked: rm is not allowed\n",
    );
  });
});

describe("exitCodeOf()", () => {
  it("is 0 for every result but a blocked and a lost one", () => {
    assert.equal(exitCodeOf("exited"), 0);
    assert.equal(exitCodeOf("timed_out"), 0);
    assert.equal(exitCodeOf("interrupted"), 0);
    assert.equal(exitCodeOf("lost"), 3);
    assert.equal(exitCodeOf("blocked"), 4);
  });
});

describe("EXIT_CODES", () => {
  it("keep their meaning", () => {
    assert.deepEqual(EXIT_CODES, {
      ok: 0,
      error: 1,
      usage: 2,
      lost: 3,
      blocked: 4,
      interrupted: 130,
    });
  });
});
