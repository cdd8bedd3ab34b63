/**
 * Waits until something listens on a TCP port of the session's machine.
 *
 * @module
 */

import { monotonicMs, TIMED_OUT, withDeadline } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { invalidArgument } from "../../option_checks.ts";
import { safe } from "../../safe_text.ts";
import type { AsideProcess } from "../../transports/transport.ts";
import { markOf, type ProbedSession } from "./probe_command.ts";

/** What to wait for. */
export interface PortRequest {
  /** The port, 1 to 65 535. */
  readonly port: number;
  /**
   * The address it must be reachable at on the machine: an IPv4 address, `localhost`, `::` or `::1`.
   * A listener on all addresses counts. Default: any address.
   */
  readonly host?: string;
  /** Whether the listener must be a process of the session. Default: anybody's. */
  readonly listener?: "session" | "anybody";
  /** Milliseconds to wait at most. */
  readonly timeoutMs: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** How a wait for a port ended. */
export interface PortOutcome {
  /**
   * - `listening`: something listens.
   * - `timed_out`: nothing does, or nothing of the session's.
   * - `aborted`: the signal ended the wait.
   * - `unsupported`: the machine has no way to tell.
   */
  readonly status: "listening" | "timed_out" | "aborted" | "unsupported";
  /** How it was seen: in the kernel's table, or because a connection was accepted. */
  readonly seenBy?: "table" | "connection";
  /** Milliseconds it took. */
  readonly waitedMs: number;
}

/** Seconds between two looks: short against a server's start, long against the 10 ms of a look. */
const LOOK_EVERY_S = "0.2";
/** Looks a second at most, to bound the script by itself should nobody be there to end it. */
const LOOKS_PER_SECOND = 5;
/** Exit codes of the script beside 0 for the table. */
const EXITS = { byConnection: 5, timedOut: 6, unsupported: 7 } as const;

/**
 * `$1` the shell, `$2` the mark or `none`, `$3` the pattern of a listening line, `$4` the port, `$5`
 * the address to connect to, `$6` `session` or `anybody`, `$7` how often to look.
 *
 * The tables are those of the shell's network namespace. Without them a connection is tried, which
 * cannot tell whose the listener is. busybox nc knows no -z, but ends with its input. Fields of a
 * line of /proc/net/tcp: the tenth is the inode.
 */
const PORT_SCRIPT = `
LC_ALL=C; export LC_ALL
shell=$1 mark=$2 pattern=$3 port=$4 address=$5 owner=$6 looks=$7
tables=
for t in tcp tcp6; do
  [ ! -r "/proc/$shell/net/$t" ] || tables="$tables /proc/$shell/net/$t"
done
how=none
if [ -n "$tables" ]; then how=table
elif [ "$owner" = session ]; then how=none
elif command -v bash >/dev/null; then how=bash
elif command -v nc >/dev/null; then how=nc; fi
owned() {
  IFS= read -r line <"/proc/$shell/stat" || return 1
  set -- \${line##*) }
  folders=
  for f in $(grep -lsE "EXECKIT_SESSION=$mark|^[0-9]+ [(].*[)] [^ZX] [0-9]+ [0-9]+ $4 " \\
    /proc/[0-9]*/environ /proc/[0-9]*/stat); do
    folders="$folders \${f%/*}/fd"
  done
  ls -ln $folders | grep -qE "socket:\\\\[($inodes)\\\\]$"
}
look() {
  case $how in
  table)
    [ "$owner" = session ] || { grep -qsE "$pattern" $tables; return; }
    inodes=
    for line in $(grep -hsE "$pattern" $tables | tr -s ' ' | sed 's/^ //' | cut -d ' ' -f 10); do
      inodes="\${inodes:+$inodes|}$line"
    done
    [ -n "$inodes" ] && owned
    ;;
  bash) bash -c ': <"/dev/tcp/$1/$2"' bash "$address" "$port" ;;
  nc) nc -w 1 "$address" "$port" </dev/null ;;
  esac
}
{
  [ "$how" != none ] || exit ${EXITS.unsupported}
  while [ "$looks" -gt 0 ]; do
    if look; then
      [ "$how" = table ] && exit 0
      exit ${EXITS.byConnection}
    fi
    looks=$((looks - 1))
    sleep ${LOOK_EVERY_S} || sleep 1
  done
} >/dev/null 2>&1
exit ${EXITS.timedOut}`;

/**
 * Waits until something listens on a port, with one script that looks again and again.
 *
 * @param session The session's processes; a {@linkcode ShellChannel} is one.
 * @param request The port, whose it must be, and how long to wait.
 * @returns How the wait ended.
 * @throws {ExeckitError} `invalid_argument`; `session_lost` when the link went away.
 */
export async function waitForPort(
  session: ProbedSession,
  request: PortRequest,
): Promise<PortOutcome> {
  const { port, timeoutMs, signal, listener = "anybody" } = request;
  const pattern = listenPattern(port, request.host);
  const startedMs = monotonicMs();
  const ended = (status: PortOutcome["status"], seenBy?: PortOutcome["seenBy"]): PortOutcome => ({
    status,
    ...(seenBy === undefined ? {} : { seenBy }),
    waitedMs: Math.round(monotonicMs() - startedMs),
  });
  if (signal?.aborted) return ended("aborted");
  const looks = Math.ceil(timeoutMs / 1000 * LOOKS_PER_SECOND) + 1;
  const address = connectAddress(request.host);
  const aside = await session.transport.startAside({
    script: PORT_SCRIPT,
    args: [
      ...[String(session.shellPid), markOf(session), pattern, String(port), address, listener],
      String(looks),
    ],
  });
  try {
    const code = await endOrAbort(aside, timeoutMs, signal);
    if (code === "aborted") return ended("aborted");
    if (code === TIMED_OUT || code === EXITS.timedOut) return ended("timed_out");
    if (code === EXITS.unsupported) return ended("unsupported");
    if (code === 0) return ended("listening", "table");
    if (code === EXITS.byConnection) return ended("listening", "connection");
    throw new ExeckitError({
      code: "session_lost",
      message: safe`Cannot wait for port ${port}: the machine no longer answers`,
    });
  } finally {
    // What cannot be ended any more has gone with its machine.
    await withDeadline(aside.release(), LIMITS.asideTimeoutMs);
  }
}

async function endOrAbort(
  aside: AsideProcess,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<number | undefined | typeof TIMED_OUT | "aborted"> {
  let stop = () => {};
  const aborted = new Promise<"aborted">((resolve) => {
    stop = () => resolve("aborted");
    signal?.addEventListener("abort", stop, { once: true });
  });
  if (signal?.aborted) stop();
  try {
    return await withDeadline(Promise.race([aside.exited, aborted]), timeoutMs);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/**
 * A line of /proc/net/tcp{,6} in the state LISTEN. Addresses are words in the machine's byte order;
 * both orders are accepted, since the second reads as an address that nobody has.
 */
function listenPattern(port: number, host: string | undefined): string {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw invalidArgument(safe`Cannot wait for a port: it is a whole number from 1 to 65535`);
  }
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return `^ *[0-9]+: (${localAddresses(host)}):${hex} [0-9A-F]+:0000 0A `;
}

function localAddresses(host: string | undefined): string {
  if (host === undefined) return "[0-9A-F]+";
  const any = "0{8}|0{32}";
  const loopback6 = "0{24}(01000000|00000001)";
  if (host === "::") return any;
  if (host === "::1") return `0{32}|${loopback6}`;
  const address = host === "localhost" ? "127.0.0.1" : host;
  const bytes = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number);
  if (bytes === undefined || bytes.some((byte) => byte > 255)) {
    throw invalidArgument(
      safe`Cannot wait for a port at this host: name an IPv4 address, localhost, :: or ::1`,
    );
  }
  const words = bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0"));
  const orders = `${words.join("")}|${words.toReversed().join("")}`;
  const v6 = host === "localhost" ? `|${loopback6}` : "";
  return `${any}|0{16}(FFFF0000|0000FFFF)?(${orders})|${orders}${v6}`;
}

/** Where a connection is tried when there is no table to look at. */
function connectAddress(host: string | undefined): string {
  return host === undefined || host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}
