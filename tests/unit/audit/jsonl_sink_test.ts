import assert from "node:assert/strict";
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
} from "node:fs/promises";
import { createReadStream } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import type { AuditEvent } from "../../../src/audit/audit_event.ts";
import { verifyAudit } from "../../../src/audit/audit_reader.ts";
import { openJsonlAudit } from "../../../src/audit/jsonl_sink.ts";
import { ExeckitError } from "../../../src/errors.ts";
import { safe } from "../../../src/safe_text.ts";

const BASE = { session: safe`s1`, transport: safe`local` };

function closeEvent(ts: number): AuditEvent {
  return { ...BASE, event: "close", ts, reason: "destroyed" };
}

async function inDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "execkit-audit-"));
  try {
    await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function record(path: string, ...stamps: readonly number[]): Promise<void> {
  await using sink = await openJsonlAudit({ path });
  for (const ts of stamps) await sink.record(closeEvent(ts));
}

async function append(path: string, text: string): Promise<void> {
  const handle = await open(path, "a", 0o600);
  await handle.write(text);
  await handle.close();
}

async function linesOf(path: string): Promise<readonly string[]> {
  return (await readFile(path, "utf8")).split("\n");
}

function isAuditFailure(message: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof ExeckitError && error.code === "audit_failed" && message.test(error.message);
}

describe("openJsonlAudit() writes", () => {
  it("one chained line per event with wire names", () =>
    inDirectory(async (directory) => {
      const path = join(directory, "a.jsonl");
      {
        await using sink = await openJsonlAudit({ path });
        await sink.record({
          ...BASE,
          event: "exec",
          ts: 5,
          commandId: safe`c1`,
          command: safe`true`,
          status: "timed_out",
          stdout: safe`a\nb`,
          stderr: safe``,
          exitCode: 124,
          durationMs: 7.6,
          cwd: safe`/`,
          truncated: false,
          timedOut: true,
        });
        await sink.record(closeEvent(6));
      }
      const [exec = "", close = "", rest] = await linesOf(path);
      assert.deepEqual(JSON.parse(exec), {
        session: "s1",
        transport: "local",
        event: "exec",
        ts: 5,
        command_id: "c1",
        command: "true",
        status: "timed_out",
        stdout: "a\nb",
        stderr: "",
        exit_code: 124,
        duration_ms: 8,
        cwd: "/",
        truncated: false,
        timed_out: true,
        prev: "0".repeat(64),
      });
      assert.match(JSON.parse(close).prev, /^[0-9a-f]{64}$/);
      assert.equal(rest, "");
    }));
  it("a file that only its owner can read, in directories that only he can enter", () =>
    inDirectory(async (directory) => {
      const path = join(directory, "new", "deep", "a.jsonl");
      await record(path, 1);
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      assert.equal((await stat(dirname(path))).mode & 0o777, 0o700);
      assert.equal((await stat(join(directory, "new"))).mode & 0o777, 0o700);
    }));
  it("events in the order of the calls, without waiting between them", () =>
    inDirectory(async (directory) => {
      const path = join(directory, "a.jsonl");
      const stamps = Array.from({ length: 200 }, (_, index) => index);
      {
        await using sink = await openJsonlAudit({ path });
        await Promise.all(stamps.map((ts) => sink.record(closeEvent(ts))));
      }
      const lines = await linesOf(path);
      assert.deepEqual(lines.slice(0, -1).map((line) => JSON.parse(line).ts), stamps);
      assert.equal((await verifyAudit(lines)).ok, true);
    }));
  it("a separator of lines inside a text as an escape", () =>
    inDirectory(async (directory) => {
      const path = join(directory, "a.jsonl");
      {
        await using sink = await openJsonlAudit({ path });
        await sink.record({
          ...BASE,
          event: "open",
          ts: 1,
          target: safe`a\u2028b`,
          shell: safe`sh`,
        });
        await sink.record(closeEvent(2));
      }
      const input = createReadStream(path);
      const check = await verifyAudit(createInterface({ input, crlfDelay: Infinity }));
      assert.deepEqual([check.ok, check.lines], [true, 2]);
      const [line = ""] = await linesOf(path);
      assert.ok(!line.includes("\u2028"));
      assert.equal(JSON.parse(line).target, "a\u2028b");
    }));
});

describe("openJsonlAudit() continues", () => {
  it("the chain of an existing file", () =>
    inDirectory(async (directory) => {
      const path = join(directory, "a.jsonl");
      for (const ts of [1, 2, 3]) await record(path, ts);
      const check = await verifyAudit(await linesOf(path));
      assert.deepEqual([check.ok, check.lines, check.tornLines], [true, 3, []]);
    }));
  it("behind a torn last line, which stays and counts in the chain", () =>
    inDirectory(async (directory) => {
      const path = join(directory, "a.jsonl");
      await record(path, 1, 2);
      await append(path, '{"session":"s1","ts":3,"comm');
      await record(path, 4);
      await append(path, "\u20ac{");
      await record(path, 5);
      const lines = await linesOf(path);
      const check = await verifyAudit(lines);
      assert.deepEqual([check.ok, check.lines, check.tornLines], [true, 6, [3, 5]]);
      const cases = [[2], [1], [4]];
      for (const [gone = 0] of cases) {
        assert.equal((await verifyAudit(lines.filter((_, index) => index !== gone))).ok, false);
      }
    }));
  it("behind a torn line that is longer than what it reads at once", () =>
    inDirectory(async (directory) => {
      const path = join(directory, "a.jsonl");
      await record(path, 1, 2);
      await append(path, `{"stdout":"${"é".repeat(200_000)}`);
      await record(path, 3);
      const check = await verifyAudit(await linesOf(path));
      assert.deepEqual([check.ok, check.lines, check.tornLines], [true, 4, [3]]);
    }));
  it("a whole last line that only lacks its newline", () =>
    inDirectory(async (directory) => {
      const path = join(directory, "a.jsonl");
      await record(path, 1, 2);
      await truncate(path, (await stat(path)).size - 1);
      await record(path, 3);
      const check = await verifyAudit(await linesOf(path));
      assert.deepEqual([check.ok, check.lines, check.tornLines], [true, 3, []]);
    }));
});

describe("openJsonlAudit() refuses", () => {
  it("a symbolic link, even to a good file", () =>
    inDirectory(async (directory) => {
      const path = join(directory, "a.jsonl");
      await record(path, 1);
      await symlink(path, join(directory, "link"));
      await symlink(join(directory, "nowhere"), join(directory, "dangling"));
      for (const name of ["link", "dangling"]) {
        await assert.rejects(
          openJsonlAudit({ path: join(directory, name) }),
          isAuditFailure(/symbolic link/),
        );
      }
    }));
  it("a directory and a device", () =>
    inDirectory(async (directory) => {
      await assert.rejects(openJsonlAudit({ path: directory }), isAuditFailure(/is a directory/));
      await assert.rejects(
        openJsonlAudit({ path: "/dev/null" }),
        isAuditFailure(/not a regular file/),
      );
    }));
  it("a file that its group or others can write", () =>
    inDirectory(async (directory) => {
      const path = join(directory, "a.jsonl");
      await record(path, 1);
      for (const mode of [0o620, 0o602]) {
        await chmod(path, mode);
        await assert.rejects(openJsonlAudit({ path }), isAuditFailure(/group or by others/));
      }
    }));
  it("a directory that cannot be made", () =>
    inDirectory(async (directory) => {
      await record(join(directory, "file"), 1);
      await assert.rejects(
        openJsonlAudit({ path: join(directory, "file", "a.jsonl") }),
        isAuditFailure(/not a directory/),
      );
      await mkdir(join(directory, "locked"), { mode: 0o500 });
      // Root may write anywhere; /proc takes no new directory from anyone.
      await assert.rejects(
        openJsonlAudit({ path: "/proc/execkit/a.jsonl" }),
        isAuditFailure(/audit log/),
      );
    }));
});

describe("record() fails closed", () => {
  it("for good when someone else wrote to the file", () =>
    inDirectory(async (directory) => {
      const path = join(directory, "a.jsonl");
      await using sink = await openJsonlAudit({ path });
      await sink.record(closeEvent(1));
      await append(path, "{}\n");
      await assert.rejects(sink.record(closeEvent(2)), isAuditFailure(/changed by someone else/));
      await assert.rejects(sink.record(closeEvent(3)), isAuditFailure(/changed by someone else/));
    }));
  it("when the file was cut or deleted", () =>
    inDirectory(async (directory) => {
      const path = join(directory, "a.jsonl");
      await using cut = await openJsonlAudit({ path });
      await cut.record(closeEvent(1));
      await truncate(path, 0);
      await assert.rejects(cut.record(closeEvent(2)), isAuditFailure(/changed by someone else/));
      await using deleted = await openJsonlAudit({ path });
      await rm(path);
      await assert.rejects(deleted.record(closeEvent(1)), isAuditFailure(/deleted/));
    }));
  it("after it was closed", () =>
    inDirectory(async (directory) => {
      const sink = await openJsonlAudit({ path: join(directory, "a.jsonl") });
      await sink[Symbol.asyncDispose]();
      await sink[Symbol.asyncDispose]();
      await assert.rejects(sink.record(closeEvent(1)), isAuditFailure(/closed/));
    }));
});
