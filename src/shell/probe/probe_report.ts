/**
 * What a look at a session's processes gives. A member is absent where the machine does not tell it:
 * no /proc, a kernel without wait channels, a process of another user.
 *
 * @module
 */

/** Why a process does not go on, as far as the system tells. */
export type WaitKind =
  /** It runs, or waits for a processor. */
  | "running"
  /** It is blocked in a read of a terminal. */
  | "terminal_read"
  /** It waits for any of several things, a terminal among them. */
  | "terminal_event"
  /** It is blocked in a read of a stdin that no process of the session writes to. */
  | "stdin_read"
  /** It reads a pipe. */
  | "pipe_read"
  /** It writes to a pipe or terminal that nobody empties. */
  | "output"
  /** It sleeps for a time. */
  | "sleep"
  /** It waits for a child to end. */
  | "child"
  /** It waits for the network or a local socket. */
  | "network"
  /** It waits for any of several things; no terminal is known to be among them. */
  | "event"
  /** It waits for a lock or for another thread (futex). */
  | "lock"
  /** It waits for the lock of a file. */
  | "file_lock"
  /** It waits for a signal. */
  | "signal"
  /** It is in uninterruptible sleep, which is nearly always a disk or a network file system. */
  | "disk"
  /** It was stopped by a signal or a debugger. */
  | "stopped"
  /** It has ended and its parent has not yet taken notice. */
  | "ended"
  /** The system does not tell. */
  | "unknown";

/** What one process waits for. */
export interface Wait {
  /** The kind. */
  readonly kind: WaitKind;
  /** The descriptor that it reads, when known. */
  readonly fd?: number;
  /** True when the kernel lists the terminal among what an epoll descriptor watches. */
  readonly watched?: true;
  /** True when it is an event of one descriptor alone, as of the shell that reads a line by poll. */
  readonly alone?: true;
  /** The kernel's function that it sleeps in. */
  readonly channel?: string;
  /** The number of its system call; what it means depends on the machine's architecture. */
  readonly syscall?: number;
}

/** The state letters of /proc/PID/stat in words (proc(5)). */
export type ProcessState = "running" | "sleeping" | "disk" | "stopped" | "ended" | "idle";

/** One process. */
export interface ProbedProcess {
  /** Its id on the session's machine. */
  readonly pid: number;
  /** Its parent's id. */
  readonly ppid: number;
  /** Its process group. */
  readonly group: number;
  /** Its name, of 15 bytes at most. NOT redacted: redact it before it leaves execkit. */
  readonly rawName: string;
  /**
   * Its arguments, the first 1024 bytes. NOT redacted: redact them before they leave execkit. Absent
   * where they cannot be read, and in a look at descendants where all only sleep; empty for a kernel
   * thread.
   */
  readonly rawArguments?: readonly string[];
  /** Its state. */
  readonly state: ProcessState;
  /** What it waits for. */
  readonly wait: Wait;
  /** True when the system does not show what it waits for: mostly, it belongs to another user. */
  readonly opaque: boolean;
  /** Milliseconds of processor time used, in user and kernel mode, to 10 ms. */
  readonly cpuMs: number;
  /** True when its stdout or stderr is an output of the session's shell. */
  readonly sharesOutput?: true;
  /**
   * Bytes that it has written so far, to whatever it was. Absent where that cannot be read, and in
   * looks other than `session`.
   */
  readonly writtenBytes?: number;
  /** Milliseconds since it was started, to 10 ms. Absent without /proc/uptime. */
  readonly ageMs?: number;
  /** The terminal that controls it, as /dev/pts/N; absent for none. */
  readonly terminal?: string;
}

/** The modes of the session's terminal that tell who reads it (termios(3)). */
export interface TerminalModes {
  /** Whether it echoes what is typed. */
  readonly echo: boolean;
  /** Whether it shows the kill character; only bash's `read -s` turns it off beside echo. */
  readonly echoKill: boolean;
  /** Whether it hands over whole lines; false while a program reads single keys. */
  readonly canonical: boolean;
}

/** A TCP port that something on the session's machine listens on. */
export interface Listener {
  /** The port. */
  readonly port: number;
  /** Whether it can be reached from this machine only, or from any. */
  readonly reach: "loopback" | "any" | "address";
  /** The socket's inode: two probes with the same one saw the same listener. */
  readonly inode: string;
  /** The process of the session that listens; absent for others and for what cannot be read. */
  readonly pid?: number;
}

/** A look at the processes of a session. */
export interface ProbeReport {
  /** When it was taken, in milliseconds of the monotonic clock. */
  readonly takenAtMs: number;
  /** Whether the machine has a /proc. Without one, nothing else is known. */
  readonly proc: boolean;
  /** The session's shell. Absent when it is gone. */
  readonly shell?: ProbedProcess;
  /**
   * The foreground processes, parents first. The shell is the first of them while it runs something
   * itself, such as `read`.
   */
  readonly foreground: readonly ProbedProcess[];
  /**
   * The processes that commands left running. When only descendants of the shell were looked at,
   * those of its jobs and not what has left it.
   */
  readonly background: readonly ProbedProcess[];
  /** The modes of the session's terminal. Absent without one. */
  readonly terminal?: TerminalModes;
  /** TCP ports that the machine listens on. Absent when they were not looked at. */
  readonly listeners?: readonly Listener[];
  /** True when the session had more processes than a probe looks at. */
  readonly truncated: boolean;
}

/**
 * Which ports a session listens on.
 *
 * @param report A report with listeners.
 * @param before An earlier report. Listeners that are new since then and belong to no process that
 *   can be read are counted in, such as those of a program under sudo.
 * @returns The listeners, in the order of their ports.
 */
export function sessionListeners(report: ProbeReport, before?: ProbeReport): readonly Listener[] {
  const known = new Set(before?.listeners?.map(({ inode }) => inode));
  const isNew = ({ inode }: Listener) => before?.listeners !== undefined && !known.has(inode);
  const opaque = [...report.foreground, ...report.background].some((one) => one.opaque);
  return (report.listeners ?? [])
    .filter((one) => one.pid !== undefined || opaque && isNew(one))
    .toSorted((a, b) => a.port - b.port);
}
