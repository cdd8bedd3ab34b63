import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { type ExecResult, type OutputGap, Session, type SessionCommand } from "../../mod.ts";
import { makeTestFolder } from "../support/open_session.ts";
import { memoryOf, runScript, skipWithout } from "../support/processes.ts";
import { withinTime } from "../support/wait_for.ts";

const MIB = 1024 * 1024;
const QUOTA_BYTES = 64 * MIB;
/** `seq` up to here writes more than 1 GB; each line is its own number. */
const LINES = 118_000_000;
/** Milliseconds that a gigabyte may take on a busy machine. */
const FLOOD_MS = 300_000;
/** As in `flood_test.ts`; a process that kept all would grow by three times as much. */
const GROWTH_MAX_KIB = 384 * 1024;
/** Bytes of each end that are whole, however slow the disk is: there may be holes behind them. */
const END_LEAST_BYTES = 64 * 1024;
/** Lines of one page. */
const PAGE_LINES = 50_000;

/** Bytes of `seq 1 to`. */
function seqBytes(to: number): number {
  let bytes = 0;
  for (let digits = 1, from = 1; from <= to; digits++, from *= 10) {
    bytes += (Math.min(to, from * 10 - 1) - from + 1) * (digits + 1);
  }
  return bytes;
}

/** The lines of `seq from to`. */
function seqText(from: number, to: number): string {
  const lines: string[] = [];
  for (let number = from; number <= to; number++) lines.push(`${number}\n`);
  return lines.join("");
}

/** Lines that are kept one after the other, from the first to the last number. */
interface Kept {
  readonly from: number;
  readonly to: number;
}

/** The lines between the gaps; every byte of the output is in one or the other. */
function keptBetween(gaps: readonly OutputGap[]): readonly Kept[] {
  let next = 1;
  const kept = [...gaps, { firstLine: LINES + 1, lastLine: LINES + 1 }].map((gap) => {
    const lines = { from: next, to: gap.firstLine - 1 };
    next = gap.lastLine + 1;
    return lines;
  });
  for (const { firstLine, lastLine, bytes } of gaps) {
    assert.equal(bytes, seqBytes(lastLine) - seqBytes(firstLine - 1));
  }
  const bytes = kept.reduce((sum, one) => sum + seqBytes(one.to) - seqBytes(one.from - 1), 0);
  assert.ok(bytes <= QUOTA_BYTES, `${bytes} bytes are kept`);
  return kept;
}

/** Fetches a page at both ends of some lines, and compares it. */
async function compareEnds(command: SessionCommand, { from, to }: Kept): Promise<void> {
  for (const first of [from, Math.max(from, to - PAGE_LINES + 1)]) {
    const last = Math.min(to, first + PAGE_LINES - 1);
    const lines = last - first + 1;
    const page = await command.read({ stream: "stdout", from: first, lines, maxChars: 2_000_000 });
    assert.equal(page.totalLines, LINES);
    const shown = page.lines.map(({ line, text }) => `${line} ${text}\n`).join("");
    const wanted = seqText(first, last).replaceAll(/\d+/g, "$& $&");
    assert.ok(shown === wanted, `lines ${first} to ${last} differ`);
  }
}

/** The marker that a reader sees in place of a gap, between the lines around it. */
async function assertNamed(command: SessionCommand, gap: OutputGap): Promise<void> {
  const { firstLine, lastLine, bytes } = gap;
  const page = await command.read({ stream: "stdout", from: firstLine - 1, lines: 2 });
  const marker = `... ${bytes} bytes not kept (lines ${firstLine}-${lastLine} of stdout) ...`;
  assert.equal(page.text, `${firstLine - 1}\n${marker}\n${lastLine + 1}\n`);
}

/** What a search of all that is kept gives, though it may stop for the time. */
async function searchAll(
  command: SessionCommand,
  pattern: string,
): Promise<{ readonly found: readonly number[]; readonly gaps: readonly OutputGap[] }> {
  const found: number[] = [];
  const gaps = new Map<number, OutputGap>();
  let fromLine: number | undefined = 1;
  while (fromLine !== undefined) {
    const page = await command.search({ stream: "stdout", pattern, fromLine, maxMatches: 1000 });
    found.push(...page.lines.map(({ line }) => line));
    for (const gap of page.gaps) gaps.set(gap.firstLine, gap);
    fromLine = page.nextLine;
  }
  return { found, gaps: [...gaps.values()] };
}

/** What a reader sees at any moment: the start, the end and the news are lines in order. */
async function readWhileRunning(command: SessionCommand): Promise<number> {
  let reads = 0;
  while (!command.isOver) {
    for (const part of [{ from: 1 }, { tail: 5 }]) {
      const { lines } = await command.read({ stream: "stdout", lines: 5, ...part });
      for (const { line, text, endsLine } of lines) {
        assert.ok(endsLine ? text === String(line) : String(line).startsWith(text), text);
      }
      assert.ok(lines.every((one, index) => one.line === (lines[0]?.line ?? 0) + index));
    }
    reads++;
  }
  return reads;
}

/** Lets the kernel forget the most memory that this process had, which earlier tests made. */
async function memoryFromNow(): Promise<number> {
  await runScript('echo 5 >"/proc/$1/clear_refs"', String(process.pid));
  return (await memoryOf(process.pid)).residentKib;
}

/** Bytes of this process's spool files: they have no name any more. */
async function spoolBytes(): Promise<number[]> {
  const script = 'cd "/proc/$1/fd" && for f in *; do case $(readlink "$f") in ' +
    '*execkit-output-*) stat -L -c %s "$f" ;; esac; done; exit 0';
  const text = await runScript(script, String(process.pid));
  return text.split("\n").filter((line) => line !== "").map(Number);
}

describe("1 GB of output with a quota of 64 MB", { skip: skipWithout("seq") }, () => {
  it("takes little memory, keeps both ends exactly and names the cut", async () => {
    using folder = makeTestFolder();
    const outputDirectory = join(folder.path, "output");
    await using session = await Session.open({
      transport: "local",
      outputDirectory,
      outputMaxBytes: QUOTA_BYTES,
    });
    await session.exec("seq 20000");
    const beforeKib = await memoryFromNow();
    const result = await withinTime(
      "the flood",
      session.exec(`seq ${LINES}`, {
        timeoutMs: FLOOD_MS,
        budget: { keep: { mode: "tail", n: 20 } },
      }),
      FLOOD_MS,
    );
    const growthKib = (await memoryOf(process.pid)).peakKib - beforeKib;
    assertWhole(result);
    assert.ok(growthKib < GROWTH_MAX_KIB, `the process grew by ${growthKib} KiB`);
    for (const bytes of await spoolBytes()) assert.ok(bytes <= 2 * QUOTA_BYTES, `${bytes} bytes`);

    const command = session.command(result.commandId);
    const { found, gaps } = await searchAll(command, "54321$");
    assert.ok(gaps.length > 0);
    for (const gap of gaps) await assertNamed(command, gap);
    const kept = keptBetween(gaps);
    for (const lines of kept) await compareEnds(command, lines);
    for (const end of [...kept.slice(0, 1), ...kept.slice(-1)]) {
      const bytes = seqBytes(end.to) - seqBytes(end.from - 1);
      assert.ok(bytes >= END_LEAST_BYTES, `${bytes} bytes: ${JSON.stringify(kept)}`);
    }
    const expected = kept.flatMap(({ from, to }) => {
      const first = Math.ceil((from - 54_321) / 100_000) * 100_000 + 54_321;
      const count = Math.max(0, Math.floor((to - first) / 100_000) + 1);
      return Array.from({ length: count }, (_, index) => first + index * 100_000);
    });
    assert.deepEqual(found, expected);
    assert.equal((await session.exec("echo next")).stdout, "next\n");
    assert.deepEqual(readdirSync(outputDirectory), []);
  });

  it("is read while it comes, from its start and from its end", async () => {
    await using session = await Session.open({ transport: "local", outputMaxBytes: QUOTA_BYTES });
    const options = { waitMs: 0, timeoutMs: FLOOD_MS };
    const { commandId } = await session.exec(`seq ${LINES / 10}`, options);
    const command = session.command(commandId);
    assert.ok(await withinTime("the flood", readWhileRunning(command), FLOOD_MS) > 1);
    const page = await command.read({ stream: "stdout", tail: 1 });
    assert.equal(page.text, `${LINES / 10}\n`);
  });
});

function assertWhole(result: ExecResult): void {
  assert.deepEqual([result.status, result.exitCode], ["exited", 0]);
  assert.equal(result.totals.stdoutBytes, seqBytes(LINES));
  assert.equal(result.totals.stdoutLines, LINES);
  assert.equal(result.budget?.stdout.linesTotal, LINES);
  assert.ok(result.stdout.endsWith(seqText(LINES - 19, LINES)), result.stdout.slice(-400));
  assert.match(result.note ?? "", /not kept/);
}

describe("every line of a long output", () => {
  const COUNT = 100_000;
  const lineOf = (number: number) => `line ${number} ${(number * 7919) % 1_000_003}`;

  /** Fetches all lines by pages and compares each. */
  async function compareAll(command: SessionCommand): Promise<void> {
    let from: number | undefined = 1;
    let expected = 1;
    while (from !== undefined) {
      const page = await command.read({ stream: "stdout", from, lines: 7001, maxChars: 1_000_000 });
      assert.equal(page.totalLines, COUNT);
      assert.deepEqual(page.gaps, []);
      for (const { line, text } of page.lines) {
        if (line !== expected || text !== lineOf(expected)) {
          assert.deepEqual([line, text], [expected, lineOf(expected)]);
        }
        expected++;
      }
      from = page.nextLine;
    }
    assert.equal(expected, COUNT + 1);
  }

  for (const where of ["memory", "a file"] as const) {
    it(`is fetched again from ${where}, after and during later commands`, {
      skip: skipWithout("awk"),
    }, async () => {
      using folder = makeTestFolder();
      await using session = await Session.open({
        transport: "local",
        ...(where === "memory" ? {} : { outputDirectory: join(folder.path, "output") }),
      });
      const program = `for (i = 1; i <= ${COUNT}; i++) print "line " i " " (i * 7919) % 1000003`;
      const first = await session.exec(`awk 'BEGIN { ${program} }'`, {
        budget: { keep: { mode: "tail", n: 20 } },
      });
      assert.equal(first.totals.stdoutLines, COUNT);
      const shown = first.stdout.trimEnd().split("\n").slice(-20);
      assert.deepEqual(shown, Array.from({ length: 20 }, (_, index) => lineOf(COUNT - 19 + index)));
      const command = session.command(first.commandId);
      await compareAll(command);
      for (let count = 0; count < 5; count++) await session.exec("seq 50000");
      await compareAll(command);
      const { commandId } = await session.exec("sleep 600", { waitMs: 0 });
      await compareAll(command);
      const middle = await command.read({ stream: "stdout", tail: 3 });
      assert.deepEqual(middle.lines.map(({ line }) => line), [COUNT - 2, COUNT - 1, COUNT]);
      assert.equal(session.running, commandId);
      session.command(commandId).interrupt();
    });
  }
});
