import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  CONTROL_STRING_MAX_BYTES,
  TerminalTextCleaner,
} from "../../../src/output/terminal_text_cleaner.ts";
import { Seeded } from "./fake_secrets.ts";

const encoder = new TextEncoder();

function cleanedBytes(bytes: Uint8Array, cuts: readonly number[] = []): number[] {
  const cleaner = new TerminalTextCleaner();
  const result: number[] = [];
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    result.push(...cleaner.push(bytes.subarray(from, to)));
    from = to;
  }
  result.push(...cleaner.end());
  return result;
}

function cleaned(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(cleanedBytes(encoder.encode(text))));
}

const CASES: readonly (readonly [string, string, string])[] = [
  ["colours", "a\x1b[1;31mred\x1b[0mb", "aredb"],
  ["cursor moves and erasing", "\x1b[2J\x1b[10;20Hx\x1b[K\x1b[?25l", "x"],
  ["CSI with intermediates", "a\x1b[4 qb\x1b[!pc", "abc"],
  ["a title ended by BEL", "\x1b]0;my title\x07x", "x"],
  ["a link ended by ST", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"],
  ["a title ended by 8-bit ST", "\x1b]2;t\u009cx", "x"],
  ["DCS, APC, PM and SOS", "a\x1bPq#0\n#1\x1b\\b\x1b_A\x1b\\c\x1b^P\x1b\\d\x1bXS\x1b\\e", "abcde"],
  ["character set and two-byte escapes", "\x1b(B\x1b=\x1b>\x1b7\x1b8\x1bMx\x1b#8y", "xy"],
  ["8-bit CSI and OSC", "a\u009b31mb\u009d0;t\x07c\u0085d", "abcd"],
  ["control characters", "a\0b\x07c\x08d\x0be\x0cf\x0eg\x7fh", "abcdefgh"],
  ["tab, line feed and return kept", "a\tb\r\nc\rd\n", "a\tb\r\nc\rd\n"],
  ["a sequence cut short by a line end", "a\x1b[31\nb\x1b\nc", "a\nb\nc"],
  ["a string cancelled", "a\x1b]0;t\x18b", "ab"],
  ["a title that is not closed on its line", "a\x1b]0;title\nnext line", "a\nnext line"],
  ["a sequence inside a string", "\x1b]0;t\x1b[31mred", "red"],
  ["two escapes", "\x1b\x1b[31mx", "x"],
  ["letters beyond ASCII", "grüße Â ÿ 😀 \u00a0 日本", "grüße Â ÿ 😀 \u00a0 日本"],
  ["an escape at the end", "x\x1b", "x"],
];

describe("TerminalTextCleaner", () => {
  for (const [name, text, expected] of CASES) {
    test(`handles ${name}, however it is cut`, () => {
      assert.equal(cleaned(text), expected);
      const bytes = encoder.encode(text);
      const whole = cleanedBytes(bytes);
      for (let at = 1; at < bytes.length; at++) {
        assert.deepEqual(cleanedBytes(bytes, [at]), whole, `cut at ${at}`);
      }
      const everyByte = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
      assert.deepEqual(cleanedBytes(bytes, everyByte), whole);
    });
  }

  test("gives the chunk itself when there is nothing to take out", () => {
    const chunk = encoder.encode("plain text\twith ünïcode\r\n");
    assert.equal(new TerminalTextCleaner().push(chunk), chunk);
  });

  test("passes what is not UTF-8 untouched", () => {
    const bytes = Uint8Array.of(0x41, 0xff, 0xfe, 0x80, 0x9b, 0xc3, 0x41, 0xf0, 0x9f, 0xc2);
    assert.deepEqual(cleanedBytes(bytes), [...bytes]);
  });

  test("gives up on a control string that does not end", () => {
    for (const introducer of ["\x1b]0;", "\x1bP", "\x1b_"]) {
      const text = `${introducer}${"a".repeat(CONTROL_STRING_MAX_BYTES)}the text goes on`;
      assert.ok(cleaned(text).endsWith("the text goes on"));
    }
    assert.ok(cleaned(`\x1b[${"1".repeat(CONTROL_STRING_MAX_BYTES)}the text`).endsWith("text"));
  });

  test("gives the same for random bytes, however they are cut", () => {
    const random = new Seeded(61);
    const alphabet = [
      0x1b,
      0x5b,
      0x5d,
      0x07,
      0x5c,
      0x50,
      0xc2,
      0x9b,
      0x9c,
      0x0a,
      0x41,
      0x6d,
      0x3b,
      0x18,
    ];
    for (let round = 0; round < 200; round++) {
      const bytes = Uint8Array.from({ length: 40 }, () => alphabet[random.below(14)] ?? 0);
      const whole = cleanedBytes(bytes);
      for (let at = 1; at < bytes.length; at++) {
        assert.deepEqual(cleanedBytes(bytes, [at]), whole, `${[...bytes]} cut at ${at}`);
      }
    }
  });

  test("leaves no control character behind, whatever comes in", () => {
    const random = new Seeded(62);
    const bytes = Uint8Array.from({ length: 20_000 }, () => random.below(128));
    const left = cleanedBytes(bytes).filter((byte) => byte < 0x20 || byte === 0x7f);
    assert.ok(left.every((byte) => byte === 0x09 || byte === 0x0a || byte === 0x0d));
  });

  test("makes no 8-bit control out of what is left around what it took out", () => {
    const random = new Seeded(63);
    const alphabet = [0xc2, 0xc2, 0x85, 0x9b, 0x07, 0x08, 0x1b, 0x5b, 0x6d, 0x7f, 0x41];
    const bytes = Uint8Array.from({ length: 20_000 }, () => alphabet[random.below(11)] ?? 0);
    const text = new TextDecoder().decode(Uint8Array.from(cleanedBytes(bytes)));
    assert.doesNotMatch(text, /\p{Cc}/u);
  });
});
