import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RedactingStream } from "../../../src/output/redaction_stream.ts";
import { Vocabulary } from "../../../src/output/vocabulary.ts";

const BEGIN = `-----${"BEGIN"} RSA PRIVATE KEY-----\n`;
const SMALL_BYTES = 64 * 1024;
const CHUNK_BYTES = 16 * 1024;

/** Inputs made to be judged over and over; each is given for so many bytes. */
const COSTLY: readonly (readonly [string, (bytes: number) => string])[] = [
  ["repeated assignments", (bytes) => "password=".repeat(bytes / 9)],
  ["repeated names with blanks", (bytes) => "password: ".repeat(bytes / 10)],
  ["a BEGIN line per line", (bytes) => BEGIN.repeat(bytes / BEGIN.length)],
  ["a key that never ends", (bytes) => BEGIN + "A".repeat(bytes)],
  ["region suffixes", (bytes) => "us-".repeat(bytes / 3)],
  ["mail keys", (bytes) => `${"0123456789abcdef".repeat(2)}-us`.repeat(bytes / 35)],
  ["JWT starts", (bytes) => "eyJ".repeat(bytes / 3)],
  ["JWT starts after dashes", (bytes) => "-eyJ".repeat(bytes / 4)],
  ["URL starts", (bytes) => "://a:".repeat(bytes / 5)],
  ["an endless host", (bytes) => `https://${"a".repeat(bytes)}`],
  ["token prefixes", (bytes) => `xox${"b-"}`.repeat(bytes / 5)],
  ["short token prefixes", (bytes) => "sk-".repeat(bytes / 3)],
  ["names in names", (bytes) => "api_key_".repeat(bytes / 8)],
  ["open quotes", (bytes) => 'password="'.repeat(bytes / 10)],
  ["backslashes", (bytes) => `password="${"\\".repeat(bytes)}`],
  ["known value, nearly", (bytes) => "k".repeat(bytes)],
  ["bearers", (bytes) => "bearer ".repeat(bytes / 7)],
  ["cookies", (bytes) => "cookie: a=b; ".repeat(bytes / 13)],
  ["one cookie header", (bytes) => `cookie: ${"a=b; ".repeat(bytes / 5)}`],
  ["encoded key starts", (bytes) => "LS0tLS1CRUdJTi".repeat(bytes / 14)],
  ["flags", (bytes) => "curl -u mysql -p".repeat(bytes / 16)],
  ["directives", (bytes) => "snmp-server community ".repeat(bytes / 22)],
  ["directives with heads", (bytes) => "enable secret 5 ".repeat(bytes / 16)],
  ["programs", (bytes) => "net user isql sqlplus ".repeat(bytes / 22)],
  ["program and flags", (bytes) => `mosquitto_pub${" -P -c -w".repeat(bytes / 9)}`],
  ["key words and quotes", (bytes) => 'token "'.repeat(bytes / 7)],
  ["long gaps", (bytes) => `password${" ".repeat(30)}`.repeat(bytes / 38)],
  ["tags", (bytes) => "<password>".repeat(bytes / 10)],
];

function workFor(text: string): { workBytes: number; output: string } {
  const vocabulary = new Vocabulary();
  vocabulary.register(`${"k".repeat(400)}j`, "known");
  const stream = new RedactingStream(vocabulary);
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  let output = "";
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    output += decoder.decode(stream.push(bytes.subarray(at, at + CHUNK_BYTES)), { stream: true });
  }
  output += decoder.decode(stream.end());
  return { workBytes: stream.workBytes, output };
}

describe("RedactingStream", () => {
  for (const [name, make] of COSTLY) {
    test(`does work in proportion to its input: ${name}`, () => {
      const small = workFor(make(SMALL_BYTES)).workBytes;
      const large = workFor(make(4 * SMALL_BYTES)).workBytes;
      // A constant part is allowed for, so that an input which costs next to nothing passes too.
      assert.ok(large <= 6 * small + SMALL_BYTES, `${small} → ${large}`);
    });
  }

  test("withholds what costs too much, and never passes it", () => {
    const plain = "a plain line\n".repeat(2000);
    const { output } = workFor(`${"k".repeat(200_000)}\n${plain}`);
    assert.match(output, /\[REDACTED:withheld#1\]/);
    assert.ok(output.length < 200_000);
    assert.ok(output.endsWith("a plain line\n".repeat(1000)));
  });

  test("does not withhold ordinary text, however much of it", () => {
    const line = '10.0.0.1 - - "GET /auth/token?page=2 HTTP/1.1" 200 key=value password reset\n';
    const text = line.repeat(20_000);
    assert.equal(workFor(text).output, text);
  });
});
