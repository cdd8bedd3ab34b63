/**
 * Checks an audit file's chain.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import { safe } from "../safe_text.ts";
import { AUDIT_GENESIS, chainStep } from "./audit_chain.ts";

/** What {@linkcode verifyAudit} found. */
export interface AuditCheck {
  /** True when no line was edited, removed, inserted or moved, as far as the chain can tell. */
  readonly ok: boolean;
  /** Lines that were read. */
  readonly lines: number;
  /** The first line, counted from 1, that does not follow from the one before it. */
  readonly brokenAtLine?: number;
  /** Lines, counted from 1, that were torn off while being written, as by a crash. */
  readonly tornLines: readonly number[];
  /**
   * The hash of the end. Kept elsewhere, it shows later that nothing was cut off the end, which
   * the file alone cannot show.
   */
  readonly lastHash: string;
}

/**
 * Checks the chain of an audit file, in one pass and constant memory.
 *
 * @param lines The file's lines without their newlines, from the first on; one empty line at the
 * end, as `text.split("\n")` gives, does not count.
 * @returns Whether the chain holds, and where it breaks first.
 * @throws {ExeckitError} `invalid_argument` for a path or a whole text instead of lines, and for
 * pieces that are no single lines.
 */
export async function verifyAudit(
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<AuditCheck> {
  // A text gives its characters one by one, and each would pass for a line that was torn off.
  if (typeof lines === "string") throw notLines();
  const tornLines: number[] = [];
  let lastHash = AUDIT_GENESIS;
  let count = 0;
  let emptyLines = 0;
  for await (const line of lines) {
    // So would a byte, and a chunk of a stream.
    if (typeof line !== "string" || line.includes("\n")) throw notLines();
    if (line === "") {
      emptyLines++;
      continue;
    }
    if (emptyLines > 0) {
      return { ok: false, lines: count, brokenAtLine: count + 1, tornLines, lastHash };
    }
    count++;
    const { prev, next } = chainStep(line, lastHash);
    if (prev === undefined) tornLines.push(count);
    else if (prev !== lastHash) {
      return { ok: false, lines: count, brokenAtLine: count, tornLines, lastHash };
    }
    lastHash = next;
  }
  if (emptyLines > 1) {
    return { ok: false, lines: count, brokenAtLine: count + 1, tornLines, lastHash };
  }
  return { ok: true, lines: count, tornLines, lastHash };
}

function notLines(): ExeckitError {
  return new ExeckitError({
    code: "invalid_argument",
    message: safe`Cannot check the audit: verifyAudit was not given its lines one by one`,
    hint: safe`Read the file first and pass its lines, as by text.split("\\n") or node:readline`,
  });
}
