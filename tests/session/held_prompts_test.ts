import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { ExeckitError, memoryAudit, parsePolicyFile, type Policy, Session } from "../../mod.ts";
import { quoteForShell } from "../../src/shell_text/quote.ts";
import { TERMINAL_SKIP } from "../support/open_session.ts";
import { waitFor } from "../support/wait_for.ts";
import { skipWithout } from "../support/processes.ts";

/** Milliseconds that are more than enough for what is waited for. */
const LONG_MS = 20_000;
const ENTER = ["enter"] as const;

/** Asks on the terminal, with its echo as told, and says what it was told. */
const ASK = `
import sys, termios
prompt, echo = sys.argv[1], sys.argv[2] == "on"
tty = open("/dev/tty", "r+b", buffering=0)
modes = termios.tcgetattr(tty)
modes[3] = modes[3] | termios.ECHO if echo else modes[3] & ~termios.ECHO
termios.tcsetattr(tty, termios.TCSANOW, modes)
out = tty if sys.argv[3] == "tty" else sys.stdout.buffer
out.write(prompt.encode())
out.flush()
line = tty.readline().decode().strip()
print("told", line)
`;

function asking(prompt: string, echo: "on" | "off", where: "tty" | "stdout"): string {
  return `python3 -c ${quoteForShell(ASK)} ${quoteForShell(prompt)} ${echo} ${where}`;
}

/** A value that no rule takes for a secret. */
function plainWord(): string {
  return `word${randomBytes(5).toString("hex")}`;
}

describe("a prompt that the redactor holds back", {
  skip: TERMINAL_SKIP || skipWithout("python3"),
}, () => {
  const prompts: readonly (readonly [string, "on" | "off", "tty" | "stdout"])[] = [
    ["password=", "off", "stdout"],
    ["password=", "on", "stdout"],
    ["password=", "on", "tty"],
    ["first line\napi_token:", "off", "tty"],
    ["first line\napi_token:", "on", "stdout"],
  ];
  for (const [prompt, echo, where] of prompts) {
    it(`${JSON.stringify(prompt)} on ${where} is a password's, with echo ${echo}`, async () => {
      const audit = memoryAudit();
      await using session = await Session.open({ transport: "local", audit });
      const asked = await session.exec(asking(prompt, echo, where), { waitMs: LONG_MS });
      const shown = JSON.stringify(asked);
      assert.deepEqual(
        [asked.status, asked.inputWanted?.kind],
        ["waiting_for_input", "password"],
        shown,
      );
      assert.ok(!asked.inputWanted?.prompt.includes("first"), shown);
      const secret = plainWord();
      const command = session.command(asked.commandId);
      await command.input({ text: secret, keys: ENTER });
      const told = await command.wait({ waitMs: LONG_MS });
      assert.match(told.stdout, /told \[REDACTED/);
      const all = await command.read({ raw: true });
      const transcript = JSON.stringify([told, all, audit.events]);
      assert.ok(!transcript.includes(secret), transcript);
    });
  }

  it("is shown as far as it has passed", async () => {
    await using session = await Session.open({ transport: "local" });
    const command = asking("Give the password=", "off", "stdout");
    const { inputWanted } = await session.exec(command, { waitMs: LONG_MS });
    assert.equal(inputWanted?.kind, "password");
    assert.ok("Give the password=".startsWith(inputWanted.prompt), inputWanted.prompt);
  });
});

describe("SessionCommand.input() with a secret", { skip: TERMINAL_SKIP }, () => {
  it("hides what no prompt asks for", async () => {
    const audit = memoryAudit();
    await using session = await Session.open({ transport: "local", audit });
    const command = "printf 'Name? '; read -r n </dev/tty; echo \"told $n\"";
    const asked = await session.exec(command, { waitMs: LONG_MS });
    assert.equal(asked.inputWanted?.kind, "unknown");
    const secret = plainWord();
    const held = session.command(asked.commandId);
    await held.input({ text: secret, keys: ENTER, secret: true });
    const told = await held.wait({ waitMs: LONG_MS });
    assert.match(told.stdout, /told \[REDACTED/);
    const transcript = JSON.stringify([told, await held.read(), audit.events]);
    assert.ok(!transcript.includes(secret), transcript);
    await assert.rejects(
      held.input({ keys: ENTER, secret: true }),
      (cause) => cause instanceof ExeckitError && cause.code === "invalid_argument",
    );
  });

  it("hides it from the audit also when the policy refuses it", async () => {
    const audit = memoryAudit();
    const policy: Policy = {
      decide: () => ({ decision: "allow" }),
      decideInput: () => ({ decision: "deny" }),
    };
    await using session = await Session.open({ transport: "local", audit, policy });
    const asks = [
      "printf 'Password: '; stty -echo </dev/tty; read -r n </dev/tty",
      "cat </dev/tty",
    ];
    for (const command of asks) {
      const asked = await session.exec(command, { waitMs: LONG_MS });
      const held = session.command(asked.commandId);
      const secret = plainWord();
      const flag = command.startsWith("cat") ? { secret: true } : {};
      const typing = held.input({ text: secret, keys: ENTER, ...flag });
      await assert.rejects(
        typing,
        (cause) => cause instanceof ExeckitError && cause.code === "blocked_by_policy",
      );
      const events = JSON.stringify(audit.events);
      assert.match(events, /"status":"blocked"/);
      assert.ok(!events.includes(secret), events);
      held.interrupt();
      await waitFor("its end", () => held.isOver || undefined);
    }
  });

  it("hides for good only what was typed", async () => {
    const audit = memoryAudit();
    const refused = plainWord();
    const policy: Policy = {
      decide: () => ({ decision: "allow" }),
      decideInput: ({ input, redact }) =>
        input.includes(refused)
          ? { decision: "deny", reason: redact(`not ${input}`) }
          : { decision: "allow" },
    };
    await using session = await Session.open({ transport: "local", audit, policy });
    const { commandId } = await session.exec("stty -echo </dev/tty; head -n 1 </dev/tty", {
      waitMs: LONG_MS,
    });
    const held = session.command(commandId);
    await assert.rejects(held.input({ text: refused, secret: true }), (cause) => {
      assert.ok(cause instanceof ExeckitError);
      assert.equal(cause.code, "blocked_by_policy");
      assert.ok(!cause.message.includes(refused), cause.message);
      return true;
    });
    const tooMuch = plainWord();
    const text = Array.from({ length: 8000 }, () => tooMuch).join("\n");
    await assert.rejects(
      held.input({ text, secret: true }),
      (cause) => cause instanceof ExeckitError && cause.code === "invalid_argument",
    );
    const secret = plainWord();
    // Only whole does it tell anything: no part of it is long enough to be hidden alone.
    for (const part of secret.match(/.{1,5}/g) ?? []) {
      await held.input({ text: part, secret: true });
    }
    await held.input({ keys: ENTER });
    const told = await held.wait({ waitMs: LONG_MS });
    assert.match(told.stdout, /^\[REDACTED:typed[^\]]*\]\n$/);
    assert.ok(!JSON.stringify(audit.events).includes(refused));
    const later = await session.exec(`echo ${refused} ${tooMuch} ${secret}`);
    assert.match(later.stdout, new RegExp(`^${refused} ${tooMuch} \\[REDACTED:typed`));
  });

  it("judges a line that is typed in parts at the same time as a whole", async () => {
    const policy = parsePolicyFile(JSON.stringify({
      version: 1,
      default: "allow",
      whenNoHuman: "allow",
      rules: [{ id: "no-rm", decision: "deny", program: ["rm"] }],
    }));
    await using session = await Session.open({ transport: "local", shell: "bash", policy });
    const { commandId } = await session.exec("bash --norc --noprofile -i </dev/tty", {
      waitMs: LONG_MS,
    });
    const held = session.command(commandId);
    const typed = await Promise.allSettled(
      ["r", "m -rf /nope"].map((text) => held.input({ text })),
    );
    assert.deepEqual(typed.map(({ status }) => status), ["fulfilled", "rejected"]);
  });
});
