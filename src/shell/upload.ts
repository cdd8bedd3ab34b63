/**
 * Files beside the shell: a command or its input that is too large for a frame.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { safe } from "../safe_text.ts";
import { runAside } from "../transports/run_aside.ts";
import type { Transport } from "../transports/transport.ts";
import { randomKey } from "./markers.ts";

/** `[ -O ]`: in a shared /tmp, somebody else may have put the directory there. */
const UPLOAD_SCRIPT = `
umask 077
[ -d "$1" ] || mkdir -m 700 "$1" || exit 1
[ -O "$1" ] && cat >"$1/$2"`;

/** A file in the launch's directory; removed by `remove`, and with the session at the latest. */
export interface UploadedFile {
  /** Its path on the session's machine. */
  readonly path: string;
  /** Removes it. */
  remove(): Promise<void>;
}

/**
 * Writes a file into the launch's directory.
 *
 * @param transport The way to the machine.
 * @param directory The launch's directory.
 * @param bytes What to write.
 * @returns The file.
 * @throws {ExeckitError} `transfer_failed` when it cannot be written whole.
 */
export async function uploadBeside(
  transport: Transport,
  directory: string,
  bytes: Uint8Array,
): Promise<UploadedFile> {
  const name = `f${randomKey()}`;
  const path = `${directory}/${name}`;
  const done = await runAside(transport, {
    script: UPLOAD_SCRIPT,
    args: [directory, name],
    stdin: bytes,
    timeoutMs: LIMITS.asideTimeoutMs,
  });
  if (done.exitCode !== 0) {
    throw new ExeckitError({
      code: "transfer_failed",
      message: safe`Cannot write ${bytes.length} bytes beside the session: nothing was run`,
      hint: safe`Make room in the machine's temporary directory, then run it again`,
    });
  }
  return {
    path,
    async remove() {
      await runAside(transport, {
        script: 'rm -f "$1"',
        args: [path],
        timeoutMs: LIMITS.asideTimeoutMs,
      });
    },
  };
}
