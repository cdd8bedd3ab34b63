/**
 * A script beside the session's shell, from its start to its end or its deadline.
 *
 * @module
 */

import { TIMED_OUT, withGrace } from "../clock.ts";
import { joinBytes } from "../join_bytes.ts";
import { LIMITS } from "../limits.ts";
import type { AsideProcess, AsideScript, Transport } from "./transport.ts";

/** Bytes of a side script's output that are kept. */
const ASIDE_MAX_BYTES = 4 * 1024 * 1024;

/** A short script to run. */
export interface AsideRequest extends AsideScript {
  /** Bytes for its standard input; none when absent. */
  readonly stdin?: Uint8Array;
  /** Milliseconds after which it is killed, where this process could run all the time. */
  readonly timeoutMs: number;
}

/** What {@linkcode runAside} gives back. */
export interface AsideResult {
  /** The script's exit code; absent when it was ended at its deadline or the link went away. */
  readonly exitCode?: number;
  /** The first 4 MiB of what it wrote to standard output. */
  readonly stdout: Uint8Array;
}

/**
 * Runs a short script to its end or its deadline.
 *
 * @param transport The way to the machine.
 * @param request The script, its input and its deadline.
 * @returns Exit code and standard output.
 * @throws {ExeckitError} When it cannot be started.
 */
export async function runAside(
  transport: Pick<Transport, "startAside">,
  request: AsideRequest,
): Promise<AsideResult> {
  const process = await startInTime(transport, request);
  if (process === undefined) return { stdout: new Uint8Array(0) };
  try {
    const output = collect(process.stdout);
    const fed = feed(process, request.stdin);
    const exitCode = await withGrace(process.exited, request.timeoutMs);
    if (exitCode === TIMED_OUT) return { stdout: output.bytes() };
    // A grandchild may hold the pipe open; what the script itself wrote arrives at once.
    await withGrace(Promise.all([output.done, fed]), LIMITS.interruptGraceMs);
    const stdout = output.bytes();
    return exitCode === undefined ? { stdout } : { exitCode, stdout };
  } finally {
    await process.release();
  }
}

/** A frozen link takes the request and never answers; what starts too late is ended at once. */
async function startInTime(
  transport: Pick<Transport, "startAside">,
  request: AsideRequest,
): Promise<AsideProcess | undefined> {
  const starting = transport.startAside(request);
  const process = await withGrace(starting, request.timeoutMs);
  if (process !== TIMED_OUT) return process;
  // Nobody waits for it any more, so that a failure has nobody to go to.
  starting.then((late) => late.release()).catch(() => undefined);
  return undefined;
}

async function feed(process: AsideProcess, bytes: Uint8Array | undefined): Promise<void> {
  try {
    if (bytes !== undefined && bytes.length > 0) await process.write(bytes);
  } catch (cause) {
    // A script that ends before it has read everything says so by its exit code.
    if (!(cause instanceof Error)) throw cause;
  }
  await process.closeInput();
}

function collect(
  source: AsyncIterable<Uint8Array>,
): { readonly done: Promise<void>; bytes(): Uint8Array } {
  const chunks: Uint8Array[] = [];
  let length = 0;
  async function read(): Promise<void> {
    for await (const chunk of source) {
      if (length + chunk.length > ASIDE_MAX_BYTES) continue;
      chunks.push(chunk);
      length += chunk.length;
    }
  }
  return {
    done: read(),
    bytes: () => joinBytes(chunks),
  };
}
