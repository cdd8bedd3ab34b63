/**
 * Records what a transport carries.
 *
 * @module
 */

import type { Transport, TransportFactory } from "../transports/transport.ts";
import { encodeBase64, type Transcript, type TranscriptChunk, WrittenKeys } from "./transcript.ts";

/** A factory that records, and its record. */
export interface RecordingFactory {
  /** The factory to open a session with. */
  readonly factory: TransportFactory;
  /** The record so far. */
  transcript(): Transcript;
}

/**
 * Wraps a factory so that what the first transport carries is recorded.
 *
 * @param inner The factory to record.
 * @returns The recording factory.
 */
export function recordTransport(inner: TransportFactory): RecordingFactory {
  const keys: string[] = [];
  const chunks: TranscriptChunk[] = [];
  return {
    factory: {
      kind: inner.kind,
      target: inner.target,
      makeKey: () => {
        const key = inner.makeKey?.() ?? randomKey();
        keys.push(key);
        return key;
      },
      open: async (plan) => recorded(await inner.open(plan), new WrittenKeys(keys), chunks),
    },
    transcript: () => ({ version: 1, keys: [...keys], chunks: [...chunks] }),
  };
}

function recorded(
  transport: Transport,
  written: WrittenKeys,
  chunks: TranscriptChunk[],
): Transport {
  async function* tap(stream: "stdout" | "stderr"): AsyncGenerator<Uint8Array> {
    for await (const chunk of transport[stream]) {
      chunks.push({ stream, afterKeys: written.count, base64: encodeBase64(chunk) });
      yield chunk;
    }
  }
  return {
    kind: transport.kind,
    stdout: tap("stdout"),
    stderr: tap("stderr"),
    ended: transport.ended,
    write: (bytes) => {
      written.look(bytes);
      return transport.write(bytes);
    },
    startAside: (aside) => transport.startAside(aside),
    close: () => transport.close(),
  };
}

function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
