import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fakeToken } from "../support/fake_token.ts";
import { makeTestFolder, type TestFolder } from "../support/open_session.ts";
import { waitFor } from "../support/wait_for.ts";
import { connectClient, type PatientClient } from "./patient_client.ts";

const TIMEOUT_MS = 120_000;

/** A client of a server whose state, and whose sessions' state, is in a folder. */
function connect(folder: TestFolder): Promise<PatientClient> {
  return connectClient("classic", {
    EXECKIT_MCP_STATE_DIR: join(folder.path, "state"),
    // The shells have it from the server.
    XDG_STATE_HOME: join(folder.path, "home"),
  }, [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`]);
}

async function listDetached(client: PatientClient): Promise<readonly Record<string, unknown>[]> {
  const { structured } = await client.call("session_list", {});
  // The schema of the result says so.
  return (structured?.["detached"] ?? []) as Record<string, unknown>[];
}

/** Starts a command apart from its session, and gives its id. */
async function detach(client: PatientClient, command: string): Promise<string> {
  const session_id = await client.open();
  const { structured, text } = await client.call("session_exec", {
    session_id,
    command,
    detach: true,
  });
  assert.equal(structured?.["status"], "running", text);
  const { structured: list } = await client.call("session_list", { session_id });
  // The schema of the result says so.
  const sessions = list?.["sessions"] as { commands: unknown[] }[];
  assert.deepEqual(sessions[0]?.commands, []);
  return String(structured?.["command_id"]);
}

describe("session_exec with detach", () => {
  it("starts what a later server finds, follows and tells the end of", {
    timeout: TIMEOUT_MS,
  }, async () => {
    using folder = makeTestFolder();
    const go = join(folder.path, "go");
    const token = fakeToken(41);
    let id: string;
    {
      await using client = await connect(folder);
      id = await detach(
        client,
        `echo one ${token}; echo two; echo err >&2; until [ -e ${go} ]; do sleep 0.05; done; ` +
          "echo three; exit 6",
      );
      const first = await waitFor("its output", async () => {
        const read = await client.call("session_read", { command_id: id, from_line: 1 });
        return /stderr has 4 bytes/.test(String(read.structured?.["note"])) ? read : undefined;
      });
      assert.match(String(first.structured?.["text"]), /^one \[REDACTED/, first.text);
    }
    const [file, ...more] = readdirSync(join(folder.path, "state"));
    assert.deepEqual([file, more], [`execkit-detached-${id}.json`, []]);
    const path = join(folder.path, "state", file ?? "");
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.ok(!readFileSync(path, "utf8").includes(token));

    await using client = await connect(folder);
    const [before] = await listDetached(client);
    assert.deepEqual(
      [before?.["command_id"], before?.["transport"], before?.["session_id"]],
      [id, "local", undefined],
    );
    const early = await client.call("session_read", { command_id: id });
    assert.match(early.text, /^unknown_command: .*open a session there/);
    const session_id = await client.open();
    const now = (await listDetached(client)).find(({ command_id }) => command_id === id);
    assert.deepEqual([now?.["session_id"], now?.["status"]], [session_id, "running"]);
    assert.match(String(now?.["command"]), /^echo one \[REDACTED/);
    const read = await client.call("session_read", { command_id: id });
    assert.match(String(read.structured?.["text"]), /^one \[REDACTED.*\]\ntwo\n$/);
    assert.match(String(read.structured?.["note"]), /stderr has 4 bytes/);
    await client.call("session_exec", { session_id, command: `touch ${go}` });
    const end = await client.call("session_read", { command_id: id, wait_ms: 20_000 });
    assert.deepEqual(
      [end.structured?.["status"], end.structured?.["exit_code"], end.structured?.["text"]],
      ["exited", 6, "three\n"],
    );
    const errors = await client.call("session_read", { command_id: id, stream: "stderr" });
    assert.equal(errors.structured?.["text"], "err\n");
    const found = await client.call("session_read", { command_id: id, grep: "^t", context: 0 });
    assert.equal(found.structured?.["text"], "2:two\n3:three\n");
    const again = await client.call("session_read", { command_id: id, from_line: 2 });
    assert.equal(again.structured?.["text"], "two\nthree\n");
  });

  it("takes a signal, and refuses what it cannot do", { timeout: TIMEOUT_MS }, async () => {
    using folder = makeTestFolder();
    await using client = await connect(folder);
    const id = await detach(client, "echo begun; sleep 600");
    await waitFor("the first line", async () => {
      const { structured } = await client.call("session_read", { command_id: id, from_line: 1 });
      return structured?.["text"] === "begun\n" ? true : undefined;
    });
    const typed = await client.call("session_input", { command_id: id, text: "x" });
    assert.match(typed.text, /^unsupported: Cannot type for a detached command/);
    const until = await client.call("session_read", { command_id: id, until: { port: 1 } });
    assert.match(until.text, /^unsupported: /);
    const mixed = await client.call("session_exec", {
      session_id: await client.open(),
      command: "true",
      detach: true,
      wait_ms: 5,
    });
    assert.match(mixed.text, /^invalid_argument: 'detach' goes with/);
    const ended = await client.call("session_input", {
      command_id: id,
      signal: "TERM",
      wait_ms: 20_000,
    });
    assert.deepEqual(
      [ended.structured?.["status"], ended.structured?.["exit_code"]],
      ["exited", 143],
      ended.text,
    );
  });

  it("is read and listed with what its own session knows to be secret", {
    timeout: TIMEOUT_MS,
  }, async () => {
    using folder = makeTestFolder();
    await using client = await connect(folder);
    const value = `plain${randomBytes(6).toString("hex")}`;
    const own = await client.open({ env: { SOME_PASSWORD: value } });
    const call = { session_id: own, command: `: ${value}; printenv SOME_PASSWORD`, detach: true };
    const { structured } = await client.call("session_exec", call);
    const command_id = String(structured?.["command_id"]);
    const other = await client.open();
    assert.notEqual(other, own);
    const listed = (await listDetached(client)).find((one) => one["command_id"] === command_id);
    assert.match(String(listed?.["command"]), /^: \[REDACTED/);
    const read = await client.call("session_read", { command_id, wait_ms: 20_000 });
    assert.match(String(read.structured?.["text"]), /^\[REDACTED\S*\n$/, read.text);
    assert.ok(!read.text.includes(value), read.text);
  });

  it("runs nothing that the policy refuses", { timeout: TIMEOUT_MS }, async () => {
    using folder = makeTestFolder();
    await using client = await connect(folder);
    const session_id = await client.open({ deny: ["touch"] });
    const path = join(folder.path, "never");
    const call = { session_id, command: `touch ${path}`, detach: true };
    const { text, isError } = await client.call("session_exec", call);
    assert.ok(isError);
    assert.match(text, /^blocked_by_policy: /);
    // Others of the same user may have some, in other directories that are looked into.
    const commands = (await listDetached(client)).map(({ command }) => String(command));
    assert.ok(!commands.some((one) => one.includes(path)), commands.join());
  });
});
