/**
 * The parts of the launch script that put a session into a sandbox: one bwrap around its shell.
 *
 * Pure: a setup in, text of sh out. What is on the machine is looked at by that text, there, since
 * a runtime with narrow permissions may start `sh` and nothing else. bwrap reads its arguments from
 * a descriptor, so that no variable's value is ever in a process list.
 *
 * The mounts come in an order that matters: what the agent could have prepared in its workspace
 * (a link in place of a file) is mounted before the secrets are covered, and so never on top. The
 * covers become read-only last, when what is to be readable has its place in them.
 *
 * @module
 */

import { quoteForShell } from "../../shell_text/quote.ts";
import {
  GIT_READ_ONLY,
  HOME_SECRETS,
  PASSED_VARIABLES,
  SECRET_PATH_VARIABLES,
  SYSTEM_SECRETS,
  WORKSPACE_READ_ONLY,
} from "./hidden_paths.ts";
import type { SandboxCeilings, SandboxSetup } from "./sandbox_setup.ts";
import { seccompProgram } from "./seccomp_program.ts";

/** Where a session without a workspace starts: in the private /tmp. */
const PRIVATE_WORKSPACE = "/tmp/workspace";
/** Bytes of the private directories beside /tmp: sockets, locks and shared memory of programs. */
const SMALL_DIRECTORY_BYTES = 64 * 1024 * 1024;
/** Bytes of what covers a secret directory: nothing is to be put there. */
const COVER_BYTES = 4096;
/** POSIX: `ulimit -f` counts in blocks of 512 bytes, `-v` in KiB. */
const FILE_BLOCK_BYTES = 512;
const KIB = 1024;

const FUNCTIONS = `
refuse() { say F "sandbox_$1" >&7; rm -rf "$d"; exit 97; }
word() { printf '%s\\0' "$@"; }
private() { [ ! -d "$1" ] || [ -L "$1" ] || word --perms 1777 --size "$2" --tmpfs "$1"; }
linked() {
  while [ -n "$1" ]; do
    [ ! -L "$1" ] || return 0
    case $1 in */*) set -- "\${1%/*}" ;; *) return 1 ;; esac
  done
  return 1
}
hide() {
  for s in "$@"; do
    [ -e "$s" ] || continue
    ! linked "$s" || s=$(readlink -f -- "$s") && [ "$s" != / ] || continue
    case $d/ in "$s"/*) continue ;; esac
    if [ -d "$s" ]; then
      word --size ${COVER_BYTES} --tmpfs "$s"
      if [ -n "$late" ]; then word --remount-ro "$s" >>"$d/r"; else word --remount-ro "$s"; fi
    else word --ro-bind "$d/none" "$s"; fi
  done
}
keep() { [ ! -e "$1" ] || [ -L "$1" ] || word --ro-bind "$1" "$1"; }`;

const CHECKS = `
[ -e /proc/self/ns/user ] || refuse system
while read -r s user h; do [ "$s" != Uid: ] || break; done </proc/self/status
bwrap=$(command -v bwrap) || refuse missing
: >"$d/none" >"$d/r"
mkfifo -m 600 "$d/b" || refuse start`;

/**
 * Writing to /proc/sys is a matter of the user id, not of capabilities: without the read-only
 * remount a sandbox of root could set the program that the kernel starts for a core dump.
 */
const NAMESPACES = `
word --unshare-user --disable-userns --unshare-pid --unshare-ipc --unshare-uts
word --unshare-cgroup-try --die-with-parent --cap-drop ALL --clearenv --seccomp 4
word --ro-bind / /
word --dev /dev; private /dev/shm ${SMALL_DIRECTORY_BYTES}; word --remount-ro /dev
word --proc /proc --remount-ro /proc
for s in /run /var/run /var/tmp; do private "$s" ${SMALL_DIRECTORY_BYTES}; done`;

/**
 * dash and busybox write two files to the launch's directory, which is read-only inside: links
 * lead them to the private /run.
 */
const SESSION_DIRECTORY = `
case $kind in dash | ash) ln -s /run/execkit/eval /run/execkit/eval_tty "$d" ;; esac
word --perms 0700 --dir /run/execkit --ro-bind "$d" "$d"`;

/** A workspace that holds the home directory or the system would leave nothing read-only. */
const CHECK_WORKSPACE = `
ws=$(readlink -f -- "$ws") && [ -d "$ws" ] || refuse workspace
for s in "$(readlink -f -- "\${HOME:-/}")" "$d" /etc /usr /bin /lib /var /root /home /boot; do
  case $s/ in "\${ws%/}"/*) refuse workspace_wide ;; esac
done
case $ws/ in /proc/* | /sys/* | /dev/* | /etc/* | /usr/* | /boot/*) refuse workspace_wide ;; esac`;

/**
 * `.git` is mounted upon itself because a directory that only holds mount points can be renamed,
 * and another put in its place. Hooks that are not there get an empty directory.
 */
const GIT_DIRECTORY = `
if [ -d "$ws/.git" ] && [ ! -L "$ws/.git" ]; then
  word --bind "$ws/.git" "$ws/.git"
  if [ -e "$ws/.git/hooks" ]; then keep "$ws/.git/hooks"
  else word --size ${COVER_BYTES} --tmpfs "$ws/.git/hooks" --remount-ro "$ws/.git/hooks"; fi
  for s in ${GIT_READ_ONLY.join(" ")}; do
    [ -L "$ws/.git/\${s%/*}" ] || keep "$ws/.git/$s"
  done
else keep "$ws/.git"; fi`;

/** The user's home as its variable and as the machine's list of users name it. */
const FIND_HOMES = `
while IFS=: read -r _ _ s _ _ h _; do [ "$s" != "$user" ] || break; done </etc/passwd
[ "$s" = "$user" ] && [ "$h" != "\${HOME:-}" ] || h=
homes=$h`;

/**
 * RLIMIT_NPROC counts the processes of a user in the sandbox's own user namespace, but the kernel
 * exempts the machine's root from it, who gets a control group instead.
 */
function processGroup(processes: number): string {
  if (!Number.isFinite(processes)) return "group=";
  return `
group=
read -r _ s _ </proc/self/uid_map
if [ "$user$s" = 00 ]; then
  while IFS=: read -r _ s h; do
    case ",$s," in
    *,pids,*) group=/sys/fs/cgroup/pids\${h%/} ;;
    ,,) [ -n "$group" ] || group=/sys/fs/cgroup\${h%/} ;;
    esac
  done </proc/self/cgroup
  group=$group/execkit-$mark
  mkdir "$group" && echo ${processes} >"$group/pids.max" || {
    rmdir "$group"
    refuse processes
  }
fi 2>/dev/null`;
}

/** systemd keeps the resolver's address in /run, which is private inside. */
function network(kind: SandboxSetup["network"]): string {
  if (kind === "none") return "word --unshare-net";
  return `
s=$(readlink -f /etc/resolv.conf)
case $s in /run/* | /var/run/*) [ ! -e "$s" ] || word --ro-bind "$s" "$s" ;; esac`;
}

function workspace(setup: SandboxSetup): string {
  const { workspace: path, readOnly } = setup;
  if (path === undefined) {
    return `ws=${PRIVATE_WORKSPACE}; word --dir "$ws" --chdir "$ws"`;
  }
  return `
word --bind "$ws" "$ws" --chdir "$ws"
${GIT_DIRECTORY}
for s in ${words([...WORKSPACE_READ_ONLY, ...readOnly])}; do keep "$ws/$s"; done`;
}

function secrets(setup: SandboxSetup): string {
  return `
${FIND_HOMES}
late=${setup.readable.length === 0 ? "" : "yes"}
for h in "\${HOME:-}" "$homes" ${words(setup.homes)}; do
  [ -n "\${h#/}" ] || continue
  for s in ${HOME_SECRETS.join(" ")}; do hide "$h/$s"; done
done
hide ${SYSTEM_SECRETS.join(" ")}
[ "$user" = 0 ] || hide /root
hide "\${DOCKER_HOST#unix://}" ${SECRET_PATH_VARIABLES.map((name) => `"\${${name}:-}"`).join(" ")}
case \${KUBECONFIG:-} in
*:*)
  IFS=:
  set -f
  hide $KUBECONFIG
  set +f
  unset IFS ;;
esac
for s in ${words(setup.readable)}; do
  [ -e "$s" ] || refuse readable
  word --ro-bind "$s" "$s"
done
[ -z "$late" ] || cat "$d/r"`;
}

function environment(names: readonly string[]): string {
  return [...PASSED_VARIABLES, ...names]
    .map((name) => `[ -z "\${${name}+x}" ] || word --setenv ${name} "$${name}"`)
    .join("\n");
}

function words(values: readonly string[]): string {
  return values.map(quoteForShell).join(" ");
}

/**
 * What the launch script does before it starts anything: checks the machine, and writes bwrap's
 * arguments and its seccomp program to the launch's directory. Needs `say`, `d`, `mark` and
 * descriptor 7.
 *
 * @param setup What the sandbox is to allow.
 * @returns Text of sh.
 */
export function prepareSandbox(setup: SandboxSetup): string {
  const path = setup.workspace;
  return [
    FUNCTIONS,
    CHECKS,
    ...(path === undefined ? [] : [`ws=${quoteForShell(path)}`, CHECK_WORKSPACE]),
    "{",
    NAMESPACES,
    `private /tmp ${setup.limits.tmpBytes}`,
    SESSION_DIRECTORY,
    network(setup.network),
    workspace(setup),
    secrets(setup),
    environment(setup.env),
    '} >"$d/a" 2>/dev/null',
    `printf '${octal(seccompProgram())}' >"$d/f"`,
    processGroup(setup.limits.processes),
  ].join("\n");
}

function octal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

/** A ceiling that is lower already is left: raising it is not for us. */
function limitCommands(limits: SandboxCeilings): string {
  const fileBlocks = Math.floor(limits.fileBytes / FILE_BLOCK_BYTES);
  const { processes, memoryBytes = Infinity } = limits;
  return [
    "limit -c 0",
    limit("-f", fileBlocks),
    limit("-n", limits.openFiles),
    // bash and busybox call it -u, dash -p.
    Number.isFinite(processes) ? `{ limit -u ${processes} || limit -p ${processes}; }` : ":",
    limit("-v", Math.floor(memoryBytes / KIB)),
  ].join(" && ");
}

function limit(option: string, value: number): string {
  return Number.isFinite(value) ? `limit ${option} ${value}` : ":";
}

/**
 * The first process inside, which then holds the descriptors 7 to 9 as the supervisor does outside.
 * The session's mark begins here: bwrap itself must outlive the HUP that a closing session sends.
 */
function stage(limits: SandboxCeilings, startShell: string): string {
  return `mark=$1 p=$2 run=$3 d=$4 pty=$5
limit() {
  ulimit "$1" "$2" || {
    now=$(ulimit -H "$1") && [ "$now" != unlimited ] && [ "$now" -le "$2" ]
  }
}
{ ${limitCommands(limits)}; } 2>/dev/null || { echo limits >&2; exit 98; }
exec 2>/dev/null
trap : HUP INT QUIT TERM
${startShell}
exit "$ended"`;
}

/**
 * A descriptor that the caller's process has inherited and passes on could lead to a directory
 * outside. dash has no words for those above 9, and bash has.
 */
const CLOSE_INHERITED = `case $(ls /proc/self/fd 5<&-) in
  *[0-9][0-9]*)
    bash=$(command -v bash) || { echo descriptors >&5; exit 98; }
    set -- "$bash" -c 'for f in /proc/self/fd/*; do
      f=\${f##*/}; [ "$f" -lt 10 ] || eval "exec $f>&-"
    done; exec "$@"' bash ;;
  *) set -- ;;
  esac`;

/**
 * What stands in place of starting the shell. bwrap's own words go into a FIFO that is read when it
 * has ended: a file there could be written to from inside, through /proc/1/fd. When memory runs
 * out, the sandbox goes first.
 *
 * @param setup What the sandbox is to allow.
 * @param startShell The text that starts the shell where there is no sandbox; sets `ended`.
 * @returns Text of sh that sets `ended` too.
 */
export function startInSandbox(setup: SandboxSetup, startShell: string): string {
  return `
stage=${quoteForShell(stage(setup.limits, startShell))}
exec 5<>"$d/b"
(
  exec 3<"$d/a" 4<"$d/f"
  echo 800 >/proc/self/oom_score_adj
  [ -z "$group" ] || echo 0 >"$group/cgroup.procs" || exit 98
  ${CLOSE_INHERITED}
  exec env -i "$@" "$bwrap" --args 3 /bin/sh -c "$stage" execkit "$mark" "$p" "$run" "$d" "$pty" \\
    2>&5 5>&-
)
ended=$?
[ -z "$group" ] || (
  exec 5<&- 7>&- 8>&- 9<&-
  n=0
  until rmdir "$group" || [ "$n" -ge 100 ]; do n=$((n + 1)); sleep 0.05 || sleep 1; done
) &
(echo end >&5) &
IFS= read -r why <&5
case $why in
end) why= ;;
limits | descriptors) ;;
*nknown\\ option*) why=old ;;
*namespace* | *uid\\ map* | *gid\\ map* | *loopback*) why=namespaces ;;
*) case $(uname -m) in x86_64 | aarch64) why=start ;; *) why=machine ;; esac ;;
esac
[ -z "$why" ] || say F "sandbox_$why" >&7`;
}
