import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { OutputPipeline } from "../../../../src/output/output_pipeline.ts";
import { compilePattern } from "../../../../src/output/pattern.ts";
import { createRedactor } from "../../../../src/output/redact.ts";
import { resolveBudget } from "../../../../src/output/resolve_budget.ts";
import type { CommandOutput } from "../../../../src/output/store/command_output.ts";
import { Random } from "../../../support/random.ts";
import { newOutput, OutputModel, turn, withSpool } from "./output_model.ts";

const encoder = new TextEncoder();
const VIEWS = ["stdout", "stderr", "both"] as const;
const STREAMS = ["stdout", "stderr"] as const;

function words(random: Random): string {
  const parts = ["line", " of ", "äöü€", "\n", "\n\n", "x".repeat(random.below(300)), "😀", "\r\n"];
  return Array.from({ length: 1 + random.below(20) }, () => parts[random.below(parts.length)])
    .join("");
}

/** Reads everything in pages of any size. */
async function readAll(
  output: CommandOutput,
  stream: (typeof VIEWS)[number],
  random: Random,
): Promise<string[]> {
  const lines: string[] = [];
  let [from, fromByte]: [number, number | undefined] = [1, undefined];
  while (true) {
    const size = { lines: 1 + random.below(50), maxChars: 16 + random.below(2000) };
    const start = fromByte === undefined ? { from } : { from, fromByte };
    const page = await output.read({ stream, ...start, ...size });
    assert.ok(page.text.length <= size.maxChars + 1, `${page.text.length} > ${size.maxChars}`);
    for (const line of page.lines) {
      lines[line.line - 1] = (lines[line.line - 1] ?? "") + line.text;
    }
    if (!page.hasMore) return lines;
    assert.ok(page.nextLine !== undefined);
    [from, fromByte] = [page.nextLine, page.nextByte];
  }
}

describe("CommandOutput", () => {
  test("read() gives every line as written, in any pages, from memory and file", async () => {
    await withSpool(async (spool) => {
      for (let seed = 1; seed <= 4; seed++) {
        const random = new Random(seed);
        const output = newOutput({ spool, memoryBytes: random.below(100_000) });
        const model = new OutputModel();
        for (let push = 0; push < 400; push++) {
          const stream = random.pick(STREAMS);
          const text = words(random);
          model.write(stream, text);
          output.push(stream, encoder.encode(text));
          if (push % 100 === 0) await turn();
        }
        for (const stream of STREAMS) {
          model.write(stream, "\n");
          output.push(stream, encoder.encode("\n"));
        }
        output.end();
        for (const view of VIEWS) {
          const expected = model.lines(view).map(({ text }) => text);
          assert.deepEqual(await readAll(output, view, random), expected, `${seed} ${view}`);
          for (let read = 0; read < 20; read++) {
            const from = 1 + random.below(expected.length);
            const lines = 1 + random.below(30);
            const page = await output.read({ stream: view, from, lines });
            const wanted = expected.slice(from - 1, from - 1 + lines);
            assert.deepEqual(page.lines.map(({ text }) => text), wanted);
            assert.deepEqual(page.lines.map(({ line }) => line), wanted.map((_, at) => from + at));
            const back = await output.read({
              stream: view,
              from: from - expected.length - 1,
              lines,
            });
            assert.deepEqual(back.lines, page.lines);
          }
          const tail = await output.read({ stream: view, tail: 20 });
          assert.deepEqual(tail.lines.map(({ text }) => text), expected.slice(-20));
        }
        await output.close();
      }
    });
  });

  test("read() since a cursor neither loses nor doubles a byte while the command writes", async () => {
    await withSpool(async (spool) => {
      for (let seed = 11; seed <= 14; seed++) {
        const random = new Random(seed);
        const output = newOutput({ spool, memoryBytes: 50_000 });
        const model = new OutputModel();
        const got = { stdout: "", stderr: "" };
        let cursor = "o0e0";
        const catchUp = async (): Promise<void> => {
          let more = true;
          while (more) {
            const page = await output.read({
              stream: "both",
              since: cursor,
              lines: 1 + random.below(40),
              maxChars: 16 + random.below(5000),
            });
            cursor = page.cursor;
            more = page.hasMore;
            for (const { stream, text, endsLine } of page.lines) {
              got[stream] += endsLine ? `${text}\n` : text;
            }
          }
        };
        for (let push = 0; push < 1200; push++) {
          const stream = random.pick(STREAMS);
          const bytes = encoder.encode(words(random));
          model.write(stream, new TextDecoder().decode(bytes));
          const cut = random.below(bytes.length + 1);
          output.push(stream, bytes.subarray(0, cut));
          if (random.below(20) === 0) await catchUp();
          output.push(stream, bytes.subarray(cut));
        }
        output.end();
        await catchUp();
        assert.deepEqual(got, model.texts);
        await output.close();
      }
    });
  });

  test("read() puts lines of both streams where their ends arrived, open ones last", async () => {
    const output = newOutput();
    output.push("stdout", encoder.encode("one ... "));
    output.push("stderr", encoder.encode("warning\nask? "));
    const early = await output.read({ stream: "both" });
    assert.equal(early.text, "warning\none ... \nask? ");
    assert.deepEqual(early.lines.map(({ line }) => line), [1, 2, 3]);
    output.push("stdout", encoder.encode("done\n"));
    const since = await output.read({ stream: "both", since: early.cursor });
    assert.deepEqual(
      since.lines.map(({ stream, line, text, fromByte }) => ({ stream, line, text, fromByte })),
      [{ stream: "stdout", line: 2, text: "done", fromByte: 8 }],
    );
    const late = await output.read({ stream: "both" });
    assert.equal(late.text, "warning\none ... done\nask? ");
  });

  test("search() finds what a plain search finds, with context", async () => {
    const random = new Random(21);
    const output = newOutput();
    const model = new OutputModel();
    for (let push = 0; push < 3000; push++) {
      const stream = random.pick(STREAMS);
      const text = `${stream} ${random.below(100)} says ${"z".repeat(random.below(99))}\n`;
      model.write(stream, text);
      output.push(stream, encoder.encode(text));
    }
    output.end();
    for (const view of VIEWS) {
      const lines = model.lines(view).map(({ text }) => text);
      const expected = lines.flatMap((text, at) => / 4[27] says/.test(text) ? [at + 1] : []);
      const pattern = compilePattern(" 4[27] says");
      const found: number[] = [];
      for (let fromLine: number | undefined = 1; fromLine !== undefined;) {
        const page = await output.search({ stream: view, pattern, fromLine, maxMatches: 7 });
        found.push(...page.lines.map(({ line }) => line));
        fromLine = page.nextLine;
      }
      assert.deepEqual(found, expected);
      const page = await output.search({ stream: view, pattern, context: 2, maxMatches: 1000 });
      const shown = new Set(expected.flatMap((line) => [-2, -1, 0, 1, 2].map((by) => line + by)));
      const wanted = [...shown].filter((line) => line >= 1 && line <= lines.length)
        .sort((one, other) => one - other);
      assert.deepEqual(page.lines.map(({ line }) => line), wanted);
      assert.equal(page.matches, expected.length);
    }
  });

  test("shape() gives what OutputPipeline gives", async () => {
    const budgets = [
      undefined,
      resolveBudget({ maxChars: 500 }),
      resolveBudget({ keep: { mode: "head_tail", head: 5, tail: 7 } }),
      resolveBudget({ grep: { pattern: "of", context: 1 } }),
    ];
    for (const keepBytes of [8 * 1024 * 1024, 3000]) {
      const random = new Random(31);
      const output = newOutput({ keepBytes });
      const pipeline = new OutputPipeline({ redactor: createRedactor(), keepBytes });
      for (let push = 0; push < 800; push++) {
        const stream = random.pick(STREAMS);
        const bytes = encoder.encode(words(random));
        output.push(stream, bytes);
        pipeline.push(stream, bytes);
      }
      output.end();
      pipeline.end();
      assert.deepEqual(output.totals(), pipeline.totals());
      for (const budget of budgets) {
        const options = budget === undefined ? { interleave: true } : { interleave: true, budget };
        assert.deepEqual(await output.shape(options), pipeline.shape(options));
      }
    }
  });

  test("read() pages through a long line without an end", async () => {
    await withSpool(async (spool) => {
      const output = newOutput({ spool });
      const piece = "äbc😀".repeat(10_000);
      for (let push = 0; push < 60; push++) {
        output.push("stdout", encoder.encode(piece));
        await turn();
      }
      output.push("stdout", encoder.encode("\nnext\n"));
      output.end();
      let text = "";
      let fromByte = 0;
      while (true) {
        const page = await output.read({
          stream: "stdout",
          from: 1,
          fromByte,
          lines: 1,
          maxChars: 1_000_000,
        });
        text += page.text;
        if (page.nextByte === undefined) break;
        fromByte = page.nextByte;
      }
      assert.ok(text === `${piece.repeat(60)}\n`);
      const last = await output.read({ stream: "stdout", from: 2 });
      assert.equal(last.text, "next\n");
      const found = await output.search({ stream: "stdout", pattern: compilePattern("^next$") });
      assert.deepEqual(found.lines.map(({ line }) => line), [2]);
      await output.close();
    });
  });

  test("read() gives each of 100,000 lines after a tail", async () => {
    await withSpool(async (spool) => {
      const output = newOutput({ spool });
      for (let line = 1; line <= 100_000; line++) {
        output.push("stdout", encoder.encode(`line ${line} of many, with some words to it\n`));
        if (line % 5000 === 0) await turn();
      }
      output.end();
      const shaped = await output.shape({
        budget: resolveBudget({ keep: { mode: "tail", n: 20 } }),
      });
      assert.equal(shaped.stdout.split("\n").length, 21);
      for (let from = 1; from <= 100_000; from += 2500) {
        const page = await output.read({
          stream: "stdout",
          from,
          lines: 2500,
          maxChars: 1_000_000,
        });
        const expected = Array.from(
          { length: 2500 },
          (_, at) => `line ${from + at} of many, with some words to it`,
        );
        assert.deepEqual(page.lines.map(({ text }) => text), expected);
      }
      await output.settled();
      assert.equal(output.report().isSpooling, true);
      await output.close();
    });
  });

  test("read() rejects options that contradict or are out of range", async () => {
    const output = newOutput();
    const wrong = [{ from: 0 }, { from: 1, tail: 1 }, { lines: 0 }, { maxChars: 1 }, {
      since: "x",
    }];
    for (const options of [...wrong, { since: "o1e0" }, { tail: -1 }, { fromByte: -1 }]) {
      await assert.rejects(output.read({ stream: "stdout", ...options }), /invalid_argument/);
    }
  });

  test("read() and search() leave others their turns when they are called in a loop", async () => {
    const output = newOutput({});
    output.push("stdout", encoder.encode("a line\n"));
    const search = { stream: "stdout", pattern: compilePattern("line") } as const;
    for (const ask of [() => output.read({ stream: "both" }), () => output.search(search)]) {
      let isDue = false;
      void turn().then(() => isDue = true);
      for (let count = 0; count < 20_000 && !isDue; count++) await ask();
      assert.ok(isDue);
    }
    await output.close();
  });

  test("close() frees everything, and a second close() does nothing", async () => {
    await withSpool(async (spool) => {
      const output = newOutput({ spool, memoryBytes: 1 });
      output.push("stdout", encoder.encode("word\n".repeat(50_000)));
      await output.close();
      await output.close();
      output.push("stdout", encoder.encode("late\n"));
      assert.equal(output.totals().stdoutLines, 50_001);
      assert.deepEqual(output.report().gaps, []);
      await assert.rejects(output.read({ stream: "stdout" }), /unknown_command/);
      await assert.rejects(output.shape(), /unknown_command/);
    });
  });
});
