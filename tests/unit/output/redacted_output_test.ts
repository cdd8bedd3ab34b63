import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRedactor } from "../../../src/output/redact.ts";
import { RedactedOutput } from "../../../src/output/redacted_output.ts";
import { Seeded } from "./fake_secrets.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const CLOSING = 0x5d;

describe("RedactedOutput", () => {
  test("gives a view of bytes that follow one another, and a copy with a placeholder", () => {
    const source = encoder.encode("0123456789");
    const output = new RedactedOutput();
    output.begin(source, 2);
    output.pass(2, 4);
    output.pass(4, 7);
    const view = output.take();
    assert.equal(decoder.decode(view.bytes), "23456");
    assert.equal(view.isView, true);
    assert.equal(view.bytes.buffer, source.buffer);
    output.begin(source, 0);
    output.pass(0, 2);
    output.addNumbered(encoder.encode("[R#"), 1023, CLOSING);
    output.pass(5, 8);
    const copy = output.take();
    assert.equal(decoder.decode(copy.bytes), "01[R#1023]567");
    assert.equal(copy.isView, false);
  });

  test("joins bytes with a gap between them", () => {
    const output = new RedactedOutput();
    output.begin(encoder.encode("0123456789"), 0);
    output.pass(0, 3);
    output.pass(6, 9);
    assert.equal(decoder.decode(output.take().bytes), "012678");
    output.begin(encoder.encode("ab"), 1);
    assert.equal(output.take().bytes.length, 0);
  });

  test("takes in far more than what it replaces", () => {
    const output = new RedactedOutput();
    output.begin(encoder.encode("x"), 0);
    let expected = "";
    for (let number = 0; number < 5000; number++) {
      output.addNumbered(encoder.encode("[REDACTED:known#"), number, CLOSING);
      expected += `[REDACTED:known#${number}]`;
    }
    assert.equal(decoder.decode(output.take().bytes), expected);
  });
});

describe("createRedactor().stream()", () => {
  test("gives bytes that do not change when more are pushed", () => {
    const random = new Seeded(91);
    const stream = createRedactor().stream();
    const kept: Uint8Array[] = [];
    const texts: string[] = [];
    for (let step = 0; step < 400; step++) {
      const secret = random.below(3) === 0 ? ` DB_PASSWORD=${random.alnum(12)}` : "";
      const line = `${random.text("abc ", 10 + random.below(300))}${secret}\n`;
      const given = stream.push(encoder.encode(line));
      kept.push(given);
      texts.push(decoder.decode(given));
    }
    assert.equal(kept.findIndex((bytes, at) => decoder.decode(bytes) !== texts[at]), -1);
    assert.match(kept.map((bytes) => decoder.decode(bytes)).join(""), /password#100\]/);
  });

  test("numbers the same value alike among thousands, and others otherwise", () => {
    const random = new Seeded(92);
    const values = Array.from({ length: 3000 }, () => random.alnum(12));
    const redactor = createRedactor();
    const log = values.map((value) => `DB_PASSWORD=${value}\n`).join("");
    const expected = values.map((_, index) => `DB_PASSWORD=[REDACTED:password#${index + 1}]\n`);
    assert.equal(redactor.text(log), expected.join(""));
    assert.equal(redactor.text(log), expected.join(""));
  });
});
