import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  createRedactor,
  ERROR_HINTS,
  type ErrorCode,
  ExeckitError,
  quoteForShell,
  safe,
  toWire,
  VERSION,
} from "../../mod.ts";
import { fakeToken, openLocal } from "./helpers.ts";

/** Turns wire names back: what {@linkcode toWire} does, the other way round. */
function fromWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromWire);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      fromWire(member),
    ]),
  );
}

describe("toWire()", () => {
  it("gives a result in snake_case names, as JSON that leads back to it", async () => {
    await using session = await openLocal();
    const result = await session.exec("seq 9; echo e >&2", {
      budget: { keep: { mode: "head", n: 1 } },
      interleave: true,
    });
    const wire = JSON.parse(JSON.stringify(toWire(result)));
    assert.deepEqual([wire.command_id, wire.exit_code, wire.totals.stdout_lines], ["c1", 0, 9]);
    const whole = { ...result, durationMs: Math.round(result.durationMs) };
    assert.deepEqual(fromWire(wire), whole);
    assert.equal(JSON.stringify(wire).match(/"[a-z]*[A-Z]\w*":/), null);
  });

  it("leaves out what is undefined, and refuses what JSON cannot say", () => {
    assert.deepEqual(toWire({ anAbsent: undefined, inList: [{ aB: 1.4 }] }), {
      in_list: [{ a_b: 1 }],
    });
    assert.throws(() => toWire({ run: () => 1 }), TypeError);
    assert.throws(() => toWire({ nothing: null }), TypeError);
  });
});

describe("ERROR_HINTS", () => {
  it("has a hint for every code: a step, in words that hold nothing secret", () => {
    const redactor = createRedactor();
    for (const [code, hint] of Object.entries(ERROR_HINTS)) {
      assert.match(code, /^[a-z]+(?:_[a-z]+)*$/);
      assert.match(hint, /^[A-Z].{10,}[^.]$/);
      assert.equal(redactor.text(hint), hint);
      // Every key of the list is a code.
      const error = new ExeckitError({ code: code as ErrorCode, message: safe`It failed` });
      assert.equal(error.message, `${code}: It failed. ${hint}`);
    }
  });
});

describe("ExeckitError", () => {
  it("keeps its cause out of what it says", () => {
    const cause = new Error(fakeToken(5));
    const error = new ExeckitError({ code: "internal", message: safe`It failed`, cause });
    assert.equal(error.cause, cause);
    assert.equal(`${error.message}${error.hint}${String(error)}`.includes(cause.message), false);
  });
});

describe("quoteForShell()", () => {
  it("makes one word of any text", async () => {
    const text = 'it\'s "$HOME" `x` \\ *\n\t{a,b} !é😀 #';
    await using session = await openLocal();
    const result = await session.exec(`set -- ${quoteForShell(text)}; printf '%s|%s' $# "$1"`);
    assert.equal(result.stdout, `1|${text}`);
  });
});

describe("VERSION", () => {
  it("is a semantic version", () => {
    assert.match(VERSION, /^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
  });
});
