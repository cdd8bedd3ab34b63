/**
 * Children under Node: `node:child_process`, whose pipes are sockets.
 *
 * `echo x >/dev/stderr` fails with ENXIO on a socket. A session's output therefore comes through
 * two FIFOs that the launch script makes, and that are read here.
 *
 * @module
 */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { close, constants, open } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { ExeckitError } from "../../errors.ts";
import { launchFailure } from "../../launch_failure.ts";
import { LIMITS } from "../../limits.ts";
import { safe } from "../../safe_text.ts";
import { TIMED_OUT, withDeadline } from "../../clock.ts";
import { type ByteSource, type Child, SCRIPT_NAME, type SpawnRequest } from "./child.ts";

const openFile = promisify(open);
const closeFile = promisify(close);

/**
 * Starts `sh` under Node, in a session of its own so that a terminal's ^C does not reach it.
 *
 * @param request What to start.
 * @returns The child.
 * @throws {ExeckitError} `connect_failed` when it cannot be started.
 */
export async function spawnNode(request: SpawnRequest): Promise<Child> {
  const args = ["-c", request.script, SCRIPT_NAME, ...request.args];
  if (request.purpose === "session") args.push("fifo");
  const child = spawn("sh", args, { stdio: "pipe", detached: true });
  const started = await startOf(child);
  // A child that closes its input early makes the stream fail; write() reports it.
  child.stdin.on("error", () => undefined);
  const base = { ...started, ...inputOf(child), kill: () => void child.kill("SIGKILL") };
  if (request.purpose === "brief") {
    return { ...base, stdout: socketSource(child.stdout), stderr: socketSource(child.stderr) };
  }
  const streams = await openFifos(child);
  return { ...base, stdout: socketSource(streams.stdout), stderr: socketSource(streams.stderr) };
}

/** Waits until the child has started; its exit is watched from the first moment on. */
function startOf(
  child: ChildProcessWithoutNullStreams,
): Promise<{ pid: number; exited: Promise<number> }> {
  const exited = new Promise<number>((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? (signal === "SIGKILL" ? 137 : 128)));
    child.once("error", () => resolve(127));
  });
  return new Promise((resolve, reject) => {
    child.once("spawn", () => resolve({ pid: child.pid ?? 0, exited }));
    child.once("error", (cause) => {
      reject(new ExeckitError({ code: "connect_failed", message: safe`Cannot start sh`, cause }));
    });
  });
}

function inputOf(
  child: ChildProcessWithoutNullStreams,
): Pick<Child, "write" | "closeInput"> {
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        child.stdin.write(bytes, (error) => error ? reject(error) : resolve());
      }),
    closeInput: () =>
      new Promise((resolve) => {
        if (child.stdin.destroyed) return resolve();
        child.stdin.once("close", resolve);
        child.stdin.end();
      }),
  };
}

/** Reads the `D` marker or the failure that comes in its place, and opens the FIFOs. */
async function openFifos(
  child: ChildProcessWithoutNullStreams,
): Promise<{ stdout: Socket; stderr: Socket }> {
  child.stderr.resume();
  const said = await withDeadline(firstMarker(child), LIMITS.openTimeoutMs);
  const { kind, payload } = parseFirstMarker(said === TIMED_OUT ? "" : said);
  if (kind !== "D") {
    child.kill("SIGKILL");
    throw launchFailure(payload);
  }
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const stdoutFd = await openFile(`${payload}/o`, flags);
  let stderrFd: number;
  try {
    stderrFd = await openFile(`${payload}/e`, flags);
  } catch (cause) {
    await closeFile(stdoutFd);
    throw cause;
  }
  child.stdin.write("\n");
  return { stdout: fifoSocket(stdoutFd), stderr: fifoSocket(stderrFd) };
}

function fifoSocket(fd: number): Socket {
  return new Socket({ fd, readable: true, writable: false });
}

/** What the launch script says first on its own stdout: a `D` or an `F` marker. */
function firstMarker(child: ChildProcessWithoutNullStreams): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    child.stdout.on("data", (chunk: Uint8Array) => {
      said += new TextDecoder().decode(chunk);
      if (said.split("\x1e").length > 3) resolve(said);
    });
    child.stdout.once("end", () => resolve(said));
  });
}

/** `RS kind token SP payload RS token RS`, as the launch script says it. */
function parseFirstMarker(said: string): { kind: string; payload: string } {
  const head = said.split("\x1e")[1] ?? "";
  return { kind: head.slice(0, 1), payload: head.slice(head.indexOf(" ") + 1) };
}

function socketSource(socket: Readable): ByteSource {
  let cancelled = false;
  return {
    async *[Symbol.asyncIterator]() {
      try {
        // A stream without an encoding yields bytes; the type of a Readable cannot say so.
        for await (const chunk of socket) yield chunk as Uint8Array;
      } catch (cause) {
        // Destroying the socket ends the iteration with a premature close, which is the purpose.
        if (!cancelled) throw cause;
      }
    },
    cancel: () => {
      cancelled = true;
      socket.destroy();
      return Promise.resolve();
    },
  };
}
