/**
 * What holds for commands that run apart from their session, on whichever machine.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExeckitError, type Session } from "../../mod.ts";
import { waitFor, withinTime } from "./wait_for.ts";

/** Where the suite runs. */
export interface DetachedSubject {
  /** What the suite is called. */
  readonly name: string;
  /** Why it cannot run here; false when it can. */
  readonly skip: string | false;
  /** Opens a session. */
  readonly open: () => Promise<Session>;
}

/** Milliseconds that a detached command may take until it has ended. */
const WAIT_MS = 20_000;

async function start(session: Session, command: string): Promise<string> {
  const result = await session.exec(command, { detach: true });
  assert.equal(result.status, "running");
  assert.equal(result.exitCode, undefined);
  assert.ok(result.detachedId !== undefined);
  return result.detachedId;
}

const isCode = (code: string) => (cause: unknown) =>
  cause instanceof ExeckitError && cause.code === code;

type Open = DetachedSubject["open"];

/** What holds, and the test of it. */
const PROMISES: readonly (readonly [promise: string, test: (open: Open) => Promise<void>])[] = [
  [
    "run with the session's exported variables and cwd, streams and exit code kept",
    async (open) => {
      await using session = await open();
      await session.exec("export SHOWN='it'\\''s'; HIDDEN=1; cd /usr");
      const id = await start(session, 'echo "$SHOWN-$HIDDEN"; pwd; echo err >&2; exit 7');
      const status = await session.detached.wait(id, { waitMs: WAIT_MS });
      assert.equal(status.state, "exited");
      assert.equal(status.exitCode, 7);
      const { stdout, stderr, truncated } = await session.detached.read(id);
      assert.deepEqual([stdout, stderr, truncated], ["it's-\n/usr\n", "err\n", false]);
      await session.detached.remove(id);
    },
  ],
  ["outlive their session, and are found by the next", async (open) => {
    let id: string;
    {
      await using session = await open();
      id = await start(
        session,
        "echo begun; while [ ! -e /tmp/ek-$$.never ]; do sleep 0.1; done",
      );
    }
    await using session = await open();
    assert.equal((await session.detached.status(id)).state, "running");
    assert.ok((await session.detached.list()).some((one) => one.id === id));
    await assert.rejects(session.detached.remove(id), isCode("busy"));
    await session.detached.signal(id, "TERM");
    const status = await session.detached.wait(id, { waitMs: WAIT_MS });
    assert.deepEqual([status.state, status.exitCode], ["exited", 143]);
    assert.equal((await session.detached.read(id)).stdout, "begun\n");
    await session.detached.remove(id);
    await assert.rejects(session.detached.status(id), isCode("unknown_command"));
  }],
  ["tell of their end when they are killed with all their processes", async (open) => {
    await using session = await open();
    const id = await start(
      session,
      "trap '' HUP INT TERM; (trap '' INT TERM; sleep 600); sleep 600",
    );
    await session.detached.signal(id, "KILL");
    const status = await session.detached.wait(id, { waitMs: WAIT_MS });
    assert.deepEqual([status.state, status.exitCode], ["exited", 137]);
    await session.detached.remove(id);
  }],
  ["show no secret, whole or cut at a budget", async (open) => {
    await using session = await open();
    const token = `gh${"p_"}${"a1B2".repeat(9)}`;
    const id = await start(session, `for i in 1 2 3; do echo "line $i ${token}"; done`);
    await session.detached.wait(id, { waitMs: WAIT_MS });
    const whole = await session.detached.read(id);
    assert.match(whole.stdout, /^line 1 \[REDACTED/);
    const cut = await session.detached.read(id, { budget: { maxChars: 30 } });
    const status = await session.detached.status(id);
    for (const text of [whole.stdout, cut.stdout, status.command]) {
      assert.ok(!text.includes(token.slice(4, 12)), text);
    }
    await session.detached.remove(id);
  }],
  ["are told of and read, whatever one does to its own files", async (open) => {
    await using session = await open();
    const id = await start(
      session,
      'd=${0%/command}; for f in stdout stderr begun; do rm -f "$d/$f"; mkfifo "$d/$f"; done' +
        '; printf "a\\000b\\000c" >"$d/command"',
    );
    const { state, stdoutBytes, command } = await session.detached.wait(id, { waitMs: WAIT_MS });
    assert.deepEqual([state, stdoutBytes, command], ["exited", 0, "abc"]);
    const listed = (await session.detached.list()).filter((one) => one.id === id);
    assert.equal(listed.length, 1);
    assert.equal((await withinTime("the output", session.detached.read(id))).stdout, "");
    await session.detached.remove(id);
  }],
  ["are read as far as they go, while they write on", async (open) => {
    await using session = await open();
    const id = await start(session, "yes | head -c 2000001; while :; do echo more >&2; done");
    await waitFor(
      "output",
      async () => (await session.detached.status(id)).stderrBytes > 0 || undefined,
    );
    const { totals } = await withinTime("the output", session.detached.read(id));
    assert.equal(totals.stdoutBytes, 2_000_001);
    await session.detached.signal(id, "KILL");
    await session.detached.wait(id, { waitMs: WAIT_MS });
    await session.detached.remove(id);
  }],
  ["are not found by what is no id", async (open) => {
    await using session = await open();
    for (const id of ["", "../..", "0".repeat(24), "$(id)"]) {
      await assert.rejects(session.detached.status(id), isCode("unknown_command"), id);
    }
  }],
];

/** Declares the suite. */
export function detachedSuite({ name, skip, open }: DetachedSubject): void {
  describe(`detached commands: ${name}`, { skip }, () => {
    for (const [promise, test] of PROMISES) it(promise, () => test(open));
  });
}
