/**
 * Reads the operator's policy file from disk, if nobody but the operator can have written it.
 *
 * @module
 */

import { constants, type Stats } from "node:fs";
import { open, realpath } from "node:fs/promises";
import process from "node:process";
import { ExeckitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { safe, type SafeText } from "../safe_text.ts";
import { normalizePath } from "../shell_text/written_files.ts";
import { type PolicyFile, readPolicyFile, type ReadPolicyOptions } from "./policy_file.ts";

/** Where agents may write, and what is asked of the file. */
export interface LoadPolicyOptions extends ReadPolicyOptions {
  /** Folders of workspaces; the file must be in none of them. */
  readonly workspaces?: readonly string[];
  /**
   * Whose file it may be: `operator` is the user of this process, or root. `any` is for a file that
   * is looked at and not enforced. Default: `operator`.
   */
  readonly owner?: "operator" | "any";
}

/** Write permission of group and others. */
const OTHERS_WRITE = 0o022;
/** Opening a named pipe must not wait for its other end. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;
const UNREADABLE_HINT = safe`Correct the path, and under Deno add --allow-read for it`;

/**
 * Loads a policy file.
 *
 * @param path The file.
 * @param options Where agents may write.
 * @returns The policy and its examples.
 * @throws {ExeckitError} `invalid_config` when it cannot be read, is no regular file or larger than
 * 1 MiB, when group or others can write it, when it is neither this user's nor root's, when it lies
 * in a workspace, its own ones included, and when its text is broken.
 */
export async function loadPolicyFile(
  path: string,
  options: LoadPolicyOptions = {},
): Promise<PolicyFile> {
  let text: string;
  let real: string;
  try {
    real = await realpath(path);
    await refuseWorkspaces(path, real, options.workspaces ?? []);
    // What was looked at is what is read: both through the same open file.
    const file = await open(real, OPEN_FLAGS);
    try {
      checkStats(await file.stat(), options.owner ?? "operator");
      text = await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof ExeckitError) throw cause;
    throw refused(safe`it cannot be read`, UNREADABLE_HINT, cause);
  }
  const read = readPolicyFile(text, options);
  await refuseWorkspaces(path, real, read.workspace);
  return read;
}

async function refuseWorkspaces(
  path: string,
  real: string,
  workspaces: readonly string[],
): Promise<void> {
  for (const workspace of workspaces) {
    // A workspace that is not there yet, or may not be looked at, still has its name.
    const named = normalizePath(workspace, undefined);
    const root = await realpath(workspace).catch(() => named);
    if ([root, named].some((folder) => isIn(real, folder) || isIn(path, folder))) {
      throw refused(safe`it lies in a workspace`, safe`Move it to where no agent can write`);
    }
  }
}

function checkStats(stats: Stats, owner: "operator" | "any"): void {
  if (!stats.isFile()) throw refused(safe`it is no regular file`, safe`Name a file`);
  // Bits are how permissions are given.
  if ((stats.mode & OTHERS_WRITE) !== 0) {
    throw refused(
      safe`group or others can write it`,
      safe`Take their permission away: chmod go-w`,
    );
  }
  if (stats.size > LIMITS.policyFileMaxBytes) {
    throw refused(
      safe`it has more than ${LIMITS.policyFileMaxBytes} bytes`,
      safe`Name the file that was meant, or leave out rules`,
    );
  }
  if (owner === "any" || stats.uid === 0 || stats.uid === ownUserId()) return;
  throw refused(
    safe`it belongs to another user`,
    safe`Give it to root, or to the user that execkit runs as: chown`,
  );
}

/** The user of this process; only a file that is not root's has to be compared with it. */
function ownUserId(): number | undefined {
  try {
    return process.getuid?.();
  } catch (cause) {
    // The user cannot be asked for without the permission, and must not be guessed.
    throw refused(
      safe`whether its owner is this user cannot be seen`,
      safe`Under Deno add --allow-sys=uid, or give the file to root: chown root`,
      cause,
    );
  }
}

function isIn(path: string, folder: string): boolean {
  const root = folder.replace(/\/+$/, "");
  return path === root || path.startsWith(`${root}/`);
}

function refused(what: SafeText, hint: SafeText, cause?: unknown): ExeckitError {
  return new ExeckitError({
    code: "invalid_config",
    message: safe`Cannot use the policy file: ${what}`,
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}
