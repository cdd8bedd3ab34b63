import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRedactor, type RedactorOptions } from "../../../src/output/redact.ts";
import { fakePem, FAMILIES, Seeded } from "./fake_secrets.ts";
import { joinBytes } from "../../../src/join_bytes.ts";
import { inPieces } from "./in_pieces.ts";

const encoder = new TextEncoder();

function assertSplitsAgree(text: string, options: RedactorOptions = {}): void {
  const bytes = encoder.encode(text);
  const whole = inPieces(bytes, [], options);
  for (let at = 1; at < bytes.length; at++) {
    assert.equal(inPieces(bytes, [at], options), whole, `cut at ${at} of ${text.slice(0, 60)}`);
  }
  const everyByte = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
  assert.equal(inPieces(bytes, everyByte, options), whole, `byte by byte: ${text.slice(0, 60)}`);
}

/** Redacts chunks as an output does that copies each part before it asks for the next. */
function whileReusing(bytes: Uint8Array, chunkBytes: number): string {
  const stream = createRedactor().stream();
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    parts.push(stream.push(bytes.subarray(at, at + chunkBytes)).slice());
    stream.reuse?.();
  }
  return new TextDecoder().decode(joinBytes([...parts, stream.end()]));
}

const random = new Seeded(51);
const known = `S3cr3t/${random.alnum(12)}=+`;

const ROWS: readonly string[] = [
  ...FAMILIES.map(([, make]) => `x ${make(random)} y\nnext\n`),
  `DB_PASSWORD=${random.alnum(12)}\nplain ${"again"}\n`,
  `{"user":"bob","password":"${random.alnum(9)}","note":"a=b"}`,
  `password: str = "${random.alnum(12)}" # type`,
  `password=ab1&cd;ef2,gh&user=bob password=`,
  `Set-Cookie: a=1; sid=${random.alnum(30)}; t=${random.alnum(30)}; Path=/\n`,
  `postgres://app:${random.alnum(9)}@db:5432/x https://user@h/ http://h:80/a@b`,
  `Authorization: Basic ${random.alnum(20)}\nBearer ${random.alnum(30)}.`,
  `${fakePem(random).text}\n$ ls\n`,
  `${fakePem(random).text.slice(0, 230)}\n$ ls\ntotal 3\n`,
  JSON.stringify({ key: fakePem(random).text, id: 1 }),
  fakePem(random).text.split("\n").map((line, index) => `${String(index).padStart(4)}\t${line}`)
    .join("\n"),
  `curl -u bob:${random.alnum(9)} x; mysql -p${random.alnum(9)} y; sshpass -p '${random.alnum(9)}'`,
  `${"x".repeat(20)}sk${"-ant-"}${random.alnum(49)}\r\n${random.alnum(20)} z`,
  `q ${random.hex(32)}-us9 r`,
  "[sudo] password for bob: ",
  "grüße 😀 日本語 token: ",
];

describe("RedactionStream", () => {
  test("gives the same for every two-way split and byte by byte", () => {
    for (const row of ROWS) assertSplitsAgree(row);
  });

  test("gives the same for every split when values are known and learned", () => {
    const base64 = btoa(`user:${known}`);
    const learned = random.alnum(14);
    const rows = [
      `a ${known} b ${known.slice(0, 9)}\n${known.slice(9)} c ${encodeURIComponent(known)} d`,
      `a ${base64} b ${base64.slice(0, 11)}\n${base64.slice(11)} c ${known.slice(0, -1)}`,
      `TOKEN=${learned}\n${learned} ${learned}x ${learned.slice(0, 7)}`,
    ];
    for (const row of rows) assertSplitsAgree(row, { secrets: [known, "cab"] });
  });

  test("gives the same for random splits of a long mixed text", () => {
    const words = [
      "GET",
      "/index.html",
      "200",
      "password:",
      "token=",
      "\n",
      "://",
      "-us",
      "key",
      "=",
      '"',
    ];
    let text = "";
    for (let index = 0; index < 900; index++) {
      const pick = random.below(12);
      text += pick === 0
        ? ROWS[random.below(ROWS.length)] ?? ""
        : words[random.below(words.length)];
      text += pick % 3 === 0 ? " " : "";
    }
    const bytes = encoder.encode(text);
    const whole = inPieces(bytes, [], {});
    for (let round = 0; round < 60; round++) {
      const cuts = Array.from({ length: 1 + random.below(40) }, () => random.below(bytes.length));
      cuts.sort((one, other) => one - other);
      assert.equal(inPieces(bytes, cuts, {}), whole, `round ${round}: ${cuts.join(",")}`);
      const chunkBytes = 1 + random.below(900);
      assert.equal(whileReusing(bytes, chunkBytes), whole, `chunks of ${chunkBytes}`);
    }
  });

  test("lets a prompt out at once", () => {
    const prompts = [
      "Password: ",
      "Password:",
      "Enter passphrase for key '/home/bob/.ssh/id_rsa': ",
      "bob@host's password: ",
      "Continue? [Y/n] ",
      "mysql> ",
      "$ ",
      "Overwrite (y/N)?",
    ];
    for (const prompt of prompts) {
      const stream = createRedactor().stream();
      assert.equal(new TextDecoder().decode(stream.push(encoder.encode(prompt))), prompt);
    }
  });

  test("holds back what may be the beginning of a token and nothing before it", () => {
    const stream = createRedactor().stream();
    const shown = new TextDecoder().decode(stream.push(encoder.encode(`loading gh${"p_"}abc`)));
    assert.equal(shown, "loading ");
    assert.equal(new TextDecoder().decode(stream.end()), `gh${"p_"}abc`);
  });

  test("holds back a bounded number of bytes of any text", () => {
    const texts = [
      "a".repeat(300_000),
      `password="${"a b ".repeat(80_000)}`,
      `password=${"ab1-".repeat(80_000)}`,
      `https://${"a".repeat(300_000)}`,
      `cookie: ${"a=b; ".repeat(60_000)}`,
      `${" ".repeat(300_000)}`,
    ];
    for (const text of texts) {
      const stream = createRedactor().stream();
      stream.push(encoder.encode(text));
      const held = stream.end().length;
      assert.ok(held <= 8192, `${held} bytes of ${text.slice(0, 20)}`);
    }
  });

  test("passes bytes that are no UTF-8 untouched", () => {
    const bytes = Uint8Array.from({ length: 256 * 40 }, () => random.below(256));
    const stream = createRedactor().stream();
    const parts = [stream.push(bytes), stream.end()];
    assert.deepEqual(parts.flatMap((part) => [...part]), [...bytes]);
  });

  test("shares numbers and learned values with the other streams of its redactor", () => {
    const value = random.alnum(16);
    const redactor = createRedactor();
    const [one, other] = [redactor.stream(), redactor.stream()];
    one.push(encoder.encode(`API_TOKEN=${value}\n`));
    const text = new TextDecoder().decode(other.push(encoder.encode(`echo ${value}\n`)));
    assert.equal(text, "echo [REDACTED:token#1]\n");
  });
});
