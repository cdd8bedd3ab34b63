import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRedactor } from "../../src/output/redact.ts";
import { Seeded } from "../unit/output/fake_secrets.ts";
import {
  knownRows,
  type SecretRow,
  structureRows,
  tokenRows,
  valueRows,
  wrappedRows,
} from "../unit/output/secret_rows.ts";

const encoder = new TextEncoder();

function inPieces({ known }: SecretRow, pieces: readonly Uint8Array[]): string {
  const stream = createRedactor({ secrets: known ?? [] }).stream();
  const decoder = new TextDecoder();
  let text = "";
  for (const piece of pieces) text += decoder.decode(stream.push(piece), { stream: true });
  return text + decoder.decode(stream.end());
}

describe("a secret that arrives in pieces", () => {
  const random = new Seeded(71);
  const classes: readonly (readonly [string, readonly SecretRow[]])[] = [
    ["tokens", tokenRows(random, 1)],
    ["values", valueRows(random, 1)],
    ["known values", knownRows(random)],
    ["wrapped tokens", wrappedRows(random, 20)],
    ["key files", structureRows(random).filter(({ text }) => text.length < 700)],
  ];
  for (const [name, rows] of classes) {
    test(`is redacted as in one piece: ${name}`, () => {
      for (const row of rows) {
        const bytes = encoder.encode(row.text);
        const whole = inPieces(row, [bytes]);
        for (let at = 1; at < bytes.length; at++) {
          const text = inPieces(row, [bytes.slice(0, at), bytes.slice(at)]);
          assert.equal(text, whole, `${row.kind}, cut at ${at}`);
        }
        const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
        assert.equal(inPieces(row, single), whole, `${row.kind}, byte by byte`);
      }
    });
  }
});
