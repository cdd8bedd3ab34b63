import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRedactor } from "../../../src/output/redact.ts";
import { CLEAN_COMMANDS, COMMAND_PLACES } from "./command_rows.ts";
import { Seeded } from "./fake_secrets.ts";
import { inPieces } from "./in_pieces.ts";

const encoder = new TextEncoder();

describe("createRedactor().text() on command lines", () => {
  const random = new Seeded(81);
  const rows = COMMAND_PLACES.map((place) => {
    const secret = random.alnum(12);
    return { place, secret, text: `$ ${place.replaceAll("@@", secret)}\nnext\n` };
  });

  test("hides the password wherever the program has it", () => {
    const missed = rows.filter(({ text, secret }) => createRedactor().text(text).includes(secret));
    assert.deepEqual(missed.map(({ place }) => place), []);
  });

  test("leaves the rest of the line as it is", () => {
    for (const { text, secret } of rows) {
      const [head = "", ...tail] = text.split(secret);
      const result = createRedactor().text(text);
      assert.ok(result.startsWith(head), result);
      assert.ok(result.endsWith(tail.at(-1)?.slice(1) ?? ""), result);
    }
  });

  test("hides a word as a password where nothing else can stand", () => {
    const word = "correcthorse";
    for (
      const line of [
        `mosquitto_sub -t a -u bob -P ${word}`,
        `net user alice ${word} /add`,
        `snmpwalk -v2c -c ${word} 10.0.0.1`,
        `rocommunity ${word} 10.0.0.0/8`,
        `snmp-server community ${word} RO`,
        `ipmitool -H h -U admin -P ${word} power status`,
        `wget --http-password=${word} https://example.com`,
        `enable secret 5 ${word}`,
      ]
    ) {
      assert.equal(createRedactor().text(line).includes(word), false, line);
    }
  });

  test("touches none of the lines that have the same words and no secret", () => {
    for (const line of CLEAN_COMMANDS) {
      assert.equal(createRedactor().text(`${line}\n`), `${line}\n`);
    }
  });

  test("gives the same, wherever the line is cut", () => {
    for (const { text } of rows) {
      const bytes = encoder.encode(text);
      const whole = inPieces(bytes, []);
      for (let at = 1; at < bytes.length; at++) {
        assert.equal(inPieces(bytes, [at]), whole, `cut at ${at} of ${text}`);
      }
      assert.equal(inPieces(bytes, Array.from(bytes.keys()).slice(1)), whole, text);
    }
  });
});
