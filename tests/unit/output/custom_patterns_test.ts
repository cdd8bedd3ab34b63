import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ExeckitError } from "../../../src/errors.ts";
import { createRedactor, type RedactorOptions } from "../../../src/output/redact.ts";

const TICKET: RedactorOptions = { patterns: [{ kind: "ticket", pattern: "TICK-[0-9]+" }] };

describe("createRedactor({ patterns })", () => {
  test("redacts what a pattern matches, the same value with the same number", () => {
    const text = createRedactor(TICKET).text("a TICK-12 b TICK-7\r\nTICK-12 ü");
    assert.equal(text, "a [REDACTED:ticket#1] b [REDACTED:ticket#2]\r\n[REDACTED:ticket#1] ü");
  });

  test("gives the same for every split of a stream", () => {
    const bytes = new TextEncoder().encode("x TICK-12 ö\nTICK-99");
    for (let at = 0; at <= bytes.length; at++) {
      const stream = createRedactor(TICKET).stream();
      const parts = [stream.push(bytes.slice(0, at)), stream.push(bytes.slice(at)), stream.end()];
      const text = new TextDecoder().decode(Uint8Array.from(parts.flatMap((part) => [...part])));
      assert.equal(text, "x [REDACTED:ticket#1] ö\n[REDACTED:ticket#2]", `cut at ${at}`);
    }
  });

  test("holds a bounded part of a line without end", () => {
    const stream = createRedactor(TICKET).stream();
    stream.push(new TextEncoder().encode("a ".repeat(200_000)));
    assert.ok(stream.end().length <= 80_000);
  });

  for (
    const [what, kind, pattern] of [
      ["malformed", "x", "(a"],
      ["empty", "x", ""],
      ["one that matches the empty text", "x", "a*"],
      ["one with a look-around", "x", "(?=a)b"],
      ["one whose kind is not plain", "X y", "a"],
    ] as const
  ) {
    test(`refuses a pattern that is ${what}, and says which`, () => {
      assert.throws(
        () => createRedactor({ patterns: [{ kind: "fine", pattern: "a" }, { kind, pattern }] }),
        (error) =>
          error instanceof ExeckitError && error.code === "invalid_argument" &&
          error.detail.includes("redaction pattern 2"),
      );
    });
  }
});
