import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameScanner, type ScanEvent } from "../../../src/shell/frame_scanner.ts";
import { MARKER_MAX_BYTES, markerKindOf, randomKey } from "../../../src/shell/markers.ts";

const KEY = "0123456789abcdef01234567";
const OTHER = "ffffffffffffffffffffffff";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function marker(kind: string, key: string, payload: string): string {
  return `\x1e${kind}${key} ${payload}\x1e${key}\x1e`;
}

/** Scans chunks; neighbouring data is joined, since how it is cut has no meaning. */
function scan(chunks: readonly Uint8Array[], keys: readonly string[] = [KEY]): string[] {
  const scanner = new FrameScanner();
  scanner.expect(keys);
  const events: ScanEvent[] = chunks.flatMap((chunk) => scanner.push(chunk));
  events.push(...scanner.end());
  const seen: string[] = [];
  let data = "";
  for (const event of events) {
    if (event.type === "data") {
      data += decoder.decode(event.bytes);
      continue;
    }
    if (data !== "") seen.push(`data ${data}`);
    data = "";
    seen.push(`${event.marker.kind} ${event.marker.key} ${event.marker.payload}`);
  }
  return data === "" ? seen : [...seen, `data ${data}`];
}

function bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

test("FrameScanner.push() finds markers between data", () => {
  const text = `before${marker("B", KEY, "")}out\n${marker("E", KEY, "0 1 x /tmp")}after`;
  assert.deepEqual(scan([bytes(text)]), [
    "data before",
    `B ${KEY} `,
    "data out\n",
    `E ${KEY} 0 1 x /tmp`,
    "data after",
  ]);
});

test("FrameScanner.push() keeps nothing of a chunk that is overwritten later", () => {
  const whole = bytes(`a${marker("B", KEY, "x")}`);
  for (let at = 2; at < whole.length; at++) {
    const scanner = new FrameScanner();
    scanner.expect([KEY]);
    const chunk = whole.slice(0, at);
    assert.equal(scanner.push(chunk).length, 1);
    chunk.fill(0);
    assert.equal(scanner.push(whole.subarray(at))[0]?.type, "marker", `cut at ${at}`);
  }
});

test("FrameScanner.push() gives the same for every cut in two and for single bytes", () => {
  const whole = bytes(
    `a\x1e\x1eE${marker("B", KEY, "")}\x1eE${KEY}x${marker("E", OTHER, "9")}` +
      `${marker("E", KEY, "0 1 p /with\x1erecord separator\x1e")}\x1e`,
  );
  const expected = scan([whole]);
  assert.equal(expected.filter((event) => event.startsWith("data")).length, 3);
  for (let at = 0; at <= whole.length; at++) {
    assert.deepEqual(scan([whole.subarray(0, at), whole.subarray(at)]), expected, `cut at ${at}`);
  }
  assert.deepEqual(scan(Array.from(whole, (byte) => Uint8Array.of(byte))), expected);
});

test("FrameScanner.push() takes a marker under an unexpected key for data", () => {
  const text = marker("E", OTHER, "0 1 x /forged");
  assert.deepEqual(scan([bytes(text)]), [`data ${text}`]);
  assert.deepEqual(scan([bytes(text)], []), [`data ${text}`]);
});

test("FrameScanner.push() takes an unknown kind, a missing space and a wrong trailer for data", () => {
  for (
    const text of [
      `\x1eQ${KEY} x\x1e${KEY}\x1e`,
      `\x1eE${KEY}x\x1e${KEY}\x1e`,
      `\x1eE${KEY} x\x1e${OTHER}\x1e`,
      `\x1eE${KEY} x`,
      `\x1eE${KEY.slice(0, 23)}`,
    ]
  ) assert.deepEqual(scan([bytes(text)]), [`data ${text}`], JSON.stringify(text));
});

test("FrameScanner.push() holds back no more than a marker's greatest length", () => {
  const scanner = new FrameScanner();
  scanner.expect([KEY]);
  let given = 0;
  let pushed = 0;
  for (const text of [`\x1eE${KEY} `, "x".repeat(MARKER_MAX_BYTES), "y".repeat(100)]) {
    pushed += text.length;
    for (const event of scanner.push(bytes(text))) {
      assert.equal(event.type, "data");
      if (event.type === "data") given += event.bytes.length;
    }
  }
  assert.equal(given, pushed);
  assert.deepEqual(scanner.end(), []);
});

test("FrameScanner.push() finds the marker behind the beginning of another", () => {
  const text = `\x1eE${KEY} lost${marker("E", KEY, "0")}`;
  assert.deepEqual(scan([bytes(text)]), [`E ${KEY} lost\x1eE${KEY} 0`]);
  assert.deepEqual(scan([bytes(`\x1eE${OTHER} ${marker("E", KEY, "0")}`)]), [
    `data \x1eE${OTHER} `,
    `E ${KEY} 0`,
  ]);
});

test("FrameScanner.expect() leaves the markers of former keys to the data", () => {
  const scanner = new FrameScanner();
  scanner.expect([KEY]);
  scanner.expect([OTHER]);
  const events = scanner.push(bytes(marker("E", KEY, "0") + marker("E", OTHER, "1")));
  assert.deepEqual(events.map(({ type }) => type), ["data", "marker"]);
});

test("markerKindOf() knows every kind and nothing else", () => {
  const known = Array.from({ length: 256 }, (_, byte) => markerKindOf(byte)).filter(Boolean);
  assert.equal(known.sort().join(""), "BDEFLPRSTXY");
});

test("randomKey() gives 24 hexadecimal digits, each time others", () => {
  const keys = new Set(Array.from({ length: 100 }, randomKey));
  assert.equal(keys.size, 100);
  for (const key of keys) assert.match(key, /^[0-9a-f]{24}$/);
});
