/**
 * The script of a probe: one look over the processes of a session, in sh.
 *
 * It starts few programs (grep, stty, ls, head: all of them in busybox too) and judges nothing; what
 * it prints is read by `read_probe.ts`. Only the kernel's own text stands before the sections of
 * links and arguments, so that no process can say something about another one there: grep puts the
 * file's name before each line.
 *
 * @module
 */

/** Processes that a probe looks at, at most: a parallel build has about as many as processors. */
export const PROBE_MAX_PROCESSES = 128;

/** Threads of one process that are looked at; of larger ones, the main thread only. */
const MAX_THREADS = 64;

/** Bytes of a process's arguments that are read. */
const ARGUMENT_BYTES = 1024;

/** Listening ports that are read of each address family. */
const MAX_LISTENERS = 1024;

/** What begins a section of the output: a byte that no line of /proc begins with. */
export const SECTION = "\x1e";

/** Exit codes of {@linkcode PROBE_SCRIPT}. */
export const PROBE_EXITS = {
  /** The shell is gone. */
  shellGone: 3,
  /** There is no /proc. */
  noProc: 4,
} as const;

/**
 * `$1` the shell, `$2` the session's mark or `none`, `$3` `descendants`, `session` or `ports`.
 *
 * The foreground is found by descending from the shell, which costs nothing however many processes
 * the machine has; kernels without CONFIG_PROC_CHILDREN, and the wish to know what was left running,
 * need a look over all of /proc. Fields of stat after the name: state ppid pgrp session tty tpgid.
 * The terminal's number holds the minor number in bits 0 to 7 and 20 to 31 (proc(5)); /dev/tty would
 * be the terminal of the script instead, and a sandbox has a /dev/pts of its own. Where every process only sleeps or waits for another one,
 * nobody asks anything, and a look at the descendants ends there: most do.
 */
export const PROBE_SCRIPT = `
LC_ALL=C; export LC_ALL
shell=$1 mark=$2 scope=$3
[ -r /proc/self/stat ] || exit ${PROBE_EXITS.noProc}
IFS= read -r line 2>/dev/null <"/proc/$shell/stat" || exit ${PROBE_EXITS.shellGone}
set -- \${line##*) }
session=$4 tty=$5
ask= found= queue=$shell count=0 files= folders= arguments=
add() {
  case " $found $queue " in *" $1 "*) ;; *) queue="$queue $1" ;; esac
}
look() {
  threads=0
  for f in "/proc/$1/task/"[0-9]*; do
    threads=$((threads + 1))
    [ "$threads" -le ${MAX_THREADS} ] || break
    kids=
    IFS= read -r kids <"$f/children"
    for p in $kids; do add "$p"; done
  done
  task="/proc/$1/task/$1"
  [ "$threads" -gt ${MAX_THREADS} ] || task="/proc/$1/task/[0-9]*"
  channel=
  IFS= read -r channel <"/proc/$1/wchan"
  case $channel in
  do_wait* | *nanosleep* | *sigsuspend*) ;;
  futex*) [ "$threads" -eq 1 ] || ask=yes ;;
  *epoll* | ep_poll*) ask=yes files="$files /proc/$1/fdinfo/[0-9]*" ;;
  *) ask=yes ;;
  esac
  files="$files /proc/$1/stat $task/wchan $task/syscall"
  [ "$scope" != session ] || files="$files /proc/$1/io"
  folders="$folders /proc/$1/fd" arguments="$arguments /proc/$1/cmdline"
}
{
  [ -e "/proc/$shell/task/$shell/children" ] || [ "$scope" != descendants ] ||
    { scope=scan mark=none; }
  if [ "$scope" != descendants ]; then
    for f in $(grep -lsE "EXECKIT_SESSION=$mark|^[0-9]+ [(].*[)] [^X] [0-9]+ [0-9]+ $session " \\
      /proc/[0-9]*/environ /proc/[0-9]*/stat); do
      f=\${f#/proc/}; add "\${f%/*}"
    done
  fi
  while [ -n "$queue" ] && [ "$count" -lt ${PROBE_MAX_PROCESSES} ]; do
    set -- $queue
    found="$found $1" count=$((count + 1))
    shift
    queue="$*"
    look "\${found##* }"
  done
  case $scope in session | ports) ask=yes ;; esac
  [ "$scope" != ports ] || files="$files /proc/$shell/net/tcp /proc/$shell/net/tcp6"
  grep -sHE -m ${MAX_LISTENERS} '^[^ ]|^ *[0-9]+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:0000 0A ' \\
    /proc/uptime $files
  [ -z "$queue" ] || echo truncated
  [ -n "$ask" ] || exit 0
  printf '\\036terminal\\n'
  if [ $((tty >> 8 & 4088)) -eq 136 ]; then
    stty -a <"/proc/$shell/root/dev/pts/$((tty & 255 | tty >> 12 & 1048320))"
  fi
  printf '\\036links\\n'
  ls -ln $folders /proc/self/fd
  printf '\\n\\036arguments\\n'
  head -c ${ARGUMENT_BYTES} $arguments /proc/self/stat
} 2>/dev/null
exit 0`;
