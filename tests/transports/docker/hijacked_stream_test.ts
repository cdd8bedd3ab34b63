import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { describe, it } from "node:test";
import { HijackedStream } from "../../../src/transports/docker/hijacked_stream.ts";
import { Random } from "../../support/random.ts";

/** The near end of a connection whose far end is the test. */
class FakeConnection extends Duplex {
  /** What was written to it. */
  readonly written: Uint8Array[] = [];
  /** Whether its input was ended. */
  inputEnded = false;

  override _read(): void {
    // The test pushes what is read.
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.written.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.inputEnded = true;
    done();
  }
}

const encoder = new TextEncoder();

function frame(stream: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + payload.length);
  bytes[0] = stream;
  new DataView(bytes.buffer).setUint32(4, payload.length);
  bytes.set(payload, 8);
  return bytes;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of source) parts.push(chunk);
  return new TextDecoder().decode(join(parts));
}

describe("HijackedStream", () => {
  it("keeps the streams apart, over any split of the bytes", async () => {
    const random = new Random(20261122);
    for (let round = 0; round < 200; round++) {
      const expected = { 1: "", 2: "" };
      const frames = Array.from({ length: 1 + random.below(8) }, () => {
        const stream = random.pick([1, 2] as const);
        const text = "abcdefgh".slice(0, random.below(9));
        expected[stream] += text;
        return frame(stream, encoder.encode(text));
      });
      const connection = new FakeConnection();
      const streams = new HijackedStream(connection);
      const bytes = join(frames);
      for (let at = 0; at < bytes.length;) {
        const length = 1 + random.below(12);
        connection.push(bytes.slice(at, at + length));
        at += length;
      }
      connection.push(null);
      const said = await Promise.all([textOf(streams.stdout), textOf(streams.stderr)]);
      assert.deepEqual(said, [expected[1], expected[2]], `round ${round}`);
      assert.equal(await streams.ended, true);
    }
  });

  it("stops reading while nobody takes what came, and goes on afterwards", async () => {
    const connection = new FakeConnection();
    const streams = new HijackedStream(connection);
    const block = frame(1, new Uint8Array(64 * 1024));
    let pushed = 0;
    while (!connection.isPaused() && pushed < 100) {
      connection.push(block);
      pushed++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(pushed < 100, "The connection is read on and on");
    connection.push(null);
    let length = 0;
    for await (const chunk of streams.stdout) length += chunk.length;
    assert.equal(length, pushed * 64 * 1024);
  });

  it("lets a stream fall whose reader has left, and goes on with the other", async () => {
    const connection = new FakeConnection();
    const streams = new HijackedStream(connection);
    streams.stderr.cancel();
    for (let i = 0; i < 40; i++) connection.push(frame(2, new Uint8Array(64 * 1024)));
    connection.push(frame(1, encoder.encode("out")));
    connection.push(null);
    assert.equal(await textOf(streams.stdout), "out");
  });

  it("ends when what arrives is no stream of an engine", async () => {
    const connection = new FakeConnection();
    const streams = new HijackedStream(connection);
    connection.push(encoder.encode("HTTP/1.1 200 OK\r\n\r\n"));
    assert.equal(await textOf(streams.stdout), "");
    assert.equal(await streams.ended, false);
    assert.equal(connection.destroyed, true);
  });

  it("ends the input and still gives the output", async () => {
    const connection = new FakeConnection();
    const streams = new HijackedStream(connection);
    await streams.write(encoder.encode("in"));
    streams.closeInput();
    connection.push(frame(1, encoder.encode("out")));
    connection.push(null);
    assert.equal(await textOf(streams.stdout), "out");
    assert.equal(new TextDecoder().decode(join(connection.written)), "in");
    assert.equal(connection.inputEnded, true);
    await assert.rejects(streams.write(encoder.encode("more")));
  });
});
