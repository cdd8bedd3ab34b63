import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AnchorTable, nextHit } from "../../../src/output/anchor_table.ts";
import type { ByteWindow } from "../../../src/output/byte_window.ts";
import { ruleTable } from "../../../src/output/rule_table.ts";
import { Seeded } from "./fake_secrets.ts";

function windowOf(text: string): ByteWindow {
  const bytes = new TextEncoder().encode(text);
  const buffer = new ArrayBuffer((bytes.length + 3) & ~3);
  new Uint8Array(buffer).set(bytes);
  return {
    bytes: new Uint8Array(buffer, 0, bytes.length),
    words: new Int32Array(buffer),
    droppedBytes: 0,
    end: bytes.length,
    final: true,
    floor: 0,
    namesJudgedTo: 0,
    workBytes: 0,
  };
}

function hitsIn(text: string, table: AnchorTable): number[] {
  const window = windowOf(text);
  const hits: number[] = [];
  for (let at = nextHit(window, 0, table); at < window.end; at = nextHit(window, at + 1, table)) {
    hits.push(at);
  }
  return hits;
}

describe("nextHit()", () => {
  test("finds every place that looking everywhere finds, and no other", () => {
    const random = new Seeded(61);
    const words = Array.from({ length: 60 }, () => random.text("abcde_4", 3));
    const entries = words.map((text) => ({ text, judge: () => undefined, caseless: true }));
    const table = new AnchorTable(entries);
    for (let round = 0; round < 50; round++) {
      const text = Array.from(
        { length: 40 },
        (_, index) =>
          index % 3 === 0
            ? words[(round + index) % words.length]
            : random.text("abcdeABCDE_4 ", 1 + index % 7),
      )
        .join("");
      const lower = text.toLowerCase();
      const expected = Array.from(text, (_, last) => last)
        .filter((last) => last >= 2 && words.includes(lower.slice(last - 2, last + 1)));
      assert.deepEqual(hitsIn(text, table), expected);
    }
  });

  test("finds the anchors of all rules wherever they stand", () => {
    for (
      const text of ["password", "AKIA", "ghp_", "://", "-----BEGIN ", "eyJ", "-us", "Bearer "]
    ) {
      for (let before = 0; before < 9; before++) {
        const line = `${"\t".repeat(before)}${text}${"\t".repeat(20)}`;
        const found = hitsIn(line, ruleTable()).some((last) => {
          const anchors = ruleTable().anchorsAt(new TextEncoder().encode(line), last);
          return anchors.some(({ keyReach }) => last - keyReach === before);
        });
        assert.ok(found, `${text} after ${before} bytes`);
      }
    }
  });
});
