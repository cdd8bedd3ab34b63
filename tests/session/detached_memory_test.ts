import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRedactor } from "../../src/output/redact.ts";
import { DetachedMemory, type SeenStatus } from "../../src/session/detached/detached_memory.ts";

const redactor = createRedactor();

function status(number: number, state: SeenStatus["state"]): SeenStatus {
  return { id: redactor.text(`id${number}`), state, begunMs: number };
}

describe("DetachedMemory", () => {
  it("forgets ended commands first, those that were read last, and says so", () => {
    const memory = new DetachedMemory(3);
    memory.readTo(status(1, "exited"), "stdout", { from: 10 });
    memory.saw(status(2, "running"), "s");
    memory.saw(status(3, "exited"), "s");
    memory.saw(status(4, "running"), "s");
    assert.deepEqual(["id1", "id2", "id3", "id4"].map((id) => memory.get(id)?.isOver), [
      true,
      false,
      undefined,
      false,
    ]);
    assert.equal(memory.mayHaveForgotten(status(3, "exited")), false);
    memory.readTo(status(2, "running"), "stdout", { from: 20 });
    memory.readTo(status(4, "running"), "stdout", { from: 40 });
    memory.readTo(status(5, "exited"), "stderr", { from: 50 });
    assert.equal(memory.placeOf("id1", "stdout"), undefined);
    assert.deepEqual(memory.placeOf("id5", "stderr"), { from: 50 });
    assert.ok(memory.mayHaveForgotten(status(1, "exited")));
    assert.equal(memory.mayHaveForgotten(status(5, "exited")), false);
    assert.equal(memory.mayHaveForgotten(status(6, "exited")), false);
  });

  it("keeps the place of every running command, and of an ended one within its bound", () => {
    const memory = new DetachedMemory(2);
    for (const number of [1, 2, 3]) {
      memory.readTo(status(number, "running"), "stdout", { from: number });
    }
    assert.deepEqual(memory.placeOf("id1", "stdout"), { from: 1 });
    for (const number of [1, 2, 3]) memory.saw(status(number, "exited"), "s");
    assert.equal(memory.placeOf("id1", "stdout"), undefined);
    assert.deepEqual(memory.placeOf("id3", "stdout"), { from: 3 });
  });

  it("does not grow with what is seen", () => {
    const memory = new DetachedMemory(2);
    for (let number = 0; number < 100; number++) memory.saw(status(number, "running"), "s");
    const known = Array.from({ length: 100 }, (_, number) => memory.get(`id${number}`));
    assert.equal(known.filter((one) => one !== undefined).length, 2);
  });
});
