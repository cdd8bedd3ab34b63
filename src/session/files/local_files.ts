/**
 * The local side of transfers: bounded memory, and a file that is either old or new.
 *
 * @module
 */

import { constants } from "node:fs";
import {
  type FileHandle,
  link,
  lstat,
  open,
  realpath,
  rename,
  stat,
  unlink,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ErrorCode } from "../../error_codes.ts";
import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { randomKey } from "../../shell/markers.ts";
import { systemCode } from "../../system_code.ts";
import { fileError, type FileSubject } from "./file_failures.ts";

/** Opening a FIFO does not wait for its other end. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;
/** Bits of a mode that a transfer keeps. */
const PERMISSION_BITS = 0o777;

/** A local file that is sent. */
export class LocalSource {
  /** Bytes that it had when it was opened; no more are sent. */
  readonly sizeBytes: number;
  /** Its permission bits. */
  readonly mode: number;
  readonly #subject: FileSubject;
  readonly #handle: FileHandle;

  /** Use {@linkcode LocalSource.open}. */
  private constructor(
    subject: FileSubject,
    handle: FileHandle,
    info: { size: number; mode: number },
  ) {
    this.#subject = subject;
    this.#handle = handle;
    this.sizeBytes = info.size;
    this.mode = info.mode & PERMISSION_BITS;
  }

  /**
   * Opens a regular file; symbolic links are followed.
   *
   * @param subject What it is called in errors.
   * @param path Its path.
   * @returns The file. Close it.
   * @throws {ExeckitError} `path_not_found`, `path_denied`, `permission_denied`.
   */
  static async open(subject: FileSubject, path: string): Promise<LocalSource> {
    return await guarded(subject, "read", async () => {
      refuseIrregular(subject, await stat(path));
      const handle = await open(path, READ_FLAGS);
      try {
        const info = await handle.stat();
        refuseIrregular(subject, info);
        return new LocalSource(subject, handle, info);
      } catch (cause) {
        await handle.close();
        throw cause;
      }
    });
  }

  /** Its content from the start, in pieces; it can be asked for more than once. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this.sizeBytes;) {
      const length = Math.min(LIMITS.filesChunkBytes, this.sizeBytes - at);
      const chunk = new Uint8Array(length);
      const { bytesRead } = await guarded(
        this.#subject,
        "read",
        () => this.#handle.read(chunk, 0, length, at),
      );
      if (bytesRead === 0) return;
      at += bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
  }

  /** Closes it. */
  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Where a fetched file goes. */
interface TargetPlace {
  /** The file that is really written. */
  readonly path: string;
  /** The permission bits of the file that is there; absent when there is none. */
  readonly mode?: number;
}

/** A local file that is fetched: a temporary file beside it until all is there. */
export class LocalTarget {
  readonly #subject: FileSubject;
  readonly #place: TargetPlace;
  readonly #overwrite: boolean;
  readonly #temporary: string;
  #handle: FileHandle | undefined;

  /** Use {@linkcode LocalTarget.open}. */
  private constructor(subject: FileSubject, place: TargetPlace, overwrite: boolean) {
    this.#subject = subject;
    this.#place = place;
    this.#overwrite = overwrite;
    this.#temporary = join(dirname(place.path), `.execkit-${randomKey()}.tmp`);
  }

  /**
   * Looks at the path and makes the temporary file, with mode 0600.
   *
   * @param subject What it is called in errors.
   * @param path The path.
   * @param rules Whether something there is replaced.
   * @returns The target. Commit or discard it.
   * @throws {ExeckitError} `path_not_found`, `path_denied`, `permission_denied`, `transfer_failed`.
   */
  static async open(
    subject: FileSubject,
    path: string,
    rules: { readonly overwrite: boolean },
  ): Promise<LocalTarget> {
    return await guarded(subject, "write", async () => {
      const place = await findPlace(subject, path, rules.overwrite);
      const target = new LocalTarget(subject, place, rules.overwrite);
      target.#handle = await open(target.#temporary, "wx", 0o600);
      return target;
    });
  }

  /**
   * Appends.
   *
   * @param bytes The next bytes.
   * @throws {ExeckitError} `transfer_failed` when the disk is full, say.
   */
  async write(bytes: Uint8Array): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) return;
    await guarded(this.#subject, "write", async () => {
      for (let at = 0; at < bytes.length;) {
        at += (await handle.write(bytes, at, bytes.length - at)).bytesWritten;
      }
    });
  }

  /**
   * Puts it in its place.
   *
   * @param modes The bits to give in any case; and those of a new file, before the umask.
   * @throws {ExeckitError} When it could not be; the temporary file is still there.
   */
  async commit(
    modes: { readonly mode: number | undefined; readonly freshMode: number },
  ): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) return;
    await guarded(this.#subject, "write", async () => {
      const mode = modes.mode ?? this.#place.mode ?? await this.#underUmask(modes.freshMode);
      await handle.chmod(mode);
      await handle.sync();
      await handle.close();
      this.#handle = undefined;
      if (this.#overwrite) await rename(this.#temporary, this.#place.path);
      else await this.#moveWithoutReplacing();
    });
  }

  /** Removes the temporary file, if it is still there. */
  async discard(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
    try {
      await unlink(this.#temporary);
    } catch (cause) {
      // After a commit it has its place already.
      if (systemCode(cause) !== "ENOENT") throw localError(this.#subject, "write", cause);
    }
  }

  /** Asking for the umask needs a permission of its own under Deno; a file that is made shows it. */
  async #underUmask(mode: number): Promise<number> {
    const probe = `${this.#temporary}.mode`;
    const handle = await open(probe, "wx", mode);
    try {
      return (await handle.stat()).mode & PERMISSION_BITS;
    } finally {
      await handle.close();
      await unlink(probe);
    }
  }

  /** A hard link never replaces anything; where there are none, a look before has to do. */
  async #moveWithoutReplacing(): Promise<void> {
    try {
      await link(this.#temporary, this.#place.path);
    } catch (cause) {
      if (systemCode(cause) === "EEXIST" || await exists(this.#place.path)) {
        throw somethingThere(this.#subject);
      }
      if (!LINKLESS.has(systemCode(cause))) throw cause;
      return await rename(this.#temporary, this.#place.path);
    }
    await unlink(this.#temporary);
  }
}

const LINKLESS: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** A symbolic link is followed to a regular file, and to nothing else. */
async function findPlace(
  subject: FileSubject,
  path: string,
  overwrite: boolean,
): Promise<TargetPlace> {
  if (!await exists(path)) {
    if (path.endsWith("/")) throw refused(subject, safe`it names a directory`);
    return { path };
  }
  if (!overwrite) throw somethingThere(subject);
  const real = await realpath(path);
  const info = await lstat(real);
  refuseIrregular(subject, info);
  return { path: real, mode: info.mode & PERMISSION_BITS };
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") return false;
    throw cause;
  }
}

function refuseIrregular(
  subject: FileSubject,
  info: { isDirectory(): boolean; isFile(): boolean },
): void {
  if (info.isDirectory()) throw refused(subject, safe`it is a directory`);
  if (!info.isFile()) throw refused(subject, safe`it is not a regular file`);
}

function refused(subject: FileSubject, because: SafeText): ExeckitError {
  return fileError(subject, {
    code: "path_denied",
    because: safe`on this side, ${because}`,
    hint: safe`Name a regular file of this machine`,
  });
}

function somethingThere(subject: FileSubject): ExeckitError {
  return fileError(subject, {
    code: "path_denied",
    because: safe`on this side, something is there already`,
    hint: safe`Name another path, or allow it to be replaced`,
  });
}

/** What a look or a step on this machine's files failed with. */
const SYSTEM_FAILURES: { readonly [code: string]: readonly [ErrorCode, SafeText] } = {
  ENOENT: ["path_not_found", safe`it does not exist`],
  ENOTDIR: ["path_not_found", safe`a part of the path is not a directory`],
  ELOOP: ["path_denied", safe`its symbolic links lead nowhere`],
  EACCES: ["path_denied", safe`this user may not`],
  EPERM: ["path_denied", safe`this user may not`],
  EROFS: ["path_denied", safe`the file system is read-only`],
  EISDIR: ["path_denied", safe`it is a directory`],
  ENAMETOOLONG: ["path_denied", safe`its name is too long`],
  ENOSPC: ["transfer_failed", safe`the disk is full`],
  EDQUOT: ["transfer_failed", safe`the quota is reached`],
  EFBIG: ["transfer_failed", safe`files may not become so large`],
};

async function guarded<T>(
  subject: FileSubject,
  access: "read" | "write",
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    throw localError(subject, access, cause);
  }
}

function localError(subject: FileSubject, access: "read" | "write", cause: unknown): ExeckitError {
  if (cause instanceof ExeckitError) return cause;
  if (cause instanceof Error && cause.name === "NotCapable") {
    return fileError(subject, {
      code: "permission_denied",
      because: safe`the runtime does not allow it on this side`,
      hint: access === "read"
        ? safe`Start the program with --allow-read for the local file`
        : safe`Start the program with --allow-read and --allow-write for the local directory`,
      cause,
    });
  }
  const [code, because] = SYSTEM_FAILURES[systemCode(cause)] ??
    ["transfer_failed", safe`reading or writing failed`];
  return fileError(subject, { code, because: safe`on this side, ${because}`, cause });
}
