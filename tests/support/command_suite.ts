/**
 * What holds for commands that outlive the wait for them, on whichever machine.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExeckitError, type ExecResult, type Session } from "../../mod.ts";
import { waitFor } from "./wait_for.ts";

/** Where the suite runs. */
export interface CommandSubject {
  /** What the suite is called. */
  readonly name: string;
  /** Why it cannot run here; false when it can. */
  readonly skip: string | false;
  /** Whether its sessions have a terminal. */
  readonly terminal: boolean;
  /** Opens a session. */
  readonly open: () => Promise<Session>;
}

/** Milliseconds that are more than enough for what is waited for. */
const LONG_MS = 20_000;

const isCode = (code: string) => (cause: unknown) => {
  assert.ok(cause instanceof ExeckitError, String(cause));
  assert.equal(cause.code, code, cause.message);
  return true;
};

/** Waits until a command is seen to sleep; a look before finds a shell that has not begun it. */
async function asleep(session: Session, { commandId }: ExecResult): Promise<ExecResult> {
  const command = session.command(commandId);
  return await waitFor("the sleep", async () => {
    const running = await command.wait({ waitMs: 100 });
    return /sleep.*asleep/.test(running.activity ?? "") ? running : undefined;
  });
}

async function ended(session: Session, { commandId }: ExecResult): Promise<ExecResult> {
  return await session.command(commandId).wait({ waitMs: LONG_MS });
}

type Promised = readonly [promise: string, test: (session: Session) => Promise<void>];

const PROMISES: readonly Promised[] = [
  ["goes on after the wait, and gives all of its output in the end", async (session) => {
    const go = (await session.exec("mktemp -u")).stdout.trim();
    const waits = `until [ -e ${go} ]; do sleep 0.05; done; rm ${go}`;
    const first = await session.exec(`echo begun; ${waits}; echo done; (exit 3)`, { waitMs: 300 });
    assert.equal(first.status, "running");
    assert.equal(first.exitCode, undefined);
    const busy = session.exec("true");
    await assert.rejects(busy, isCode("busy"));
    await assert.rejects(busy, new RegExp(first.commandId));
    await session.files.write(go, "");
    const last = await ended(session, first);
    assert.deepEqual([last.status, last.exitCode, last.stdout], ["exited", 3, "begun\ndone\n"]);
    assert.equal((await session.exec("echo next")).stdout, "next\n");
  }],
  ["is waited for until a line matches", async (session) => {
    const command = "echo starting; sleep 0.3; echo 'listening on 1'; sleep 600";
    const result = await session.exec(command, {
      waitMs: LONG_MS,
      until: { pattern: "^listening on \\d+$" },
    });
    assert.deepEqual([result.status, result.untilMet], ["running", "pattern"]);
    assert.equal(result.stdout, "starting\nlistening on 1\n");
    session.command(result.commandId).interrupt();
    assert.equal((await ended(session, result)).status, "interrupted");
  }],
  ["keeps every line for later, whatever a budget showed", async (session) => {
    const { commandId, stdout } = await session.exec("seq 100000", {
      budget: { keep: { mode: "tail", n: 20 } },
    });
    assert.ok(stdout.endsWith("99999\n100000\n"));
    const command = session.command(commandId);
    const page = await command.read({ stream: "stdout", from: 54321, lines: 2 });
    assert.equal(page.text, "54321\n54322\n");
    const found = await command.search({ stream: "stdout", pattern: "^777[0-9]7$", maxMatches: 2 });
    assert.deepEqual(found.lines.map(({ line }) => line), [77707, 77717]);
  }],
  ["gives what is new since the last read, and loses nothing", async (session) => {
    const lines = 'i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo "line $i"; sleep 0.05; done';
    const { commandId } = await session.exec(lines, { waitMs: 100 });
    const command = session.command(commandId);
    let seen = "";
    let since: string | undefined;
    do {
      await command.wait({ waitMs: 100 });
      const page = await command.read({
        stream: "stdout",
        ...(since === undefined ? {} : { since }),
      });
      seen += page.text;
      since = page.cursor;
    } while (!command.isOver);
    seen += (await command.read({ stream: "stdout", since })).text;
    const whole = Array.from({ length: 20 }, (_, index) => `line ${index + 1}\n`).join("");
    assert.equal(seen.replaceAll(/\n+/g, "\n"), whole);
  }],
  ["names what it left running, once", async (session) => {
    // A child is a copy of its shell until it has become the program.
    const seen = (variable: string) => `grep -q sleep /proc/${variable}/cmdline`;
    const result = await session.exec(
      "sleep 601 & one=$!; sleep 602 >/dev/null 2>&1 & " +
        `until ${seen("$one")} && ${seen("$!")}; do sleep 0.05; done`,
      { waitMs: LONG_MS },
    );
    assert.equal(result.status, "exited");
    const names = (result.leftRunning ?? []).map(({ command }) => String(command)).sort();
    assert.deepEqual(names.filter((name) => name.includes("sleep 60")), ["sleep 601", "sleep 602"]);
    const next = await session.exec("true", { waitMs: LONG_MS });
    assert.equal(next.leftRunning, undefined);
  }],
  ["names the earlier jobs that wrote into its output, and no others", async (session) => {
    const folder = (await session.exec("mktemp -d")).stdout.trim();
    const job = `(read x <${folder}/go; echo late; : >${folder}/said; exec sleep 600)`;
    const options = { waitMs: LONG_MS };
    await session.exec(`mkfifo ${folder}/go; ${job} & sleep 601 &`, options);
    const quiet = await session.exec("echo quiet", options);
    assert.deepEqual([quiet.stdout, quiet.note], ["quiet\n", undefined]);
    const both = await session.exec(
      `echo mine; : >${folder}/go; until [ -e ${folder}/said ]; do sleep 0.05; done`,
      options,
    );
    assert.deepEqual(both.stdout.split("\n").toSorted(), ["", "late", "mine"]);
    assert.match(
      both.note ?? "",
      /^Background jobs of earlier commands may have written .*pid \d+/,
    );
    assert.doesNotMatch(both.note ?? "", /sleep 601/);
    const after = await session.exec(`rm -r ${folder}; echo after`, options);
    assert.deepEqual([after.stdout, after.note], ["after\n", undefined]);
  }],
  ["is signalled by name", async (session) => {
    const running = await asleep(session, await session.exec("sleep 600", { waitMs: 200 }));
    await session.command(running.commandId).input({ signal: "TERM" });
    const result = await ended(session, running);
    assert.deepEqual([result.status, result.exitCode], ["exited", 143]);
  }],
  ["says what it is doing", async (session) => {
    const running = await asleep(session, await session.exec("sleep 600", { waitMs: 200 }));
    const report = await session.command(running.commandId).explain();
    assert.equal(report.main?.name, "sleep");
    session.command(running.commandId).interrupt();
    await ended(session, running);
  }],
  ["says what it was doing before its time-out", async (session) => {
    // The look is made 2 s before, and not waited for: a machine that stands still then is too late.
    await waitFor("the look in time", async () => {
      const result = await session.exec("sleep 600", { timeoutMs: 6000 });
      assert.equal(result.status, "timed_out");
      return /sleep.*asleep/.test(result.activity ?? "") ? true : undefined;
    });
    const quick = await session.exec("true", { timeoutMs: LONG_MS });
    assert.equal(quick.activity, undefined);
  }],
  ["names everything that was left running, each once", async (session) => {
    const left = 45;
    const begun = await session.exec(
      `i=0; while [ $i -lt ${left} ]; do sleep 600 & i=$((i+1)); done 2>/dev/null`,
      { waitMs: LONG_MS },
    );
    assert.match(begun.note ?? "", /45 processes were left running: 20 are named here/);
    const named = [begun];
    for (let looks = 0; looks < 3; looks++) {
      named.push(await session.exec("true", { waitMs: LONG_MS }));
    }
    const pids = named.map(({ leftRunning = [] }) => leftRunning.map(({ pid }) => pid));
    assert.deepEqual(pids.map(({ length }) => length), [20, 20, 5, 0]);
    assert.equal(new Set(pids.flat()).size, left);
    assert.deepEqual(named.slice(2).map(({ note }) => note), [undefined, undefined]);
    await session.exec(`kill ${pids.flat().join(" ")}`);
  }],
  ["is refused input when it has ended", async (session) => {
    const { commandId } = await session.exec("true");
    const command = session.command(commandId);
    await assert.rejects(command.input({ signal: "INT" }), isCode("busy"));
    assert.throws(() => session.command("c999999"), isCode("unknown_command"));
  }],
];

const WITH_TERMINAL: readonly Promised[] = [
  ["says what it asks, and takes the answer", async (session) => {
    const asked = await session.exec('printf "Proceed? [Y/n] "; read x </dev/tty; echo "got $x"', {
      waitMs: LONG_MS,
    });
    assert.equal(asked.status, "waiting_for_input");
    assert.equal(asked.inputWanted?.kind, "confirmation");
    assert.match(asked.inputWanted?.prompt ?? "", /Proceed\? \[Y\/n\]/);
    await session.command(asked.commandId).input({ text: "yes", keys: ["enter"] });
    const result = await ended(session, asked);
    assert.match(result.stdout, /got yes\n$/);
  }],
];

/** Declares the suite. */
export function commandSuite({ name, skip, terminal, open }: CommandSubject): void {
  const promises = terminal ? [...PROMISES, ...WITH_TERMINAL] : PROMISES;
  describe(`a command that is followed: ${name}`, { skip }, () => {
    for (const [promise, test] of promises) {
      it(promise, async () => {
        await using session = await open();
        await test(session);
      });
    }
  });
}
