/**
 * Tries the operator's directory for output before any session needs it.
 *
 * @module
 */

import { SpoolDirectory } from "../output/store/spool_directory.ts";

/**
 * Tries whether a directory can be given to sessions as `outputDirectory`.
 *
 * @param path Its absolute path. It is made with mode 0700 when it is not there.
 * @throws {ExeckitError} `permission_denied` when the runtime refuses the access, else
 *   `invalid_config`: it cannot be made or written, belongs to somebody else, or group or others can
 *   write it.
 */
export async function checkOutputDirectory(path: string): Promise<void> {
  await new SpoolDirectory(path).check();
}
