/**
 * A file's content from the session's machine.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { LIMITS } from "../../limits.ts";
import { safe } from "../../safe_text.ts";
import { exitError, fileError, type FileSubject } from "./file_failures.ts";
import { brokenOff, FileProcess, type FileTask, requireOutput } from "./file_process.ts";
import { FILE_EXITS, HASH_SCRIPT, READ_SCRIPT } from "./file_scripts.ts";

/** Files of /sys announce a page and hold less; a page of any Linux is not larger. */
const PSEUDO_FILE_MAX_BYTES = 64 * 1024;
/** Bytes of the line before the content at most. */
const HEAD_MAX_BYTES = 64;

/** What part of which file. */
export interface ReadRequest extends FileTask {
  /** Its absolute path. */
  readonly path: string;
  /** Bytes to leave out at the start. */
  readonly offset: number;
  /** Bytes at most. */
  readonly maxBytes: number;
}

/** What the file looked like when it was opened. */
export interface ReadHead {
  /** Bytes that will come; 0 when that is not known beforehand. */
  readonly expectedBytes: number;
  /** Its permission bits, 0 to 0o777. */
  readonly mode: number;
}

/** Takes the content, in order; the next piece waits until the one before is taken. */
export interface ReadSink {
  /**
   * Called once, before the content.
   *
   * @param head What the file looks like.
   */
  begin(head: ReadHead): void;
  /**
   * Takes a piece of the content.
   *
   * @param chunk The bytes.
   */
  take(chunk: Uint8Array): void | Promise<void>;
}

/**
 * Reads a file through a script.
 *
 * @param request Which file.
 * @param sink Takes the content.
 * @returns Bytes that were read.
 * @throws {ExeckitError} When not exactly what was asked for was read.
 */
export async function readRemote(request: ReadRequest, sink: ReadSink): Promise<number> {
  const { path, offset, maxBytes, subject } = request;
  const args = [path, String(offset), String(maxBytes)];
  const process = await FileProcess.start(request, { script: READ_SCRIPT, args });
  try {
    const { head, first } = await readHead(process);
    const expectedBytes = head === undefined ? 0 : Math.max(0, head.sizeBytes - offset);
    let bytes = 0;
    if (head !== undefined && expectedBytes <= maxBytes) {
      sink.begin({ expectedBytes, mode: head.mode });
      for (let chunk = first; chunk !== undefined; chunk = await process.next()) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw tooLarge(subject, maxBytes);
        await sink.take(chunk);
      }
    }
    const exitCode = await process.finish(LIMITS.filesIdleTimeoutMs);
    if (exitCode === undefined) throw await brokenOff(request);
    if (exitCode === FILE_EXITS.tooLarge) throw tooLarge(subject, maxBytes, expectedBytes);
    if (exitCode !== 0) throw exitError(subject, exitCode);
    if (bytes < expectedBytes && expectedBytes > PSEUDO_FILE_MAX_BYTES) {
      throw exitError(subject, FILE_EXITS.shrank);
    }
    return bytes;
  } finally {
    await process.release();
  }
}

/**
 * Asks the far side for a file's hash.
 *
 * @param task What it is for.
 * @param path The file's absolute path.
 * @returns SHA-256 in hexadecimal; undefined when the machine has no program for it.
 * @throws {ExeckitError} When the file cannot be read.
 */
export async function hashRemote(task: FileTask, path: string): Promise<string | undefined> {
  const output = await requireOutput(task, { script: HASH_SCRIPT, args: [path] });
  return /^[0-9a-f]{64}/.exec(new TextDecoder().decode(output))?.[0];
}

/**
 * Makes a hash that is fed piece by piece.
 *
 * @returns Takes bytes, and gives the hexadecimal SHA-256 of all of them.
 */
export function sha256(): { update(bytes: Uint8Array): void; hex(): string } {
  const hash = createHash("sha256");
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.digest("hex"),
  };
}

/** Reads the line `SIZE MODE`; without one, the exit code says why. */
async function readHead(process: FileProcess): Promise<{
  readonly head?: { readonly sizeBytes: number; readonly mode: number };
  readonly first?: Uint8Array;
}> {
  const decoder = new TextDecoder();
  let line = "";
  for (let chunk = await process.next(); chunk; chunk = await process.next()) {
    const end = chunk.indexOf(0x0a);
    line += decoder.decode(end === -1 ? chunk : chunk.subarray(0, end), { stream: true });
    if (end === -1 && line.length < HEAD_MAX_BYTES) continue;
    const [size = "", mode = ""] = line.split(" ");
    const sizeBytes = Number(size);
    if (end === -1 || !Number.isSafeInteger(sizeBytes)) return {};
    return {
      head: { sizeBytes, mode: Number.parseInt(mode, 8) & 0o777 },
      first: chunk.subarray(end + 1),
    };
  }
  return {};
}

function tooLarge(subject: FileSubject, maxBytes: number, hasBytes?: number): Error {
  return fileError(subject, {
    code: "limit_reached",
    because: hasBytes === undefined
      ? safe`it has more than ${maxBytes} bytes`
      : safe`it has ${hasBytes} bytes, and at most ${maxBytes} were asked for`,
    hint: safe`Ask for more bytes, read on from an offset in parts, or download the file`,
  });
}
