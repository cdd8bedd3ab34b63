/**
 * The contract of a transport: three byte streams, a way to act beside them, and an end.
 *
 * A transport knows nothing of commands, markers, text or policy. It starts the launch script of
 * `src/shell/` on its machine and carries bytes.
 *
 * @module
 */

import type { SafeText } from "../safe_text.ts";

/** Which kind of machine a session is on. */
export type TransportKind = "local" | "ssh" | "docker" | "memory";

/** A script to run on the session's machine, beside the session's shell. */
export interface AsideScript {
  /** Source for `sh -c`; execkit's own text, never an agent's. */
  readonly script: string;
  /** Values for `$1`, `$2`, …. */
  readonly args?: readonly string[];
}

/** A script that runs beside the shell. Whoever started it calls {@linkcode AsideProcess.release}. */
export interface AsideProcess {
  /** What it writes to standard output, in order; what it writes to standard error falls away. */
  readonly stdout: AsyncIterable<Uint8Array>;
  /**
   * Its exit code once it has ended; undefined when it was killed or the link went away. It settles
   * once and never rejects. Output may still be on its way.
   */
  readonly exited: Promise<number | undefined>;
  /**
   * Writes to its standard input, and waits until there is room for more.
   *
   * @param bytes What to write.
   * @throws When it takes no more input; its exit code says why.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends its standard input. It is no error when that has ended already. */
  closeInput(): Promise<void>;
  /** Kills it if it still runs, and gives its descriptors back. Twice is no error. */
  release(): Promise<void>;
}

/** Why a transport's streams ended. */
export interface TransportEnd {
  /** `ended`: the far process exited. `lost`: the link broke. `closed`: we closed it. */
  readonly reason: "ended" | "lost" | "closed";
  /** What is known of the cause, as part of a sentence: `the container was stopped`. */
  readonly detail?: SafeText;
}

/** A running shell launch on some machine, seen as bytes. */
export interface Transport {
  /** Which kind of machine. */
  readonly kind: TransportKind;
  /**
   * Bytes that the far side writes to standard output; ends with the process. A chunk may be lost
   * when the next one is asked for: what is to be kept has to be copied.
   */
  readonly stdout: AsyncIterable<Uint8Array>;
  /** Bytes that the far side writes to standard error, likewise; ends with the process. */
  readonly stderr: AsyncIterable<Uint8Array>;
  /** Settles once, when the far side is gone; never rejects. */
  readonly ended: Promise<TransportEnd>;
  /**
   * Writes to the far side's standard input, in order.
   *
   * @param bytes What to write.
   * @throws {ExeckitError} `session_lost` when the far side is gone.
   */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Starts a script beside the session's shell: for signals, probes and files.
   *
   * @param aside The script and its arguments.
   * @returns The running script.
   * @throws {ExeckitError} `session_lost` or `limit_reached` when it cannot be started.
   */
  startAside(aside: AsideScript): Promise<AsideProcess>;
  /** Closes the input, which ends everything the session started, and waits for that. */
  close(): Promise<void>;
}

/** What a transport starts: the launch script and its arguments. */
export interface LaunchPlan {
  /** Source for `sh -c`. */
  readonly script: string;
  /** Values for `$1`, `$2`, …. */
  readonly args: readonly string[];
  /**
   * What ends the launch's processes when the launch script itself could not: it was killed, or it
   * exited with a code other than 0. The transport runs it beside, when it closes.
   */
  readonly sweep?: Omit<LaunchPlan, "sweep">;
}

/** Makes transports to one machine; a session asks again when its shell must be replaced. */
export interface TransportFactory {
  /** Which kind of machine. */
  readonly kind: TransportKind;
  /** What a person would call the target: `local`, `user@host`, a container's name. */
  readonly target: string;
  /** Makes the keys of markers; a transport that replays a record gives the recorded ones. */
  readonly makeKey?: () => string;
  /**
   * Starts a launch plan.
   *
   * @param plan What to start.
   * @returns The transport, whose streams are live.
   * @throws {ExeckitError} `connect_failed` or `permission_denied`.
   */
  open(plan: LaunchPlan): Promise<Transport>;
  /**
   * Gives back what outlives a single transport, such as a container of the session's own. The
   * session calls it once, when it closes or cannot be opened.
   */
  close?(): Promise<void>;
}
