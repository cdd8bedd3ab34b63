import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRedactor } from "../../../../src/output/redact.ts";
import { LiveScreen, QUEUE_MAX_BYTES } from "../../../../src/output/screen/live_screen.ts";
import { fakeToken } from "../../../support/fake_token.ts";
import { waitFor } from "../../../support/wait_for.ts";

const encoder = new TextEncoder();
const SIZE = { rows: 6, cols: 30 };

async function shown(raw: string, size = SIZE, redactor = createRedactor()) {
  const screen = new LiveScreen(size, redactor);
  screen.push(encoder.encode(raw));
  screen.end();
  return await screen.snapshot();
}

/** No piece of a secret that is long enough to mean something. */
function assertHidden(lines: readonly string[], secret: string): void {
  for (let at = 4; at + 6 <= secret.length; at++) {
    assert.ok(!lines.join("").includes(secret.slice(at, at + 6)), JSON.stringify(lines));
  }
}

describe("LiveScreen", () => {
  it("snapshot() shows rows, cursor and size", async () => {
    const screen = await shown("one\ntwo\x1b[5;3Hthree");
    assert.deepEqual(screen, {
      ...SIZE,
      lines: ["one", "two", "", "", "  three", ""],
      cursor: { row: 4, col: 7 },
      alternate: false,
    });
  });

  it("snapshot() shows an empty screen when nothing was written", async () => {
    const { lines, cursor } = await shown("");
    assert.deepEqual([lines, cursor], [["", "", "", "", "", ""], { row: 0, col: 0 }]);
  });

  it("snapshot() shows the alternate screen, and what was under it afterwards", async () => {
    const screen = new LiveScreen(SIZE, createRedactor());
    screen.push(encoder.encode("shell\n\x1b[?1049h\x1b[Hfull\n down"));
    const during = await screen.snapshot();
    assert.deepEqual([during.alternate, during.lines.slice(0, 2)], [true, ["full", "     down"]]);
    screen.push(encoder.encode("\x1b[?1049lend"));
    const after = await screen.snapshot();
    assert.deepEqual([after.alternate, after.lines.slice(0, 2)], [false, ["shell", "end"]]);
    screen.end();
    assert.deepEqual(await screen.snapshot(), after);
  });

  it("snapshot() counts wide characters and emoji as two columns", async () => {
    const { lines, cursor } = await shown("\x1b[H中文😀|\x1b[1;5Hx");
    assert.deepEqual([lines[0], cursor.col], ["中文x |", 5]);
  });

  it("snapshot() hides a secret in every row that it covers", async () => {
    const token = fakeToken(11);
    for (const before of ["", "token ", "0123456789012345678 ", "012345678901234567890123456 "]) {
      const { lines } = await shown(`${before}${token} after`);
      assertHidden(lines, token);
      assert.match(lines.join(""), /after$/);
    }
  });

  it("snapshot() hides a secret that a program cut at the margin by itself", async () => {
    const token = fakeToken(12);
    const raw = `\x1b[?1049h\x1b[2;1H${"x".repeat(30)}\x1b[3;1H${token.slice(0, 30)}` +
      `\x1b[4;1H${token.slice(30)} after`;
    const { lines } = await shown(raw);
    assertHidden(lines, token);
    assert.equal(lines[1], "x".repeat(30));
    assert.match(lines[3] ?? "", /^\*{10} after$/);
  });

  it("snapshot() hides the end of a secret whose start has scrolled away", async () => {
    const token = fakeToken(13);
    const { lines } = await shown(`${token}\n2\n3\n4\n5\n6`);
    assert.equal(lines[1], "2");
    assertHidden(lines, token);
  });

  it("snapshot() hides a value that the session learned after it was drawn", async () => {
    const redactor = createRedactor();
    const screen = new LiveScreen(SIZE, redactor);
    screen.push(encoder.encode("the word is tangerine-42 today"));
    screen.end();
    assert.match((await screen.snapshot()).lines.join(""), /tangerine-42/);
    redactor.register("tangerine-42");
    assert.match((await screen.snapshot()).lines.join(""), /^the word is \*{12} today$/);
  });

  it("snapshot() keeps the columns of what stands beside a secret", async () => {
    const token = fakeToken(14);
    const { lines } = await shown(`a ${token} b`, { rows: 2, cols: 80 });
    assert.match(lines[0] ?? "", /^a \[REDACTED:github-token#1\]\*+ b$/);
    assert.equal(lines[0]?.length, token.length + 4);
  });

  it("push() never waits, and a flood leaves the newest on the screen", async () => {
    const screen = new LiveScreen(SIZE, createRedactor());
    screen.push(encoder.encode("\x1b[?1049h"));
    const frame = encoder.encode(`\x1b[H${"flood ".repeat(1000)}\n`.repeat(20));
    for (let bytes = 0; bytes < 20 * QUEUE_MAX_BYTES; bytes += frame.length) screen.push(frame);
    screen.push(encoder.encode("\x1b[2J\x1b[Hlast"));
    screen.end();
    const { lines, alternate } = await screen.snapshot();
    assert.deepEqual([lines[0], alternate], ["last", true]);
  });

  it("snapshot() ends while output keeps coming", async () => {
    const screen = new LiveScreen(SIZE, createRedactor());
    let isOver = false;
    const frame = encoder.encode("\x1b[Hframe");
    const pouring = waitFor("the snapshot", () => {
      for (let index = 0; index < 1000; index++) screen.push(frame);
      return isOver || undefined;
    });
    const { lines } = await screen.snapshot();
    isOver = true;
    await pouring;
    screen.end();
    assert.equal(lines[0], "frame");
  });
});
