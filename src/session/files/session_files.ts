/**
 * Files of a session's machine: the same on every transport.
 *
 * Every access is a POSIX sh script beside the session's shell, as the session's own user, so that
 * it works wherever a session does: without sftp-server, with busybox only, on a read-only root.
 *
 * @module
 */

import { joinBytes } from "../../join_bytes.ts";
import { LIMITS } from "../../limits.ts";
import { invalidArgument } from "../../option_checks.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { fileError } from "./file_failures.ts";
import { FileGate, type FilesHouse, type OpenAccess } from "./file_gate.ts";
import { pathLabel, requireCount, requireOptions, requirePath } from "./file_paths.ts";
import type {
  FileDownloadOptions,
  FileEntry,
  FileListOptions,
  FileReadOptions,
  FileStat,
  FileStatOptions,
  FileTransferred,
  FileUploadOptions,
  FileWriteOptions,
} from "./file_types.ts";
import { listRemote } from "./remote_list.ts";
import { readRemote } from "./remote_read.ts";
import { statRemote } from "./remote_stat.ts";
import { downloadFile, uploadFile, writeBytes } from "./transfers.ts";

const READ_KEYS: ReadonlySet<string> = new Set(["maxBytes", "offset", "signal"]);
const WRITE_KEYS: ReadonlySet<string> = new Set([
  "createParents",
  "mode",
  "overwrite",
  "signal",
  "verify",
]);
const UPLOAD_KEYS: ReadonlySet<string> = new Set([...WRITE_KEYS, "onProgress"]);
const DOWNLOAD_KEYS: ReadonlySet<string> = new Set([
  "mode",
  "onProgress",
  "overwrite",
  "signal",
  "verify",
]);
const STAT_KEYS: ReadonlySet<string> = new Set(["followLinks", "signal"]);
const LIST_KEYS: ReadonlySet<string> = new Set(["maxEntries", "signal"]);
const PERMISSION_BITS = 0o777;

/**
 * The files of a session's machine.
 *
 * Paths are absolute or relative to the working directory after the session's last command; `~` is
 * not expanded. Every access passes the session's policy first, as the command that does the same.
 * Accesses may run while a command runs; four at a time, the rest wait in order.
 */
export class SessionFiles {
  readonly #gate: FileGate;
  readonly #house: FilesHouse;
  readonly #maxTransferBytes: number;

  /**
   * Makes the files of a session; a session does that: use `session.files`.
   *
   * @param house What the session lends.
   */
  constructor(house: FilesHouse) {
    this.#house = house;
    this.#gate = new FileGate(house);
    this.#maxTransferBytes = house.maxTransferBytes ?? LIMITS.filesTransferMaxBytes;
  }

  /** Milliseconds since the last access ended; 0 while one is under way, `Infinity` before any. */
  get idleMs(): number {
    return this.#gate.idleMs;
  }

  /**
   * Reads a file into memory, exactly.
   *
   * The bytes have not been through the redactor: they are for the program, not for the agent.
   *
   * @param path The file.
   * @param options Which part, and how much at most.
   * @returns Its bytes.
   * @throws {ExeckitError} `limit_reached` when it has more bytes than asked for, `path_not_found`,
   *   `path_denied`, `transfer_failed`, `blocked_by_policy`, …
   */
  async read(path: string, options: FileReadOptions = {}): Promise<Uint8Array> {
    requireOptions(options, READ_KEYS);
    const max = Number.MAX_SAFE_INTEGER;
    const offset = requireCount(options.offset, { name: safe`offset`, fallback: 0, max });
    const maxBytes = requireCount(options.maxBytes, {
      name: safe`maxBytes`,
      fallback: LIMITS.filesReadMaxBytes,
      max: this.#maxTransferBytes,
    });
    const access = { action: "read", path, signal: options.signal } as const;
    return await this.#gate.run(access, async (open) => {
      const chunks: Uint8Array[] = [];
      await readRemote({ ...open, offset, maxBytes }, {
        begin: () => undefined,
        take: (chunk) => void chunks.push(chunk),
      });
      return joinBytes(chunks);
    }, ({ length }) => length);
  }

  /**
   * Reads a file as UTF-8 text, and takes out what the session knows to be secret.
   *
   * @param path The file.
   * @param options Which part, and how much at most.
   * @returns The redacted text; bytes that are not UTF-8 become U+FFFD.
   * @throws {ExeckitError} As {@linkcode SessionFiles.read}.
   */
  async readText(path: string, options: FileReadOptions = {}): Promise<SafeText> {
    const bytes = await this.read(path, options);
    return this.#house.redactor.text(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
  }

  /**
   * Writes a file. Until all of it is there the old one stays; a failure leaves no trace.
   *
   * @param path The file; a symbolic link is followed.
   * @param content Its content; text goes as UTF-8.
   * @param options Mode, directories, and whether to replace.
   * @returns What was written.
   * @throws {ExeckitError} `path_not_found`, `path_denied`, `transfer_failed`, `limit_reached`,
   *   `blocked_by_policy`, …
   */
  async write(
    path: string,
    content: string | Uint8Array,
    options: FileWriteOptions = {},
  ): Promise<FileTransferred> {
    requireOptions(options, WRITE_KEYS);
    const bytes = encodeContent(content);
    const mode = requireMode(options.mode);
    const access = { ...options, action: "write", path, mode } as const;
    return await this.#gate.run(access, (open) => {
      this.#refuseLarge(open, bytes.length);
      return writeBytes(open, bytes, { ...options, mode });
    }, (written) => written.bytes);
  }

  /**
   * Looks at a path.
   *
   * @param path The path.
   * @param options Whether a symbolic link is followed.
   * @returns What is there; undefined when nothing is.
   * @throws {ExeckitError} `path_denied`, `unsupported`, `blocked_by_policy`, …
   */
  async stat(path: string, options: FileStatOptions = {}): Promise<FileStat | undefined> {
    requireOptions(options, STAT_KEYS);
    const followLinks = options.followLinks ?? false;
    const access = { action: "stat", path, followLinks, signal: options.signal } as const;
    return await this.#gate.run(
      access,
      (open) => statRemote(open, { followLinks, redactor: this.#house.redactor }),
    );
  }

  /**
   * Lists a directory, without `.` and `..`.
   *
   * @param path The directory.
   * @param options How many entries at most.
   * @returns Its entries, in the order of their names' bytes.
   * @throws {ExeckitError} `limit_reached` when there are more, `path_not_found`, `path_denied`, …
   */
  async list(path: string, options: FileListOptions = {}): Promise<FileEntry[]> {
    requireOptions(options, LIST_KEYS);
    const maxEntries = requireCount(options.maxEntries, {
      name: safe`maxEntries`,
      fallback: LIMITS.filesListEntries,
      max: LIMITS.filesListMaxEntries,
    });
    const access = { action: "list", path, signal: options.signal } as const;
    return await this.#gate.run(
      access,
      (open) => listRemote(open, { maxEntries, redactor: this.#house.redactor }),
    );
  }

  /**
   * Sends a local file, in bounded memory. The rules are those of {@linkcode SessionFiles.write}.
   *
   * @param localPath The file on this machine; a symbolic link is followed.
   * @param remotePath Where it goes on the session's machine.
   * @param options Mode, directories, whether to replace, and progress.
   * @returns What was sent.
   * @throws {ExeckitError} As {@linkcode SessionFiles.write}; `permission_denied` when the runtime
   *   does not allow to read the local file.
   */
  async upload(
    localPath: string,
    remotePath: string,
    options: FileUploadOptions = {},
  ): Promise<FileTransferred> {
    requireOptions(options, UPLOAD_KEYS);
    requirePath(localPath, safe`localPath`);
    const mode = requireMode(options.mode);
    const access = { ...options, action: "upload", path: remotePath, mode } as const;
    return await this.#gate.run(access, (open) =>
      uploadFile(open, {
        ...options,
        mode,
        localPath,
        localLabel: pathLabel(this.#house.redactor, localPath),
        check: (sizeBytes) => this.#refuseLarge(open, sizeBytes),
      }), (sent) => sent.bytes);
  }

  /**
   * Fetches a file, in bounded memory. Until all of it is there the old local file stays.
   *
   * @param remotePath The file on the session's machine.
   * @param localPath Where it goes on this machine; a symbolic link is followed to a regular file.
   * @param options Mode, whether to replace, and progress.
   * @returns What was fetched.
   * @throws {ExeckitError} `path_not_found`, `path_denied`, `transfer_failed`, `limit_reached`,
   *   `permission_denied`, `blocked_by_policy`, …
   */
  async download(
    remotePath: string,
    localPath: string,
    options: FileDownloadOptions = {},
  ): Promise<FileTransferred> {
    requireOptions(options, DOWNLOAD_KEYS);
    requirePath(localPath, safe`localPath`);
    const mode = requireMode(options.mode);
    const access = { action: "download", path: remotePath, signal: options.signal } as const;
    return await this.#gate.run(access, (open) =>
      downloadFile(open, {
        ...options,
        mode,
        localPath,
        localLabel: pathLabel(this.#house.redactor, localPath),
        maxBytes: this.#maxTransferBytes,
      }), (fetched) => fetched.bytes);
  }

  #refuseLarge(open: OpenAccess, sizeBytes: number): void {
    if (sizeBytes <= this.#maxTransferBytes) return;
    throw fileError(open.subject, {
      code: "limit_reached",
      because:
        safe`${sizeBytes} bytes are more than the ${this.#maxTransferBytes} that may be sent`,
      hint: safe`Ask the operator to raise the limit`,
    });
  }
}

function encodeContent(content: unknown): Uint8Array {
  if (typeof content === "string") return new TextEncoder().encode(content);
  if (content instanceof Uint8Array) return content;
  throw invalidArgument(safe`'content' must be a string or bytes`);
}

function requireMode(mode: unknown): number | undefined {
  return requireCount(mode, { name: safe`mode`, fallback: undefined, max: PERMISSION_BITS });
}
