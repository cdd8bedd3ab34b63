import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { toWire, type WireValue } from "../../src/exec_result.ts";
import { Session } from "../../src/session/session.ts";
import { type ReplayOptions, replayTransport, type Transcript } from "../../src/testing/mod.ts";

interface Recorded {
  readonly commands: readonly string[];
  readonly results: readonly { readonly [key: string]: WireValue }[];
  readonly transcript: Transcript;
}

for (const shell of ["bash", "zsh", "dash", "busybox"]) {
  const recorded = readRecord(shell);
  describe(`a recorded ${shell} session`, () => {
    it("gives the same results when it is replayed whole", async () => {
      assert.deepEqual(await replay(recorded, {}), recorded.results);
    });
    it("gives the same results byte by byte", async () => {
      const split = (bytes: Uint8Array) => Array.from(bytes, (byte) => Uint8Array.of(byte));
      assert.deepEqual(await replay(recorded, { split }), recorded.results);
    });
    it("gives the same results when it is cut in two at every byte", async () => {
      const short = firstCommandOf(recorded);
      for (let at = 1; at < totalBytes(short.transcript); at++) {
        const split = (bytes: Uint8Array, position: number) => {
          const cut = Math.min(Math.max(at - position, 0), bytes.length);
          return [bytes.subarray(0, cut), bytes.subarray(cut)];
        };
        assert.deepEqual(await replay(short, { split }), short.results, `cut at byte ${at}`);
      }
    });
  });
}

function readRecord(shell: string): Recorded {
  const file = new URL(`../fixtures/transcripts/${shell}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Launch, initialisation and the first command; its key comes behind the token and the mark. */
function firstCommandOf({ commands, results, transcript }: Recorded): Recorded {
  const key = transcript.keys[2] ?? "";
  const answer = transcript.chunks.find(({ base64 }) => atob(base64).includes(key));
  const chunks = transcript.chunks.filter(({ afterKeys }) => afterKeys <= (answer?.afterKeys ?? 0));
  return {
    commands: commands.slice(0, 1),
    results: results.slice(0, 1),
    transcript: { ...transcript, chunks },
  };
}

function totalBytes({ chunks }: Transcript): number {
  return chunks.reduce((sum, { base64 }) => sum + atob(base64).length, 0);
}

async function replay({ commands, transcript }: Recorded, options: ReplayOptions) {
  await using session = await Session.open({ transport: replayTransport(transcript, options) });
  const results = [];
  for (const command of commands) {
    const { duration_ms: _, ...result } = toWire(await session.exec(command));
    results.push(result);
  }
  return results;
}
