import assert from "node:assert/strict";
import { it } from "node:test";
import { connectClient } from "./patient_client.ts";

const TIMEOUT_MS = 60_000;
/** The id of a detached command that there is not. */
const NO_ID = "0".repeat(24);
/** What the library calls arguments that have other names over MCP. */
const LIBRARY_NAME =
  /\b(?:ttySize|maxChars|maxMatches|fromLine|timeoutMs|waitMs|commandId)\b|'from'/;

/** Tool, arguments, and the error; a session's id is put in for `S`, a running command's for `C`. */
const CASES: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  [
    "session_exec",
    { session_id: "S", command: "true", tty: true, tty_size: { rows: 501, cols: 9 } },
    /^invalid_argument: 'tty_size' must have 'rows' from 1 to 500 .*call again/,
  ],
  [
    "session_exec",
    { session_id: "S", command: "true", tty_size: { rows: 5, cols: 9 } },
    /^invalid_argument: 'tty_size' goes with 'tty' only/,
  ],
  [
    "session_exec",
    { session_id: "S", command: "true", budget: { max_chars: 1e9 } },
    /^invalid_argument: .*"max_chars" must be at most 10000000/,
  ],
  ["session_exec", { session_id: "S", command: "true" }, /^busy: .*C.*Follow it with session_read/],
  ["session_read", { command_id: "C", from_line: 0 }, /^invalid_argument: 'from_line' must be/],
  [
    "session_read",
    { command_id: "C", grep: "x", context: 1001 },
    /^invalid_argument: 'context' must be at most 1000/,
  ],
  ["session_read", { command_id: "C", grep: "(" }, /^invalid_argument: .*RE2.*call again/],
  ["session_read", { command_id: "C", screen: true }, /^unsupported: .*Run it with tty/],
  ["session_read", { command_id: NO_ID }, /^unknown_command: .*session_list.*open a session there/],
  ["session_input", { command_id: NO_ID, signal: "INT" }, /^unknown_command: .*session_list/],
  ["session_input", { command_id: NO_ID, text: "x" }, /^unsupported: .*Give it a signal/],
  ["session_input", { command_id: "C" }, /^invalid_argument: One of 'text', 'keys' and 'signal'/],
  ["session_create", { transport: "ssh" }, /^invalid_argument: 'host' is missing/],
];

it("errors over MCP use the names of its arguments and say the next step", {
  timeout: TIMEOUT_MS,
}, async () => {
  await using client = await connectClient("classic");
  const empty = await client.call("session_list", {});
  assert.match(String(empty.structured?.["note"]), /session_create opens one/);
  const none = await client.call("session_exec", { session_id: "1_local", command: "true" });
  assert.match(none.text, /^unknown_session: .*open one with session_create/);
  const session = await client.open();
  assert.equal((await client.call("session_list", {})).structured?.["note"], undefined);
  const start = { session_id: session, command: "sleep 600", wait_ms: 1 };
  const command = String((await client.call("session_exec", start)).structured?.["command_id"]);
  for (const [tool, args, expected] of CASES) {
    const ids = JSON.stringify(args).replace('"S"', `"${session}"`).replace('"C"', `"${command}"`);
    const { text, isError } = await client.call(tool, JSON.parse(ids));
    assert.ok(isError, `${tool} ${ids}: ${text}`);
    assert.match(
      text,
      new RegExp(expected.source.replace(".*C.*", `.*${command}.*`)),
      `${tool} ${ids}`,
    );
    assert.doesNotMatch(text, LIBRARY_NAME);
  }
  await client.call("session_input", { command_id: command, signal: "KILL" });
});
