/**
 * The spawn seam: one child process, started the way the runtime at hand does it best.
 *
 * @module
 */

/** A started child process with piped standard streams. */
export interface Child {
  /** Its process id. */
  readonly pid: number;
  /** Its standard output. */
  readonly stdout: ByteSource;
  /** Its standard error. */
  readonly stderr: ByteSource;
  /** Its exit code, or 128 plus the signal's number; settles once and never rejects. */
  readonly exited: Promise<number>;
  /** Writes to its standard input; rejects when the child has closed it. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes its standard input. */
  closeInput(): Promise<void>;
  /** Kills it with SIGKILL. It is no error when it is gone already. */
  kill(): void;
}

/** Bytes that arrive until the source ends or is cancelled. */
export interface ByteSource extends AsyncIterable<Uint8Array> {
  /** Stops reading and releases the descriptor. */
  cancel(): Promise<void>;
}

/** How to start a child. */
export interface SpawnRequest {
  /** Source for `sh -c`. */
  readonly script: string;
  /** Values for `$1`, `$2`, …. */
  readonly args: readonly string[];
  /**
   * `session`: its stdout and stderr must be real pipes, so that `/dev/stderr` can be opened by
   * name, and a chunk may be lost when the next one is asked for; `brief`: any kind of stream will
   * do, and chunks can be kept.
   */
  readonly purpose: "session" | "brief";
}

/** Starts children on this machine. */
export type Spawn = (request: SpawnRequest) => Promise<Child>;

/** The name that a script sees as `$0`; it stands in front of the shell's own messages. */
export const SCRIPT_NAME = "execkit";
