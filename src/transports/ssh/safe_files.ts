/**
 * Reads the operator's small files without hanging on a pipe, filling memory, or being given another
 * file than the one that was looked at.
 *
 * @module
 */

import { constants } from "node:fs";
import { type FileHandle, lstat, open, stat } from "node:fs/promises";
import { systemCode } from "../../system_code.ts";
import { isNotCapable } from "./local_user.ts";

/** Bytes that a buffer grows by at least when a file turns out longer than it was. */
const GROWTH_BYTES = 4096;
const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** Why a file that is there was not read. */
export type FileFault = "denied" | "runtime" | "irregular" | "large" | "other";

/** What became of reading a file. */
export type FileRead =
  | { readonly kind: "missing" }
  | { readonly kind: "fault"; readonly fault: FileFault; readonly cause?: unknown }
  | {
    readonly kind: "read";
    readonly bytes: Uint8Array;
    /** Permission bits and type, as `stat(2)` gives them. */
    readonly mode: number;
    /** The owner's number. */
    readonly uid: number;
  };

/** How a file is read. */
export interface ReadRules {
  /** Bytes that it may have at most. */
  readonly maxBytes: number;
  /** Whether a symbolic link at the path's end is followed or counts as no regular file. */
  readonly links: "follow" | "refuse";
}

/**
 * Reads a regular file whole.
 *
 * Deno follows a link in spite of `O_NOFOLLOW` when it resolves the path for its permissions, so that
 * what was opened is compared with what stands at the path before and after.
 *
 * @param path Absolute path.
 * @param rules How.
 * @returns The bytes, or why there are none. It does not throw.
 */
export async function readSmallFile(path: string, rules: ReadRules): Promise<FileRead> {
  const look = rules.links === "refuse" ? lstat : stat;
  let handle: FileHandle | undefined;
  try {
    if (!(await look(path)).isFile()) return { kind: "fault", fault: "irregular" };
    const flags = O_RDONLY | O_NONBLOCK | (rules.links === "refuse" ? O_NOFOLLOW : 0);
    handle = await open(path, flags);
    const opened = await handle.stat();
    const named = await look(path);
    const same = named.dev === opened.dev && named.ino === opened.ino;
    if (!same || !opened.isFile()) return { kind: "fault", fault: "irregular" };
    const bytes = await readBounded(handle, opened.size, rules.maxBytes);
    if (bytes === undefined) return { kind: "fault", fault: "large" };
    return { kind: "read", bytes, mode: opened.mode, uid: opened.uid };
  } catch (cause) {
    const code = systemCode(cause);
    if (code === "ENOENT") return { kind: "missing" };
    return { kind: "fault", fault: faultOf(cause), cause };
  } finally {
    await handle?.close();
  }
}

/** Reads to the end, wherever that is by now: another process may be appending. */
async function readBounded(
  handle: FileHandle,
  sizeHint: number,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  let bytes = new Uint8Array(Math.min(sizeHint, maxBytes) + 1);
  let length = 0;
  while (length <= maxBytes) {
    if (length === bytes.length) {
      const larger = new Uint8Array(Math.min(bytes.length * 2 + GROWTH_BYTES, maxBytes + 1));
      larger.set(bytes);
      bytes = larger;
    }
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
    if (bytesRead === 0) return bytes.slice(0, length);
    length += bytesRead;
  }
  return undefined;
}

/**
 * Sorts a failure of the file system.
 *
 * @param error What was thrown.
 * @returns Its kind.
 */
export function faultOf(error: unknown): FileFault {
  if (isNotCapable(error)) return "runtime";
  switch (systemCode(error)) {
    case "EACCES":
    case "EPERM":
      return "denied";
    case "ELOOP":
    case "EISDIR":
      return "irregular";
    default:
      return "other";
  }
}
