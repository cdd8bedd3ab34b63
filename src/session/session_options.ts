/**
 * The options of a session and of a command: their types.
 *
 * @module
 */

import type { AuditSink } from "../audit/audit_event.ts";
import type { Budget } from "../output/budget.ts";
import type { Policy } from "../policy/policy.ts";
import type { DockerOptions } from "../transports/docker/docker_options.ts";
import type { SshOptions } from "../transports/ssh/ssh_options.ts";
import type { TransportFactory } from "../transports/transport.ts";
import type { Approver } from "./approval.ts";
import type { WaitUntil } from "./command/session_command.ts";

/** What holds for every transport. */
export interface CommonSessionOptions {
  /** The session's id in results and audit; a random one by default. */
  id?: string;
  /** The shell: `bash`, `zsh`, `dash`, `sh`, `busybox` or an absolute path. Default: bash, else sh. */
  shell?: string;
  /** The start directory. Default: where the transport starts. */
  cwd?: string;
  /** Environment variables to set. Their values named like secrets are redacted from then on. */
  env?: Record<string, string>;
  /** Use the environment of a login shell, taken once with a time-out. Default: false. */
  loginEnv?: boolean;
  /** `auto` gives the shell a controlling terminal where one can be made. Default: `auto`. */
  terminal?: "auto" | "none";
  /** Judges every command before it runs. Default: everything is allowed. */
  policy?: Policy;
  /**
   * Decides about commands that the policy asks about. `allow` runs the command once, `deny` makes
   * it `blocked`; a failure or no answer in time refuses it as `needs_approval`. Default: what the
   * policy's `whenNoHuman` says.
   */
  approve?: Approver;
  /** Milliseconds that `approve` may take. Default: 300 000. */
  approveTimeoutMs?: number;
  /** Receives the audit events. Default: none are kept. */
  audit?: AuditSink;
  /** Values that must not appear in any output. */
  secrets?: readonly string[];
  /** Milliseconds a command may live when the call does not say. Default: 120 000. */
  timeoutMs?: number;
  /** How output is shortened when the call does not say. */
  budget?: Budget;
  /** Bytes of a file that `session.files` may transfer. Default: 4 GiB. */
  maxTransferBytes?: number;
  /** Bytes of redacted output that are kept of each command at most. Default: 64 MiB. */
  outputMaxBytes?: number;
  /**
   * The directory for output that is too much for memory; files in it can be read by nobody else
   * and end with the session. Default: none, so that only the start and the end of a flood is kept.
   */
  outputDirectory?: string;
  /**
   * Takes over the output of the commands when the session has closed: their handles read it until
   * `release` is called, which frees it. Default: closing the session frees it.
   */
  keepOutput?: (release: () => Promise<void>) => void;
  /** Makes the ids of commands; sessions of one registry share it. Default: c1, c2, …. */
  nextCommandId?: () => string;
}

/** A session with a shell on this machine. */
export interface LocalSessionOptions extends CommonSessionOptions {
  /** A shell on this machine. */
  transport: "local";
  /**
   * Puts the shell and all that it starts into a sandbox of its own; `true` is `{}`. Opening fails
   * with `unsupported` where there is none to be had. Default: false.
   */
  sandbox?: boolean | SandboxOptions;
}

/** What a sandbox allows. Everything that is not named here is refused. */
export interface SandboxOptions {
  /**
   * The only directory of the machine that can be written to; the session starts there. It must
   * hold neither the home directory nor a system's. Default: an empty one that ends with the
   * sandbox.
   */
  workspace?: string;
  /** `host` gives the machine's network, its loopback included. Default: `none`. */
  network?: "none" | "host";
  /** Ceilings for what runs inside. */
  limits?: SandboxLimits;
  /** Paths that may be read although they are hidden by default, such as a credentials file. */
  readable?: readonly string[];
  /** Paths below the workspace that stay read-only beside the built-in ones. */
  readOnly?: readonly string[];
  /** Names of variables to pass from this process's environment beside `PATH`, `HOME`, `LANG` … */
  env?: readonly string[];
}

/** Ceilings of a sandbox. `Infinity` stands for none, except for `tmpBytes`. */
export interface SandboxLimits {
  /** Processes and threads of the session at most. Default: 512. */
  processes?: number;
  /** Bytes of address space of each process. Default: none. */
  memoryBytes?: number;
  /** Bytes of a file. Default: 1 GiB. */
  fileBytes?: number;
  /** Open descriptors of each process. Default: 1024. */
  openFiles?: number;
  /** Bytes of the private /tmp, which is held in memory. Default: 512 MiB. */
  tmpBytes?: number;
}

/** A session over a transport of the caller's own, such as the memory transport of the tests. */
export interface CustomSessionOptions extends CommonSessionOptions, RemoteSessionOptions {
  /** Makes the transport. */
  transport: TransportFactory;
}

/** What holds for every machine that a link leads to. */
export interface RemoteSessionOptions {
  /**
   * Connects again at the next command when the link was lost: the host is verified anew, cwd and
   * exported variables are put back, and the result says so. It costs a look at the environment
   * after each command. Default: false; a lost link then ends the session.
   */
  reconnect?: boolean;
}

/** A session with a shell on a machine that is reached by SSH. */
export interface SshSessionOptions extends CommonSessionOptions, RemoteSessionOptions, SshOptions {
  /** A shell on another machine. */
  transport: "ssh";
}

/** A session with a shell in a container. */
export type DockerSessionOptions =
  & CommonSessionOptions
  & RemoteSessionOptions
  & DockerOptions
  & {
    /** A shell in a container. */
    transport: "docker";
  };

/** What {@linkcode Session.open} takes. */
export type SessionOptions =
  | LocalSessionOptions
  | SshSessionOptions
  | DockerSessionOptions
  | CustomSessionOptions;

/** The size of a terminal. */
export interface TerminalSize {
  /** Rows, from 1 to 500. */
  rows: number;
  /** Columns, from 1 to 1000. */
  cols: number;
}

/** What {@linkcode Session.exec} takes beside the command. */
export interface ExecOptions {
  /** Milliseconds the command may live; then the ladder ends it. Default: the session's. */
  timeoutMs?: number;
  /** Cancels: the command is interrupted, the session lives on. */
  signal?: AbortSignal;
  /** Text for the command's standard input, then end of file. Default: end of file at once. */
  stdin?: string;
  /** Runs the command on the terminal; stderr is then part of stdout. Default: false. */
  tty?: boolean;
  /** With `tty`: the terminal's size while the command runs. Default: 40 rows of 120 columns. */
  ttySize?: TerminalSize;
  /** How output is shortened. Default: the session's budget. */
  budget?: Budget;
  /** Also give both streams in order of arrival. Default: false. */
  interleave?: boolean;
  /**
   * Milliseconds to wait for the command's end. What has not ended by then, or wants input, goes on:
   * the result is `running` or `waiting_for_input`, and {@linkcode Session.command} follows it. The
   * command may then live for a day when `timeoutMs` does not say less. Default: until its end.
   */
  waitMs?: number;
  /** With `waitMs`: what else ends the wait. */
  until?: WaitUntil;
  /** With `waitMs`: ends the wait, not the command. */
  waitSignal?: AbortSignal;
  /**
   * Starts the command apart from the session, with the session's exported variables and cwd, its
   * output and exit code in files on the machine. It outlives the session and the link, and
   * {@linkcode Session.detached} finds it again. Refused as `unsupported` in a sandbox and in a
   * container of the session's own, where everything ends with the session. Default: false.
   */
  detach?: boolean;
}
