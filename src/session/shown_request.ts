/**
 * What an approver and the audit see of a command: all of it redacted, its standard input bounded.
 *
 * @module
 */

import type { Redactor } from "../output/redactor.ts";
import type { PolicyRequest } from "../policy/policy.ts";
import type { SafeText } from "../safe_text.ts";
import type { CommandLabel } from "./result_builder.ts";

/** Characters of a standard input that are shown: a program that somebody reads, not a data file. */
const STDIN_SHOWN_MAX_CHARS = 65_536;

/** A command as others see it. */
export interface ShownRequest {
  /** Its id, its text and its directory. */
  readonly label: CommandLabel;
  /** Its standard input, redacted and cut; absent when it is given none. */
  readonly stdin?: SafeText;
  /** Bytes of the whole standard input; 0 when it is given none. */
  readonly stdinBytes: number;
  /** True when nothing was taken out of it, and nothing cut off. */
  readonly isWhole: boolean;
}

/**
 * Makes what is shown of a command.
 *
 * @param request The command.
 * @param label Its redacted text and directory.
 * @param redactor The redactor of the session.
 * @returns What is shown.
 */
export function showRequest(
  { command, cwd, stdin }: PolicyRequest,
  label: CommandLabel,
  redactor: Redactor,
): ShownRequest {
  const isWhole = label.command === command && label.cwd === cwd;
  if (stdin === undefined) return { label, stdinBytes: 0, isWhole };
  // Cut behind the redaction: a secret that lies across the cut would not be found.
  const redacted = redactor.text(stdin);
  const shown = redacted.length <= STDIN_SHOWN_MAX_CHARS
    ? redacted
    : redactor.text(redacted.slice(0, STDIN_SHOWN_MAX_CHARS));
  return {
    label,
    stdin: shown,
    stdinBytes: new TextEncoder().encode(stdin).length,
    isWhole: isWhole && shown === stdin,
  };
}
