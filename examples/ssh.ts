/**
 * A session on an SSH host: the same calls and results as on this machine. A command that was
 * detached outlives its session.
 *
 * Run it with the host's options as JSON, such as `'{"host":"web-1"}'`:
 * `deno run --allow-net=HOST:PORT --allow-read=KEYS,KNOWN_HOSTS examples/ssh.ts OPTIONS`
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { Session, type SshOptions } from "../mod.ts";

// The caller says whom to connect to; Session.open() checks every option.
const host = JSON.parse(process.argv[2] ?? "{}") as SshOptions;

let detachedId: string | undefined;
{
  await using session = await Session.open({ transport: "ssh", ...host, reconnect: true });

  await session.exec("cd /tmp && export GREETING=hello");
  const result = await session.exec("echo $GREETING; pwd; ls /nope");
  assert.equal(result.stdout, "hello\n/tmp\n");
  assert.notEqual(result.stderr, "");
  assert.notEqual(result.exitCode, 0);

  const slow = await session.exec("sleep 60", { timeoutMs: 200 });
  assert.equal(slow.status, "timed_out");

  const apart = await session.exec("sleep 1; echo $GREETING from afar", { detach: true });
  assert.equal(apart.status, "running");
  detachedId = apart.detachedId;
}

assert.ok(detachedId !== undefined);
await using later = await Session.open({ transport: "ssh", ...host });
const { exitCode } = await later.detached.wait(detachedId);
assert.equal(exitCode, 0);
const { stdout } = await later.detached.read(detachedId);
assert.equal(stdout, "hello from afar\n");
await later.detached.remove(detachedId);
