/**
 * A file's content to the session's machine: the old file stays whole until the new one is.
 *
 * @module
 */

import { withDeadline } from "../../clock.ts";
import { LIMITS } from "../../limits.ts";
import { safe } from "../../safe_text.ts";
import { randomKey } from "../../shell/markers.ts";
import { cancelledError, exitError, fileError } from "./file_failures.ts";
import { brokenOff, cleanUp, FileProcess, type FileTask } from "./file_process.ts";
import { FILE_EXITS, REMOVE_SCRIPT, WRITE_SCRIPT } from "./file_scripts.ts";
import type { FileTransferred } from "./file_types.ts";
import { sha256 } from "./remote_read.ts";

/** What to write where. */
export interface WriteRequest extends FileTask {
  /** The file's absolute path. */
  readonly path: string;
  /** Bytes that `content` has to give. */
  readonly sizeBytes: number;
  /** The content, in order. */
  readonly content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Permission bits to give in any case. */
  readonly mode?: number;
  /** Permission bits of a new file, before the umask. */
  readonly freshMode: number;
  /** Whether missing directories are made. */
  readonly createParents: boolean;
  /** Whether something at the path is replaced. */
  readonly overwrite: boolean;
  /** The content's SHA-256, for the far side to compare; absent when it shall not. */
  readonly expectedSha256?: string;
  /**
   * Told of each piece that was sent.
   *
   * @param bytes Its bytes.
   */
  readonly onSent: (bytes: number) => void;
}

/** What came of sending. */
interface Sent {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes a file through a script.
 *
 * @param request What to write where.
 * @returns What was written.
 * @throws {ExeckitError} When it was not replaced; or `session_lost` when nobody can tell.
 */
export async function writeRemote(request: WriteRequest): Promise<FileTransferred> {
  const process = await FileProcess.start(request, {
    script: WRITE_SCRIPT,
    args: scriptArgs(request),
  });
  const said = listen(process);
  let isClean = false;
  try {
    const sent = await send(process, request);
    const exitCode = await process.finish(finishTimeoutMs(request.sizeBytes));
    isClean = exitCode !== undefined;
    // A cancellation that comes when all bytes are there comes too late: it says what is.
    if (process.cancelled && exitCode !== 0) throw cancelledError(request.subject);
    if (exitCode === undefined) throw await brokenOff(request);
    if (exitCode !== 0) throw writeError(request, exitCode, sent.bytes);
    return { ...sent, verified: (await said.end()).verified };
  } finally {
    await process.release();
    if (!isClean) await removeTemporary(request, (await said.end()).temporary);
  }
}

function scriptArgs(request: WriteRequest): string[] {
  return [
    request.path,
    String(request.sizeBytes),
    request.mode === undefined ? "" : request.mode.toString(8),
    request.freshMode.toString(8),
    request.createParents ? "yes" : "no",
    request.overwrite ? "yes" : "no",
    `.execkit-${randomKey()}.tmp`,
    request.expectedSha256 ?? "",
  ];
}

/** Sends until all is sent, the far side takes no more, or the caller cancels. */
async function send(process: FileProcess, request: WriteRequest): Promise<Sent> {
  const hash = sha256();
  let bytes = 0;
  for await (const chunk of request.content) {
    if (process.cancelled || !await process.send(chunk)) break;
    hash.update(chunk);
    bytes += chunk.length;
    request.onSent(chunk.length);
  }
  return { bytes, sha256: hash.hex() };
}

/** Syncing and hashing take their time, without a sign of life. */
function finishTimeoutMs(sizeBytes: number): number {
  return LIMITS.filesIdleTimeoutMs + sizeBytes / LIMITS.filesFinishBytesPerMs;
}

/** The local content may have ended early; the far side can only say that bytes are missing. */
function writeError(request: WriteRequest, exitCode: number, sentBytes: number): Error {
  if (exitCode === FILE_EXITS.short && sentBytes < request.sizeBytes) {
    return fileError(request.subject, {
      code: "transfer_failed",
      because: safe`the content ended after ${sentBytes} of ${request.sizeBytes} bytes`,
      hint: safe`Try again when the content does not change meanwhile`,
    });
  }
  return exitError(request.subject, exitCode);
}

/** Reads along what the script says: the temporary file's path, a NUL, and the end of a hash. */
function listen(process: FileProcess): {
  end(): Promise<{ readonly temporary?: string; readonly verified: boolean }>;
} {
  const decoder = new TextDecoder();
  let text = "";
  async function read(): Promise<void> {
    for await (const chunk of process.output) {
      if (text.length < LIMITS.inlineCommandMaxBytes) {
        text += decoder.decode(chunk, { stream: true });
      }
    }
  }
  // Whether the script came to its end, its exit code says; what it said until then holds.
  const done = read().catch(() => undefined);
  return {
    async end() {
      await withDeadline(done, LIMITS.terminateGraceMs);
      const end = text.indexOf("\0");
      if (end === -1) return { verified: false };
      return { temporary: text.slice(0, end), verified: text.slice(end + 1) === "yes" };
    },
  };
}

/** A script that was killed cannot clean up after itself. */
async function removeTemporary(request: WriteRequest, path: string | undefined): Promise<void> {
  if (path === undefined) return;
  try {
    await cleanUp(request.transport, { script: REMOVE_SCRIPT, args: [path] });
  } catch (cause) {
    // Without a way to the machine, its script finds its input ended and removes the file itself.
    if (!(cause instanceof Error)) throw cause;
  }
}
