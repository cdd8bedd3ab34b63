import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_BUDGET } from "../../../../src/output/budget.ts";
import { compilePattern } from "../../../../src/output/pattern.ts";
import { createRedactor } from "../../../../src/output/redact.ts";
import { openTerminal, writeTo } from "../../../../src/output/screen/terminal_library.ts";
import { CommandOutput } from "../../../../src/output/store/command_output.ts";
import { TerminalTextCleaner } from "../../../../src/output/terminal_text_cleaner.ts";
import { fakeToken } from "../../../support/fake_token.ts";
import { Random } from "../../../support/random.ts";

const encoder = new TextEncoder();
/** Control characters that kept text may have between its own, and that nobody is to be shown. */
// deno-lint-ignore no-control-regex -- that is what is looked for
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f]/;

/** Collapsed result, collapsed page and page as written of an output, written in random chunks. */
async function seen(raw: string, random = new Random(7)) {
  const output = new CommandOutput({ redactor: createRedactor() });
  const bytes = encoder.encode(raw);
  for (let at = 0; at < bytes.length;) {
    const to = at + 1 + random.below(bytes.length < 1000 ? 9 : 60_000);
    output.push("stdout", bytes.subarray(at, to));
    at = to;
  }
  output.end();
  const budget = { ...DEFAULT_BUDGET, maxChars: 1_000_000 };
  const { stdout } = await output.shape({ budget });
  const page = await output.read({ stream: "stdout", lines: 100_000 });
  const written = await output.read({ stream: "stdout", lines: 100_000, raw: true });
  return { output, stdout, page, written };
}

/** What a terminal shows of raw bytes that no part of execkit has touched. */
async function onTerminal(raw: string, rows: number): Promise<string> {
  const terminal = await openTerminal({ rows, cols: 400, scrollback: 5000 });
  await writeTo(terminal, raw);
  const lines: string[] = [];
  const { normal } = terminal.buffer;
  let last = normal.baseY + normal.cursorY;
  for (let row = 0; row < normal.length; row++) {
    lines.push((normal.getLine(row)?.translateToString(true) ?? "").replace(/ +$/, ""));
    if (lines[row] !== "") last = Math.max(last, row);
  }
  terminal.dispose();
  return lines.slice(0, last + 1).join("\n");
}

function cleaned(raw: string): string {
  const cleaner = new TerminalTextCleaner();
  return new TextDecoder().decode(cleaner.push(encoder.encode(raw)));
}

const ROWS: readonly (readonly [string, string, string])[] = [
  ["a progress bar", "10%\r20%\r100%\n", "100%\n"],
  ["a bar that is still drawn", "10%\r20%", "20%"],
  ["a bar that ends in a return", "10%\r20%\r100%\r", "100%"],
  ["a shorter redraw", "abcdef\rXY\n", "XYcdef\n"],
  ["an erased line", "a long line\r\x1b[Kdone\n", "done\n"],
  ["a line erased whole", "a long line\x1b[2K\rdone\n", "done\n"],
  ["an end that is erased", "counting 100\rdone\x1b[K\n", "done\n"],
  ["a redraw padded with blanks", "a long line\rdone       \n", "done\n"],
  ["a spinner of backspaces", "work |\b/\b-\b\\\bok\n", "work ok\n"],
  ["a jump to a column", "name:\x1b[10Gvalue\n", "name:    value\n"],
  ["wide characters drawn over", "中文字\rab\n", "ab文字\n"],
  ["emoji drawn over", "😀😀x\r😃\n", "😃😀x\n"],
  ["tabs", "a\tb\rc\n", "c       b\n"],
  ["colours in a bar", "\x1b[32m10%\x1b[0m\r\x1b[32m20%\x1b[0m\n", "20%\n"],
  ["lines of several rows", "a 1\nb 1\n\x1b[2A\x1b[Ka 2\n\x1b[Kb 2\nend\n", "a 2\nb 2\nend\n"],
  ["everything below erased", "one\ntwo\nthree\n\x1b[2A\x1b[Jnew\n", "one\nnew\n"],
];

const UNTOUCHED: readonly (readonly [string, string])[] = [
  ["plain lines", "one\ntwo  \n\tthree\n"],
  ["line ends of DOS", "one\r\ntwo\r\r\n"],
  ["a return that nothing follows", "50%\r"],
  ["coloured lines", "\x1b[1;31mred\x1b[0m  \n"],
  ["a title", "\x1b]0;title\x07text\n"],
];

describe("collapsing", () => {
  for (const [name, raw, expected] of ROWS) {
    it(`CommandOutput.shape() shows ${name} as a terminal does`, async () => {
      const { stdout, written } = await seen(raw);
      assert.equal(stdout, expected);
      assert.equal(written.text, cleaned(raw), "what was written can be read");
    });
  }

  for (const [name, raw] of UNTOUCHED) {
    it(`CommandOutput.shape() leaves ${name} as they are`, async () => {
      const { stdout, page, written } = await seen(raw);
      assert.deepEqual([stdout, page.text, written.text], [
        cleaned(raw),
        cleaned(raw),
        cleaned(raw),
      ]);
    });
  }

  it("CommandOutput.shape() shows what was drawn after a jump as it was written", async () => {
    const { stdout, written } = await seen("old\x1b[H\x1b[2Jnew\rN\n10%\r20%\n");
    assert.deepEqual([stdout, written.text], ["oldnew\rN\n20%\n", "oldnew\rN\n10%\r20%\n"]);
  });

  it("CommandOutput.shape() agrees with a terminal about lines drawn at random", async () => {
    const random = new Random(20261122);
    const words: [string, ...string[]] = ["a", "bc", "defghij", " ", "   ", "中", "é", "50%"];
    const moves: [string, ...string[]] = [
      "\r",
      "\r",
      "\b",
      "\x1b[K",
      "\x1b[1K",
      "\x1b[2K",
      "\x1b[3C",
      "\x1b[20C",
    ];
    moves.push("\x1b[2D", "\x1b[5G", "\x1b[31m", "\x1b[18D");
    for (let round = 0; round < 60; round++) {
      let raw = "";
      for (let line = 0; line < 3; line++) {
        for (let part = random.below(14); part > 0; part--) {
          raw += random.pick(random.below(2) === 0 ? words : moves);
        }
        raw += "x\n";
      }
      const { stdout, page, written } = await seen(raw, random);
      assert.equal(written.text, cleaned(raw));
      assert.doesNotMatch(page.text, CONTROLS);
      const trimmed = stdout.split("\n").map((line) => line.replace(/[ \r]+$/, "")).join("\n");
      assert.equal(trimmed, await onTerminal(raw, 10), JSON.stringify(raw));
    }
  });

  it("CommandOutput.shape() agrees with a terminal about rows drawn at random", async () => {
    const random = new Random(1122);
    const parts: [string, ...string[]] = [
      "one",
      "two",
      "three",
      "\r",
      "\n",
      "\n",
      "\x1b[A",
      "\x1b[2A",
      "\x1b[B",
      "\x1b[K",
    ];
    parts.push("\x1b[J", "\x1b[2F", "\x1b[E", "\x1b[5C", "\b");
    for (let round = 0; round < 40; round++) {
      let raw = "\x1b[B\n";
      for (let part = 0; part < 60; part++) raw += random.pick(parts);
      const { stdout, page, written } = await seen(raw, random);
      assert.equal(written.text, cleaned(raw));
      assert.doesNotMatch(page.text, CONTROLS);
      assert.equal(stdout, await onTerminal(raw, 40), JSON.stringify(raw));
    }
  });

  it("CommandOutput.shape() loses no line above a redraw of very many lines", async () => {
    const lines = Array.from({ length: 30_000 }, (_, index) => `line ${index}`);
    const { stdout } = await seen(`a\n\x1b[A\x1b[Kb\n${lines.join("\n")}\n\x1b[Alast\n`);
    const shown = stdout.split("\n");
    assert.deepEqual(shown, ["b", ...lines.slice(0, -1), "last 29999", ""]);
  });

  it("CommandOutput.shape() keeps long lines whole above a redraw of very many", async () => {
    const lines = Array.from({ length: 600 }, (_, index) => `${index} ${"x".repeat(1100)}`);
    const { stdout } = await seen(`a\n\x1b[A\x1b[Kb\n${lines.join("\n")}\n`);
    assert.deepEqual(stdout.split("\n"), ["b", ...lines, ""]);
  });

  it("CommandOutput.shape() draws each of thousands of lines by itself", async () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `${index}${"x".repeat(index % 90)}`);
    const { stdout } = await seen(lines.map((line) => `${line}?\b\x1b[K\n`).join(""));
    assert.deepEqual(stdout.split("\n"), [...lines, ""]);
  });

  it("CommandOutput.read() keeps numbers, places and cursors of lines that were drawn", async () => {
    const { output } = await seen("one\n10%\r20%\r30%\nthree\n");
    const page = await output.read({ stream: "stdout", from: 2, lines: 1 });
    assert.deepEqual(page.lines.map(({ line, text }) => [line, text]), [[2, "30%"]]);
    assert.equal(page.nextLine, 3);
    const rest = await output.read({ stream: "stdout", since: page.cursor });
    assert.equal(rest.text, "three\n");
  });

  it("CommandOutput.read() shows what was drawn since an earlier read", async () => {
    const output = new CommandOutput({ redactor: createRedactor() });
    output.push("stdout", encoder.encode("10% \r20% "));
    const first = await output.read({ stream: "both" });
    output.push("stdout", encoder.encode("\r30% \r40% "));
    const second = await output.read({ stream: "both", since: first.cursor });
    assert.deepEqual([first.text, second.text], ["20%", "40%"]);
  });

  it("CommandOutput.search() looks at lines as they are shown, or as they were written", async () => {
    const { output } = await seen("10%\r20%\nother\n");
    const pattern = compilePattern("10%");
    assert.equal((await output.search({ stream: "both", pattern })).matches, 0);
    const raw = await output.search({ stream: "both", pattern, raw: true });
    assert.deepEqual(raw.lines.map(({ line }) => line), [1]);
  });

  it("CommandOutput.shape() shows the end of 100 000 redraws, and keeps them readable", async () => {
    let raw = "";
    for (let step = 1; step <= 100_000; step++) raw += `\r${step} of 100000 [###   ]`;
    const { output, stdout, page } = await seen(`${raw}\nend\n`);
    assert.equal(stdout, "100000 of 100000 [###   ]\nend\n");
    assert.equal(page.text, stdout);
    const tail = await output.read({ stream: "stdout", tail: 2, maxChars: 60, raw: true });
    assert.match(tail.text, /99999 of 100000 .*\r100000 of 100000/);
  });

  it("CommandOutput.read() bounds a line that was drawn by the page", async () => {
    const { output } = await seen(`${"x".repeat(500)}\r${"y".repeat(400)}\nend\n`);
    const page = await output.read({ stream: "stdout", maxChars: 100 });
    assert.ok(page.text.length <= 101, `${page.text.length} characters`);
  });

  it("CommandOutput.shape() shows the last redraw where one is too long to be drawn", async () => {
    const { stdout } = await seen(`${"中".repeat(3000)}\r${"文".repeat(2000)}\nend\n`);
    assert.equal(stdout, `${"文".repeat(2000)}\nend\n`);
  });

  it("CommandOutput.shape() shows no secret that was put together by drawing", async () => {
    const token = fakeToken(1);
    const rest = token.slice(2);
    const drawn = [
      `XX${rest}\r${token.slice(0, 2)}\n`,
      `xx${rest}\x1b[1G${token.slice(0, 2)}\n`,
      `${token.slice(0, 20)}?${token.slice(21)}\x1b[21G${token[20]}\n`,
      `ab\n\x1b[A${token.slice(0, 10)}\n\x1b[A\x1b[10C${token.slice(10)}\n`,
    ];
    for (const raw of drawn) {
      const { stdout } = await seen(raw);
      assert.ok(!stdout.includes(token), JSON.stringify(stdout));
      assert.match(stdout, /REDACTED/);
    }
  });

  it("CommandOutput shows no piece of a secret that was drawn over in part", async () => {
    const token = fakeToken(2);
    const marks: [string, ...string[]] = ["\x1b[K", "\x1b[0J", "\b", "\x1b[2C", "\x1b[31m"];
    const random = new Random(3);
    const drawn = [`${token}\rxx\n`, `${token}\x1b[30Dxx\n`, `a\n${token}\n\x1b[Axx\n`];
    for (let round = 0; round < 20; round++) {
      const cut = 1 + random.below(token.length - 1);
      const mark = random.pick(marks);
      drawn.push(`${token.slice(0, cut)}${mark}${token.slice(cut)} \rxx\n`);
    }
    for (const raw of drawn) {
      const { stdout, page, written } = await seen(raw, random);
      for (const text of [stdout, page.text, written.text]) {
        for (let at = 4; at + 8 <= token.length; at++) {
          assert.ok(!text.includes(token.slice(at, at + 8)), JSON.stringify([raw, text]));
        }
      }
    }
  });
});
