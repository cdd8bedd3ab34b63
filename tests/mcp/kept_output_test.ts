import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fakeToken } from "../support/fake_token.ts";
import { makeTestFolder } from "../support/open_session.ts";
import { CLIENTS, connectClient, type PatientClient } from "./patient_client.ts";

const TIMEOUT_MS = 120_000;

describe("session_read", () => {
  it("gives any line that a budget left out, without running the command again", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await using client = await connectClient("modern");
    const session_id = await client.open();
    const { structured } = await client.call("session_exec", {
      session_id,
      command: "seq 100000; echo oops >&2",
      budget: { keep: { mode: "tail", n: 20 } },
    });
    assert.match(String(structured?.["stdout"]), /^99981\n/);
    assert.equal(structured?.["truncated"], true);
    const command_id = String(structured?.["command_id"]);
    const read = async (args: Record<string, unknown>) => {
      const answer = await client.call("session_read", { command_id, ...args });
      assert.equal(answer.isError, false, answer.text);
      assert.deepEqual(JSON.parse(answer.text), answer.structured);
      return answer.structured ?? {};
    };
    const middle = await read({ stream: "stdout", from_line: 50_000, lines: 2 });
    assert.equal(middle["text"], "50000\n50001\n");
    assert.deepEqual([middle["first_line"], middle["next_line"]], [50_000, 50_002]);
    assert.equal((await read({ stream: "stdout", lines: 1 }))["text"], "50002\n");
    assert.equal((await read({ stream: "stderr" }))["text"], "oops\n");
    const tail = await read({ stream: "stdout", from_line: -3 });
    assert.equal(tail["text"], "99998\n99999\n100000\n");
    assert.equal(tail["total_lines"], 100_000);
    const found = await read({ stream: "stdout", grep: "^777[0-9]7$", lines: 2, context: 1 });
    assert.equal(
      found["text"],
      "77706-77706\n77707:77707\n77708-77708\n--\n77716-77716\n77717:77717\n77718-77718\n",
    );
    assert.deepEqual([found["matches"], found["next_line"]], [2, 77_719]);
    const flood = await read({ from_line: 1, lines: 100_000 });
    assert.equal(String(flood["text"]).split("\n").length, 401);
    assert.equal(flood["next_line"], 401);
  });

  it("reads on inside a line that is too long for one result", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await using client = await connectClient("modern");
    const session_id = await client.open();
    const { structured } = await client.call("session_exec", {
      session_id,
      command: "seq -s, 20000",
      budget: { max_chars: 100 },
    });
    const command_id = String(structured?.["command_id"]);
    const { text } = await readToEndByLines(client, command_id);
    assert.equal(text, Array.from({ length: 20_000 }, (_, index) => index + 1).join(",") + "\n");
  });

  it("has the output of a closed session for as long as the operator says", {
    timeout: TIMEOUT_MS,
  }, async () => {
    for (const ttl of ["600", "0"]) {
      await using client = await connectClient("modern", { EXECKIT_MCP_OUTPUT_TTL: ttl });
      const session_id = await client.open();
      const { structured, text } = await client.call("session_exec", {
        session_id,
        command: "echo kept; sleep 60",
        wait_ms: 20_000,
        until: { pattern: "kept" },
      });
      assert.equal(structured?.["until_met"], "pattern", text);
      const command_id = String(structured?.["command_id"]);
      await client.call("session_destroy", { session_id });
      const list = await client.call("session_list", {});
      const read = await client.call("session_read", { command_id, from_line: 1 });
      if (ttl === "0") {
        assert.equal(list.structured?.["closed_sessions"], undefined);
        assert.match(read.text, /^unknown_command: /);
      } else {
        assert.match(list.text, new RegExp(`"closed_sessions":\\[{"session_id":"${session_id}"`));
        assert.equal(read.structured?.["text"], "kept\n", read.text);
        assert.notEqual(read.structured?.["status"], "running");
      }
    }
  });
});

/** Reads page by page, each from where the one before stopped. */
async function readToEndByLines(client: PatientClient, command_id: string) {
  let text = "";
  for (;;) {
    const { structured } = await client.call("session_read", { command_id });
    text += String(structured?.["text"]);
    if (structured?.["next_line"] === undefined) return { text };
  }
}

describe("the resources", () => {
  for (const kind of CLIENTS) {
    it(`show output and transcript, redacted (${kind})`, { timeout: TIMEOUT_MS }, async () => {
      await using client = await connectClient(kind);
      const session_id = await client.open();
      const token = fakeToken(78);
      const run = (command: string) => client.call("session_exec", { session_id, command });
      await run(`echo ${token}; echo two`);
      await run("echo three; (exit 4)");
      const uris = await client.resources();
      assert.deepEqual([...uris].sort(), [
        "execkit://commands/c1/output",
        "execkit://commands/c2/output",
        `execkit://sessions/${session_id}/transcript`,
      ]);
      const output = await client.resource("execkit://commands/c1/output");
      assert.match(output, /^\[REDACTED.*\]\ntwo\n$/);
      const transcript = await client.resource(`execkit://sessions/${session_id}/transcript`);
      assert.match(
        transcript,
        /^\[c1\] \$ echo .*\n\[REDACTED.*\]\ntwo\n\[c1\] exited 0\n\[c2\] \$ .*\nthree\n\[c2\] exited 4\n$/,
      );
      assert.ok(!`${output}${transcript}`.includes(token));
      await assert.rejects(client.resource("execkit://commands/c99/output"), /unknown_command/);
      await assert.rejects(client.resource("execkit://sessions/9_x/transcript"), /unknown_session/);
    });
  }
});

describe("the directory for output", () => {
  it("takes what is too much for memory, and is left empty", { timeout: TIMEOUT_MS }, async () => {
    using folder = makeTestFolder();
    const directory = join(folder.path, "state");
    {
      await using client = await connectClient(
        "modern",
        { EXECKIT_MCP_STATE_DIR: directory, EXECKIT_MCP_OUTPUT_QUOTA: "2" },
        [`--allow-read=${directory}`, `--allow-write=${directory}`],
      );
      const session_id = await client.open();
      const call = { session_id, command: "seq 1000000" };
      const { structured } = await client.call("session_exec", call);
      assert.match(String(structured?.["note"]), /kept|limit|quota/i);
      assert.equal(statSync(directory).mode & 0o077, 0);
      const command_id = String(structured?.["command_id"]);
      const end = await client.call("session_read", { command_id, from_line: -1 });
      assert.equal(end.structured?.["text"], "1000000\n");
    }
    assert.deepEqual(readdirSync(directory), []);
  });
});
