import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fakeToken } from "../support/fake_token.ts";
import { freePort } from "../support/free_port.ts";
import { makeTestFolder, TERMINAL_SKIP } from "../support/open_session.ts";
import { waitFor } from "../support/wait_for.ts";
import { CLIENTS, connectClient, type PatientClient } from "./patient_client.ts";

const TIMEOUT_MS = 120_000;
/** Milliseconds that an impatient client waits for a call. */
const IMPATIENT_MS = 1000;

interface ListedCommand {
  readonly command_id: string;
  readonly command: string;
  readonly status: string;
  readonly exit_code?: number;
}

/** The commands of the first session in a list. */
async function listCommands(client: PatientClient): Promise<readonly ListedCommand[]> {
  const { structured } = await client.call("session_list", {});
  // The schema of the result says so.
  const sessions = structured?.["sessions"] as { commands: ListedCommand[] }[];
  return sessions[0]?.commands ?? [];
}

/** Waits until the list shows a command with a status. */
async function listed(client: PatientClient, status: string): Promise<ListedCommand> {
  return await waitFor(`a command that is ${status}`, async () => {
    return (await listCommands(client)).find((command) => command.status === status);
  });
}

/** Reads what is new until the command has ended, and puts it together. */
async function readToEnd(client: PatientClient, command_id: string) {
  let text = "";
  for (;;) {
    const { structured } = await client.call("session_read", { command_id, wait_ms: 500 });
    text += String(structured?.["text"]);
    if (structured?.["status"] !== "running") return { text, last: structured };
  }
}

describe("a command that outlives its call", () => {
  for (const kind of CLIENTS) {
    it(`is found again and followed without loss by an impatient client (${kind})`, {
      timeout: TIMEOUT_MS,
    }, async () => {
      await using client = await connectClient(kind);
      const session_id = await client.open();
      using folder = makeTestFolder();
      const go = join(folder.path, "go");
      const command = "for i in 1 2 3 4 5 6; do echo line $i; sleep 0.5; done; " +
        `until [ -e ${go} ]; do sleep 0.05; done; (exit 5)`;
      await assert.rejects(
        client.call("session_exec", { session_id, command, wait_ms: 45_000 }, {
          timeout: IMPATIENT_MS,
        }),
      );
      const { command_id } = await listed(client, "running");
      // A read that nobody waits for must not take the lines with it.
      await assert.rejects(
        client.call("session_read", { command_id, wait_ms: 45_000 }, { timeout: IMPATIENT_MS }),
      );
      writeFileSync(go, "");
      const { text, last } = await readToEnd(client, command_id);
      assert.equal(text, "line 1\nline 2\nline 3\nline 4\nline 5\nline 6\n");
      assert.deepEqual([last?.["status"], last?.["exit_code"]], ["exited", 5]);
      const [after] = await listCommands(client);
      assert.deepEqual([after?.command_id, after?.exit_code], [command_id, 5]);
      const next = await client.call("session_exec", { session_id, command: "echo on" });
      assert.equal(next.structured?.["stdout"], "on\n");
    });
  }

  it("returns after wait_ms, and only what is new comes then", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await using client = await connectClient("modern");
    const session_id = await client.open();
    using folder = makeTestFolder();
    const go = join(folder.path, "go");
    const first = await client.call("session_exec", {
      session_id,
      command: `echo begun; while [ ! -e ${go} ]; do sleep 0.05; done; echo done`,
      wait_ms: 300,
    });
    const command_id = String(first.structured?.["command_id"]);
    assert.equal(first.structured?.["status"], "running");
    // A machine that stalls comes to the first line later.
    const begun = first.structured?.["stdout"] !== "" ? first : await client.call("session_read", {
      command_id,
      wait_ms: 20_000,
      until: { pattern: "^begun$" },
    });
    assert.equal(begun.structured?.["stdout"] ?? begun.structured?.["text"], "begun\n");
    assert.equal(begun.structured?.["next_line"], 2);
    const busy = await client.call("session_exec", { session_id, command: "true" });
    assert.match(busy.text, new RegExp(`^busy: .* ${command_id} \\(echo begun; .*session_read`));
    const other = await client.open();
    await client.call("session_exec", { session_id: other, command: `touch ${go}` });
    const { text } = await readToEnd(client, command_id);
    assert.equal(text, "done\n");
    const nothing = await client.call("session_read", { command_id });
    assert.equal(nothing.structured?.["text"], "");
    const again = await client.call("session_read", { command_id, from_line: 1 });
    assert.equal(again.structured?.["text"], "begun\ndone\n");
  });

  it("tells the client what it writes, redacted", { timeout: TIMEOUT_MS }, async () => {
    await using client = await connectClient("modern");
    const session_id = await client.open();
    const token = fakeToken(77);
    using folder = makeTestFolder();
    const [more, end] = [join(folder.path, "more"), join(folder.path, "end")];
    const until = (path: string) => `until [ -e ${path} ]; do sleep 0.05; done`;
    const seen: { progress: number; message?: string | undefined }[] = [];
    // The command goes on when the client has been told of each line.
    const onprogress = (progress: { progress: number; message?: string | undefined }) => {
      seen.push(progress);
      if (progress.message?.startsWith("working on")) writeFileSync(more, "");
      if (progress.message === "nearly there") writeFileSync(end, "");
    };
    await client.call("session_exec", {
      session_id,
      command: `echo working on ${token}; ${until(more)}; echo nearly there; ${until(end)}`,
      wait_ms: 40_000,
    }, { onprogress });
    const count = seen.length;
    // A client that waits for the first line is told that time passes.
    const messages = seen.map(({ message }) => message ?? "")
      .filter((message) => !message.startsWith("running for"));
    assert.match(messages[0] ?? "", /^working on/);
    assert.ok(!messages.join().includes(token));
    assert.equal(messages.at(-1), "nearly there");
    const steps = seen.map(({ progress }) => progress);
    assert.deepEqual(steps, [...new Set(steps)].sort((one, other) => one - other));
    await client.call("session_exec", { session_id, command: "sleep 1" });
    assert.equal(seen.length, count);
  });
});

describe("cancelling a call", () => {
  const settings: readonly (readonly [string, Record<string, string>, string, string])[] = [
    ["interrupts the command when the user stops it", {}, "the user stopped it", "interrupted"],
    [
      "leaves the command alone when the client has lost patience",
      {},
      "McpError: -32001",
      "running",
    ],
    [
      "interrupts the command when the operator says so",
      {
        EXECKIT_MCP_ON_CANCEL: "interrupt",
      },
      "Request timed out",
      "interrupted",
    ],
    [
      "leaves the command alone when the operator says so",
      {
        EXECKIT_MCP_ON_CANCEL: "detach",
      },
      "the user stopped it",
      "running",
    ],
  ];
  for (const [name, variables, reason, status] of settings) {
    it(name, { timeout: TIMEOUT_MS }, async () => {
      await using client = await connectClient("legacy", variables);
      const session_id = await client.open();
      const abort = new AbortController();
      using folder = makeTestFolder();
      const asleep = join(folder.path, "asleep");
      const call = { session_id, command: `echo begun; : >${asleep}; sleep 30`, wait_ms: 40_000 };
      const cancelled = client.call("session_exec", call, { signal: abort.signal });
      const { command_id } = await listed(client, "running");
      await waitFor("the command to begin", () => existsSync(asleep) || undefined);
      abort.abort(reason);
      await assert.rejects(cancelled);
      if (status === "interrupted") {
        await listed(client, "interrupted");
        const { structured } = await client.call("session_read", { command_id });
        assert.match(String(structured?.["text"]), /^begun\n/);
        assert.match(String(structured?.["note"]), /The client cancelled its call after/);
      } else {
        const signal = { command_id, signal: "TERM", wait_ms: 20_000 };
        const { structured } = await client.call("session_input", signal);
        assert.deepEqual([structured?.["status"], structured?.["exit_code"]], ["exited", 143]);
        assert.match(String(structured?.["text"]), /^begun\n/);
      }
    });
  }
});

describe("session_input", { skip: TERMINAL_SKIP }, () => {
  it("answers a password prompt, and the password is shown nowhere", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await using client = await connectClient("modern");
    const session_id = await client.open();
    const asked = await client.call("session_exec", {
      session_id,
      command: `python3 -c 'import getpass; print("got", getpass.getpass("Password: "))'`,
      wait_ms: 20_000,
    });
    assert.equal(asked.structured?.["status"], "waiting_for_input", asked.text);
    assert.match(asked.text, /"input_wanted":\{"kind":"password"/);
    const command_id = String(asked.structured?.["command_id"]);
    const password = `hidden-${"word"}-7`;
    const answered = await client.call("session_input", {
      command_id,
      text: password,
      wait_ms: 20_000,
    });
    assert.equal(answered.structured?.["status"], "exited");
    assert.match(String(answered.structured?.["text"]), /got \[REDACTED/);
    const read = await client.call("session_read", { command_id, from_line: 1 });
    const list = await client.call("session_list", {});
    const output = await client.resource(`execkit://commands/${command_id}/output`);
    const transcript = await client.resource(`execkit://sessions/${session_id}/transcript`);
    const seen = [asked.text, answered.text, read.text, list.text, output, transcript].join();
    assert.ok(!seen.includes(password), seen);
  });

  it("types text and keys, and shows only what is new", { timeout: TIMEOUT_MS }, async () => {
    await using client = await connectClient("classic");
    const session_id = await client.open();
    const asked = await client.call("session_exec", {
      session_id,
      command: 'printf "Name? "; read n </dev/tty; printf "Sure? [y/N] "; read s </dev/tty; ' +
        'echo "$n:$s"',
      wait_ms: 20_000,
    });
    assert.equal(asked.structured?.["status"], "waiting_for_input", asked.text);
    const command_id = String(asked.structured?.["command_id"]);
    const input = (args: Record<string, unknown>) =>
      client.call("session_input", { command_id, wait_ms: 20_000, ...args });
    const sure = await input({ text: "Ada\n" });
    assert.equal(sure.structured?.["status"], "waiting_for_input", sure.text);
    assert.match(String(sure.structured?.["text"]), /Sure\? \[y\/N\] $/);
    assert.ok(!String(sure.structured?.["text"]).includes("Name?"));
    await input({ text: "x", enter: false, wait_ms: 0 });
    const done = await input({ keys: ["backspace", "y", "enter"] });
    assert.match(done.text, /^invalid_argument: 'keys' has an unknown name in position 2/);
    await input({ keys: ["backspace"], wait_ms: 0 });
    const end = await input({ text: "y" });
    assert.match(String(end.structured?.["text"]), /Ada:y\n$/);
    const late = await input({ text: "more" });
    assert.match(late.text, /^busy: Cannot give input to the command: it has ended/);
    const mixed = await input({ text: "more", signal: "INT" });
    assert.match(mixed.text, /^invalid_argument: 'signal' goes without/);
  });
});

describe("session_exec with until", () => {
  it("returns once a server listens, and the server goes on", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await using client = await connectClient("modern");
    const session_id = await client.open();
    const port = await freePort();
    const { structured, text } = await client.call("session_exec", {
      session_id,
      command: `python3 -u -m http.server ${port} --bind 127.0.0.1`,
      wait_ms: 40_000,
      until: { port },
    });
    assert.deepEqual(
      [structured?.["status"], structured?.["until_met"]],
      ["running", "port"],
      text,
    );
    const command_id = String(structured?.["command_id"]);
    const response = await fetch(`http://127.0.0.1:${port}/`);
    await response.body?.cancel();
    assert.equal(response.status, 200);
    const logged = await client.call("session_read", {
      command_id,
      until: { pattern: '"GET / HTTP/1\\.1" 200' },
    });
    assert.equal(logged.structured?.["until_met"], "pattern", logged.text);
    assert.match(String(logged.structured?.["text"]), /"GET \/ HTTP/);
    const ended = await client.call("session_input", {
      command_id,
      signal: "INT",
      wait_ms: 20_000,
    });
    assert.match(String(ended.structured?.["text"]), /Keyboard interrupt/);
  });
});
