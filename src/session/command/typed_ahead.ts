/**
 * What was typed for a command and never read by it: an answer that came too late.
 *
 * @module
 */

import { LIMITS } from "../../limits.ts";
import type { ProbedSession } from "../../shell/probe/probe_command.ts";
import { runAside } from "../../transports/run_aside.ts";

/**
 * Reads the terminal of the shell `$1` empty. Without canonical mode half a line is read too, and a
 * read ends after a tenth of a second without a byte: what is still in the keyboard gets that long.
 * Fields of /proc/PID/stat after the name: state ppid pgrp session tty. Pseudo-terminals have the
 * major numbers 136 to 143; a sandbox has a /dev/pts of its own.
 */
const EMPTY_TERMINAL_SCRIPT = `
IFS= read -r line <"/proc/$1/stat" || exit 0
set -- "$1" \${line##*) }
[ $(($6 >> 8 & 4088)) -eq 136 ] || exit 0
terminal=/proc/$1/root/dev/pts/$(($6 & 255 | $6 >> 12 & 1048320))
modes=$(stty -g <"$terminal") || exit 0
trap 'stty "$modes" <"$terminal"' EXIT
stty -icanon min 0 time 1 <"$terminal" || exit 0
while [ "$(dd bs=4096 count=1 <"$terminal" | wc -c)" -gt 0 ]; do :; done
exit 0`;

/**
 * Drops what nobody has read, so that the next command does not take it for its own answer. Where
 * the machine has no /proc, it stays.
 *
 * @param session The processes of the session.
 * @throws {ExeckitError} When the script cannot be started.
 */
export async function dropTypedAhead(session: ProbedSession): Promise<void> {
  await runAside(session.transport, {
    script: EMPTY_TERMINAL_SCRIPT,
    args: [String(session.shellPid)],
    timeoutMs: LIMITS.asideTimeoutMs,
  });
}
