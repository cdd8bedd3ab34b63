/** Text and keys that become another command in the shell than in the policy's eyes. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmod, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  type CommandInput,
  ExeckitError,
  memoryAudit,
  parsePolicyFile,
  Session,
} from "../../mod.ts";
import { TERMINAL_SKIP } from "../support/open_session.ts";
import { skipWithout } from "../support/processes.ts";
import { waitFor } from "../support/wait_for.ts";

const LONG_MS = 20_000;
const ENTER = ["enter"];
/** What the denied program prints; its text does not stand in what is typed. */
const RAN = "forbidden-program-ran";
const POLICY = {
  version: 1,
  default: "allow",
  unreadableCode: "allow",
  scriptFiles: "allow",
  dynamic: "deny",
  rules: [{ id: "no-forbidden", decision: "deny", program: "forbidden" }],
};
const SH = "sh </dev/tty";
const BASH = "bash --norc --noprofile -i </dev/tty";

let bin = "";
before(async () => {
  bin = await mkdtemp(join(tmpdir(), "execkit-typing-"));
  await writeFile(join(bin, "forbidden"), `#!/bin/sh\necho ${RAN}\n`);
  await chmod(join(bin, "forbidden"), 0o755);
  await copyFile("/bin/sh", join(bin, "cat"));
  await copyFile("/bin/sh", join(bin, "other"));
});
after(() => rm(bin, { recursive: true, force: true }));

function open(policed: "policed" | "free"): Promise<Session> {
  const policy = policed === "policed" ? { policy: parsePolicyFile(JSON.stringify(POLICY)) } : {};
  return Session.open({
    transport: "local",
    shell: "bash",
    cwd: bin,
    env: { PATH: `/usr/local/bin:/usr/bin:/bin:${bin}` },
    ...policy,
  });
}

/** Types one after the other; tells how often that was refused, and what the command wrote. */
async function type(
  session: Session,
  command: string,
  inputs: readonly CommandInput[],
): Promise<{ refused: number; output: string }> {
  const begun = await session.exec(command, { waitMs: LONG_MS, tty: true });
  const held = session.command(begun.commandId);
  assert.equal(begun.status, "waiting_for_input", JSON.stringify(begun));
  let refused = 0;
  for (const input of inputs) {
    try {
      await held.input(input);
      await held.wait({ waitMs: LONG_MS });
    } catch (cause) {
      assert.ok(cause instanceof ExeckitError, String(cause));
      assert.equal(cause.code, "blocked_by_policy", cause.message);
      refused += 1;
    }
  }
  const page = await held.read({ raw: true });
  held.interrupt();
  await waitFor("its end", () => held.isOver || undefined);
  return { refused, output: page.text };
}

const line = (text: string): CommandInput => ({ text, keys: ENTER });
/** A way, the shell it is for, and what is typed. */
const WAYS: readonly (readonly [string, string, readonly CommandInput[]])[] = [
  ["a carriage return", SH, [line("echo hi\rforbidden")]],
  ["a kill character", SH, [line("echo \x15forbidden")]],
  ["erase characters", SH, [line("echo \x7f\x7f\x7f\x7f\x7fforbidden")]],
  ["^A^K", BASH, [line("echo x\x01\x0bforbidden")]],
  ["a bracketed paste", BASH, [line("\x1b[200~echo \x1b[201~\x15forbidden")]],
  ["a tab", BASH, [line("forbidde\t")]],
  ["^D in a line", SH, [{ text: "forbid", keys: ["ctrl_d"] }, line("den")]],
  ["^D in a line of bash", BASH, [{ text: "forbid", keys: ["ctrl_d"] }, line("den")]],
  ["a continued line", SH, [line("forbid\\"), line("den")]],
  ["a line that is continued twice", SH, [line("for\\"), line("bid\\"), line("den")]],
  ["a here-document in parts", SH, [line("sh <<E"), line("forbid\\\\den"), line("E")]],
  ["quotes over two lines", SH, [line("echo 'x"), line("'; forbidden")]],
  ["^a^b", BASH, [line("forbidde"), line("^e^en^"), line("^forbidde^forbidden")]],
  ["fc", BASH, [line("forbiddeX"), line("fc -s X=n")]],
  ["bind", BASH, [line(`bind '"Q":"for\\142idden\\n"'`), { text: "Q" }]],
  ["another kill character", `stty kill Y </dev/tty; ${SH}`, [line("echo Yforbidden")]],
  ["keys of the history and ctrl_m", BASH, [
    line(": forbidden"),
    { keys: ["up", "home", "delete", "delete", "ctrl_m"] },
  ]],
  ["keys of the history, then ctrl_j", BASH, [
    line(": forbidden"),
    { keys: ["up", "home", "delete", "delete"] },
    { keys: ["ctrl_j"] },
  ]],
  ["keys of the history and ctrl_o", BASH, [
    line(": forbidden"),
    { keys: ["up", "home", "delete", "delete", "ctrl_o"] },
  ]],
  ["a copy of the shell", "./other </dev/tty", [line("forbidde$(echo n)")]],
  ["a copy of the shell under a reader's name", "./cat </dev/tty", [line("forbidden")]],
];

describe("text for a running shell", { skip: TERMINAL_SKIP }, () => {
  for (const [way, command, inputs] of WAYS) {
    it(`is judged as what runs: ${way}`, async () => {
      await using session = await open("policed");
      const { refused, output } = await type(session, command, inputs);
      assert.ok(refused > 0, output);
      assert.ok(!output.includes(RAN), output);
    });
  }

  it("would run another program without that", async () => {
    await using session = await open("free");
    const ran: string[] = [];
    const tried = WAYS.filter((_way, index) => index % 3 === 0);
    for (const [way, command, inputs] of tried) {
      const { refused, output } = await type(session, command, inputs);
      assert.equal(refused, 0, way);
      if (output.includes(RAN)) ran.push(way);
      await session.exec("stty sane -echo </dev/tty");
    }
    // How a shell edits its lines is its own affair: most ways work with every one.
    assert.ok(ran.length >= tried.length * 0.7, ran.join(", "));
  });

  it("goes through as before when it is plain", async () => {
    await using session = await open("policed");
    const { refused, output } = await type(session, BASH, [
      line("echo one-$((40+2))"),
      line("for i in 1 2\ndo echo n$i\ndone"),
      line("cat <<E\ntext\nE"),
      line("echo a \\"),
      line("bcd"),
      { text: "forbid" },
      { keys: ["ctrl_c"] },
      line("echo den-$((1+1))"),
    ]);
    assert.equal(refused, 0, output);
    for (const word of ["one-42", "n2", "text", "a bcd", "den-2"]) assert.ok(output.includes(word));
  });

  it("leaves keys and answers to programs that are no shells", async () => {
    await using session = await open("policed");
    const pages = await type(session, "seq 500 | less", [
      { keys: ["page_down", "up"] },
      { text: "q" },
    ]);
    assert.equal(pages.refused, 0);
    const answered = await type(session, 'read -r x </dev/tty; echo "got $x"', [line("a$b\tc")]);
    assert.equal(answered.refused, 0);
    assert.match(answered.output, /got a\$b\tc/);
  });
});

describe("a secret that is typed", { skip: TERMINAL_SKIP || skipWithout("python3") }, () => {
  const secret = () => `word${randomBytes(5).toString("hex")}`;
  const ask = (prompt: string) =>
    `python3 -c 'import getpass; print("got", getpass.getpass("${prompt}"))'`;
  async function seenOf(command: string, inputs: readonly CommandInput[]): Promise<string> {
    const audit = memoryAudit();
    await using session = await Session.open({ transport: "local", shell: "bash", audit });
    const begun = await session.exec(command, { waitMs: LONG_MS });
    const held = session.command(begun.commandId);
    for (const input of inputs) await held.input(input);
    const result = await held.wait({ waitMs: LONG_MS });
    assert.equal(result.status, "exited", JSON.stringify(result));
    assert.match(result.stdout, /got/);
    return JSON.stringify([result, await held.read({ raw: true }), audit.events]);
  }

  it("is hidden when it comes character by character", async () => {
    const typed = secret();
    const inputs = [...typed].map((text): CommandInput => ({ text }));
    const seen = await seenOf(ask("Password: "), [...inputs, { keys: ENTER }]);
    assert.ok(!seen.includes(typed), seen);
  });

  it("is hidden when it is a later line of one text", async () => {
    const typed = secret();
    const command =
      "read -r -p 'Username: ' u </dev/tty; read -r -s -p 'Password: ' p </dev/tty; echo \"got $u $p\"";
    const seen = await seenOf(command, [{ text: `bob\n${typed}\n` }]);
    assert.ok(seen.includes("bob") && !seen.includes(typed), seen);
  });

  for (
    const prompt of ["Enter code: ", "Token (will be hidden): ", "Geheimnis: ", "Weiter: ", ""]
  ) {
    it(`is hidden when ${JSON.stringify(prompt)} asks for it`, async () => {
      const typed = secret();
      const seen = await seenOf(ask(prompt), [{ text: typed, keys: ENTER }]);
      assert.ok(!seen.includes(typed), seen);
    });
  }

  it("leaves a name of keys in the audit, and no more", async () => {
    const audit = memoryAudit();
    await using session = await Session.open({ transport: "local", shell: "bash", audit });
    const begun = await session.exec("cat </dev/tty", { waitMs: LONG_MS });
    const held = session.command(begun.commandId);
    await held.input({ text: "abc", keys: ["backspace", "up", "enter"] });
    await held.input({ keys: ["ctrl_d"] });
    await held.wait({ waitMs: LONG_MS });
    const events = audit.events.filter(({ event }) => event === "input");
    assert.deepEqual(
      events.map((event) => event.event === "input" && [event.text, event.keys]),
      [["abc", ["backspace", "up", "enter"]], ["", ["ctrl_d"]]],
    );
  });
});
