import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRedactor } from "../../../src/output/redact.ts";
import { fakePem, Seeded } from "./fake_secrets.ts";

const HOLE = "[REDACTED:private-key#1]";
const random = new Seeded(41);

function frame(word: string, label: string): string {
  return `-----${word} ${label}-----`;
}

describe("createRedactor().text() on private keys", () => {
  for (const kind of ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", "DSA "]) {
    test(`redacts the body of a ${kind}PRIVATE KEY and keeps its frame`, () => {
      const label = `${kind}PRIVATE KEY`;
      const { text } = fakePem(random, label);
      assert.equal(
        createRedactor().text(`$ cat key\n${text}\n$ `),
        `$ cat key\n${frame("BEGIN", label)}\n${HOLE}\n${frame("END", label)}\n$ `,
      );
    });
  }

  test("redacts headers of encrypted and PGP keys with the body", () => {
    const label = "RSA PRIVATE KEY";
    const { body } = fakePem(random);
    const text = [
      frame("BEGIN", label),
      "Proc-Type: 4,ENCRYPTED",
      "DEK-Info: AES-128-CBC,0A",
      "",
      ...body,
    ];
    const result = createRedactor().text([...text, frame("END", label)].join("\n"));
    assert.equal(result, `${frame("BEGIN", label)}\n${HOLE}\n${frame("END", label)}`);
  });

  const prefixes: readonly (readonly [string, (line: number) => string])[] = [
    ["indentation", () => "      "],
    ["a log prefix", () => "web-1  | "],
    ["line numbers", (line) => `${String(line).padStart(6)}\t`],
    ["diff signs", () => "+"],
  ];
  for (const [name, prefix] of prefixes) {
    test(`sees the body through ${name}`, () => {
      const { text, body } = fakePem(random);
      const lines = text.split("\n").map((line, index) => prefix(index + 1) + line);
      const result = createRedactor().text(lines.join("\n"));
      for (const line of body) assert.ok(!result.includes(line.slice(0, 12)), name);
      assert.ok(result.includes("-----BEGIN RSA"), name);
      assert.ok(result.endsWith("-----END RSA PRIVATE KEY-----"), name);
    });
  }

  test("sees the body through escapes in JSON, once and twice", () => {
    const { text } = fakePem(random, "PRIVATE KEY");
    const once = JSON.stringify({ private_key: `${text}\n`, id: 7 });
    const twice = JSON.stringify(once);
    for (const json of [once, twice]) {
      const result = createRedactor().text(json);
      assert.match(
        result,
        /BEGIN PRIVATE KEY-----\\+n\[REDACTED:private-key#1\]\\+n-----END PRIVATE/,
      );
      assert.match(result, /id\\*":7/);
    }
  });

  test("stops without an END where lines no longer look like base64", () => {
    const { text } = fakePem(random);
    const open = text.slice(0, text.lastIndexOf("\n"));
    const result = createRedactor().text(`${open}\n$ ls -l\ntotal 12\n`);
    assert.ok(result.endsWith(`\n${HOLE}\n$ ls -l\ntotal 12\n`));
  });

  test("redacts a key without END to the end of the stream", () => {
    const { text } = fakePem(random);
    const result = createRedactor().text(text.slice(0, 200));
    assert.equal(result, `${frame("BEGIN", "RSA PRIVATE KEY")}\n${HOLE}`);
  });

  test("gives the same key the same number", () => {
    const [one, other] = [fakePem(random).text, fakePem(random).text];
    const result = createRedactor().text(`${one}\n${other}\n${one}\n`);
    assert.deepEqual(result.match(/#\d/g), ["#1", "#2", "#1"]);
  });

  test("redacts the base64 of a private key and not that of a certificate", () => {
    const key = btoa(fakePem(random).text);
    const certificate = btoa(fakePem(random, "CERTIFICATE").text);
    assert.equal(
      createRedactor().text(`client-key-data: ${key}\nclient-certificate-data: ${certificate}\n`),
      `client-key-data: ${HOLE}\nclient-certificate-data: ${certificate}\n`,
    );
  });

  test("leaves certificates, public keys and code about keys alone", () => {
    const texts = [
      fakePem(random, "CERTIFICATE").text,
      fakePem(random, "PUBLIC KEY").text,
      `if line == "${frame("BEGIN", "PRIVATE KEY")}": continue`,
      `grep -r '${frame("BEGIN", "RSA PRIVATE KEY")}' .\nsrc/a.ts: found`,
    ];
    for (const text of texts) assert.equal(createRedactor().text(text), text);
  });
});
