import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { OutputStore } from "../../../src/output/output_store.ts";
import { markSafeBytes, type SafeBytes } from "../../../src/safe_text.ts";

const encoder = new TextEncoder();

/** Adds text that is written and shown alike. */
function write(store: OutputStore, text: string): void {
  store.countRaw("stdout", encoder.encode(text));
  store.append("stdout", safeBytes(text));
}

function safeBytes(text: string): SafeBytes {
  return markSafeBytes(encoder.encode(text));
}

describe("OutputStore.totals()", () => {
  test("counts bytes and lines as written, a last line without a line end too", () => {
    const store = new OutputStore();
    store.countRaw("stdout", encoder.encode("one\ntw"));
    store.countRaw("stdout", encoder.encode("o\nthree"));
    store.countRaw("stderr", encoder.encode("\n\n"));
    store.countRaw("stderr", new Uint8Array(0));
    assert.deepEqual(store.totals(), {
      stdoutBytes: 13,
      stdoutLines: 3,
      stderrBytes: 2,
      stderrLines: 2,
    });
  });

  test("counts what was dropped as well", () => {
    const store = new OutputStore({ keepBytes: 100 });
    const chunk = encoder.encode("y\n".repeat(1000));
    for (let round = 0; round < 50; round++) {
      store.countRaw("stdout", chunk);
      store.append("stdout", markSafeBytes(chunk));
    }
    assert.equal(store.totals().stdoutLines, 50_000);
    assert.equal(store.totals().stdoutBytes, 100_000);
  });
});

describe("OutputStore.kept()", () => {
  test("gives everything back while it fits", () => {
    const store = new OutputStore({ keepBytes: 64 });
    for (const part of ["one\n", "two\n", "thr", "ee"]) store.append("stdout", safeBytes(part));
    assert.deepEqual(store.kept("stdout"), { text: "one\ntwo\nthree" });
    assert.deepEqual(store.kept("stderr"), { text: "" });
  });

  test("keeps whole lines of the start and the end, and says what is missing", () => {
    for (const chunkLines of [1, 3, 100, 2000]) {
      const store = new OutputStore({ keepBytes: 400 });
      const lines = Array.from({ length: 2000 }, (_, index) => `line ${index + 1}\n`);
      for (let at = 0; at < lines.length; at += chunkLines) {
        write(store, lines.slice(at, at + chunkLines).join(""));
      }
      const { text, gap } = store.kept("stdout");
      assert.ok(gap !== undefined);
      const head = text.slice(0, gap.at);
      const tail = text.slice(gap.at);
      assert.ok(text.length <= 400);
      assert.ok(head.length > 180 && tail.length > 180);
      assert.ok(lines.join("").startsWith(head) && head.endsWith("\n"));
      assert.ok(lines.join("").endsWith(tail) && tail.startsWith("line "));
      assert.equal(gap.bytes, lines.join("").length - text.length);
      assert.equal(gap.lines, 2000 - text.split("\n").length + 1, `chunks of ${chunkLines} lines`);
    }
  });

  test("keeps the ends of a single endless line", () => {
    const store = new OutputStore({ keepBytes: 100 });
    write(store, `start${"x".repeat(5000)}finish`);
    const { text, gap } = store.kept("stdout");
    assert.ok(text.startsWith("start") && text.endsWith("finish"));
    assert.equal(gap?.bytes, 5011 - 100);
    assert.equal(gap?.lines, 1);
  });

  test("decodes characters that are cut between chunks, and marks what is not UTF-8", () => {
    const store = new OutputStore();
    for (const byte of encoder.encode("ü😀")) {
      store.append("stdout", markSafeBytes(Uint8Array.of(byte)));
    }
    store.append("stdout", markSafeBytes(Uint8Array.of(0xff, 0x41)));
    assert.equal(store.kept("stdout").text, "ü😀\ufffdA");
  });
});

describe("OutputStore.interleaved()", () => {
  test("gives both streams in order of arrival", () => {
    const store = new OutputStore();
    store.append("stdout", safeBytes("one\n"));
    store.append("stderr", safeBytes("two\n"));
    store.append("stderr", safeBytes("three\n"));
    store.append("stdout", safeBytes("four\n"));
    assert.equal(store.interleaved(), "one\ntwo\nthree\nfour\n");
  });

  test("marks what was dropped where it was", () => {
    const store = new OutputStore({ keepBytes: 40 });
    store.append("stderr", safeBytes("begin\n"));
    for (let line = 0; line < 1000; line++) write(store, `${line}\n`);
    store.append("stderr", safeBytes("end\n"));
    const text = store.interleaved();
    assert.match(
      text,
      /^begin\n0\n1\n[\d\n]*\n\.\.\. \d+ bytes elided \(\d+ lines\) \.\.\.\n\d[\d\n]*999\nend\n$/,
    );
  });

  test("stays bounded when the streams take turns byte by byte", () => {
    const store = new OutputStore({ keepBytes: 200_000 });
    for (let turn = 0; turn < 150_000; turn++) {
      store.append(turn % 2 === 0 ? "stdout" : "stderr", safeBytes(turn % 2 === 0 ? "o" : "e"));
    }
    assert.equal(store.kept("stdout").text, "o".repeat(75_000));
    assert.equal(store.interleaved().length, 150_000);
  });
});
