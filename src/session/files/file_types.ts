/**
 * What accesses to files take and give.
 *
 * @module
 */

import type { SafeText } from "../../safe_text.ts";

/** What is at a path. */
export type FileKind =
  | "file"
  | "directory"
  | "link"
  | "fifo"
  | "socket"
  | "block_device"
  | "character_device";

/** How a file is read into memory. */
export interface FileReadOptions {
  /** Bytes to leave out at the start. Default: 0. */
  readonly offset?: number;
  /** Bytes to read at most; more is `limit_reached`, never a cut. Default: 64 MiB. */
  readonly maxBytes?: number;
  /** Cancels it. */
  readonly signal?: AbortSignal;
}

/** How a file is written. */
export interface FileWriteOptions {
  /** Permission bits, 0 to 0o777. Default: those of the file that is replaced, else 0o644 & ~umask. */
  readonly mode?: number;
  /** Whether missing directories are made. Default: false. */
  readonly createParents?: boolean;
  /** Whether something at the path is replaced. Default: true. */
  readonly overwrite?: boolean;
  /** Whether the far side hashes the bytes before they take the file's place. Default: false. */
  readonly verify?: boolean;
  /** Cancels it. */
  readonly signal?: AbortSignal;
}

/** How far a transfer is. */
export interface FileProgress {
  /** Bytes that have been handed on. */
  readonly bytes: number;
  /** Bytes of the whole file; of a file without a size, such as one of /proc, the same as `bytes`. */
  readonly totalBytes: number;
}

/** How a local file is sent. */
export interface FileUploadOptions extends FileWriteOptions {
  /**
   * Permission bits, 0 to 0o777. Default: those of the file that is replaced, else those of the
   * local file & ~umask.
   */
  readonly mode?: number;
  /** Told at most ten times a second, and at the end. */
  readonly onProgress?: (progress: FileProgress) => void;
}

/** How a file is fetched. */
export interface FileDownloadOptions {
  /**
   * Permission bits of the local file, 0 to 0o777. Default: those of the file that is replaced, else
   * those of the far file & ~umask.
   */
  readonly mode?: number;
  /** Whether something at the local path is replaced. Default: true. */
  readonly overwrite?: boolean;
  /** Whether the far side hashes the file too. Default: false. */
  readonly verify?: boolean;
  /** Cancels it. */
  readonly signal?: AbortSignal;
  /** Told at most ten times a second, and at the end. */
  readonly onProgress?: (progress: FileProgress) => void;
}

/** How a path is looked at. */
export interface FileStatOptions {
  /** Whether a symbolic link is followed. Default: false, as of stat(1). */
  readonly followLinks?: boolean;
  /** Cancels it. */
  readonly signal?: AbortSignal;
}

/** How a directory is listed. */
export interface FileListOptions {
  /** Entries at most; more is `limit_reached`, never a cut. Default: 10,000. */
  readonly maxEntries?: number;
  /** Cancels it. */
  readonly signal?: AbortSignal;
}

/** A file that was transferred whole. */
export interface FileTransferred {
  /** Bytes of its content. */
  readonly bytes: number;
  /** SHA-256 of the bytes that were sent or received, in hexadecimal. */
  readonly sha256: string;
  /** Whether the far side found the same hash; false when it was not asked or has no program. */
  readonly verified: boolean;
}

/** What is known of a path. */
export interface FileStat {
  /** What it is. */
  readonly kind: FileKind;
  /** Bytes of its content. */
  readonly sizeBytes: number;
  /** Permission bits, with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  /** When its content changed last, in milliseconds since the Unix epoch; whole seconds on busybox. */
  readonly modifiedMs: number;
  /** The owner's number. */
  readonly uid: number;
  /** The group's number. */
  readonly gid: number;
  /** Where a symbolic link leads, redacted, control characters as `\xNN`; absent for anything else. */
  readonly linkTarget?: SafeText;
}

/** An entry of a directory. */
export interface FileEntry {
  /** Its name, exact if it is UTF-8, and not redacted: to build paths with, not to show. */
  readonly name: string;
  /** The bytes of its name. */
  readonly nameBytes: Uint8Array;
  /** Its name, redacted, control characters as `\xNN`: to show. */
  readonly label: SafeText;
  /** What it is. */
  readonly kind: FileKind;
}
