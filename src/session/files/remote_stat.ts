/**
 * What is at a path of the session's machine.
 *
 * @module
 */

import { LIMITS } from "../../limits.ts";
import type { Redactor } from "../../output/redactor.ts";
import { exitError } from "./file_failures.ts";
import type { OpenAccess } from "./file_gate.ts";
import { pathLabel } from "./file_paths.ts";
import { collectOutput } from "./file_process.ts";
import { FILE_EXITS, STAT_SCRIPT } from "./file_scripts.ts";
import type { FileKind, FileStat } from "./file_types.ts";

/** The type bits of a mode, as in `<sys/stat.h>` of every Unix. */
const TYPE_BITS = 0o170000;
const KINDS: ReadonlyMap<number, FileKind> = new Map<number, FileKind>([
  [0o010000, "fifo"],
  [0o020000, "character_device"],
  [0o040000, "directory"],
  [0o060000, "block_device"],
  [0o100000, "file"],
  [0o120000, "link"],
  [0o140000, "socket"],
]);
const NEWLINE = 0x0a;

/**
 * Looks at a path.
 *
 * @param open The access.
 * @param rules Whether links are followed, and what takes secrets out.
 * @returns What is there; undefined when nothing is.
 * @throws {ExeckitError} When it could not be found out.
 */
export async function statRemote(
  open: OpenAccess,
  rules: { readonly followLinks: boolean; readonly redactor: Redactor },
): Promise<FileStat | undefined> {
  const args = [open.path, rules.followLinks ? "follow" : "no"];
  const script = { script: STAT_SCRIPT, args };
  const { exitCode, output } = await collectOutput(open, script, LIMITS.inlineCommandMaxBytes);
  if (exitCode === FILE_EXITS.notFound) return undefined;
  if (exitCode !== 0) throw exitError(open.subject, exitCode);
  const end = output.indexOf(NEWLINE);
  const decoder = new TextDecoder();
  const words = decoder.decode(output.subarray(0, end)).split(" ");
  const [rawMode = 0, sizeBytes = 0, seconds = 0, uid = 0, gid = 0] = words.map((word, index) =>
    Number.parseInt(word, index === 0 ? 16 : 10)
  );
  const kind = KINDS.get(rawMode & TYPE_BITS);
  if (end === -1 || kind === undefined || !Number.isSafeInteger(sizeBytes)) {
    throw exitError(open.subject, FILE_EXITS.noTool);
  }
  const precise = Number(words[5]);
  const base = {
    kind,
    sizeBytes,
    mode: rawMode & 0o7777,
    modifiedMs: Math.round((Number.isFinite(precise) ? precise : seconds) * 1000),
    uid,
    gid,
  };
  if (kind !== "link") return base;
  const target = decoder.decode(output.subarray(end + 1));
  return { ...base, linkTarget: pathLabel(rules.redactor, target) };
}
