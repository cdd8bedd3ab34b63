import assert from "node:assert/strict";
import process from "node:process";
import { describe, test } from "node:test";
import { createRedactor } from "../../../src/output/redact.ts";
import { Seeded } from "./fake_secrets.ts";

const encoder = new TextEncoder();

function valuesFor(seed: number, count: number): string[] {
  const random = new Seeded(seed);
  return Array.from({ length: count }, (_, index) => `${random.alnum(9)}${index}x`);
}

function logOf(values: readonly string[]): string {
  return values.map((value) => `start DB_PASSWORD=${value} host=db\n`).join("");
}

function inChunks(text: string, chunkBytes: number): string {
  const stream = createRedactor().stream();
  const bytes = encoder.encode(text);
  const decoder = new TextDecoder();
  let output = "";
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    output += decoder.decode(stream.push(bytes.subarray(at, at + chunkBytes)), { stream: true });
  }
  return output + decoder.decode(stream.end());
}

describe("LearnedValues", () => {
  test("hides every value as it stood, however many came after it", () => {
    const values = valuesFor(51, 5000);
    const redactor = createRedactor();
    redactor.text(logOf(values));
    for (const value of values) {
      assert.equal(redactor.text(`<${value}>`).includes(value), false, value);
    }
    assert.equal(redactor.text("a plain line, 12345 and more"), "a plain line, 12345 and more");
  });

  test("keeps the number of a value that is old", () => {
    const values = valuesFor(52, 1500);
    const redactor = createRedactor();
    redactor.text(logOf(values));
    assert.equal(redactor.text(`x ${values[0]} y`), "x [REDACTED:password#1] y");
  });

  test("hides the newest 128 values in their encoded forms", () => {
    const values = valuesFor(53, 1000);
    const redactor = createRedactor();
    redactor.text(logOf(values));
    for (const value of values.slice(-128)) {
      for (const before of ["", "u", "us"]) {
        const encoded = btoa(`${before}${value}!`);
        assert.match(redactor.text(`x ${encoded} y`), /^x \[REDACTED:password#\d+\] y$/);
      }
      const hex = encoder.encode(value).reduce((text, byte) => text + byte.toString(16), "");
      assert.match(redactor.text(`x ${hex.toUpperCase()} y`), /^x \[REDACTED:password#\d+\] y$/);
    }
  });

  test("finds values of other characters in what JSON, HTML and a URL make of them", () => {
    const value = `p"w&${new Seeded(54).alnum(8)}/+`;
    const redactor = createRedactor();
    redactor.text(`DB_PASSWORD='${value}'`);
    const html = value.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    for (const form of [JSON.stringify(value).slice(1, -1), encodeURIComponent(value), html]) {
      assert.equal(redactor.text(`x ${form} y`), "x [REDACTED:password#1] y", form);
    }
  });

  test("gives the same, however the stream is cut, when old and new values stand in it", () => {
    const values = valuesFor(55, 700);
    const text = `${logOf(values)}${values.map((value) => `got ${value}\n`).join("")}` +
      values.slice(-20).map((value) => `${btoa(`a${value}`)}\n`).join("");
    const whole = inChunks(text, text.length);
    for (const chunkBytes of [1, 7, 64, 1000, 4099]) {
      assert.equal(inChunks(text, chunkBytes), whole, `${chunkBytes} bytes a chunk`);
    }
    for (const value of values) assert.equal(whole.includes(value), false, value);
  });

  test("withholds nothing because many values begin alike", () => {
    const values = Array.from({ length: 3000 }, (_, index) => `s3cr3tValueNumber${index}x`);
    const output = createRedactor().text(
      logOf(values) + values.map((value) => `got ${value}\n`).join(""),
    );
    assert.equal(output.includes("withheld"), false);
    assert.equal(output.includes("s3cr3t"), false);
    assert.equal(output.match(/^got \[REDACTED:password#\d+\]$/gm)?.length, values.length);
  });

  test("hides a value that goes on where a shorter one ends", () => {
    const short = new Seeded(56).alnum(12);
    const redactor = createRedactor();
    redactor.text(`DB_PASSWORD=${short}x1\nAPP_PASSWORD=${short}x1y2z3\n`);
    assert.equal(redactor.text(`x ${short}x1y2z3 y`), "x [REDACTED:password#2] y");
  });

  test("takes no more memory for many times as many values", () => {
    const redactor = createRedactor();
    redactor.text(logOf(valuesFor(57, 6_000)));
    const before = process.memoryUsage().heapUsed;
    for (let round = 0; round < 8; round++) redactor.text(logOf(valuesFor(58 + round, 6_000)));
    const grownBytes = process.memoryUsage().heapUsed - before;
    // All forms of 48,000 values would take about that twice.
    assert.ok(grownBytes < 64 * 1024 * 1024, `${grownBytes} bytes more`);
  });
});
