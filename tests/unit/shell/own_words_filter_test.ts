import assert from "node:assert/strict";
import { test } from "node:test";
import { OwnWordsFilter } from "../../../src/shell/own_words_filter.ts";

/** Filters chunks of stdout and gives what comes through. */
function filtered(chunks: readonly string[]): string {
  let text = "";
  const filter = new OwnWordsFilter("__own", (_stream, bytes) => {
    text += new TextDecoder().decode(bytes);
  });
  for (const chunk of chunks) filter.push("stdout", new TextEncoder().encode(chunk));
  filter.flush("stdout");
  return text;
}

test("OwnWordsFilter.push() lets lines with the word fall, however they are cut", () => {
  const text = "one\nsh: __own1: not found\ntwo __ow\n__own\nthree";
  for (let at = 0; at <= text.length; at++) {
    assert.equal(filtered([text.slice(0, at), text.slice(at)]), "one\ntwo __ow\nthree");
  }
  assert.equal(filtered([...text]), "one\ntwo __ow\nthree");
});

test("OwnWordsFilter.flush() gives up an unfinished line, unless the word is in it", () => {
  assert.equal(filtered(["half"]), "half");
  assert.equal(filtered(["half __own"]), "");
});

test("OwnWordsFilter.push() keeps the streams apart and long lines bounded", () => {
  const given: string[] = [];
  const filter = new OwnWordsFilter(
    "__own",
    (stream, bytes) => given.push(`${stream} ${bytes.length}`),
  );
  filter.push("stdout", new Uint8Array(20_000).fill(0x61));
  filter.push("stderr", new TextEncoder().encode("x\n"));
  assert.deepEqual(given, ["stdout 8192", "stdout 8192", "stderr 2"]);
});
