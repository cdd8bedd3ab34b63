/**
 * How fast the redactor is beside a plain decoding of the same bytes.
 *
 * @module
 */

import process from "node:process";
import { createRedactor } from "../../mod.ts";
import { type Figure, makeFigure } from "../support/figure.ts";
import { makeLogs } from "../support/redaction_logs.ts";

const MEGABYTE = 1_000_000;
const CHUNK_BYTES = 64 * 1024;
const LOG_BYTES = 16 * MEGABYTE;
/** Passes of each kind, taken in turn, of which the fastest counts: others share the machine. */
const ROUNDS = 7;
/** V8's own decoder is far faster under Deno than under Node, so that the bounds differ. */
const CLEAN_RATIO_MIN = { deno: 0.14, node: 0.4 };
/** What a secret in every 100 lines may leave of the speed. */
const SECRETS_RATIO_MIN = 0.5;

/**
 * Measures decoding, redacting clean logs, and redacting logs with a secret in every 100 lines.
 *
 * @returns The figures.
 */
export function measureRedactionThroughput(): Promise<Figure[]> {
  const clean = makeLogs({ bytes: LOG_BYTES });
  const secrets = makeLogs({ bytes: LOG_BYTES, linesPerSecret: 100 });
  const best = { decode: 0, clean: 0, secrets: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    best.decode = Math.max(best.decode, speed(clean, decodeAll));
    best.clean = Math.max(best.clean, speed(clean, redactAll));
    best.secrets = Math.max(best.secrets, speed(secrets, redactAll));
  }
  const runtime = process.versions["deno"] === undefined ? "node" : "deno";
  return Promise.resolve([
    makeFigure("redaction_clean_logs_beside_decode", {
      value: best.clean,
      unit: "MB/s",
      beside: best.decode,
      target: { of: "ratio", atLeast: CLEAN_RATIO_MIN[runtime] },
    }),
    makeFigure("redaction_secret_every_100_lines_beside_decode", {
      value: best.secrets,
      unit: "MB/s",
      beside: best.decode,
      target: { of: "ratio", atLeast: SECRETS_RATIO_MIN * CLEAN_RATIO_MIN[runtime] },
    }),
    makeFigure("redaction_secret_every_100_lines_beside_clean", {
      value: best.secrets,
      unit: "MB/s",
      beside: best.clean,
      target: { of: "ratio", atLeast: SECRETS_RATIO_MIN },
    }),
  ]);
}

/** Gives megabytes per second. */
function speed(bytes: Uint8Array, pass: (chunks: Uint8Array[]) => number): number {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    chunks.push(bytes.subarray(at, at + CHUNK_BYTES));
  }
  const startedMs = performance.now();
  pass(chunks);
  return bytes.length / MEGABYTE / ((performance.now() - startedMs) / 1000);
}

function decodeAll(chunks: Uint8Array[]): number {
  const decoder = new TextDecoder();
  let length = 0;
  for (const chunk of chunks) length += decoder.decode(chunk, { stream: true }).length;
  return length;
}

function redactAll(chunks: Uint8Array[]): number {
  const stream = createRedactor().stream();
  let length = 0;
  for (const chunk of chunks) length += stream.push(chunk).length;
  return length + stream.end().length;
}
