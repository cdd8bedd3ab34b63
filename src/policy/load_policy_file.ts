/**
 * Reads the operator's policy file from disk, if nobody but the operator can have written it.
 *
 * @module
 */

import { readFile, realpath, stat } from "node:fs/promises";
import { ExeckitError } from "../errors.ts";
import { safe, type SafeText } from "../safe_text.ts";
import { type PolicyFile, readPolicyFile } from "./policy_file.ts";

/** Where agents may write. */
export interface LoadPolicyOptions {
  /** Folders of workspaces; the file must be in none of them. */
  readonly workspaces?: readonly string[];
}

/** Write permission of group and others. */
const OTHERS_WRITE = 0o022;

/**
 * Loads a policy file.
 *
 * @param path The file.
 * @param options Where agents may write.
 * @returns The policy and its examples.
 * @throws {ExeckitError} `invalid_config` when it cannot be read, when group or others can write it,
 * when it lies in a workspace, and when its text is broken.
 */
export async function loadPolicyFile(
  path: string,
  options: LoadPolicyOptions = {},
): Promise<PolicyFile> {
  let text: string;
  try {
    const real = await realpath(path);
    const { mode } = await stat(real);
    // Bits are how permissions are given.
    if ((mode & OTHERS_WRITE) !== 0) {
      throw refused(
        safe`group or others can write it`,
        safe`Take their permission away: chmod go-w`,
      );
    }
    for (const workspace of options.workspaces ?? []) {
      const root = await realpath(workspace).catch(() => workspace);
      if (isIn(real, root) || isIn(path, workspace)) {
        throw refused(safe`it lies in a workspace`, safe`Move it to where no agent can write`);
      }
    }
    text = await readFile(real, "utf8");
  } catch (cause) {
    if (cause instanceof ExeckitError) throw cause;
    throw new ExeckitError({
      code: "invalid_config",
      message: safe`Cannot use the policy file: it cannot be read`,
      hint: safe`Correct the path, and under Deno add --allow-read for it`,
      cause,
    });
  }
  return readPolicyFile(text);
}

function isIn(path: string, folder: string): boolean {
  const root = folder.replace(/\/+$/, "");
  return path === root || path.startsWith(`${root}/`);
}

function refused(what: SafeText, hint: SafeText): ExeckitError {
  return new ExeckitError({
    code: "invalid_config",
    message: safe`Cannot use the policy file: ${what}`,
    hint,
  });
}
