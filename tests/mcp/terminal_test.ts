import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fakeToken } from "../support/fake_token.ts";
import { makeTestFolder, TERMINAL_SKIP } from "../support/open_session.ts";
import { skipWithout } from "../support/processes.ts";
import { connectClient } from "./patient_client.ts";

const TIMEOUT_MS = 120_000;
const LONG_MS = 20_000;

describe("a full-screen program", { skip: TERMINAL_SKIP || skipWithout("less") }, () => {
  it(
    "has the size that was asked for, and its screen is read",
    { timeout: TIMEOUT_MS },
    async () => {
      await using client = await connectClient("classic");
      const session_id = await client.open();
      const token = fakeToken(12);
      const asked = await client.call("session_exec", {
        session_id,
        command: `(stty size; echo ${token}; echo; seq 100) </dev/tty | LESS= TERM=xterm less`,
        tty: true,
        tty_size: { rows: 8, cols: 60 },
        wait_ms: LONG_MS,
      });
      assert.match(asked.text, /"kind":"pager"/);
      const command_id = String(asked.structured?.["command_id"]);
      const screen = async () =>
        (await client.call("session_read", { command_id, screen: true })).structured;
      const first = await screen();
      assert.match(String(first?.["text"]), /^8 60\n\[REDACTED[^\n]*\n\n1\n2\n3\n4\n:\n$/);
      assert.deepEqual(first?.["cursor"], { row: 7, col: 1 });
      await client.call("session_input", { command_id, text: "G", enter: false });
      assert.match(String((await screen())?.["text"]), /\n99\n100\n\(END\)\n$/);
      const mixed = await client.call("session_read", { command_id, screen: true, grep: "x" });
      assert.match(mixed.text, /^invalid_argument: 'screen' goes with/);
      const quit = await client.call("session_input", { command_id, text: "q", enter: false });
      assert.equal(quit.structured?.["status"], "exited", quit.text);
      const none = await client.call("session_exec", { session_id, command: "true" });
      const other = { command_id: none.structured?.["command_id"], screen: true };
      assert.match(
        (await client.call("session_read", other)).text,
        /^unsupported: Cannot show a screen/,
      );
      const without = { session_id, command: "true", tty_size: { rows: 8, cols: 60 } };
      assert.match((await client.call("session_exec", without)).text, /^invalid_argument: /);
    },
  );
});

describe("session_input with secret", { skip: TERMINAL_SKIP }, () => {
  it("shows the text in no result, resource or audit line", { timeout: TIMEOUT_MS }, async () => {
    using folder = makeTestFolder();
    const audit = join(folder.path, "audit.jsonl");
    const flags = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
    await using client = await connectClient("modern", { EXECKIT_MCP_AUDIT: audit }, flags);
    const session_id = await client.open();
    const asked = await client.call("session_exec", {
      session_id,
      command: "printf 'Name? '; read -r n </dev/tty; echo \"told $n\"",
      wait_ms: LONG_MS,
    });
    assert.match(asked.text, /"kind":"unknown"/);
    const command_id = String(asked.structured?.["command_id"]);
    const answer = `plain-${"word"}-9`;
    const call = { command_id, text: answer, secret: true, wait_ms: LONG_MS };
    const told = await client.call("session_input", call);
    assert.match(String(told.structured?.["text"]), /told \[REDACTED/);
    const seen = [
      told.text,
      (await client.call("session_read", { command_id, from_line: 1 })).text,
      await client.resource(`execkit://sessions/${session_id}/transcript`),
      readFileSync(audit, "utf8"),
    ].join();
    assert.match(seen, /"text":"\[REDACTED:typed\]"/);
    assert.ok(!seen.includes(answer), seen);
    const alone = await client.call("session_input", { command_id, keys: ["enter"], secret: true });
    assert.ok(alone.isError);
  });
});
