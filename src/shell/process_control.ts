/**
 * Signals for what runs in a session, sent beside the shell by short scripts.
 *
 * A runtime with narrow permissions may start `sh` but may not signal other processes or read
 * /proc, and on a remote machine neither would help: so sh does it, there.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";
import { runAside } from "../transports/run_aside.ts";
import type { Transport } from "../transports/transport.ts";

/** The processes of a session, as far as signals need to know them. */
export interface SessionProcesses {
  /** The transport to the machine. */
  readonly transport: Transport;
  /** The supervisor, which holds the keyboard on descriptor 4. */
  readonly supervisorPid: number;
  /** The session's shell. */
  readonly shellPid: number;
}

/** The signals of the ladder. */
export type LadderSignal = "INT" | "TERM" | "KILL";

/**
 * Types ^C, or wakes a stopped shell. With it wakes its parent: script stops when its child does,
 * and a stopped script passes no keys on. The supervisor and its relay can have been stopped too.
 * A shell that was stopped gets no ^C yet: it would come in the moment in which the shell closes the
 * frame of the command that stopped it.
 * Fields of /proc/PID/stat after the name: state ppid.
 */
const INTERRUPT_SCRIPT = `
IFS= read -r line <"/proc/$2/stat" && {
  set -- "$1" "$2" \${line##*) }
  read -r children <"/proc/$1/task/$1/children"
  kill -s CONT "$2" "$4" "$1" $children
} 2>/dev/null
[ "$3" = T ] || printf '\\003' >"/proc/$1/fd/4"`;

/**
 * Signals what the shell runs in the foreground: the terminal's foreground process group, or, when
 * that is the shell's own, the shell's children in it; and all descendants of those. Background
 * jobs have process groups of their own and live on; without job control they are known by ignoring
 * both INT and QUIT, bits 2 and 4 of SigIgn, which is how every shell starts them then.
 * A job's group gets the signal as a whole too, so that no child slips through that it starts just
 * now. dash takes a group only behind a process.
 * Fields of /proc/PID/stat after the name: state ppid pgrp session tty tpgid.
 */
const SIGNAL_SCRIPT = `
shell=$1 signal=$2 reach=$3
IFS= read -r line <"/proc/$shell/stat" || exit 1
set -- \${line##*) }
group=$3 session=$4 foreground=$6
pids() {
  for f in $(grep -lsE "^[0-9]+ [(].*[)] [^ZX] $1 " /proc/[0-9]*/stat); do
    p=\${f#/proc/}; printf '%s ' "\${p%/stat}"
  done
}
if [ "$foreground" -gt 0 ] && [ "$foreground" != "$group" ]; then
  level=$(pids "[0-9]+ $foreground $session") job=-$foreground
else
  level= job=
  for p in $(pids "$shell $group $session"); do
    [ "$reach" != everything ] &&
      grep -qsE '^SigIgn:.*[67ef]$' "/proc/$p/status" || level="$level $p"
  done
fi
found=
while [ -n "$level" ]; do
  new=
  for p in $level; do
    case " $shell $found " in *" $p "*) ;; *) found="$found $p" new="$new|$p" ;; esac
  done
  [ -n "$new" ] || break
  level=$(pids "(\${new#|}) [0-9]+ [0-9]+")
done
[ "$reach" != shell_too ] || { kill -s CONT "$shell"; found="$shell -$group $found"; }
[ -n "$found" ] || exit 3
kill -s "$signal" $found $job 2>/dev/null
[ "$signal" = INT ] || kill -s CONT $found 2>/dev/null
exit 0`;

/**
 * Types ^C at the session's terminal; a shell that is stopped is woken instead.
 *
 * @param processes The session's processes.
 */
export async function typeInterrupt(processes: SessionProcesses): Promise<void> {
  await runAside(processes.transport, {
    script: INTERRUPT_SCRIPT,
    args: [String(processes.supervisorPid), String(processes.shellPid)],
    timeoutMs: LIMITS.asideTimeoutMs,
  });
}

/** What {@linkcode SIGNAL_SCRIPT} exits with when there was nothing to signal. */
const NOTHING_FOUND = 3;

/**
 * Which processes a signal reaches beside those in the foreground and their descendants.
 *
 * - `foreground`: none.
 * - `shell_too`: the shell and its process group, in the same moment, as ^C at a terminal would.
 * - `everything`: background jobs too, where there is no job control to tell them by.
 */
export type SignalReach = "foreground" | "shell_too" | "everything";

/**
 * Signals the foreground processes and their descendants.
 *
 * @param processes The session's processes.
 * @param signal Which signal.
 * @param reach Which others get it too. Default: `foreground`.
 * @returns Whether there was any such process.
 */
export async function signalForeground(
  processes: SessionProcesses,
  signal: LadderSignal,
  reach: SignalReach = "foreground",
): Promise<boolean> {
  const done = await runAside(processes.transport, {
    script: SIGNAL_SCRIPT,
    args: [String(processes.shellPid), signal, reach],
    timeoutMs: LIMITS.asideTimeoutMs,
  });
  return done.exitCode !== NOTHING_FOUND;
}

/**
 * Signals the shell itself.
 *
 * @param processes The session's processes.
 * @param signal `INT` where no terminal can, `KILL` as the last resort.
 */
export async function signalShell(
  processes: SessionProcesses,
  signal: LadderSignal,
): Promise<void> {
  await runAside(processes.transport, {
    script: 'kill -s CONT "$1"; kill -s "$2" "$1"',
    args: [String(processes.shellPid), signal],
    timeoutMs: LIMITS.asideTimeoutMs,
  });
}

/**
 * Looks for the process that a pid namespace below calls by another number, among those that carry
 * the session's mark. NSpid lists a process's numbers from the reader's namespace inwards.
 */
const OUTSIDE_PID_SCRIPT = `
for f in $(grep -lsE "^NSpid:.*[[:space:]]$2\$" /proc/[0-9]*/status); do
  p=\${f#/proc/}; p=\${p%/status}
  ! grep -qs "EXECKIT_SESSION=$1" "/proc/$p/environ" || { echo "$p"; exit 0; }
done
exit 1`;

/**
 * Finds the number that a process of a sandbox has outside.
 *
 * @param transport The way to the machine.
 * @param mark The session's mark.
 * @param insidePid What the process calls itself.
 * @returns Its number outside; undefined when there is no such process.
 */
export async function findOutsidePid(
  transport: Transport,
  mark: string,
  insidePid: number,
): Promise<number | undefined> {
  const done = await runAside(transport, {
    script: OUTSIDE_PID_SCRIPT,
    args: [mark, String(insidePid)],
    timeoutMs: LIMITS.asideTimeoutMs,
  });
  return done.exitCode === 0 ? Number(new TextDecoder().decode(done.stdout)) : undefined;
}
