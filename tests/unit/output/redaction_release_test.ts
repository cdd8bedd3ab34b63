import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRedactor } from "../../../src/output/redact.ts";
import type { RedactionStream } from "../../../src/output/redactor.ts";
import { fakeToken } from "../../support/fake_token.ts";
import { Seeded } from "./fake_secrets.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function pushed(stream: RedactionStream, text: string): string {
  return decoder.decode(stream.push(encoder.encode(text)));
}

function released(stream: RedactionStream): string {
  return decoder.decode(stream.release?.());
}

describe("RedactionStream.release()", () => {
  test("gives a last word, a number and a name, and each of them once", () => {
    for (const word of ["ready", "8080", "file2024", "stopped."]) {
      const stream = createRedactor().stream();
      assert.equal(pushed(stream, `Server ${word}`), "Server ");
      assert.equal(released(stream), word);
      assert.equal(released(stream), "");
      assert.equal(pushed(stream, "\n"), "\n");
      assert.equal(decoder.decode(stream.end()), "");
    }
  });

  test("gives a line that ends in the first letters of a known value, and no more of it", () => {
    const value = `stop${new Seeded(3).alnum(20)}`;
    for (let length = 1; length < 12; length++) {
      const stream = createRedactor({ secrets: [value] }).stream();
      const line = `to ${value.slice(0, length)}\n`;
      const shown = pushed(stream, line) + released(stream);
      if (length <= 3) assert.equal(shown, line);
      else assert.equal(shown, "to ");
      assert.equal(shown + pushed(stream, "next\n"), `${line}next\n`);
    }
  });

  test("gives no more than a quarter of a short value", () => {
    for (const value of ["q7", "q7x", "q7xZ9", "q7xZ9w2K"]) {
      for (let length = 1; length < value.length; length++) {
        const stream = createRedactor({ secrets: [value] }).stream();
        const shown = pushed(stream, `a ${value.slice(0, length)}`) + released(stream);
        const most = Math.floor(value.length / 4);
        assert.equal(shown, length <= most ? `a ${value.slice(0, length)}` : "a ");
      }
    }
  });

  test("hides what follows of a secret as if nothing had been given", () => {
    const token = fakeToken(5);
    const value = new Seeded(4).alnum(24);
    for (const [secret, most] of [[token, 3], [value, 3]] as const) {
      const redactor = createRedactor({ secrets: [value] });
      const whole = redactor.text(`a ${secret} b\n`);
      const stream = redactor.stream();
      let shown = pushed(stream, "a ");
      for (const letter of secret) shown += pushed(stream, letter) + released(stream);
      shown += pushed(stream, " b\n") + decoder.decode(stream.end());
      const begun = shown.slice(2, shown.indexOf("["));
      assert.ok(begun.length <= most && secret.startsWith(begun), `shows ${begun.length}`);
      assert.equal(shown.replace(begun, ""), whole);
    }
  });

  test("gives nothing of what a rule waits for", () => {
    const random = new Seeded(6);
    for (
      const begun of [
        `password=${random.alnum(3)}`,
        `eyJ${random.alnum(12)}`,
        fakeToken(7).slice(0, 12),
        `https://bob:${random.alnum(4)}`,
        `x ${random.alnum(4)}7Q${random.alnum(8)}`,
      ]
    ) {
      const stream = createRedactor().stream();
      const shown = pushed(stream, begun) + released(stream);
      assert.ok(shown.length <= begun.length - 3, `shows ${shown.length} of ${begun.length}`);
    }
  });

  test("gives the whole text in the end, whenever it is asked", () => {
    const random = new Seeded(8);
    const redactor = createRedactor({ secrets: [random.alnum(24)] });
    const text = "one two, 3.14 and http://localhost:8080/path\nlog4j2 v1.2.3\n".repeat(20);
    const stream = redactor.stream();
    let shown = "";
    for (const letter of text) shown += pushed(stream, letter) + released(stream);
    assert.equal(shown + decoder.decode(stream.end()), redactor.text(text));
  });
});

describe("Redactor.text()", () => {
  test("takes a secret's name with its separator for no value, and learns none", () => {
    for (
      const prompts of [
        "Password: Password: ",
        "Password: Password: Password: ",
        "Password:Password:",
        "Passphrase: Passphrase: ",
        "password=Password=",
        "PASSWORD: password:",
      ]
    ) {
      const redactor = createRedactor();
      assert.equal(redactor.text(prompts), prompts);
      assert.equal(redactor.text("Password: \nPassphrase: "), "Password: \nPassphrase: ");
      assert.match(redactor.text(`Password: ${"hunter"}2x9\n`), /^Password: \[REDACTED:/);
    }
  });
});
