/**
 * The launch script: what runs on the far side of a transport before there is a shell to talk to.
 *
 * It makes this tree of processes, the same on every transport:
 *
 * ```
 * sh (supervisor)        waits, then says how the shell ended
 * ├─ sh (relay)          cat: the caller's stdin → the road; at its end, ends everything
 * └─ script              a controlling terminal, fed by the keyboard FIFO
 *    └─ bash, zsh, …     reads commands from the road; fd 7 and 8 lead to the caller
 * ```
 *
 * The relay is what makes everything end: when the caller closes its end, loses the link or is
 * killed, `cat` or `dd` sees end of file, and the relay kills every process of the session: those in the
 * shell's session id, and those that carry the session's mark in their environment.
 *
 * @module
 */

import type { LaunchPlan } from "../transports/transport.ts";
import { prepareSandbox, startInSandbox } from "./sandbox/sandbox_script.ts";
import type { SandboxSetup } from "./sandbox/sandbox_setup.ts";

/** What to launch. */
export interface LaunchOptions {
  /** The token of this launch's markers. */
  readonly token: string;
  /** The value of `EXECKIT_SESSION`, by which the session's processes are found. */
  readonly mark: string;
  /** The wanted shell, or empty for bash, else sh. */
  readonly shell: string;
  /** Whether to give the shell a controlling terminal. */
  readonly terminal: "auto" | "none";
  /** The sandbox to put the shell into; absent for none. */
  readonly sandbox?: SandboxSetup;
}

/**
 * The end of a session, in sh: kills the supervisor's descendants, and then whatever else belongs to
 * one of their sessions or carries the mark. HUP first, so that editors can save; KILL for what is
 * left 30 ms later. The descendants are read without starting a program, so that closing an idle
 * session costs one look over /proc. Fields of stat after the name: state ppid pgrp session; a
 * state of Z or X is dead.
 */
const END_SESSION = `
descend() {
  for f in /proc/"$1"/task/*/children; do
    kids=
    IFS= read -r kids <"$f"
    for p in $kids; do
      [ "$p" != "$self" ] && IFS= read -r line <"/proc/$p/stat" || continue
      set -- \${line##*) }
      case "|$own|$sids|" in *"|$4|"*) ;; *) sids="$sids|$4" ;; esac
      found="$found $p"
      descend "$p"
    done
  done
}
end_session() {
  IFS=' ' read -r self line </proc/self/stat
  set -- \${line##*) }
  own=$4 sids= found= round=0
  descend $$ 2>/dev/null
  [ -z "$found" ] || kill -s HUP $found
  [ -z "$found" ] || kill -s CONT $found
  while [ "$round" -lt 40 ]; do
    sleep 0.03 || sleep 1
    found= round=$((round + 1))
    for f in $(grep -lsE "EXECKIT_SESSION=$mark|^[0-9]+ [(].*[)] [^ZX] [0-9]+ [0-9]+ (none$sids) " \
      /proc/[0-9]*/environ /proc/[0-9]*/stat); do
      p=\${f#/proc/}; p=\${p%/*}
      IFS= read -r line <"/proc/$p/stat" || continue
      set -- \${line##*) }
      case "|$own|$sids|" in *"|$4|"*) ;; *) sids="$sids|$4" ;; esac
      found="$found $p"
    done
    [ -n "$found" ] || break
    kill -s KILL $found
  done
  rm -rf "$d"
}`;

/**
 * Which shell: its path, and its kind by the name of the file it really is. busybox names its own
 * applets without a path; then readlink is an applet of it too, and asks what it is itself: what sh
 * is cannot be seen by another process where a container's root did not start as root.
 */
const FIND_SHELL = `
case $want in
'') p=$(command -v bash) || p=$(command -v sh) ;;
*) p=$(command -v -- "$want") ;;
esac
case $p in */* | '') ;; *) p=/proc/self/exe ;; esac
[ -n "$p" ] && [ -x "$p" ] || fail shell
p=$(readlink -f "$p" 2>/dev/null || echo "$p")
case \${p##*/} in
bash*) kind=bash run='--norc --noprofile --noediting -i' ;;
zsh*) kind=zsh run='-f -i +Z -o no_prompt_sp -o no_prompt_cr -s' ;;
dash*) kind=dash run='-i' ;;
busybox*) kind=ash run='sh -i' ;;
*) fail shell_kind ;;
esac`;

/** Which way there is to a controlling terminal: util-linux script, BSD script, expect, none. */
const FIND_TERMINAL = `
pty=none
if [ "$terminal" = auto ]; then
  case $(script --version 2>/dev/null) in
  *util-linux*) pty=script ;;
  *) if command -v script >/dev/null; then pty=bsd
    elif command -v unbuffer >/dev/null; then pty=unbuffer; fi ;;
  esac
fi`;

/**
 * Descriptor 4 of the supervisor is the keyboard: sh moves 6 away while it waits for script.
 * The road is a FIFO, so that the shell reads its commands from a pipe on every transport.
 * busybox ash opens it as a script file: reading commands from descriptor 0 it takes a SIGCHLD
 * for the end of its input. expect closes all descriptors, hence the way over /proc;
 * and it gives up in the moment when nobody has the terminal open, hence the sh that stays and holds
 * it while the shell starts.
 * An EXIT trap runs with the shell's own stdout in dash and ash, hence the caller's; in bash and
 * zsh, with the command's, and what their prompt hooks print is for nobody.
 */
const START_SHELL = `
inner='SHELL=\${EK_SHELL:-/bin/sh}; p=$EK_P a=$EK_A d=$EK_D s=$EK_S
exec 4<&-
export TERM=\${TERM:-xterm-256color}
unset ENV PS1 PS2 PROMPT_COMMAND EK_SHELL EK_P EK_A EK_D EK_S
e=exec
[ "$s" = 0 ] || { e=; exec 7>/proc/$s/fd/7 8>/proc/$s/fd/8 9</proc/$s/fd/9; }
case $p in
*busybox*) $e "$p" $a "$d/sh" </dev/null >&7 2>&8 9<&- ;;
*/dash*) $e "$p" $a <&9 >&7 2>&8 9<&- ;;
*) $e "$p" $a <&9 >/dev/null 2>&8 9<&- ;;
esac
exit $?'
export EXECKIT_SESSION="$mark" EK_SHELL="$SHELL" EK_P="$p" EK_A="$run" EK_D="$d" EK_S=0
case $pty in
script) SHELL=/bin/sh script -qfec "$inner" /dev/null <&6 6>&- >&8 2>&8 ;;
bsd) SHELL=/bin/sh script -q /dev/null /bin/sh -c "$inner" <&6 6>&- >&8 2>&8 ;;
unbuffer) EK_S=$$; unbuffer -p /bin/sh -c "$inner" <&6 6>&- >&8 2>&8 ;;
*) if command -v setsid >/dev/null; then setsid /bin/sh -c "$inner" 6>&-
  else /bin/sh -c "$inner" 6>&-; fi ;;
esac
ended=$?`;

/**
 * A container with a read-only root often has no /tmp to write to, but the memory file system of
 * every container can be.
 * Where the caller's pipes are sockets, dd is the relay: busybox cat would use sendfile, which holds
 * the lock of the road while it waits for the socket, so that nobody could open or read the road.
 */
const launchScript = (sandbox: SandboxSetup | undefined): string => `
token=$1 mark=$2 want=$3 terminal=$4 pipes=$5
say() { printf '\\036%s%s %s\\036%s\\036' "$1" "$token" "$2" "$token"; }
fail() { [ -z "$d" ] || rm -rf "$d"; say F "$1"; exit 97; }
for d in "\${TMPDIR:-/tmp}/execkit.$mark" "/dev/shm/execkit.$mark" ''; do
  mkdir -m 700 "$d" 2>/dev/null && break
done
[ -n "$d" ] || fail directory
mkfifo -m 600 "$d/k" "$d/sh" || fail fifo
${FIND_SHELL}
${FIND_TERMINAL}
if [ "$pipes" = fifo ]; then
  mkfifo -m 600 "$d/o" "$d/e" || fail fifo
  exec 7<>"$d/o" 8<>"$d/e"
  say D "$d"
  IFS= read -r go || fail caller
  exec 7>"$d/o" 8>"$d/e"
  copy='dd bs=65536'
else exec 7>&1 8>&2; copy=cat; fi
${sandbox === undefined ? "" : prepareSandbox(sandbox)}
exec 3<&0 4<>"$d/k" 5<>"$d/sh" 6<>"$d/k" 9<"$d/sh" </dev/null >/dev/null 2>&1
${END_SESSION}
trap : HUP INT QUIT TERM
(
  trap '' HUP INT QUIT TERM
  exec 4>&- 6>&- 7>&- 8>&- 9<&-
  $copy <&3 >&5
  exec 5>&- 3<&-
  end_session
) &
relay=$!
exec 5>&- 3<&-
say L "$$ $kind $pty $d" >&7
${sandbox === undefined ? START_SHELL : startInSandbox(sandbox, START_SHELL)}
say X "$ended" >&7; say X "$ended" >&8
exec 7>&- 8>&- 9<&-
while kill -0 "$relay" 2>/dev/null; do wait "$relay"; done
[ ! -e "$d" ]
`;

/** The end of a session from outside, where its relay was killed before it could do it. */
const SWEEP_SCRIPT = `
mark=$1 d=\${TMPDIR:-/tmp}/execkit.$1
[ -e "$d" ] || d=/dev/shm/execkit.$1
${END_SESSION}
end_session`;

/**
 * Makes the plan that a transport starts. The transport appends one argument of its own: `inherit`
 * when the far side's stdout and stderr are pipes already, or `fifo` when they are not; then the
 * script says the directory of the FIFOs `o` and `e` in a `D` marker and waits for a line.
 *
 * @param options What to launch.
 * @returns Script and arguments for `sh -c`.
 */
export function planLaunch(options: LaunchOptions): LaunchPlan {
  return {
    script: launchScript(options.sandbox),
    args: [options.token, options.mark, options.shell, options.terminal],
    sweep: { script: SWEEP_SCRIPT, args: [options.mark] },
  };
}
