/**
 * What the suite for files needs of a session.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { ErrorCode } from "../error_codes.ts";
import { ExeckitError } from "../errors.ts";

/** Result of a whole transfer. */
export interface ContractTransferred {
  /** Bytes of the content. */
  readonly bytes: number;
  /** SHA-256 of the content. */
  readonly sha256: string;
  /** Whether the far side found the same hash. */
  readonly verified: boolean;
}

/** How a file is put somewhere. */
export interface ContractPutOptions {
  /** Permission bits. */
  mode?: number;
  /** Whether missing directories are made. */
  createParents?: boolean;
  /** Whether something at the path is replaced. */
  overwrite?: boolean;
  /** Whether the far side compares a hash. */
  verify?: boolean;
  /** Cancels it. */
  signal?: AbortSignal;
}

/** The files that are held against the promises; `session.files` is one. */
export interface ContractFiles {
  /** Reads bytes. */
  read(
    path: string,
    options?: { offset?: number; maxBytes?: number; signal?: AbortSignal },
  ): Promise<Uint8Array>;
  /** Reads redacted text. */
  readText(path: string): Promise<string>;
  /** Writes a file. */
  write(
    path: string,
    content: string | Uint8Array,
    options?: ContractPutOptions,
  ): Promise<ContractTransferred>;
  /** Looks at a path. */
  stat(path: string, options?: { followLinks?: boolean }): Promise<
    {
      readonly kind: string;
      readonly sizeBytes: number;
      readonly mode: number;
      readonly modifiedMs: number;
      readonly uid: number;
      readonly gid: number;
      readonly linkTarget?: string;
    } | undefined
  >;
  /** Lists a directory. */
  list(path: string, options?: { maxEntries?: number }): Promise<
    readonly { readonly name: string; readonly nameBytes: Uint8Array; readonly kind: string }[]
  >;
  /** Sends a local file. */
  upload(
    localPath: string,
    remotePath: string,
    options?: ContractPutOptions & { onProgress?: ContractProgress },
  ): Promise<ContractTransferred>;
  /** Fetches a file. */
  download(
    remotePath: string,
    localPath: string,
    options?: ContractPutOptions & { onProgress?: ContractProgress },
  ): Promise<ContractTransferred>;
}

/** Is told how far a transfer is. */
export type ContractProgress = (
  progress: { readonly bytes: number; readonly totalBytes: number },
) => void;

/** A session with files. */
export interface ContractFilesSession extends AsyncDisposable {
  /** Its files. */
  readonly files: ContractFiles;
  /**
   * Runs a command.
   *
   * @param command Shell text.
   */
  exec(command: string): Promise<{ readonly stdout: string; readonly exitCode?: number }>;
}

/** What is held against the promises. */
export interface FilesSubject {
  /** What the suite is called. */
  readonly name: string;
  /** Why it cannot run here; absent when it can. */
  readonly skip?: string;
  /** Opens a session. Its user may write to /tmp. */
  readonly open: () => Promise<ContractFilesSession>;
}

/** Where a promise is tested: a session that stands in a new directory, and a local one. */
export interface FilesPlace {
  /** The session. */
  readonly session: ContractFilesSession;
  /** Its files. */
  readonly files: ContractFiles;
  /** The session's working directory, which is empty. */
  readonly cwd: string;
  /** An empty directory of this machine. */
  readonly local: string;
}

/** One promise and its test. */
export type FilesPromise = readonly [promise: string, test: (place: FilesPlace) => Promise<void>];

/**
 * Asserts that something is refused with a code.
 *
 * @param code The code.
 * @param promise What has to be refused.
 */
export async function refusedWith(code: ErrorCode, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof ExeckitError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

/**
 * Makes bytes that look like noise and are the same for the same seed.
 *
 * @param length How many.
 * @param seed Which.
 * @returns The bytes.
 */
export function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0 || 1;
  for (let at = 0; at < length; at++) {
    // Numerical Recipes' linear congruential generator; its high bits are good enough.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}
