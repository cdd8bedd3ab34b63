/**
 * A local session: state lasts, streams stay apart, a time-out does not lose the session.
 *
 * Run it with `deno run --allow-run=sh examples/local.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Session } from "../mod.ts";

await using session = await Session.open({ transport: "local" });

await session.exec("cd /tmp && export GREETING=hello");
const result = await session.exec("echo $GREETING; pwd; ls /nope");
assert.equal(result.stdout, "hello\n/tmp\n");
assert.notEqual(result.stderr, "");
assert.notEqual(result.exitCode, 0);
assert.equal(result.status, "exited");

const slow = await session.exec("sleep 60", { timeoutMs: 200 });
assert.equal(slow.status, "timed_out");
assert.equal(slow.exitCode, 124);

const after = await session.exec("echo $GREETING");
assert.equal(after.stdout, "hello\n");
