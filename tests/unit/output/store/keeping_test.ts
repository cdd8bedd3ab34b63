import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { sleepMs } from "../../../../src/clock.ts";
import { LIMITS } from "../../../../src/limits.ts";
import { compilePattern } from "../../../../src/output/pattern.ts";
import type { CommandOutput } from "../../../../src/output/store/command_output.ts";
import { OutputQuota } from "../../../../src/output/store/output_quota.ts";
import { SpoolDirectory } from "../../../../src/output/store/spool_directory.ts";
import { SpoolFile, type SpoolHandle } from "../../../../src/output/store/spool_file.ts";
import { withinTime } from "../../../support/wait_for.ts";
import { newOutput, turn, withSpool } from "./output_model.ts";

const run = promisify(execFile);
const encoder = new TextEncoder();
const MIB = 1024 * 1024;
const isRoot = process.getuid?.() === 0;
const ONLY_ROOT = isRoot && process.platform === "linux" ? {} : { skip: "needs root on Linux" };

/** Numbered lines; each is 32 bytes with its end. */
function numbered(from: number, count: number): Uint8Array {
  let text = "";
  for (let line = from; line < from + count; line++) {
    text += `${String(line).padStart(10, "0")} some words to it end\n`;
  }
  return encoder.encode(text);
}

async function pushLines(output: CommandOutput, count: number): Promise<void> {
  for (let line = 1; line <= count; line += 2048) {
    output.push("stdout", numbered(line, Math.min(2048, count + 1 - line)));
    await turn();
  }
}

/** Every kept line has to say its own number, and gaps and lines have to cover all lines. */
async function assertExact(output: CommandOutput, total: number): Promise<number> {
  const { gaps } = output.report();
  let expected = 1;
  let kept = 0;
  for (let from: number | undefined = 1; from !== undefined;) {
    const page = await output.read({
      stream: "stdout",
      from,
      lines: 100_000,
      maxChars: 10_000_000,
    });
    assert.equal(page.totalLines, total);
    for (const { line, text } of page.lines) {
      const gap = gaps.find(({ firstLine }) => firstLine === expected);
      if (line !== expected) assert.equal(line, (gap?.lastLine ?? 0) + 1, `after ${expected}`);
      assert.equal(Number(text.slice(0, 10)), line);
      expected = line + 1;
      kept++;
    }
    from = page.nextLine;
  }
  assert.equal(expected, total + 1);
  return kept;
}

/** Counts the spool files that are open in a directory; they have no name in it any more. */
async function openFiles(path: string): Promise<number> {
  // Deno lets no program look into its own /proc.
  // A descriptor that is closed while they are listed makes ls fail.
  const list = 'ls -l "$1" 2>/dev/null; exit 0';
  const { stdout } = await run("sh", ["-c", list, "sh", `/proc/${process.pid}/fd`]);
  return stdout.split("\n").filter((line) => line.includes(`${path}/execkit-output-`)).length;
}

describe("keeping output", () => {
  test("keeps start and end of 1 GB within 64 MiB, and little of it in memory", async () => {
    await withSpool(async (spool, path) => {
      const output = newOutput({ spool });
      const line = `${"some words that say nothing ".repeat(36)}end\n`;
      const chunk = encoder.encode(line.repeat(64));
      const before = process.memoryUsage().rss;
      let most = 0;
      const pushes = Math.ceil((1024 * MIB) / chunk.length);
      for (let push = 0; push < pushes; push++) {
        output.push("stdout", chunk);
        if (push % 16 !== 0) continue;
        await output.settled();
        most = Math.max(most, process.memoryUsage().rss);
      }
      output.push("stdout", encoder.encode("the last line\n"));
      output.end();
      const { keptBytes, gaps, problems } = output.report();
      assert.ok(most - before < 300 * MIB, `${(most - before) / MIB} MiB more`);
      assert.ok(keptBytes <= LIMITS.outputKeepMaxBytes && keptBytes > 60 * MIB, `${keptBytes}`);
      assert.deepEqual(problems, [
        "the middle of the output is not kept: the output's quota is used up",
      ]);
      const [gap] = gaps;
      assert.ok(gap !== undefined && gaps.length === 1);
      const around = await output.read({ stream: "stdout", from: gap.firstLine - 2, lines: 4 });
      const numbers = around.lines.map((shown) => shown.line);
      assert.deepEqual(numbers, [
        gap.firstLine - 2,
        gap.firstLine - 1,
        gap.lastLine + 1,
        gap.lastLine + 2,
      ]);
      assert.match(around.text, /\.\.\. \d+ bytes not kept \(lines \d+-\d+ of stdout\) \.\.\.\n/);
      const pattern = compilePattern("^the last");
      const found = await output.search({ stream: "stdout", pattern, fromLine: -100_000 });
      assert.deepEqual(found.lines.map((match) => match.line), [pushes * 64 + 1]);
      assert.deepEqual(await readdir(path), []);
      await output.close();
    });
  });

  test("names exactly the lines that a small quota cuts", async () => {
    await withSpool(async (spool) => {
      for (const maxBytes of [200_000, 500_000, 1_000_000]) {
        const output = newOutput({ spool, maxBytes, memoryBytes: 0 });
        await pushLines(output, 60_000);
        output.end();
        await output.settled();
        const kept = await assertExact(output, 60_000);
        assert.ok(kept * 32 <= maxBytes && kept * 32 > maxBytes / 2, `${kept}`);
        const first = await output.read({ stream: "stdout", lines: 1 });
        assert.equal(first.lines[0]?.line, 1);
        await output.close();
      }
    });
  });

  test("pages through what is kept of an endless line, byte by byte where it was", async () => {
    await withSpool(async (spool) => {
      const output = newOutput({ spool, maxBytes: 400_000, memoryBytes: 0 });
      const whole = Array.from({ length: 250_000 }, (_, at) => `${at} é `).join("");
      for (let at = 0; at < whole.length; at += 50_000) {
        output.push("stdout", encoder.encode(whole.slice(at, at + 50_000)));
        await turn();
      }
      output.end();
      const bytes = encoder.encode(whole);
      const [gap] = output.report().gaps;
      assert.ok(gap !== undefined && gap.firstLine === 1 && gap.lastLine === 1);
      let shown = 0;
      for (let fromByte: number | undefined = 0; fromByte !== undefined;) {
        const page = await output.read({ stream: "stdout", from: 1, fromByte, maxChars: 30_000 });
        for (const { text, fromByte: at } of page.lines) {
          const length = encoder.encode(text).length;
          // Where the gap cut a character, its bytes are shown as what they are: no character.
          if (text.includes("\ufffd")) continue;
          assert.equal(text, new TextDecoder().decode(bytes.subarray(at, at + length)));
          shown += length;
        }
        fromByte = page.nextByte;
      }
      assert.ok(shown > 200_000, `${shown}`);
      const over = await output.search({ stream: "stdout", pattern: compilePattern("^0 é 1 é") });
      assert.equal(over.matches, 1);
      await output.close();
    });
  });

  test("keeps the few lines of one stream when the other floods", async () => {
    const output = newOutput({ memoryOnlyMaxBytes: 500_000 });
    output.push("stderr", encoder.encode("first\n"));
    await pushLines(output, 30_000);
    output.push("stderr", encoder.encode("second\n"));
    await pushLines(output, 30_000);
    output.end();
    const { text } = await output.read({ stream: "stderr" });
    assert.equal(text, "first\nsecond\n");
    const both = await output.search({ stream: "both", pattern: compilePattern("^second") });
    assert.deepEqual(both.lines.map(({ line }) => line), [30_002]);
    assert.deepEqual(output.report().problems, [
      "the middle of the output is not kept: it is held in memory only",
    ]);
  });

  test("shares a quota between commands and gives it back at close", async () => {
    const all = new OutputQuota(1_000_000);
    const session = new OutputQuota(600_000, all);
    const first = newOutput({ quota: session });
    const second = newOutput({ quota: session });
    await pushLines(first, 15_000);
    await pushLines(second, 15_000);
    first.end();
    second.end();
    assert.ok(session.usedBytes <= 600_000, `${session.usedBytes}`);
    assert.equal(all.usedBytes, session.usedBytes);
    await assertExact(first, 15_000);
    await assertExact(second, 15_000);
    assert.match(second.report().problems.join(), /the quota for the output of all commands/);
    await first.close();
    await second.close();
    assert.deepEqual([session.usedBytes, all.usedBytes], [0, 0]);
  });

  test("gives readers whole lines while the command floods", async () => {
    await withSpool(async (spool) => {
      const output = newOutput({ spool, maxBytes: 600_000, memoryBytes: 0 });
      let isOver = false;
      const read = async (from: number): Promise<void> => {
        while (!isOver) {
          const page = await output.read({ stream: "stdout", from, lines: 500 });
          for (const { line, text, endsLine, fromByte } of page.lines) {
            if (endsLine && fromByte === 0) assert.equal(Number(text.slice(0, 10)), line);
          }
          await turn();
        }
      };
      const readers = [read(1), read(9000), read(-700)];
      await pushLines(output, 150_000);
      output.end();
      isOver = true;
      await Promise.all(readers);
      await output.settled();
      await assertExact(output, 150_000);
      await output.close();
    });
  });

  test("leaves no descriptor and no file behind", {
    ...(process.platform === "linux" ? {} : { skip: "needs /proc" }),
  }, async () => {
    await withSpool(async (spool, path) => {
      await spool.check();
      assert.equal(await openFiles(path), 0);
      const outputs = Array.from({ length: 8 }, () => newOutput({ spool, memoryBytes: 0 }));
      for (const output of outputs) await pushLines(output, 10_000);
      await Promise.all(outputs.map((output) => output.settled()));
      assert.equal(await openFiles(path), 8);
      assert.deepEqual(await readdir(path), []);
      await Promise.all(outputs.map((output) => output.close()));
      const early = newOutput({ spool, memoryBytes: 0 });
      early.push("stdout", numbered(1, 10_000));
      await early.close();
      assert.equal(await openFiles(path), 0);
    });
  });

  test("keeps the directory to its user and clears what a crash left", async () => {
    await withSpool(async (spool, path) => {
      await mkdir(path, { mode: 0o700 });
      const left = `execkit-output-${"ab".repeat(16)}.spool`;
      await writeFile(join(path, left), "left");
      await writeFile(join(path, "notes.txt"), "not ours");
      await spool.check();
      assert.deepEqual(await readdir(path), ["notes.txt"]);
      const made = new SpoolDirectory(join(path, "made"));
      await made.check();
      assert.equal((await stat(join(path, "made"))).mode & 0o777, 0o700);
      for (const mode of [0o770, 0o707]) {
        await chmod(path, mode);
        await assert.rejects(new SpoolDirectory(path).check(), /group or others can write it/);
      }
    });
  });

  test("refuses a directory of another user", ONLY_ROOT, async () => {
    await withSpool(async (spool, path) => {
      await mkdir(path, { mode: 0o700 });
      await chown(path, 12_345, 12_345);
      await assert.rejects(spool.check(), /it belongs to another user/);
      assert.deepEqual(await readdir(path), []);
    });
  });

  test("stays in memory, and says so, when the directory cannot be used", async () => {
    await withSpool(async (_spool, path) => {
      await writeFile(path, "in the way");
      const output = newOutput({ spool: new SpoolDirectory(path), memoryOnlyMaxBytes: 400_000 });
      await pushLines(output, 40_000);
      output.end();
      // What is wrong with the directory shows when the first write comes back.
      await output.settled();
      await assertExact(output, 40_000);
      assert.match(
        output.report().problems.join(),
        /held in memory only: Cannot use the directory for output: it is not a directory/,
      );
      assert.equal(await readFile(path, "utf8"), "in the way");
      await output.close();
    });
  });

  test("keeps what it has when the disk is full", ONLY_ROOT, async () => {
    await withSpool(async (_spool, path) => {
      await mkdir(path, { mode: 0o700 });
      await run("mount", ["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", path]);
      try {
        const output = newOutput({
          spool: new SpoolDirectory(path),
          memoryOnlyMaxBytes: 600_000,
        });
        await pushLines(output, 200_000);
        output.end();
        await output.settled();
        const kept = await assertExact(output, 200_000);
        assert.ok(kept * 32 > 1_000_000, `${kept}`);
        assert.deepEqual(output.report().problems, [
          "the output is held in memory only: the disk is full",
        ]);
        await output.close();
      } finally {
        await run("umount", [path]);
      }
    });
  });

  test("asks who writes to wait for a slow disk, and then loses nothing", async () => {
    const slots = new Map<number, Uint8Array>();
    const handle: SpoolHandle = {
      write: async (bytes, _from, count, position) => {
        await sleepMs(2);
        slots.set(position, bytes.slice());
        return { bytesWritten: count };
      },
      read: (bytes, _from, count, position) => {
        bytes.set(slots.get(position)?.subarray(0, count) ?? []);
        return Promise.resolve({ bytesRead: count });
      },
      close: () => Promise.resolve(),
    };
    const spool = new SpoolDirectory("/nowhere");
    spool.create = () => Promise.resolve(new SpoolFile(handle));
    const output = newOutput({ spool, memoryBytes: 0, queueMaxBytes: 1_000_000 });
    let waits = 0;
    for (let line = 1; line <= 200_000; line += 2048) {
      output.push("stdout", numbered(line, Math.min(2048, 200_001 - line)));
      const room = output.room();
      if (room === undefined) continue;
      waits++;
      await room;
    }
    output.end();
    assert.ok(waits > 0);
    await output.settled();
    assert.equal(output.room(), undefined);
    assert.deepEqual([output.report().problems, output.report().gaps], [[], []]);
    assert.equal(await assertExact(output, 200_000), 200_000);
    await output.close();
  });

  test("bounds what waits for a disk that does not answer", async () => {
    let writes = 0;
    let release = (): void => {};
    const answer = new Promise<void>((resolve) => release = resolve);
    const handle: SpoolHandle = {
      write: async (_bytes, _from, count) => {
        writes++;
        await answer;
        return { bytesWritten: count };
      },
      read: () => Promise.reject(Object.assign(new Error("failed"), { code: "EIO" })),
      close: () => Promise.resolve(),
    };
    const spool = new SpoolDirectory("/nowhere");
    spool.create = () => Promise.resolve(new SpoolFile(handle));
    const output = newOutput({ spool, memoryBytes: 0, queueMaxBytes: 500_000 });
    await pushLines(output, 100_000);
    output.end();
    assert.ok(writes > 0);
    // A moment, and not until the disk answers.
    await withinTime("a moment", output.room() ?? Promise.reject(new Error("There is no room")));
    assert.ok(output.report().keptBytes <= 600_000, `${output.report().keptBytes}`);
    assert.match(output.report().problems.join(), /the disk is too slow/);
    await assertExact(output, 100_000);
    release();
    await output.settled();
    await output.read({ stream: "stdout" });
    assert.match(output.report().problems.join(), /cannot be read: the disk failed/);
    await output.close();
  });
});
