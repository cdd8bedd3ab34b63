/**
 * What runs on the machine for detached commands, in sh.
 *
 * Each has a directory of its own, which only its user can enter: `command`, `stdout`, `stderr`,
 * `leader` (process id and start time of the process that waits for it), and at its end `status`.
 *
 * @module
 */

/**
 * Where the directories are, of which the first that exists or can be made is taken: as the XDG base
 * directory specification has it for state, and /tmp where there is no home. In a shared /tmp,
 * somebody else may have put a directory or a link there: he could put his own text in the place of
 * a command that is about to start, hence `is_own`.
 */
const PLACES = `
umask 077
each_root() {
  for root in "\${XDG_STATE_HOME:+$XDG_STATE_HOME/execkit}" \
    "\${HOME:+$HOME/.local/state/execkit}" "\${TMPDIR:-/tmp}/execkit-state.$(id -u)"; do
    [ -n "$root" ] && "$@" && return 0
  done
  return 1
}
is_own() {
  for own in "$root" "$root/detached"; do
    [ -d "$own" ] && [ -O "$own" ] && [ ! -L "$own" ] || return 1
  done
}
is_there() { d=$root/detached/$id; is_own && [ -d "$d" ] && [ -O "$d" ]; }
make() { mkdir -p "$root/detached" 2>/dev/null && is_own && mkdir "$root/detached/$id"; }`;

/**
 * `alive` tells whether the process that waits for the command is still the one that was started.
 * The command itself can write to its directory: a FIFO there would be waited for, and a NUL in its
 * text would be the end of a field.
 */
const STATE = `
alive() {
  [ -f "$1/leader" ] || return 1
  read -r leader started <"$1/leader" 2>/dev/null || return 1
  kill -0 "$leader" 2>/dev/null || return 1
  [ -n "$started" ] || return 0
  IFS= read -r line <"/proc/$leader/stat" || return 1
  set -- \${line##*) }
  shift 19
  [ "$1" = "$started" ]
}
size() { { [ -f "$1" ] && wc -c <"$1" 2>/dev/null; } || echo 0; }
text() { [ -f "$1" ] && tr -d '\\000' <"$1" 2>/dev/null; }
tell() {
  exit_code=
  state=lost
  if alive "$d"; then state=running; fi
  if [ -f "$d/status" ] && [ -s "$d/status" ]; then read -r exit_code <"$d/status"; state=exited; fi
  printf '%s\\0%s\\0%s\\0%s\\0%s\\0%s\\0' "\${d##*/}" "$state" "$exit_code" \
    "$(text "$d/begun")" "$(size "$d/stdout")" "$(size "$d/stderr")"
  if [ "$(size "$d/command")" -le 65536 ]; then text "$d/command"; fi
  printf '\\0'
}`;

/**
 * Makes the directory of a command, whose text comes on standard input, and says where it is. What
 * ended or was lost more than `$2` days ago is removed.
 */
export const PREPARE_SCRIPT = `${PLACES}${STATE}
id=$1 days=$2
each_root make || exit 1
d=$root/detached/$id
for old in "$root"/detached/*; do
  { [ ! -s "$old/status" ] && alive "$old"; } || find "$old" -prune -mtime "+$days" -exec rm -rf {} \\;
done
cat >"$d/command" && : >"$d/stdout" && : >"$d/stderr" && date +%s >"$d/begun" || exit 1
printf %s "$d"`;

/**
 * Starts the command: in the session's shell, so that it has its variables and directory; without
 * the session's mark and in a session of its own, so that nothing of execkit's ends it. The process
 * that waits for it catches what is sent to the group, since what it ignored the command would
 * ignore too.
 */
export const LAUNCH_SCRIPT = `
d=$1 shell=$2
unset EXECKIT_SESSION
wait_for='
d=$1 shell=$2
trap : HUP INT QUIT TERM
"$shell" "$d/command" </dev/null >"$d/stdout" 2>"$d/stderr" &
command=$! started=
if IFS= read -r line <"/proc/$$/stat"; then
  set -- \${line##*) }
  shift 19
  started=$1
fi
echo "$$ $started" >"$d/leader.new" && mv "$d/leader.new" "$d/leader"
wait "$command"
status=$?
while kill -0 "$command" 2>/dev/null; do wait "$command"; status=$?; done
echo "$status" >"$d/status.new" && mv "$d/status.new" "$d/status"'
apart=setsid
command -v setsid >/dev/null || apart=
$apart sh -c "$wait_for" execkit "$d" "$shell" </dev/null >/dev/null 2>&1 &
n=0
until [ -s "$d/leader" ]; do
  n=$((n + 1))
  [ "$n" -lt 200 ] || exit 1
  sleep 0.02 2>/dev/null || sleep 1
done`;

/** Tells how the command \`$1\` stands; exit code 4 when there is none. */
export const STATUS_SCRIPT = `${PLACES}${STATE}
id=$1
each_root is_there || exit 4
tell`;

/** Tells how every command stands. */
export const LIST_SCRIPT = `${PLACES}${STATE}
tell_all() {
  is_own || return 1
  for d in "$root"/detached/*; do
    [ -d "$d" ] && [ -O "$d" ] && tell
  done
  false
}
each_root tell_all
exit 0`;

/** Waits until the command \`$1\` has ended, at most \`$2\` seconds; then tells how it stands. */
export const WAIT_SCRIPT = `${PLACES}${STATE}
id=$1 seconds=$2
each_root is_there || exit 4
end=$(($(date +%s) + seconds))
while alive "$d" && [ ! -s "$d/status" ] && [ "$(date +%s)" -lt "$end" ]; do
  sleep 0.1 2>/dev/null || sleep 1
done
tell`;

/**
 * Writes the stream \`$2\` of the command \`$1\`, as far as it goes now: a command may write faster
 * than a link carries, and would never be read to its end. dd copies large blocks, where the head of
 * busybox goes byte by byte.
 */
export const READ_SCRIPT = `${PLACES}${STATE}
id=$1
each_root is_there || exit 4
rest=$(size "$d/$2")
[ "$rest" -gt 0 ] || exit 0
exec <"$d/$2" || exit 1
if [ "$rest" -ge 1048576 ] && dd count=0 iflag=fullblock </dev/null >/dev/null 2>&1; then
  dd bs=131072 count="$((rest / 131072))" iflag=fullblock 2>/dev/null || exit 1
  rest=$((rest % 131072))
fi
[ "$rest" -eq 0 ] || head -c "$rest"`;

/**
 * Sends the signal \`$2\` to all processes of the command \`$1\`. KILL leaves nobody to tell of it.
 * dash takes a group behind \`--\` only; busybox fails at \`--\`, and signals the group all the same,
 * so that a second try would find nobody.
 */
export const SIGNAL_SCRIPT = `${PLACES}${STATE}
id=$1 signal=$2
each_root is_there || exit 4
alive "$d" || exit 0
read -r leader started <"$d/leader"
kill -s "$signal" "-$leader" 2>/dev/null || kill -s "$signal" -- "-$leader" 2>/dev/null || {
  alive "$d" && exit 1
}
[ "$signal" != KILL ] || [ -s "$d/status" ] || echo 137 >"$d/status"`;

/** Removes the command \`$1\`; exit code 5 while it runs. */
export const REMOVE_SCRIPT = `${PLACES}${STATE}
id=$1
each_root is_there || exit 4
if alive "$d" && [ ! -s "$d/status" ]; then exit 5; fi
rm -rf "$d"`;
