/**
 * The audit file: one JSON line per event, only ever appended, each line chained to the one
 * before it.
 *
 * It fails closed: an event that is not in the file is an error to its caller, and so is every
 * later one until the file can be written again.
 *
 * @module
 */

import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { dirname } from "node:path";
import { ExeckitError } from "../errors.ts";
import { toWire } from "../exec_result.ts";
import { makeDirectory } from "../make_directory.ts";
import { safe, type SafeText } from "../safe_text.ts";
import { systemCode } from "../system_code.ts";
import { AUDIT_GENESIS, chainStep } from "./audit_chain.ts";
import type { AuditEvent, AuditSink } from "./audit_event.ts";
import { auditFailure } from "./audit_failure.ts";

const TAIL_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;
/** No link is followed, and opening a named pipe does not wait for its other end. */
const OPEN_FLAGS = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;

const SYMBOLIC_LINK = safe`the path is a symbolic link`;

/** Where an audit file is. */
export interface JsonlAuditOptions {
  /** The file's path. It is made with mode 0600, a missing directory with mode 0700. */
  readonly path: string;
}

/** An open file and the end of its chain. */
interface ChainedFile {
  readonly handle: FileHandle;
  /** The hash that the next line carries. */
  lastHash: string;
  sizeBytes: number;
}

/**
 * Opens an audit file, or makes it. One file has one writer at a time.
 *
 * A last line without its newline was torn off by a crash or a full disk. It stays as evidence:
 * it gets its newline and its place in the chain, and the events go on behind it.
 *
 * @param options Where the file is.
 * @returns The sink.
 * @throws {ExeckitError} `audit_failed` when the path cannot be opened, is a symbolic link or
 * anything but a regular file, or is writable by the group or by others.
 */
export async function openJsonlAudit(options: JsonlAuditOptions): Promise<AuditSink> {
  return new JsonlSink(options.path, await openChainedFile(options.path));
}

class JsonlSink implements AuditSink {
  readonly #path: string;
  #file: ChainedFile | undefined;
  #queue: Promise<void> = Promise.resolve();
  /** Why nothing more can be written, once that is so for good. */
  #ended: SafeText | undefined;

  constructor(path: string, file: ChainedFile) {
    this.#path = path;
    this.#file = file;
  }

  record(event: AuditEvent): Promise<void> {
    return this.#enqueue(() => this.#write(event));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#enqueue(async () => {
      this.#ended ??= safe`it is closed`;
      await this.#release();
    });
  }

  /** Runs steps one after the other, in the order of the calls, whatever becomes of each. */
  #enqueue(step: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(step);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #write(event: AuditEvent): Promise<void> {
    if (this.#ended !== undefined) throw auditFailure(this.#ended);
    const file = this.#file ??= await openChainedFile(this.#path);
    await this.#checkUntouched(file);
    const line = formatLine(event, file.lastHash);
    const bytes = new TextEncoder().encode(`${line}\n`);
    try {
      const { bytesWritten } = await file.handle.write(bytes);
      if (bytesWritten < bytes.length) throw auditFailure(safe`an event was cut off`);
    } catch (error) {
      // How much of the line is in the file is not known: the next event looks afresh.
      await this.#release();
      throw asAuditFailure(error);
    }
    file.lastHash = chainStep(line, file.lastHash).next;
    file.sizeBytes += bytes.length;
  }

  /** A second writer or a cut file would break the chain or lose events without a sign. */
  async #checkUntouched({ handle, sizeBytes }: ChainedFile): Promise<void> {
    const { size, nlink } = await handle.stat();
    if (nlink > 0 && size === sizeBytes) return;
    this.#ended = nlink === 0
      ? safe`the file was deleted`
      : safe`the file was changed by someone else`;
    throw auditFailure(this.#ended);
  }

  async #release(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }
}

function formatLine(event: AuditEvent, prev: string): string {
  // Two characters that JSON leaves as they are end a line for some readers.
  return JSON.stringify({ ...toWire(event), prev })
    .replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

async function openChainedFile(path: string): Promise<ChainedFile> {
  try {
    await refuseLink(path);
    const handle = await openFile(path);
    try {
      await refuseSwapped(path, handle);
      return await readChainEnd(handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    throw asAuditFailure(error);
  }
}

/** Deno resolves a path for its permission check and opens what it found, O_NOFOLLOW or not. */
async function refuseLink(path: string): Promise<void> {
  try {
    if ((await lstat(path)).isSymbolicLink()) throw auditFailure(SYMBOLIC_LINK);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

/** Between the look and the opening somebody may have put a link there. */
async function refuseSwapped(path: string, handle: FileHandle): Promise<void> {
  const [named, opened] = await Promise.all([lstat(path), handle.stat()]);
  if (named.isSymbolicLink() || named.ino !== opened.ino || named.dev !== opened.dev) {
    throw auditFailure(SYMBOLIC_LINK);
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, OPEN_FLAGS, 0o600);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    await makeDirectory(dirname(path));
    return await open(path, OPEN_FLAGS, 0o600);
  }
}

async function readChainEnd(handle: FileHandle): Promise<ChainedFile> {
  const stat = await handle.stat();
  if (!stat.isFile()) throw auditFailure(safe`the path is not a regular file`);
  if ((stat.mode & 0o022) !== 0) {
    throw auditFailure(safe`the file can be written by its group or by others`);
  }
  const { lines, torn } = await readLastLines(handle, stat.size);
  let lastHash = AUDIT_GENESIS;
  for (const line of lines) lastHash = chainStep(line, lastHash).next;
  if (torn) await handle.write(Uint8Array.of(NEWLINE));
  return { handle, lastHash, sizeBytes: stat.size + (torn ? 1 : 0) };
}

/** Reads backwards to the last whole line: it and any torn ones behind it. */
async function readLastLines(
  handle: FileHandle,
  size: number,
): Promise<{ lines: readonly string[]; torn: boolean }> {
  for (let length = TAIL_BYTES;; length *= 4) {
    const start = Math.max(0, size - length);
    const tail = await readRange(handle, start, size);
    const torn = tail.length > 0 && tail.at(-1) !== NEWLINE;
    const from = start === 0 ? 0 : tail.indexOf(NEWLINE) + 1;
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(tail.subarray(from));
    const lines = text.split("\n");
    if (!torn) lines.pop();
    const whole = lines.findLastIndex((line) => chainStep(line, "").prev !== undefined);
    const known = start === 0 || (from > 0 && whole >= 0);
    if (known) return { lines: lines.slice(Math.max(0, whole)), torn };
  }
}

async function readRange(handle: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
    if (bytesRead === 0) throw auditFailure(safe`the file shrank while it was read`);
    at += bytesRead;
  }
  return bytes;
}

/** The operating system's codes that tell an operator what to do. */
const SYSTEM_FAILURES: { readonly [code: string]: SafeText } = {
  ELOOP: SYMBOLIC_LINK,
  EACCES: safe`the path may not be opened by this user`,
  EPERM: safe`the path may not be opened by this user`,
  EISDIR: safe`the path is a directory`,
  ENOTDIR: safe`a part of the path is not a directory`,
  ENOSPC: safe`the disk is full`,
  EROFS: safe`the file system is read-only`,
};

function asAuditFailure(error: unknown): ExeckitError {
  if (error instanceof ExeckitError) return error;
  return auditFailure(
    SYSTEM_FAILURES[systemCode(error)] ?? safe`the file could not be opened or written`,
    error,
  );
}
