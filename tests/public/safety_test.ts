import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  type AuditEvent,
  type AuditSink,
  createDenyListPolicy,
  ExeckitError,
  type ExecResult,
  type MemoryAudit,
  memoryAudit,
  safe,
  Session,
  type Transport,
  type TransportFactory,
} from "../../mod.ts";
import { replayTransport } from "../../src/testing/mod.ts";

function kindsOf(audit: MemoryAudit): string[] {
  return audit.events.map(({ event }) => event);
}

function last(audit: MemoryAudit): AuditEvent {
  const event = audit.events.at(-1);
  assert.ok(event !== undefined);
  return event;
}

test("a policy refuses a command before it runs, as a result with a verdict", async () => {
  const audit = memoryAudit();
  await using session = await Session.open({
    transport: "local",
    policy: createDenyListPolicy({ deny: ["rm"] }),
    audit,
  });
  for (const command of ["rm -rf x", "ran=1; /bin/rm x", "echo $(rm x)", "sudo rm x", "'r'm x"]) {
    const result = await session.exec(command);
    assert.equal(result.status, "blocked", command);
    assert.equal(result.verdict?.decision, "deny");
    assert.ok((result.verdict?.reason ?? "").length > 0);
    assert.equal(result.exitCode, undefined);
    assert.equal(result.stdout, "");
    const event = last(audit);
    assert.equal(event.event, "blocked");
    assert.ok(event.event === "blocked" && event.command === command);
  }
  assert.equal((await session.exec('echo "${ran-not}" rm')).stdout, "not rm\n");
});

test("the audit has an event for every way out of a command, and for the session's ends", async () => {
  const audit = memoryAudit();
  const session = await Session.open({
    transport: "local",
    id: "audited",
    policy: createDenyListPolicy({ deny: ["rm"] }),
    audit,
  });
  await session.exec("echo out; echo err >&2; (exit 3)");
  await session.exec("rm x");
  await session.exec("sleep 600", { timeoutMs: 100 });
  await session.exec("sleep 600", { signal: AbortSignal.abort() });
  await session.close();
  await session.close();
  assert.deepEqual(kindsOf(audit), [
    "open",
    ...["start", "exec"],
    "blocked",
    ...["start", "exec"],
    ...["start", "exec"],
    "close",
  ]);
  const [, start, exec] = audit.events;
  assert.ok(start?.event === "start" && exec?.event === "exec");
  assert.equal(start.commandId, exec.commandId);
  assert.deepEqual([exec.exitCode, exec.stdout, exec.stderr], [3, "out\n", "err\n"]);
  for (const event of audit.events) {
    assert.equal(event.session, "audited");
    assert.equal(event.transport, "local");
    assert.ok(event.ts > 1_700_000_000_000);
  }
  const statuses = audit.events.flatMap((event) => event.event === "exec" ? [event.status] : []);
  assert.deepEqual(statuses, ["exited", "timed_out", "interrupted"]);
});

test("a command that cannot be carried out leaves a failed event", async () => {
  const record = new URL("../fixtures/transcripts/bash.json", import.meta.url);
  const replay = replayTransport(JSON.parse(readFileSync(record, "utf8")).transcript);
  const opened: Transport[] = [];
  const transport: TransportFactory = {
    ...replay,
    async open(plan) {
      if (opened.length > 0) {
        throw new ExeckitError({ code: "connect_failed", message: safe`Cannot reach the machine` });
      }
      const transport = await replay.open(plan);
      opened.push(transport);
      return transport;
    },
  };
  const audit = memoryAudit();
  await using session = await Session.open({ transport, audit });
  await Promise.all(opened.map((transport) => transport.close()));
  // The first command may still be under way when the link's end is noticed.
  const first = await session.exec("true").catch((error: unknown) => error);
  assert.ok(
    // What is no error is the result.
    first instanceof ExeckitError || (first as ExecResult).status === "lost",
    String(first),
  );
  await assert.rejects(session.exec("echo again"), { code: "session_lost" });
  const event = last(audit);
  assert.ok(event.event === "failed", event.event);
  assert.deepEqual([event.command, event.code], ["echo again", "session_lost"]);
});

test("nothing runs when the audit cannot be written", async () => {
  const kept: string[] = [];
  const broken: AuditSink = {
    record(event) {
      if (event.event === "start") {
        return Promise.reject(
          new ExeckitError({ code: "audit_failed", message: safe`The disk is full` }),
        );
      }
      kept.push(event.event);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  await using folder = tempFolder();
  const file = join(folder.path, "made");
  await using session = await Session.open({ transport: "local", audit: broken, cwd: folder.path });
  await assert.rejects(session.exec("echo x >made"), { code: "audit_failed" });
  assert.ok(!kept.includes("exec"));
  assert.equal(existsSync(file), false);
});

test("secrets are redacted in command, output, cwd and audit", async () => {
  const audit = memoryAudit();
  const secret = randomBytes(12).toString("hex");
  const token = "gh" + "p_" + randomBytes(18).toString("hex");
  await using folder = tempFolder();
  await using session = await Session.open({
    transport: "local",
    audit,
    secrets: [secret],
    env: { DEPLOY_PASSWORD: `${secret}-env` },
    cwd: folder.path,
  });
  const commands = [
    `echo ${secret}; echo ${secret} >&2`,
    `echo ${token}`,
    'echo "$DEPLOY_PASSWORD"',
    `printf '%s' ${secret.slice(0, 12)}; sleep 0.1; printf '%s' ${secret.slice(12)}`,
    `mkdir ${secret}; cd ${secret}; pwd`,
    `echo ${secret} | base64`,
  ];
  const results = [];
  for (const command of commands) results.push(await session.exec(command));
  const inBase64 = btoa(`${secret}\n`).slice(0, 24);
  const told = JSON.stringify([results, audit.events, session.cwd]);
  for (const hidden of [secret, token, inBase64]) assert.ok(!told.includes(hidden));
  assert.match(results[0]?.stdout ?? "", /^\[REDACTED:/);
  assert.match(results[0]?.stderr ?? "", /^\[REDACTED:/);
  assert.match(results[0]?.command ?? "", /^echo \[REDACTED:/);
  assert.match(results[4]?.cwd ?? "", /\[REDACTED:/);
  assert.match(session.cwd, /\[REDACTED:/);
  assert.ok(!session.redact(`x ${secret} y`).includes(secret));
});

interface TempFolder extends AsyncDisposable {
  readonly path: string;
}

function tempFolder(): TempFolder {
  const path = mkdtempSync(join(tmpdir(), "execkit-public-"));
  return {
    path,
    [Symbol.asyncDispose]() {
      rmSync(path, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}
