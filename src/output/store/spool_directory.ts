/**
 * The operator's directory for output that is too much for memory.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { systemCode } from "../../system_code.ts";
import { SpoolFile } from "./spool_file.ts";

/** Write permission of group and others. */
const OTHERS_WRITE = 0o022;
/** Any permission of group and others. */
const OTHERS_ANY = 0o077;
/** Bytes of randomness in a file's name. */
const NAME_BYTES = 16;
/** Names of our files, so that nothing else in the directory is ever removed. */
const OUR_NAME = /^execkit-output-[0-9a-f]{32}\.spool$/;

/** A directory in which spool files are made. Nothing is touched before the first file. */
export class SpoolDirectory {
  readonly #path: string;
  #ready: Promise<void> | undefined;

  /**
   * Names the directory.
   *
   * @param path Its absolute path. It is made with mode 0700 when it is not there.
   */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Tries the directory, so that an operator learns at the start what is wrong with it.
   *
   * @throws {ExeckitError} `permission_denied` when the runtime refuses the access, else
   *   `invalid_config`: it cannot be made or written, belongs to somebody else, or group or others
   *   can write it.
   */
  async check(): Promise<void> {
    const file = await this.create();
    await file.close();
  }

  /**
   * Makes a file that only we can read and that leaves nothing behind when the process dies.
   *
   * @returns The open file.
   * @throws {ExeckitError} As {@linkcode check}.
   */
  async create(): Promise<SpoolFile> {
    try {
      this.#ready ??= this.#prepare();
      await this.#ready;
      return await this.#createFile();
    } catch (error) {
      this.#ready = undefined;
      throw asSpoolError(error);
    }
  }

  async #prepare(): Promise<void> {
    const fs = await import("node:fs/promises");
    try {
      await fs.mkdir(this.#path, { mode: 0o700 });
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
    const stat = await fs.stat(this.#path);
    if (!stat.isDirectory()) throw refused(safe`it is not a directory`);
    if ((stat.mode & OTHERS_WRITE) !== 0) throw refused(safe`group or others can write it`);
    await this.#removeLeftovers();
  }

  /**
   * A file keeps its name only when the process died between making and unlinking it, or where
   * open files cannot be unlinked; there, removing one that is in use fails and does no harm.
   */
  async #removeLeftovers(): Promise<void> {
    const fs = await import("node:fs/promises");
    for (const name of await fs.readdir(this.#path)) {
      if (!OUR_NAME.test(name)) continue;
      try {
        await fs.unlink(`${this.#path}/${name}`);
      } catch (error) {
        // Another process was faster, or still uses it.
        if (systemCode(error) === "") throw error;
      }
    }
  }

  async #createFile(): Promise<SpoolFile> {
    const fs = await import("node:fs/promises");
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = fs.constants;
    const path = `${this.#path}/execkit-output-${randomHex()}.spool`;
    const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
    const handle = await fs.open(path, flags, 0o600);
    const leftPath = await unlinkOpen(path);
    const file = new SpoolFile(handle, leftPath);
    try {
      const [directory, made] = await Promise.all([fs.stat(this.#path), handle.stat()]);
      // Whose file it is tells who we are, without asking the runtime for one more permission.
      if (directory.uid !== made.uid) throw refused(safe`it belongs to another user`);
      if ((made.mode & OTHERS_ANY) !== 0) throw refused(safe`its files are open to other users`);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }
}

/** Takes the name away; gives the path when that has to wait until the file is closed. */
async function unlinkOpen(path: string): Promise<string | undefined> {
  const { unlink } = await import("node:fs/promises");
  try {
    await unlink(path);
    return undefined;
  } catch (error) {
    return systemCode(error) === "ENOENT" ? undefined : path;
  }
}

function randomHex(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(NAME_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function asSpoolError(error: unknown): ExeckitError {
  if (error instanceof ExeckitError) return error;
  if (error instanceof Error && error.name === "NotCapable") {
    return new ExeckitError({
      code: "permission_denied",
      message: safe`Cannot use the directory for output: the runtime refused the access`,
      hint: safe`Start the program with read and write permission for the directory`,
      cause: error,
    });
  }
  return refused(reasonOf(systemCode(error)), error);
}

function reasonOf(code: string): SafeText {
  switch (code) {
    case "EACCES":
    case "EPERM":
      return safe`its permissions do not allow it`;
    case "ENOENT":
      return safe`the directory above it does not exist`;
    case "ENOTDIR":
      return safe`a part of its path is not a directory`;
    case "EROFS":
      return safe`its file system is read-only`;
    case "ENOSPC":
    case "EDQUOT":
      return safe`its disk or quota is full`;
    default:
      return safe`a file could not be made in it`;
  }
}

function refused(because: SafeText, cause?: unknown): ExeckitError {
  return new ExeckitError({
    code: "invalid_config",
    message: safe`Cannot use the directory for output: ${because}`,
    hint: safe`Name a directory that only the server's user can write, or leave it out`,
    cause,
  });
}
