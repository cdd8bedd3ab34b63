/**
 * Whole files on their way: from memory, from a local file, to a local file.
 *
 * @module
 */

import { LIMITS } from "../../limits.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { exitError, type FileSubject } from "./file_failures.ts";
import type { OpenAccess } from "./file_gate.ts";
import { FILE_EXITS } from "./file_scripts.ts";
import type { FileDownloadOptions, FileTransferred, FileUploadOptions } from "./file_types.ts";
import { LocalSource, LocalTarget } from "./local_files.ts";
import { Progress } from "./progress.ts";
import { hashRemote, readRemote, sha256 } from "./remote_read.ts";
import { writeRemote } from "./remote_write.ts";

/** What a redirection gives a new file. */
const FRESH_MODE = 0o644;

/** How a file is put on the session's machine. */
export interface PutRules {
  /** Permission bits to give in any case. */
  readonly mode: number | undefined;
  /** Whether missing directories are made. */
  readonly createParents?: boolean;
  /** Whether something at the path is replaced. */
  readonly overwrite?: boolean;
  /** Whether the far side hashes the bytes too. */
  readonly verify?: boolean;
}

/** The local side of a transfer. */
export interface LocalSide {
  /** The path on this machine. */
  readonly localPath: string;
  /** The same, redacted. */
  readonly localLabel: SafeText;
}

/**
 * Writes bytes to a file.
 *
 * @param open The access.
 * @param bytes The content.
 * @param rules How it is put there.
 * @returns What was written.
 * @throws {ExeckitError} When it was not.
 */
export async function writeBytes(
  open: OpenAccess,
  bytes: Uint8Array,
  rules: PutRules,
): Promise<FileTransferred> {
  return await writeRemote({
    ...open,
    ...putRequest(rules),
    sizeBytes: bytes.length,
    content: piecesOf(bytes),
    freshMode: FRESH_MODE,
    ...(rules.verify === true ? { expectedSha256: await hashOf(piecesOf(bytes)) } : {}),
    onSent: () => undefined,
  });
}

/**
 * Sends a local file.
 *
 * @param open The access.
 * @param rules Which file, and how it is put there; `check` refuses a size.
 * @returns What was sent.
 * @throws {ExeckitError} When it was not.
 */
export async function uploadFile(
  open: OpenAccess,
  rules: PutRules & LocalSide & Pick<FileUploadOptions, "onProgress"> & {
    readonly check: (sizeBytes: number) => void;
  },
): Promise<FileTransferred> {
  const source = await LocalSource.open(localSubject(open, rules), rules.localPath);
  try {
    const { sizeBytes, mode } = source;
    rules.check(sizeBytes);
    const progress = new Progress(rules.onProgress);
    // The far side has to know the hash before the bytes, so that the file is read twice.
    const expected = rules.verify === true ? { expectedSha256: await hashOf(source.chunks()) } : {};
    const sent = await writeRemote({
      ...open,
      ...putRequest(rules),
      ...expected,
      sizeBytes,
      content: source.chunks(),
      freshMode: mode,
      onSent: (bytes) => progress.add(bytes, sizeBytes),
    });
    progress.end();
    return sent;
  } finally {
    await source.close();
  }
}

/**
 * Fetches a file to a local one.
 *
 * @param open The access.
 * @param rules Where it goes, and how much at most.
 * @returns What was fetched.
 * @throws {ExeckitError} When it was not; then the old local file is still there.
 */
export async function downloadFile(
  open: OpenAccess,
  rules: LocalSide & Omit<FileDownloadOptions, "mode" | "signal"> & {
    readonly mode: number | undefined;
    readonly maxBytes: number;
  },
): Promise<FileTransferred> {
  const target = await LocalTarget.open(localSubject(open, rules), rules.localPath, {
    overwrite: rules.overwrite ?? true,
  });
  try {
    const progress = new Progress(rules.onProgress);
    const hash = sha256();
    let expectedBytes = 0;
    let freshMode = FRESH_MODE;
    const bytes = await readRemote({ ...open, offset: 0, maxBytes: rules.maxBytes }, {
      begin(head) {
        expectedBytes = head.expectedBytes;
        freshMode = head.mode;
      },
      async take(chunk) {
        await target.write(chunk);
        hash.update(chunk);
        progress.add(chunk.length, expectedBytes);
      },
    });
    const found = hash.hex();
    const verified = rules.verify === true && await isSameThere(open, found);
    await target.commit({ mode: rules.mode, freshMode });
    progress.end();
    return { bytes, sha256: found, verified };
  } finally {
    await target.discard();
  }
}

/** The file may have been replaced between reading and hashing; then nobody can tell. */
async function isSameThere(open: OpenAccess, found: string): Promise<boolean> {
  const there = await hashRemote(open, open.path);
  if (there !== undefined && there !== found) {
    throw exitError(open.subject, FILE_EXITS.otherHash);
  }
  return there !== undefined;
}

function putRequest(rules: PutRules): {
  readonly mode?: number;
  readonly createParents: boolean;
  readonly overwrite: boolean;
} {
  return {
    ...(rules.mode === undefined ? {} : { mode: rules.mode }),
    createParents: rules.createParents ?? false,
    overwrite: rules.overwrite ?? true,
  };
}

function localSubject(open: OpenAccess, side: LocalSide): FileSubject {
  return {
    action: safe`${open.subject.action} '${open.subject.path}' with`,
    path: side.localLabel,
  };
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += LIMITS.filesChunkBytes) {
    yield bytes.subarray(at, at + LIMITS.filesChunkBytes);
  }
}

async function hashOf(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<string> {
  const hash = sha256();
  for await (const chunk of content) hash.update(chunk);
  return hash.hex();
}
