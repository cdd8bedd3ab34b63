/**
 * The entries of a directory of the session's machine.
 *
 * @module
 */

import { LIMITS } from "../../limits.ts";
import type { Redactor } from "../../output/redactor.ts";
import { safe } from "../../safe_text.ts";
import { exitError, fileError } from "./file_failures.ts";
import type { OpenAccess } from "./file_gate.ts";
import { pathLabel } from "./file_paths.ts";
import { collectOutput } from "./file_process.ts";
import { FILE_EXITS, LIST_SCRIPT } from "./file_scripts.ts";
import type { FileEntry, FileKind } from "./file_types.ts";

const KINDS: { readonly [letter: string]: FileKind } = {
  b: "block_device",
  c: "character_device",
  d: "directory",
  f: "file",
  l: "link",
  p: "fifo",
  s: "socket",
};
/** Bytes of a name, its letter and its end at most: NAME_MAX of Linux is 255. */
const ENTRY_MAX_BYTES = 257;

/**
 * Lists a directory.
 *
 * @param open The access.
 * @param rules How many entries at most, and what takes secrets out.
 * @returns The entries, in the order of their names' bytes.
 * @throws {ExeckitError} `limit_reached` when there are more, or when it cannot be listed.
 */
export async function listRemote(
  open: OpenAccess,
  rules: { readonly maxEntries: number; readonly redactor: Redactor },
): Promise<FileEntry[]> {
  const { maxEntries, redactor } = rules;
  const { exitCode, output } = await collectOutput(
    open,
    { script: LIST_SCRIPT, args: [open.path, String(maxEntries)] },
    maxEntries * ENTRY_MAX_BYTES + LIMITS.inlineCommandMaxBytes,
  );
  if (exitCode === FILE_EXITS.tooLarge) {
    throw fileError(open.subject, {
      code: "limit_reached",
      because: safe`it has more than ${maxEntries} entries`,
      hint: safe`Ask for more entries, or list it by a command`,
    });
  }
  if (exitCode !== 0) throw exitError(open.subject, exitCode);
  if (output.length > 0 && output.at(-1) !== 0) {
    throw exitError(open.subject, FILE_EXITS.readFailed);
  }
  return [...entriesOf(output, redactor)].sort((a, b) => compareBytes(a.nameBytes, b.nameBytes));
}

/** Every entry ends with a NUL. */
function* entriesOf(output: Uint8Array, redactor: Redactor): Generator<FileEntry> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(0, at);
    const kind = KINDS[String.fromCharCode(output[at] ?? 0)];
    const nameBytes = output.slice(at + 1, end);
    const name = decoder.decode(nameBytes);
    if (kind !== undefined) yield { name, nameBytes, label: pathLabel(redactor, name), kind };
    at = end + 1;
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
