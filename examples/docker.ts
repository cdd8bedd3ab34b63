/**
 * A session in a locked-down container of its own: nothing to write to but `/tmp`, no network, and
 * nothing left at the end.
 *
 * It takes the name of an image that the engine has, and that has a shell. Run it with
 * `deno run --allow-env --allow-net=unix:/var/run/docker.sock
 * --allow-read=/var/run/docker.sock,$HOME/.docker --allow-write=/var/run/docker.sock
 * examples/docker.ts busybox`.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { Session } from "../mod.ts";

const image = process.argv[2] ?? "busybox";
await using session = await Session.open({
  transport: "docker",
  image,
  own: { memoryBytes: 64 * 1024 * 1024, processes: 64 },
});

await session.exec("cd /tmp && export GREETING=hello");
const result = await session.exec("echo $GREETING; pwd; touch /nope");
assert.equal(result.stdout, "hello\n/tmp\n");
assert.match(result.stderr, /Read-only file system/);
assert.notEqual(result.exitCode, 0);

const network = await session.exec("cat /proc/net/dev");
assert.doesNotMatch(network.stdout, /eth0/);

const slow = await session.exec("sleep 60", { timeoutMs: 200 });
assert.equal(slow.status, "timed_out");

const after = await session.exec("echo $GREETING");
assert.equal(after.stdout, "hello\n");
