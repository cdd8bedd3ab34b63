/**
 * The contract of a transport: three byte streams, a way to act beside them, and an end.
 *
 * A transport knows nothing of commands, markers, text or policy. It starts the launch script of
 * `src/shell/` on its machine and carries bytes.
 *
 * @module
 */

/** Which kind of machine a session is on. */
export type TransportKind = "local" | "ssh" | "docker" | "memory";

/** What {@linkcode Transport.runAside} gives back. */
export interface AsideResult {
  /** The script's exit code; absent when it was ended at its deadline. */
  readonly exitCode?: number;
  /** What it wrote to standard output. */
  readonly stdout: Uint8Array;
}

/** A short script to run on the session's machine, outside the session's shell. */
export interface AsideRequest {
  /** Source for `sh -c`; execkit's own text, never an agent's. */
  readonly script: string;
  /** Values for `$1`, `$2`, …. */
  readonly args?: readonly string[];
  /** Bytes for its standard input; none when absent. */
  readonly stdin?: Uint8Array;
  /** Milliseconds after which it is killed. */
  readonly timeoutMs: number;
}

/** Why a transport's streams ended. */
export interface TransportEnd {
  /** `ended`: the far process exited. `lost`: the link broke. `closed`: we closed it. */
  readonly reason: "ended" | "lost" | "closed";
}

/** A running shell launch on some machine, seen as bytes. */
export interface Transport {
  /** Which kind of machine. */
  readonly kind: TransportKind;
  /** Bytes that the far side writes to standard output; ends with the process. */
  readonly stdout: AsyncIterable<Uint8Array>;
  /** Bytes that the far side writes to standard error; ends with the process. */
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
   * Runs a short script beside the session's shell, for signals, uploads and probes.
   *
   * @param request The script, its arguments and its deadline.
   * @returns Its exit code and standard output.
   */
  runAside(request: AsideRequest): Promise<AsideResult>;
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
}
