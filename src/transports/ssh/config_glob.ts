/**
 * The files that an `Include` names (ssh_config(5), glob(7)).
 *
 * @module
 */

import { readdir } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { safe } from "../../safe_text.ts";
import { systemCode } from "../../system_code.ts";
import { invalidConfig } from "./config_errors.ts";
import { matchesPattern } from "./host_patterns.ts";
import { homeDirectory, isNotCapable, refusedByRuntime } from "./local_user.ts";

/** Entries of a directory that are looked at, and paths that come out, at most. */
const ENTRIES_MAX = 4096;
const PATHS_MAX = 256;

/**
 * Finds the files.
 *
 * @param pattern A path with `*` and `?`.
 * @param base Gives the directory that relative paths are in.
 * @returns Paths in the order of their names; what does not exist falls away.
 * @throws {ExeckitError} `invalid_config`, or `permission_denied` under Deno.
 */
export async function expandGlob(
  pattern: string,
  base: () => string,
): Promise<readonly string[]> {
  // Brackets, variables and other users' homes would need rules of their own; none is guessed at.
  if (/[[\]{}$%]|^~[^/]/.test(pattern)) {
    throw invalidConfig(safe`An 'Include' has characters that are not read here`);
  }
  const absolute = pattern.startsWith("~")
    ? join(homeDirectory(), pattern.slice(1))
    : isAbsolute(pattern)
    ? pattern
    : join(base(), pattern);
  let paths: readonly string[] = ["/"];
  for (const part of absolute.split("/").filter((name) => name !== "")) {
    paths = /[*?]/.test(part)
      ? (await Promise.all(paths.map((path) => listMatching(path, part)))).flat()
      : paths.map((path) => join(path, part));
    if (paths.length > PATHS_MAX) {
      throw invalidConfig(safe`An 'Include' names more than ${PATHS_MAX} files`);
    }
  }
  return paths;
}

async function listMatching(directory: string, pattern: string): Promise<readonly string[]> {
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if (isNotCapable(error)) {
      throw refusedByRuntime(
        safe`Cannot list a directory that the SSH client configuration includes from`,
        safe`Start Deno with --allow-read for it, or set 'configFile' to false`,
        error,
      );
    }
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error))) return [];
    throw invalidConfig(safe`Cannot list a directory of an 'Include'`, error);
  }
  if (names.length > ENTRIES_MAX) {
    throw invalidConfig(safe`A directory of an 'Include' has more than ${ENTRIES_MAX} entries`);
  }
  const wantsHidden = pattern.startsWith(".");
  return names
    .filter((name) => (wantsHidden || !name.startsWith(".")) && matchesPattern(pattern, name))
    .sort()
    .map((name) => join(directory, name));
}
