import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRedactor } from "../../../src/output/redact.ts";
import { Seeded } from "./fake_secrets.ts";

const value = `S3cr3t/${new Seeded(31).alnum(12)}asi=+ö`;
const utf8 = new TextEncoder().encode(value);
const hex = [...utf8].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const base64 = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)));

function redacted(text: string): string {
  return createRedactor({ secrets: [value] }).text(text);
}

describe("Redactor.register()", () => {
  test("finds a value as it is", () => {
    assert.equal(redacted(`output ${value} end`), "output [REDACTED:known#1] end");
  });

  test("finds base64 at every alignment, in both alphabets, with the run around it", () => {
    for (const before of ["", "u", "us", "bob:"]) {
      const encoded = base64(`${before}${value}tail`);
      assert.equal(redacted(`x ${encoded} y`), "x [REDACTED:known#1] y", before);
      const url = encoded.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
      assert.equal(redacted(`x ${url} y`), "x [REDACTED:known#1] y", before);
    }
  });

  test("finds hex in both cases, percent, JSON and HTML forms", () => {
    const odd = `q"uo<te&${value}`;
    const forms = [
      JSON.stringify(odd).slice(1, -1),
      encodeURIComponent(odd),
      odd.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;"),
    ];
    for (const form of forms) {
      const text = createRedactor({ secrets: [odd] }).text(`x ${form} y`);
      assert.equal(text, "x [REDACTED:known#1] y");
    }
    assert.equal(redacted(`x ${hex} y`), "x [REDACTED:known#1] y");
    assert.equal(redacted(`x ${hex.toUpperCase()} y`), "x [REDACTED:known#1] y");
  });

  test("finds a value that a line end breaks at any place", () => {
    for (let at = 1; at < value.length; at++) {
      const broken = `output ${value.slice(0, at)}\r\n${value.slice(at)} end`;
      assert.equal(redacted(broken), "output [REDACTED:known#1] end", `cut at ${at}`);
    }
  });

  test("finds a short value only as a whole word", () => {
    const redactor = createRedactor({ secrets: ["cab", "x9z"] });
    assert.equal(
      redactor.text("scab cabs cab. x9z"),
      "scab cabs [REDACTED:known#1]. [REDACTED:known#2]",
    );
    assert.equal(redactor.text("ax9z x9z9"), "ax9z x9z9");
  });

  test("finds values of one or two characters as whole words, and no empty ones", () => {
    const redactor = createRedactor({ secrets: ["", "q", "4b"] });
    assert.equal(
      redactor.text("q 4b q4b (q)"),
      "[REDACTED:known#1] [REDACTED:known#2] q4b ([REDACTED:known#1])",
    );
  });

  test("hides a value as a whole that another rule finds only in part", () => {
    const redactor = createRedactor({ secrets: ["abc123xyz, and more"] });
    assert.equal(
      redactor.text("password=abc123xyz, and more end"),
      "password=[REDACTED:password#1] end",
    );
  });

  test("finds a learned value in its encoded forms", () => {
    const learned = new Seeded(34).alnum(18);
    const redactor = createRedactor();
    redactor.text(`API_TOKEN=${learned}`);
    assert.equal(redactor.text(`x ${base64(`a:${learned}`)} y`), "x [REDACTED:token#1] y");
  });

  test("finds the lines of a value with several lines on their own", () => {
    const random = new Seeded(32);
    const lines = [random.alnum(40), random.alnum(40)];
    const redactor = createRedactor({ secrets: [`${lines.join("\n")}\n`] });
    assert.equal(redactor.text(`> ${lines[1]} <`), "> [REDACTED:known#1] <");
  });

  test("finds a value of many kilobytes", () => {
    const long = new Seeded(33).alnum(30_000);
    const text = createRedactor({ secrets: [long] }).text(`a ${long} b`);
    assert.match(text, /^a (?:\[REDACTED:known#1\])+ b$/);
  });

  test("names the placeholder as it was told, whichever rule finds the value", () => {
    const redactor = createRedactor();
    redactor.register(value, "ssh password!");
    assert.equal(
      redactor.text(`password='${value}' ${value} ${hex}`),
      "password='[REDACTED:ssh-password-#1]' [REDACTED:ssh-password-#1] [REDACTED:ssh-password-#1]",
    );
  });

  test("takes effect in streams that are open already", () => {
    const redactor = createRedactor();
    const stream = redactor.stream();
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
    const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    assert.equal(decode(stream.push(encode("one two\n"))), "one two\n");
    redactor.register("two three");
    assert.equal(
      decode(stream.push(encode("two three\n"))) + decode(stream.end()),
      "[REDACTED:known#1]\n",
    );
  });
});
