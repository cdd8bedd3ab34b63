/**
 * A temporary directory that is gone on every way out.
 *
 * @module
 */

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** A temporary directory; disposing of it removes it with everything inside. */
export interface TempDir extends Disposable {
  /** Its absolute path. */
  readonly path: string;
}

/**
 * Makes a temporary directory. ^C and TERM remove it too.
 *
 * @param purpose A word for its name.
 * @returns The directory, for `using`.
 */
export function makeTempDir(purpose: string): TempDir {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `execkit-${purpose}-`)));
  const remove = () => rmSync(path, { recursive: true, force: true });
  const onSignal = () => {
    remove();
    process.exit(130);
  };
  process.once("SIGINT", onSignal);
  process.once("SIGTERM", onSignal);
  return {
    path,
    [Symbol.dispose]() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
      remove();
    },
  };
}
