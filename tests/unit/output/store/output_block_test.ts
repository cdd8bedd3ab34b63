import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BLOCK_BYTES, OutputBlock } from "../../../../src/output/store/output_block.ts";

const STAMP = { sequence: 1, ms: 0, otherLineFeeds: 0 };
const START = { offset: BLOCK_BYTES, lineFeeds: 0, lineStart: 0 };

/** A full block of one byte. */
function sealedBlock(byte: number): OutputBlock {
  const block = new OutputBlock("stdout", START, STAMP);
  block.add(new Uint8Array(block.room(STAMP)).fill(byte), STAMP);
  block.seal();
  return block;
}

/** Whether blocks that are made now overwrite the bytes. */
function isOverwritten(bytes: Uint8Array): boolean {
  const [first] = bytes;
  // More than are kept spare.
  for (let count = 0; count < 100; count++) sealedBlock(0x7a);
  return bytes[0] !== first;
}

describe("OutputBlock", () => {
  it("drop() leaves what content() gave as it was", () => {
    const block = sealedBlock(0x61);
    const bytes = block.content()?.bytes ?? new Uint8Array(0);
    block.drop();
    assert.equal(bytes.length > 0 && isOverwritten(bytes), false);
  });

  it("wroteTo() leaves what content() gave as it was", () => {
    const block = sealedBlock(0x62);
    assert.ok(block.sealedContent());
    const bytes = block.content()?.bytes ?? new Uint8Array(0);
    block.wroteTo(0);
    assert.equal(bytes.length > 0 && isOverwritten(bytes), false);
  });

  it("drop() leaves alone what is being written", () => {
    const block = sealedBlock(0x63);
    const bytes = block.sealedContent() ?? new Uint8Array(0);
    block.drop();
    assert.equal(bytes.length > 0 && isOverwritten(bytes), false);
  });

  it("wroteTo() lets the next block have the memory", () => {
    const block = sealedBlock(0x64);
    const bytes = block.sealedContent() ?? new Uint8Array(0);
    block.wroteTo(0);
    assert.equal(isOverwritten(bytes), true);
  });
});
