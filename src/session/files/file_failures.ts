/**
 * From the exit code of a file script to an error.
 *
 * @module
 */

import type { ErrorCode } from "../../error_codes.ts";
import { ExeckitError } from "../../errors.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { FILE_EXITS } from "./file_scripts.ts";

interface Failure {
  readonly code: ErrorCode;
  /** Goes on from `Cannot read '/x': `. */
  readonly because: SafeText;
  readonly hint?: SafeText;
}

const FAILURES: ReadonlyMap<number, Failure> = new Map<number, Failure>([
  [FILE_EXITS.notFound, { code: "path_not_found", because: safe`it does not exist` }],
  [FILE_EXITS.denied, { code: "path_denied", because: safe`the session's user may not` }],
  [FILE_EXITS.directory, {
    code: "path_denied",
    because: safe`it is a directory`,
    hint: safe`Name a regular file, or list the directory`,
  }],
  [FILE_EXITS.special, {
    code: "path_denied",
    because: safe`it is not a regular file`,
    hint: safe`Name a regular file; use a command for devices, FIFOs and sockets`,
  }],
  [FILE_EXITS.exists, {
    code: "path_denied",
    because: safe`something is there already`,
    hint: safe`Name another path, or allow it to be replaced`,
  }],
  [FILE_EXITS.noSpace, { code: "transfer_failed", because: safe`too little space is free` }],
  [FILE_EXITS.writeFailed, {
    code: "transfer_failed",
    because: safe`writing failed, as with a full disk or quota`,
  }],
  [FILE_EXITS.short, {
    code: "transfer_failed",
    because: safe`not all bytes arrived`,
    hint: safe`Try again`,
  }],
  [FILE_EXITS.otherHash, {
    code: "transfer_failed",
    because: safe`the bytes that arrived have another hash`,
    hint: safe`Try again`,
  }],
  [FILE_EXITS.notDirectory, {
    code: "path_denied",
    because: safe`it is not a directory`,
    hint: safe`Name a directory, or read the file`,
  }],
  [FILE_EXITS.linkLoop, {
    code: "path_denied",
    because: safe`its symbolic links lead nowhere`,
  }],
  [FILE_EXITS.noTool, {
    code: "unsupported",
    because: safe`the machine has no stat or readlink program`,
  }],
  [FILE_EXITS.shrank, {
    code: "transfer_failed",
    because: safe`it changed while it was read`,
    hint: safe`Try again`,
  }],
  [FILE_EXITS.readFailed, { code: "transfer_failed", because: safe`reading failed` }],
  [FILE_EXITS.notReplaced, {
    code: "path_denied",
    because: safe`the file there cannot be replaced, as with a mount or an immutable file`,
    hint: safe`Write to another path, or into the file by a command`,
  }],
  [FILE_EXITS.sealed, {
    code: "path_denied",
    because: safe`nothing can be made in its directory, as on a read-only file system`,
    hint: safe`Write to another directory, such as /tmp`,
  }],
]);

/** What failed, as a sentence's start: `Cannot read '/x'`. */
export interface FileSubject {
  /** The action: `Cannot read`. */
  readonly action: SafeText;
  /** The path, redacted. */
  readonly path: SafeText;
}

/**
 * Makes an error about a file.
 *
 * @param subject What failed.
 * @param failure The code, why, the next step if not the code's, and the original failure.
 * @returns The error.
 */
export function fileError(
  subject: FileSubject,
  failure: Failure & { readonly cause?: unknown },
): ExeckitError {
  const { code, because, hint, cause } = failure;
  return new ExeckitError({
    code,
    message: safe`${subject.action} '${subject.path}': ${because}`,
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * Makes the error of a script's exit code.
 *
 * @param subject What failed.
 * @param exitCode The script's exit code, other than 0.
 * @returns The error.
 */
export function exitError(subject: FileSubject, exitCode: number): ExeckitError {
  return fileError(
    subject,
    FAILURES.get(exitCode) ?? {
      code: "transfer_failed",
      because: safe`the script for it ended with exit code ${exitCode}`,
    },
  );
}

/**
 * Makes the error of a caller who changed his mind.
 *
 * @param subject What was cancelled.
 * @returns The error.
 */
export function cancelledError(subject: FileSubject): ExeckitError {
  return fileError(subject, {
    code: "transfer_failed",
    because: safe`it was cancelled`,
    hint: safe`Call again if it is still wanted`,
  });
}
