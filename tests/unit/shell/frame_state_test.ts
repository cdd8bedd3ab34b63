import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameState, splitFields, type StreamName } from "../../../src/shell/frame_state.ts";
import type { MarkerKind } from "../../../src/shell/markers.ts";

interface Options {
  readonly prompts?: boolean;
  readonly tty?: boolean;
}

function frame({ prompts, tty }: Options = {}) {
  const nudges: number[] = [];
  const state = new FrameState({
    nonce: "new",
    previousNonce: "old",
    prompts: prompts ?? true,
    tty: tty ?? false,
    nudge: () => void nudges.push(1),
  });
  const accept = (stream: StreamName, kind: MarkerKind, payload: string, key = "new") =>
    state.accept(stream, { kind, key, payload });
  return { state, accept, nudges };
}

test("FrameState settles as ended when both ends and the prompt are there, in any order", async () => {
  const steps = [
    (f: ReturnType<typeof frame>) => f.accept("stdout", "E", "3 /a b"),
    (f: ReturnType<typeof frame>) => f.accept("stderr", "S", ""),
    (f: ReturnType<typeof frame>) => f.accept("stderr", "P", "D 3 /a b"),
  ];
  for (const order of [[0, 1, 2], [1, 0, 2], [2, 1, 0], [1, 2, 0]]) {
    const made = frame();
    made.accept("stdout", "B", "");
    for (const index of order) steps[index]?.(made);
    assert.equal(await made.state.settled, "ended");
    assert.deepEqual(made.state.end, { status: 3, cwd: "/a b" });
    assert.ok(made.state.begun);
  }
});

test("FrameState settles without a prompt in a shell that prints none", async () => {
  const { state, accept } = frame({ prompts: false });
  accept("stdout", "E", "0 /");
  assert.equal(state.result, undefined);
  accept("stderr", "S", "");
  assert.equal(await state.settled, "ended");
});

test("FrameState waits for the terminal's end when the command runs there", async () => {
  const { state, accept } = frame({ tty: true });
  accept("stdout", "E", "0 /");
  accept("stderr", "S", "");
  accept("stderr", "P", "D 0 /");
  assert.equal(state.result, undefined);
  accept("stderr", "T", "");
  assert.equal(await state.settled, "ended");
});

test("FrameState settles as aborted when the prompt says so", async () => {
  const { state, accept } = frame();
  accept("stdout", "B", "");
  accept("stderr", "P", "A 130 /tmp");
  assert.equal(await state.settled, "aborted");
  assert.equal(state.end?.status, 130);
});

test("FrameState settles as restarted when both streams say so", async () => {
  const { state, accept } = frame();
  accept("stdout", "R", "4 /tmp");
  assert.equal(state.result, undefined);
  accept("stderr", "R", "4 /tmp");
  assert.equal(await state.settled, "restarted");
  assert.deepEqual(state.end, { status: 4, cwd: "/tmp" });
});

test("FrameState settles as unmarked when only the prompt tells of the end", async () => {
  const { state, accept } = frame();
  accept("stdout", "B", "");
  accept("stderr", "P", "D 0 /");
  assert.equal(await state.settled, "unmarked");
});

test("FrameState nudges the shell for its prompt, and settles as unproven without one", async () => {
  const { state, accept, nudges } = frame();
  accept("stdout", "E", "0 /");
  accept("stderr", "S", "");
  assert.equal(await state.settled, "unproven");
  assert.equal(nudges.length, 1);
});

test("FrameState settles as stale when the old prompt comes again", async () => {
  const { state, accept } = frame();
  accept("stderr", "P", "D 0 /", "old");
  assert.equal(await state.settled, "stale");
});

test("FrameState takes no notice of the old prompt once the command has begun", async () => {
  const { state, accept } = frame();
  accept("stderr", "P", "D 0 /", "old");
  accept("stdout", "B", "");
  accept("stdout", "E", "0 /");
  accept("stderr", "S", "");
  accept("stderr", "P", "D 0 /");
  assert.equal(await state.settled, "ended");
});

test("FrameState settles once", async () => {
  const { state, accept } = frame();
  state.die();
  accept("stderr", "P", "A 0 /");
  assert.equal(await state.settled, "died");
  assert.equal(state.result, "died");
});

test("splitFields() leaves the spaces of the last field alone", () => {
  assert.deepEqual(splitFields("1 2 /a b  c", 3), ["1", "2", "/a b  c"]);
  assert.deepEqual(splitFields("1", 3), ["1"]);
  assert.deepEqual(splitFields("1 2 ", 3), ["1", "2", ""]);
});
