/**
 * Makes the directory that a file of ours goes to.
 *
 * @module
 */

import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "./system_code.ts";

/**
 * Makes a directory with mode 0700, and those above it that are missing. One that is there stays as
 * it is.
 *
 * Node's own recursive mkdir never returns on a file system that takes no directories.
 *
 * @param path The directory.
 * @throws What the operating system says, with its code, when a directory cannot be made.
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    const parent = dirname(path);
    if (systemCode(error) !== "ENOENT" || parent === path) throw error;
    await makeDirectory(parent);
    await makeOne(path);
  }
}

/** Somebody else may make the same directory in the same moment. */
async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
}
