/**
 * The promises of a session, as tests that a session over any transport can be held against.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExeckitError } from "../errors.ts";
import type { ExecResult } from "../exec_result.ts";

/** What the suite needs of a session; `Session` has it. */
export interface ContractSession extends AsyncDisposable {
  /**
   * Runs a command.
   *
   * @param command Shell text.
   * @param options Time-out, input and cancellation.
   */
  exec(
    command: string,
    options?: { timeoutMs?: number; stdin?: string; signal?: AbortSignal },
  ): Promise<ExecResult>;
}

/** What the suite asks of a session when it opens one. */
export interface ContractOpenOptions {
  /** The start directory. */
  cwd?: string;
  /** Environment variables. */
  env?: Record<string, string>;
}

/** What is held against the promises. */
export interface ContractSubject {
  /** What the suite is called. */
  readonly name: string;
  /** Why it cannot run here; absent when it can. */
  readonly skip?: string;
  /**
   * Opens a session.
   *
   * @param options What the suite asks for.
   */
  readonly open: (options: ContractOpenOptions) => Promise<ContractSession>;
}

/** Milliseconds after which the suite lets a command time out. */
const SHORT_TIMEOUT_MS = 300;
/** Milliseconds of the time-out after one that was too short for the machine. */
const LONG_TIMEOUT_MS = 5000;

/** One promise and its test. */
type Promised = readonly [promise: string, test: (session: ContractSession) => Promise<void>];

const PROMISES: readonly Promised[] = [
  ["keeps the streams apart and tells the exit code", async (session) => {
    const result = await session.exec("echo out; echo err >&2; (exit 42)");
    assertResult(result, { stdout: "out\n", stderr: "err\n", exitCode: 42 });
    assert.equal(result.status, "exited");
  }],
  ["keeps cwd, variables, functions and the last status between commands", async (session) => {
    await session.exec("cd /usr; PLAIN=1; export EXPORTED=2; double() { echo $(($1 * 2)); }");
    const result = await session.exec('echo "$PLAIN" "$EXPORTED"; double 21; pwd');
    assertResult(result, { stdout: "1 2\n42\n/usr\n", exitCode: 0 });
    assert.equal(result.cwd, "/usr");
    await session.exec("(exit 7)");
    assert.equal((await session.exec("echo $?")).stdout, "7\n");
  }],
  ["starts where it was told, with the environment it was given", async (session) => {
    assert.equal((await session.exec('echo "$CONTRACT"; pwd')).stdout, "it's $here\n/\n");
  }],
  ["survives syntax errors and unfinished commands", async (session) => {
    for (const broken of ["echo )", "echo 'abc", "if true", "echo $(ls", "{ echo hi"]) {
      assert.notEqual((await session.exec(broken)).exitCode, 0, broken);
      assert.equal((await session.exec("echo alive")).stdout, "alive\n", broken);
    }
  }],
  ["gives a command end of file, or the text it was given, as input", async (session) => {
    assert.equal((await session.exec("cat; echo end")).stdout, "end\n");
    assert.equal((await session.exec("cat", { stdin: "a\nb" })).stdout, "a\nb");
  }],
  ["undoes what a command does to its own streams", async (session) => {
    await session.exec("exec >/dev/null 2>&1; exec 7>&- 8>&-");
    const result = await session.exec("echo out; echo err >&2");
    assertResult(result, { stdout: "out\n", stderr: "err\n", exitCode: 0 });
  }],
  ["ends a command at its time-out and keeps the session's state", async (session) => {
    await session.exec("cd /usr; KEPT=1");
    const command = "echo begun; sleep 60";
    let result = await session.exec(command, { timeoutMs: SHORT_TIMEOUT_MS });
    // A machine that stood still had not begun it by then.
    if (result.stdout === "") result = await session.exec(command, { timeoutMs: LONG_TIMEOUT_MS });
    assert.equal(result.status, "timed_out");
    assert.equal(result.exitCode, 124);
    assert.equal(result.stdout.trimEnd(), "begun");
    assert.equal((await session.exec('echo "$KEPT"; pwd')).stdout, "1\n/usr\n");
  }],
  ["interrupts a command that is cancelled and keeps the session's state", async (session) => {
    await session.exec("KEPT=1");
    const result = await session.exec("sleep 60", {
      signal: AbortSignal.timeout(SHORT_TIMEOUT_MS),
    });
    assert.equal(result.status, "interrupted");
    assert.equal((await session.exec('echo "$KEPT"')).stdout, "1\n");
  }],
  ["says so when a command ends the shell, and goes on at the same place", async (session) => {
    await session.exec("cd /usr");
    const result = await session.exec("exit 3");
    assert.equal(result.exitCode, 3);
    assert.equal(result.shellReplaced?.reason, "exit");
    assert.equal((await session.exec("pwd")).stdout, "/usr\n");
  }],
  ["goes on when its shell is killed", async (session) => {
    const result = await session.exec("kill -9 $$");
    assert.equal(result.exitCode, 137);
    assert.equal(result.shellReplaced?.reason, "killed");
    assert.equal((await session.exec("echo alive")).stdout, "alive\n");
  }],
  ["does not mix late output of a background job into a later command", async (session) => {
    const begun = await session.exec("(sleep 0.2; echo LATE) &");
    const between = await session.exec("true");
    const waited = await session.exec("wait; echo waited");
    const after = await session.exec("echo next");
    // A slow machine comes to the later commands only when the job has spoken.
    const all = [begun, between, waited].map((one) => `${one.stdout}${one.background ?? ""}`);
    assert.match(all.join(""), /LATE/);
    assert.equal(after.stdout, "next\n");
  }],
  ["counts all that is written, however much is shown", async (session) => {
    const result = await session.exec("yes | head -n 500000");
    assert.equal(result.totals.stdoutBytes, 1_000_000);
    assert.equal(result.totals.stdoutLines, 500_000);
    assert.equal(result.truncated, true);
  }],
  ["takes a command of 300 KiB", async (session) => {
    const length = 300 * 1024;
    const result = await session.exec(`v='${"x".repeat(length)}'; echo \${#v}`);
    assert.equal(result.stdout, `${length}\n`);
  }],
  ["refuses what no shell can be given, and lives on", async (session) => {
    await assert.rejects(
      session.exec("echo a\0b"),
      (error) => error instanceof ExeckitError && error.code === "invalid_argument",
    );
    assert.equal((await session.exec("echo alive")).stdout, "alive\n");
  }],
];

/**
 * Declares the suite with `node:test`: one test for each promise, each in a session of its own.
 *
 * @param subject What is held against the promises.
 */
export function sessionContract(subject: ContractSubject): void {
  const options = subject.skip === undefined ? {} : { skip: subject.skip };
  describe(`session contract: ${subject.name}`, () => {
    for (const [promise, test] of PROMISES) {
      it(promise, options, async () => {
        // Node 20 does not know the syntax of `await using`, and this file is published.
        const session = await subject.open({ cwd: "/", env: { CONTRACT: "it's $here" } });
        try {
          await test(session);
        } finally {
          await session[Symbol.asyncDispose]();
        }
      });
    }
  });
}

function assertResult(
  result: ExecResult,
  expected: { stdout?: string; stderr?: string; exitCode: number },
): void {
  if (expected.stdout !== undefined) assert.equal(result.stdout, expected.stdout);
  if (expected.stderr !== undefined) assert.equal(result.stderr, expected.stderr);
  assert.equal(result.exitCode, expected.exitCode);
}
