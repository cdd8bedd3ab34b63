/**
 * Children under Deno: `Deno.Command`, whose pipes are real pipes.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { safe } from "../../safe_text.ts";
import { type ByteSource, type Child, SCRIPT_NAME, type SpawnRequest } from "./child.ts";

/** Bytes of a chunk at most: what a pipe of Linux holds. */
const CHUNK_BYTES: number = 64 * 1024;

/**
 * Starts `sh` under Deno, in a session of its own so that a terminal's ^C does not reach it.
 *
 * @param request What to start.
 * @returns The child.
 * @throws {ExeckitError} `permission_denied` without `--allow-run=sh`; `connect_failed` otherwise.
 */
export function spawnDeno(request: SpawnRequest): Promise<Child> {
  const args = ["-c", request.script, SCRIPT_NAME, ...request.args];
  if (request.purpose === "session") args.push("inherit");
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("sh", {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
  } catch (cause) {
    return Promise.reject(spawnError(cause));
  }
  return Promise.resolve(wrapDenoChild(child, request.purpose));
}

function wrapDenoChild(child: Deno.ChildProcess, purpose: SpawnRequest["purpose"]): Child {
  const source = purpose === "session" ? reusingSource : byteSource;
  const writer = child.stdin.getWriter();
  // A failed write is reported by write(); the writer's own promise would be unhandled.
  writer.closed.catch(() => undefined);
  return {
    pid: child.pid,
    stdout: source(child.stdout),
    stderr: source(child.stderr),
    exited: child.status.then((status) => status.code),
    write: (bytes) => writer.write(bytes),
    closeInput: () => writer.close().catch(ignoreBrokenPipe),
    kill: () => killChild(child),
  };
}

function killChild(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (cause) {
    // Deno throws TypeError for a child that has ended, which is what kill() is for.
    if (!(cause instanceof TypeError) && !(cause instanceof Deno.errors.NotFound)) throw cause;
  }
}

/** Closing the input of a child that is gone fails, and nothing is lost by it. */
function ignoreBrokenPipe(cause: unknown): void {
  if (cause instanceof Deno.errors.BrokenPipe || cause instanceof TypeError) return;
  throw cause;
}

function byteSource(stream: ReadableStream<Uint8Array>): ByteSource {
  const reader = stream.getReader();
  return {
    async *[Symbol.asyncIterator]() {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        yield part.value;
      }
    },
    cancel: () => reader.cancel(),
  };
}

/** Reads all into one buffer: memory of its own for each chunk adds up before it is collected. */
function reusingSource(stream: ReadableStream<Uint8Array>): ByteSource {
  const reader = stream.getReader({ mode: "byob" });
  return {
    async *[Symbol.asyncIterator]() {
      let part = await reader.read(new Uint8Array(CHUNK_BYTES));
      while (!part.done) {
        yield part.value;
        part = await reader.read(new Uint8Array(part.value.buffer));
      }
    },
    cancel: () => reader.cancel(),
  };
}

function spawnError(cause: unknown): ExeckitError {
  if (cause instanceof Deno.errors.NotCapable) {
    return new ExeckitError({
      code: "permission_denied",
      message: safe`Cannot start sh`,
      hint: safe`Start the program with --allow-run=sh`,
      cause,
    });
  }
  return new ExeckitError({ code: "connect_failed", message: safe`Cannot start sh`, cause });
}
