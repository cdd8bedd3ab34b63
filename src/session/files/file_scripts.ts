/**
 * What runs on the session's machine for an access to a file: POSIX sh, GNU, busybox or BSD tools.
 *
 * A path arrives as `$1` and is absolute, so that it is never taken for an option. Exit codes of
 * the scripts' own say what failed; no message of a program is ever read.
 *
 * @module
 */

/** Exit codes of the scripts; a shell's own are below and above. */
export const FILE_EXITS = {
  /** Nothing is at the path. */
  notFound: 20,
  /** The user may not. */
  denied: 21,
  /** A directory is at the path. */
  directory: 22,
  /** A device, FIFO or socket is at the path. */
  special: 23,
  /** Something is at the path, and it was not to be replaced. */
  exists: 24,
  /** More than was asked for. */
  tooLarge: 25,
  /** Less space is free than is needed. */
  noSpace: 26,
  /** Writing failed. */
  writeFailed: 27,
  /** Fewer or more bytes arrived than were announced. */
  short: 28,
  /** The bytes that were written have another hash. */
  otherHash: 29,
  /** No directory is at the path. */
  notDirectory: 30,
  /** Symbolic links lead to no end. */
  linkLoop: 31,
  /** A needed program is missing. */
  noTool: 32,
  /** The file became shorter while it was read. */
  shrank: 33,
  /** Reading failed. */
  readFailed: 34,
  /** The file at the path could not be replaced. */
  notReplaced: 35,
  /** Nothing can be made in the directory, although the user may. */
  sealed: 36,
} as const;

const X = FILE_EXITS;

/** `missing PATH`: nothing is there, or nobody can tell because a directory above is closed. */
const MISSING = `
missing() {
  p=$1
  while [ "$p" != / ]; do
    p=\${p%/}
    case $p in */*) p=\${p%/*} ;; *) break ;; esac
    [ -n "$p" ] || p=/
    [ -e "$p" ] || continue
    [ ! -d "$p" ] || [ -x "$p" ] || exit ${X.denied}
    break
  done
  exit ${X.notFound}
}
LC_ALL=C
export LC_ALL`;

/**
 * `$1` path, `$2` offset, `$3` bytes at most. Writes a line `SIZE MODE`, then the content.
 *
 * Size and content are those of one open descriptor, so that a file that is replaced meanwhile is
 * read as it was. Files of /proc have no size and are read to their end; one byte more than wanted
 * tells that there is more. dd seeks, where reading up to an offset would take its time, and copies
 * large blocks, where the head of busybox goes byte by byte.
 */
export const READ_SCRIPT: string = `${MISSING}
f=$1 offset=$2 max=$3
[ -e "$f" ] || missing "$f"
[ ! -d "$f" ] || exit ${X.directory}
[ -f "$f" ] || exit ${X.special}
[ -r "$f" ] || exit ${X.denied}
{ true <"$f"; } 2>/dev/null || exit ${X.denied}
exec 3<"$f"
look() {
  stat -L -c '%s %a' /dev/fd/3 2>/dev/null || stat -L -c '%s %a' /proc/self/fd/3 2>/dev/null ||
    stat -L -c '%s %a' "$f" 2>/dev/null || stat -f '%z %Lp' <&3 2>/dev/null
}
set -- $(look)
size=$1
case $size in '' | *[!0-9]*) exit ${X.noTool} ;; esac
printf '%s %s\\n' "$size" "$2"
if [ "$size" = 0 ]; then
  if [ "$offset" = 0 ]; then head -c "$((max + 1))" <&3 || exit ${X.readFailed}
  else tail -c "+$((offset + 1))" <&3 | head -c "$((max + 1))"; fi
  exit 0
fi
rest=$((size - offset))
[ "$rest" -gt 0 ] || exit 0
[ "$rest" -le "$max" ] || exit ${X.tooLarge}
[ "$offset" = 0 ] || dd bs=1 skip="$offset" count=0 <&3 2>/dev/null || exit ${X.readFailed}
if [ "$rest" -ge 1048576 ] && dd count=0 iflag=fullblock </dev/null >/dev/null 2>&1; then
  dd bs=131072 count="$((rest / 131072))" iflag=fullblock <&3 2>/dev/null || exit ${X.readFailed}
  rest=$((rest % 131072))
fi
[ "$rest" -eq 0 ] || head -c "$rest" <&3 || exit ${X.readFailed}
set -- $(look)
[ "$1" -ge "$size" ] || exit ${X.shrank}
`;

/** `$1` path, `$2` entries at most. Writes a letter for the kind, the name and a NUL for each. */
export const LIST_SCRIPT: string = `${MISSING}
d=$1 max=$2 count=0
[ -e "$d" ] || missing "$d"
[ -d "$d" ] || exit ${X.notDirectory}
[ -r "$d" ] && [ -x "$d" ] || exit ${X.denied}
for e in "$d"/* "$d"/.[!.]* "$d"/..?*; do
  if [ -L "$e" ]; then k=l
  elif [ -f "$e" ]; then k=f
  elif [ -d "$e" ]; then k=d
  elif [ -p "$e" ]; then k=p
  elif [ -S "$e" ]; then k=s
  elif [ -b "$e" ]; then k=b
  elif [ -c "$e" ]; then k=c
  else continue; fi
  count=$((count + 1))
  [ "$count" -le "$max" ] || exit ${X.tooLarge}
  printf '%s%s\\0' "$k" "\${e##*/}"
done
exit 0
`;

/** `$1` path, `$2` `follow` or `no`. Writes `HEXMODE SIZE SECONDS UID GID SECONDS.MS`, then a link's target. */
export const STAT_SCRIPT: string = `${MISSING}
f=$1 follow=$2
[ -e "$f" ] || { [ "$follow" = no ] && [ -L "$f" ]; } || missing "$f"
set --
[ "$follow" = no ] || set -- -L
stat "$@" -c '%f %s %Y %u %g %.3Y' "$f" 2>/dev/null ||
  stat "$@" -f '%Xp %z %m %u %g %Fm' "$f" 2>/dev/null || exit ${X.noTool}
[ "$follow" = no ] && [ -L "$f" ] && readlink -n "$f"
exit 0
`;

/** `$1` path. Writes the SHA-256 of a regular file, or nothing when there is no program for it. */
export const HASH_SCRIPT: string = `${MISSING}
[ -e "$1" ] || missing "$1"
[ -f "$1" ] || exit ${X.special}
[ -r "$1" ] || exit ${X.denied}
if command -v sha256sum >/dev/null; then sha256sum <"$1" || exit ${X.readFailed}
elif command -v shasum >/dev/null; then shasum -a 256 <"$1" || exit ${X.readFailed}; fi
`;

/**
 * `unmade DIRECTORY`: nothing could be made there. busybox's test goes by the permission bits, so
 * that a read-only file system is met here: there not even the directory's time can be set, which
 * takes no space.
 */
const UNMADE = `
unmade() {
  ! command -v touch >/dev/null || touch -c "$1" 2>/dev/null || exit ${X.sealed}
  exit ${X.writeFailed}
}`;

/** Follows symbolic links to the file that is really written, as an editor does. */
const RESOLVE_TARGET = `
case $f in */) exit ${X.directory} ;; esac
[ "$overwrite" = yes ] || { [ ! -e "$f" ] && [ ! -L "$f" ]; } || exit ${X.exists}
hops=0
while [ -L "$f" ]; do
  hops=$((hops + 1))
  [ "$hops" -le 40 ] || exit ${X.linkLoop}
  l=$(readlink -n "$f" && echo .) || exit ${X.noTool}
  l=\${l%.}
  case $l in /*) f=$l ;; *) f=\${f%/*}/$l ;; esac
done
[ ! -d "$f" ] || exit ${X.directory}
d=\${f%/*}
d=\${d:-/}`;

/** Refuses what a redirection would refuse too, and makes missing directories when wanted. */
const CHECK_TARGET = `
if [ -e "$f" ]; then
  [ -f "$f" ] || exit ${X.special}
  [ -w "$f" ] || exit ${X.denied}
elif [ ! -d "$d" ]; then
  [ "$parents" = yes ] || missing "$f"
  if ! mkdir -p "$d" 2>/dev/null; then
    p=$d
    while [ ! -e "$p" ]; do p=\${p%/*}; p=\${p:-/}; done
    [ -d "$p" ] || exit ${X.notFound}
    [ -w "$p" ] && [ -x "$p" ] || exit ${X.denied}
    unmade "$p"
  fi
fi
[ -w "$d" ] && [ -x "$d" ] || exit ${X.denied}`;

/**
 * Mode and owner to give. A new file has what a redirection would give it. The bits for setuid and
 * setgid go, as the kernel takes them from a file that is written to.
 */
const CHOOSE_MODE = `
owner=
if [ -e "$f" ]; then
  o=$(stat -c '%a %u:%g' "$f" 2>/dev/null) || o=$(stat -f '%Lp %u:%g' "$f" 2>/dev/null) ||
    exit ${X.noTool}
  owner=\${o#* }
  [ -n "$mode" ] || mode=$(printf %o "$((0\${o%% *} & 0777))")
fi
[ -n "$mode" ] || mode=$(printf %o "$((0$fresh & ~0$(umask)))")`;

/** A hint only: quotas and reserved blocks are met when writing. */
const CHECK_SPACE = `
if [ "$size" -gt 1048576 ]; then
  o=$(df -Pk "$d" 2>/dev/null | tail -n 1)
  set -- \${o%%\\%*}
  if [ "$#" -eq 5 ]; then
    case $4 in *[!0-9]*) ;; *) [ "$4" -ge "$((size / 1024))" ] || exit ${X.noSpace} ;; esac
  fi
fi`;

/** A dd that knows no fsync is no failure; one that knows it and fails is. */
const SYNC = `
dd if=/dev/null conv=notrunc,fsync >&3 2>/dev/null ||
  case $(dd --help 2>&1) in *fsync*) exit ${X.writeFailed} ;; esac`;

/** Wrong bytes never take the file's place. */
const CHECK_HASH = `
verified=no
if [ -n "$hash" ]; then
  h=
  if command -v sha256sum >/dev/null; then h=$(sha256sum <"$w")
  elif command -v shasum >/dev/null; then h=$(shasum -a 256 <"$w"); fi
  if [ -n "$h" ]; then
    [ "\${h%% *}" = "$hash" ] || exit ${X.otherHash}
    verified=yes
  fi
fi`;

/**
 * Fills the open temporary file. Whoever may write to the directory can put a symbolic link in its
 * name's place at any moment, and mode and owner would go to what the link names: so they are given
 * to the descriptor, where /proc has a name for it.
 */
const FILL = `
set +C
t=$d/$name w=/proc/self/fd/3
[ -f "$w" ] || w=$t
cat >&3 || exit ${X.writeFailed}
n=$(stat -L -c %s "$w" || stat -f %z "$w") || n=$(wc -c <"$w")
[ "$n" -eq "$size" ] || exit ${X.short}
${SYNC}
${CHECK_HASH}
[ -z "$owner" ] || chown "$owner" "$w" || chgrp "\${owner#*:}" "$w"
chmod "$mode" "$w" || exit ${X.writeFailed}`;

/** A hard link never replaces anything; where there are none, a look before has to do. */
const RENAME = `
[ ! -d "$f" ] || exit ${X.directory}
if [ "$overwrite" = yes ]; then mv -f "$t" "$f" 2>/dev/null || exit ${X.notReplaced}
elif ln "$t" "$f" 2>/dev/null; then rm -f "$t"
else
  [ ! -e "$f" ] && [ ! -L "$f" ] || exit ${X.exists}
  mv -f "$t" "$f" 2>/dev/null || exit ${X.notReplaced}
fi
t=`;

/**
 * Writes standard input to a file: into a temporary file beside it, which takes its place when all
 * bytes are there, and is removed otherwise. The end of the input before the announced size is how
 * a caller's death, a cancellation and a lost link look from here.
 *
 * `$1` path, `$2` size, `$3` mode or empty, `$4` mode of a new file before the umask, `$5` whether
 * to make directories, `$6` whether to replace, `$7` the temporary file's name, `$8` SHA-256 or
 * empty. Writes the temporary file's path and a NUL, and when all is done `yes` or `no` for a hash
 * that was compared.
 */
export const WRITE_SCRIPT: string = `${MISSING}
${UNMADE}
f=$1 size=$2 mode=$3 fresh=$4 parents=$5 overwrite=$6 name=$7 hash=$8 t=
set -f
trap '[ -z "$t" ] || rm -f "$t"' EXIT
trap 'exit ${X.writeFailed}' HUP INT TERM
trap '' PIPE
${RESOLVE_TARGET}
${CHECK_TARGET}
${CHOOSE_MODE}
${CHECK_SPACE}
printf '%s\\0' "$d/$name"
fill() {
${FILL}
${RENAME}
printf '%s' "$verified"
exit 0
}
umask 077
set -C
{ fill 3>"$d/$name"; } 2>/dev/null
unmade "$d"
`;

/** Removes the temporary file `$1` of a write that was killed. */
export const REMOVE_SCRIPT: string = 'rm -f "$1"';
