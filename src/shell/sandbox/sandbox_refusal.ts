/**
 * Why a sandbox cannot be had, in words.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { safe, type SafeText } from "../../safe_text.ts";

/** How the launch script names a failure of the sandbox. */
export const SANDBOX_FAILURE_PREFIX = "sandbox_";

/** What cannot be had on this machine, by the launch script's word for it. */
const UNSUPPORTED: Readonly<Record<string, SafeText>> = {
  system: safe`only Linux has what it is made of`,
  machine: safe`its system call filter knows x86-64 and 64-bit ARM only`,
  missing: safe`bwrap (bubblewrap) is not installed`,
  old: safe`the installed bwrap is older than 0.8.0`,
  namespaces: safe`this machine does not let bwrap make user, pid or network namespaces`,
  limits: safe`its resource limits cannot be set`,
  processes:
    safe`root's processes can be limited by a pids control group only, and none can be made`,
  descriptors:
    safe`it would inherit descriptors from this process, and there is no bash to close them`,
  start: safe`bwrap cannot set it up`,
};

/** What is wrong with the options, by the launch script's word for it. */
const INVALID: Readonly<Record<string, SafeText>> = {
  workspace: safe`'sandbox.workspace' must be an existing directory`,
  workspace_wide:
    safe`'sandbox.workspace' must not hold the home directory or a directory of the system`,
  readable: safe`'sandbox.readable' must list existing paths`,
};

/**
 * Makes the error for a sandbox that the launch script refused to do without.
 *
 * @param why The script's word, with its prefix.
 * @returns `unsupported`, or `invalid_argument` when the options are at fault.
 */
export function sandboxRefusal(why: string): ExeckitError {
  const word = why.slice(SANDBOX_FAILURE_PREFIX.length);
  const invalid = INVALID[word];
  if (invalid !== undefined) {
    return new ExeckitError({ code: "invalid_argument", message: invalid });
  }
  const reason = UNSUPPORTED[word] ?? UNSUPPORTED["start"] ?? safe`the launch failed`;
  return new ExeckitError({
    code: "unsupported",
    message: safe`Cannot open the session in a sandbox: ${reason}`,
    hint: safe`Mend that, or open the session in a container or without a sandbox`,
  });
}
