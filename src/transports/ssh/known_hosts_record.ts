/**
 * Reads `known_hosts` files, and writes a new host's key down so that no two connections ever write
 * two different keys for one host.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { open, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ExeckitError } from "../../errors.ts";
import { makeDirectory } from "../../make_directory.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { systemCode } from "../../system_code.ts";
import { withFileLock } from "./file_lock.ts";
import { fingerprintOf, keyTypeOf } from "./host_key.ts";
import { formatKnownHostsLine, hashName, parseKnownHosts } from "./known_hosts_file.ts";
import { hostKeyError, hostNamesOf, judgeHostKey, type PlacedLine } from "./known_hosts_judge.ts";
import { localUserId, refusedByRuntime } from "./local_user.ts";
import { faultOf, type FileFault, readSmallFile } from "./safe_files.ts";
import type { SshHost } from "./ssh_host.ts";
import { safePath } from "./ssh_names.ts";

/** Bytes of a file of known hosts at most: above a hundred thousand hosts. */
const FILE_MAX_BYTES = 16 * 1024 * 1024;
const SALT_BYTES = 20;
const NEWLINE = 0x0a;
const OTHERS_WRITE = 0o022;
const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

const FAULTS: Readonly<Record<FileFault, SafeText>> = {
  denied: safe`this user may not read it`,
  runtime: safe`the runtime may not read it`,
  irregular: safe`it is not a regular file`,
  large: safe`it has more than ${FILE_MAX_BYTES} bytes`,
  other: safe`it cannot be read`,
};

/**
 * Reads a file of known hosts. A missing one is empty.
 *
 * @param path Absolute path.
 * @param role Whether it is the file that new keys go to, which nobody else may be able to write.
 * @returns Its lines.
 * @throws {ExeckitError} `host_key_refused` when it cannot be read, decoded or trusted.
 */
export async function readKnownHosts(
  path: string,
  role: "record" | "other",
): Promise<readonly PlacedLine[]> {
  const file = safePath(path);
  const read = await readSmallFile(path, { maxBytes: FILE_MAX_BYTES, links: "follow" });
  if (read.kind === "missing") return [];
  if (read.kind === "fault") throw unreadable(file, read.fault, read.cause);
  if (role === "record") {
    requireOwn(read, safe`The known hosts in ${file}`);
    await requireOwnDirectory(dirname(await realpath(path)));
  }
  const { lines, brokenRevocation } = parseKnownHosts(decode(read.bytes, file));
  if (brokenRevocation !== undefined) {
    throw refused(
      safe`The known hosts in ${file} revoke a key in line ${brokenRevocation} that cannot be read`,
      safe`Ask the operator to correct that line`,
    );
  }
  return lines.map((line) => ({ ...line, file }));
}

function decode(bytes: Uint8Array, file: SafeText): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch (cause) {
    throw refused(safe`The known hosts in ${file} are not UTF-8 text`, undefined, cause);
  }
  throw refused(safe`The known hosts in ${file} are not text`);
}

/**
 * Appends a host's key to a file, which is made with mode 0600, its directory with 0700.
 *
 * What the file says is read again under the lock, and once more after writing: two connections that
 * both saw an empty file end up with one key, or with an error.
 *
 * @param path Absolute path.
 * @param host The host.
 * @param blob The key as the server sent it.
 * @throws {ExeckitError} `host_key_changed` when another key is there by now, `host_key_refused` when
 * the file cannot be written safely.
 */
export async function recordHostKey(path: string, host: SshHost, blob: Uint8Array): Promise<void> {
  const file = safePath(path);
  try {
    const real = await realFile(path);
    await requireOwnDirectory(dirname(real));
    const done = await withFileLock(`${real}.lock`, async () => {
      if (await isRecorded(real, host, blob)) return true;
      await appendLine(real, lineFor(host, blob));
      return await isRecorded(real, host, blob);
    });
    if (done === true) return;
  } catch (error) {
    if (error instanceof ExeckitError) throw error;
    throw unwritable(file, error);
  }
  throw refused(safe`The key of a new host could not be recorded in ${file}: it stayed locked`);
}

async function isRecorded(path: string, host: SshHost, blob: Uint8Array): Promise<boolean> {
  const lines = await readKnownHosts(path, "record");
  const names = hostNamesOf(host);
  const verdict = judgeHostKey(lines, names, blob);
  if (verdict.kind === "unknown") return false;
  if (verdict.kind !== "known") throw hostKeyError(verdict, blob, host);
  // A second key for the name beside this one was written by somebody else in the same moment.
  const fingerprint = fingerprintOf(blob);
  const others = lines.filter((line) => line.marker === "host" && line.fingerprint !== fingerprint);
  const rival = judgeHostKey(others, names, blob);
  if (rival.kind === "changed") throw hostKeyError(rival, blob, host);
  return true;
}

function lineFor(host: SshHost, blob: Uint8Array): string {
  const { record } = hostNamesOf(host);
  const names = host.hashKnownHosts ? hashName(record, randomBytes(SALT_BYTES)) : record;
  return formatKnownHostsLine(names, keyTypeOf(blob), blob);
}

/** A torn last line, from a full disk, gets its end first, so that it does not swallow this one. */
async function appendLine(path: string, line: string): Promise<void> {
  const handle = await open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    const before = await handle.stat();
    if (!before.isFile()) throw refused(safe`The file of known hosts is not a regular file`);
    const last = new Uint8Array(1);
    if (before.size > 0) await handle.read(last, 0, 1, before.size - 1);
    const torn = before.size > 0 && last[0] !== NEWLINE;
    const bytes = new TextEncoder().encode(`${torn ? "\n" : ""}${line}\n`);
    const { bytesWritten } = await handle.write(bytes);
    if (bytesWritten < bytes.length) {
      await handle.truncate(before.size);
      throw refused(safe`The file of known hosts took only a part of a line`);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Where the file is, links followed; a missing directory is made. */
async function realFile(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    await makeDirectory(dirname(path));
    return join(await realpath(dirname(path)), basename(path));
  }
}

async function requireOwnDirectory(directory: string): Promise<void> {
  const file = safePath(directory);
  let found: Stats;
  try {
    found = await stat(directory);
  } catch (error) {
    throw unreadable(file, faultOf(error), error);
  }
  requireOwn(found, safe`The directory ${file} of the known hosts`);
}

/** Whoever else could write there could make any host known. */
function requireOwn(
  found: { readonly mode: number; readonly uid: number },
  what: SafeText,
): void {
  if ((found.mode & OTHERS_WRITE) !== 0) {
    throw refused(
      safe`${what} can be written by the group or by others`,
      safe`Take their permission away: chmod go-w`,
    );
  }
  const own = localUserId();
  if (own === undefined || found.uid === own || found.uid === 0) return;
  throw refused(safe`${what} belongs to another user`);
}

function unreadable(file: SafeText, fault: FileFault, cause: unknown): ExeckitError {
  if (fault === "runtime") {
    return refusedByRuntime(
      safe`Cannot read the known hosts in ${file}`,
      safe`Start Deno with --allow-read for that file and its directory, or name others in 'knownHosts'`,
      cause,
    );
  }
  return refused(safe`Cannot read the known hosts in ${file}: ${FAULTS[fault]}`, undefined, cause);
}

function unwritable(file: SafeText, cause: unknown): ExeckitError {
  if (faultOf(cause) === "runtime") {
    return refusedByRuntime(
      safe`Cannot record a new host's key in ${file}`,
      safe`Start Deno with --allow-read and --allow-write for its directory, or set 'knownHosts.record' to false`,
      cause,
    );
  }
  return refused(
    safe`Cannot record a new host's key in ${file}`,
    safe`Ask the operator to make that file and its directory writable for this user only`,
    cause,
  );
}

function refused(message: SafeText, hint?: SafeText, cause?: unknown): ExeckitError {
  return new ExeckitError({
    code: "host_key_refused",
    message,
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}
