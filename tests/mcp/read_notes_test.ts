import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { searchPart } from "../../src/mcp/tools/read_output.ts";
import type { RegisteredCommand } from "../../src/session/registered_command.ts";
import { EMPTY_SAFE_TEXT } from "../../src/safe_text.ts";
import { TERMINAL_SKIP } from "../support/open_session.ts";
import { CLIENTS, connectClient } from "./patient_client.ts";

describe("searchPart()", () => {
  const search = async (stoppedBy: "time" | "matches") => {
    const page = { text: EMPTY_SAFE_TEXT, lines: [], totalLines: 900, nextLine: 300 };
    const found = { ...page, matches: 0, stoppedBy };
    // Only what searchPart() uses of a command.
    const command = {
      require: () => ({ search: () => Promise.resolve(found) }),
    } as unknown as RegisteredCommand;
    return await searchPart(command, { stream: "both", pattern: "x", maxMatches: 1 });
  };

  it("says what was not searched when the time is over", async () => {
    const { note, matches } = await search("time");
    assert.equal(matches, 0);
    assert.match(note ?? "", /in front of line 300 of 900: the rest was not searched/);
  });

  it("says nothing of it when the page is full", async () => {
    assert.equal((await search("matches")).note, undefined);
  });
});

describe("a command that timed out", { skip: TERMINAL_SKIP }, () => {
  for (const kind of CLIENTS) {
    it(`says what it was doing (${kind})`, async () => {
      await using client = await connectClient(kind);
      const session_id = await client.open();
      const { structured } = await client.call("session_exec", {
        session_id,
        command: "sleep 600",
        timeout_ms: 6000,
      });
      assert.equal(structured?.["status"], "timed_out");
      assert.match(String(structured?.["activity"]), /sleep.*asleep/);
    });
  }
});
