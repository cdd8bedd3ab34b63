/**
 * What a process waits for, from the kernel's function that it sleeps in, its system call and what
 * its descriptors lead to.
 *
 * @module
 */

import type { Wait, WaitKind } from "./probe_report.ts";
import type { ProcessFacts, ThreadFacts } from "./read_probe.ts";

/**
 * Beginnings of wait channels, from Linux 3.10 to 6.18. The kernel may append `.constprop.0` and the
 * like. wait_woken serves terminals and sockets alike: the descriptor tells.
 */
const CHANNELS: readonly (readonly [WaitKind, readonly string[]])[] = [
  ["terminal_read", ["n_tty_read", "tty_read"]],
  ["output", ["anon_pipe_write", "pipe_write", "n_tty_write", "tty_write", "do_tty_write"]],
  ["pipe_read", ["anon_pipe_read", "fifo_pipe_read", "pipe_read", "pipe_wait", "wait_for_partner"]],
  ["pipe_read", ["fifo_open"]],
  ["sleep", ["hrtimer_nanosleep", "do_nanosleep", "common_nsleep"]],
  ["child", ["do_wait", "kernel_wait4", "kernel_waitid"]],
  ["lock", ["futex_", "do_futex", "__futex"]],
  ["file_lock", ["flock_lock", "fcntl_setlk", "locks_lock", "posix_lock", "__break_lease"]],
  ["signal", ["do_sigtimedwait", "sigsuspend", "do_sigsuspend", "__do_sys_pause", "do_pause"]],
  ["signal", ["sys_pause", "__x64_sys_pause", "__arm64_sys_pause", "__se_sys_pause"]],
  ["network", ["sk_", "inet_", "tcp_", "udp_", "unix_", "__skb_", "skb_", "sock_", "vsock_"]],
  ["event", ["poll_schedule", "do_poll", "do_sys_poll", "do_select", "core_sys_select"]],
  ["event", ["ep_poll", "do_epoll", "inotify_read", "io_cqring_wait", "eventfd_read"]],
  ["event", ["signalfd_", "timerfd_read"]],
];

/** wait_woken and its like: somebody waits on a queue; the descriptor tells on which. */
const QUEUE_CHANNELS = ["wait_woken"];

/** Numbers of read(2): x86-64; arm64 and riscv64; i386, arm, ppc64 and s390x. */
const READ_CALLS: ReadonlySet<number> = new Set([0, 63, 3]);

/** Numbers of poll(2) and ppoll(2), in the order of READ_CALLS' architectures; s390x last. */
const POLL_CALLS: ReadonlySet<number> = new Set([7, 271, 73, 168, 309, 302]);
/** Numbers of select(2) and pselect6(2), likewise. */
const SELECT_CALLS: ReadonlySet<number> = new Set([23, 270, 72, 142, 308, 301]);

const TERMINAL_LINK = /^\/dev\/(?:tty\w*|pts\/\d+|console)$/;

/** The order in which the threads' waits speak for the process: input first. */
const TELLING: readonly WaitKind[] = ["terminal_read", "stdin_read", "terminal_event"];

/**
 * Classifies what a process waits for.
 *
 * @param process The process.
 * @param isWritten Whether some process of the session may write to a descriptor's target.
 * @returns What it waits for; of several threads, the one that waits for input, else the main one.
 */
export function classifyWait(process: ProcessFacts, isWritten: (target: string) => boolean): Wait {
  const kind = kindOfState(process.fields[0] ?? "");
  if (kind !== undefined) return { kind };
  const waits = [...process.threads].map(([tid, thread]) => ({
    main: tid === process.pid,
    wait: classifyThread(process, thread, isWritten),
  }));
  const telling = TELLING.flatMap((wanted) => waits.filter(({ wait }) => wait.kind === wanted))[0];
  const chosen = telling ?? waits.find(({ main }) => main);
  return chosen?.wait ?? { kind: "unknown" };
}

/**
 * Tells whether a descriptor leads to a terminal.
 *
 * @param process The process.
 * @param fd The descriptor.
 * @returns False when it is closed or not readable, too.
 */
export function isTerminal(process: ProcessFacts, fd: number): boolean {
  return TERMINAL_LINK.test(process.links.get(fd)?.target ?? "");
}

function kindOfState(letter: string): WaitKind | undefined {
  switch (letter) {
    case "R":
      return "running";
    case "D":
      return "disk";
    case "T":
    case "t":
      return "stopped";
    case "Z":
    case "X":
    case "x":
      return "ended";
    default:
      return undefined;
  }
}

function classifyThread(
  process: ProcessFacts,
  thread: ThreadFacts,
  isWritten: (target: string) => boolean,
): Wait {
  const { channel, call } = thread;
  const told = {
    ...(channel === undefined ? {} : { channel }),
    ...(call === undefined ? {} : { syscall: call.number }),
  };
  const kind = kindOfChannel(channel);
  const readsFd = call !== undefined && READ_CALLS.has(call.number) ? call.first : undefined;
  if (kind === "event") {
    return {
      ...eventWait(process, call?.first),
      ...(waitsForOne(call) ? { alone: true } : {}),
      ...told,
    };
  }
  if (kind === "terminal_read") return { kind, ...fdOf(readsFd), ...told };
  if (kind !== undefined && kind !== "pipe_read") return { kind, ...told };
  if (readsFd !== undefined) {
    return { ...readWait(process, readsFd, kind, isWritten), ...told };
  }
  // Without the system call, a queue is the terminal's if there is no socket that it could be of.
  const isQueue = QUEUE_CHANNELS.some((name) => channel?.startsWith(name));
  if (isQueue) {
    return { kind: hasSocket(process) ? "network" : terminalOrUnknown(process), ...told };
  }
  return { kind: kind ?? "unknown", ...told };
}

function kindOfChannel(channel: string | undefined): WaitKind | undefined {
  if (channel === undefined) return undefined;
  return CHANNELS.find(([, names]) => names.some((name) => channel.startsWith(name)))?.[0];
}

/**
 * A blocked read of a descriptor: whose input is it? Descriptors are looked at a moment later, when a
 * shell may have put the terminal where it read a pipe: then the wait channel is right.
 */
function readWait(
  process: ProcessFacts,
  fd: number,
  kind: WaitKind | undefined,
  isWritten: (target: string) => boolean,
): Wait {
  const target = process.links.get(fd)?.target;
  if (kind === undefined && isTerminal(process, fd)) return { kind: "terminal_read", fd };
  if (target?.startsWith("socket:")) return { kind: "network", fd };
  const isPipe = kind === "pipe_read" && fd === 0 && !isTerminal(process, fd);
  if (isPipe && target !== undefined && !isWritten(target)) return { kind: "stdin_read", fd };
  return { kind: kind ?? "unknown", fd };
}

/**
 * poll and select do not show what they watch, an epoll descriptor does. A terminal as stdin, or one
 * that the program has opened for itself, is taken to be among it.
 */
function eventWait(process: ProcessFacts, epollFd: number | undefined): Wait {
  const watched = epollFd === undefined ? undefined : process.watched.get(epollFd);
  if (watched !== undefined) {
    const fd = [...watched].find((one) => isTerminal(process, one));
    return fd === undefined ? { kind: "event" } : { kind: "terminal_event", fd, watched: true };
  }
  const fd = [...process.links.keys()].find((one) =>
    (one === 0 || one > 2) && isTerminal(process, one)
  );
  return fd === undefined ? { kind: "event" } : { kind: "terminal_event", fd };
}

/** poll takes the count of descriptors as its second argument, select the highest and one more. */
function waitsForOne(call: ThreadFacts["call"]): boolean {
  if (call === undefined) return false;
  const { number, first, second } = call;
  return POLL_CALLS.has(number) && second === 1 || SELECT_CALLS.has(number) && first === 1;
}

function hasSocket(process: ProcessFacts): boolean {
  return [...process.links.values()].some(({ target }) => target.startsWith("socket:"));
}

function terminalOrUnknown(process: ProcessFacts): WaitKind {
  return [...process.links.keys()].some((fd) => (fd === 0 || fd > 2) && isTerminal(process, fd))
    ? "terminal_read"
    : "unknown";
}

function fdOf(fd: number | undefined): { readonly fd?: number } {
  return fd === undefined ? {} : { fd };
}
