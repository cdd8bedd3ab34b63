/**
 * The audit events: a superset of upstream's `open`, `exec`, `blocked` and `close` lines.
 *
 * @module
 */

import type { CommandStatus, Verdict } from "../exec_result.ts";
import type { SafeText } from "../safe_text.ts";

/** What every event carries. */
export interface AuditEventBase {
  /** Wall-clock milliseconds since the Unix epoch. */
  readonly ts: number;
  /** The session's id. */
  readonly session: SafeText;
  /** The kind of machine: `local`, `ssh`, `docker` or `memory`. */
  readonly transport: SafeText;
}

/** A session was opened. */
export interface AuditOpenEvent extends AuditEventBase {
  /** The kind of event. */
  readonly event: "open";
  /** What a person would call the machine. */
  readonly target: SafeText;
  /** The shell's name. */
  readonly shell: SafeText;
}

/** Who decided about a command that the policy asks about, and how. */
export interface AuditApproval {
  /** What was decided; `none` when nobody did, which refuses the command. */
  readonly decision: "allow" | "deny" | "none";
  /** The `approve` callback, or the policy's `whenNoHuman` where there is none. */
  readonly by: "approver" | "when_no_human";
  /** The rule that asks. */
  readonly rule?: SafeText;
  /** Who it was, as the approver says. */
  readonly who?: SafeText;
  /** Why, as the approver says. */
  readonly reason?: SafeText;
  /**
   * Why there is no decision: no answer in time, a failure of the approver or an answer that is
   * none, a cancelled call or a closed session, or something else than what was asked about.
   */
  readonly problem?: "timed_out" | "failed" | "cancelled" | "changed";
  /** Milliseconds that the answer took. */
  readonly waitedMs?: number;
}

/** What a command is given beside its text, and whether all of it is to be seen. */
export interface AuditGiven {
  /** Its standard input, cut at 65,536 characters; absent when it is given none. */
  readonly stdin?: SafeText;
  /** Bytes of the whole standard input; absent when it is given none. */
  readonly stdinBytes?: number;
  /**
   * Present and false when something was taken out of the command, its directory or its standard
   * input, or cut off: what ran is not all in the log.
   */
  readonly isWhole?: boolean;
}

/** A command is about to run. Written before it is sent, so that a crash leaves a trace. */
export interface AuditStartEvent extends AuditEventBase, AuditGiven {
  /** The kind of event. */
  readonly event: "start";
  /** The command's id, the same in its `start` and its last event. */
  readonly commandId: SafeText;
  /** The command's text. */
  readonly command: SafeText;
  /** The working directory it runs in. */
  readonly cwd: SafeText;
  /** Who allowed it; absent when the policy did. */
  readonly approval?: AuditApproval;
}

/** A command ended, in whatever way. */
export interface AuditExecEvent extends AuditEventBase, AuditGiven {
  /** The kind of event. */
  readonly event: "exec";
  /** The command's id, the same in its `start` and its last event. */
  readonly commandId: SafeText;
  /** The command's text. */
  readonly command: SafeText;
  /** How it stands. */
  readonly status: CommandStatus;
  /** Standard output, as in the result. */
  readonly stdout: SafeText;
  /** Standard error, as in the result. */
  readonly stderr: SafeText;
  /** Absent when it is not known. */
  readonly exitCode?: number;
  /** Wall time from sending the command to its end, in milliseconds. */
  readonly durationMs: number;
  /** The working directory after the command. */
  readonly cwd: SafeText;
  /** True when the streams do not hold everything that the command wrote. */
  readonly truncated: boolean;
  /** Present and true when the command ran into its time-out, as upstream writes it. */
  readonly timedOut?: true;
}

/** The policy refused a command; nothing ran. */
export interface AuditBlockedEvent extends AuditEventBase, AuditGiven {
  /** The kind of event. */
  readonly event: "blocked";
  /** The command's id, the same in its `start` and its last event. */
  readonly commandId: SafeText;
  /** The command's text. */
  readonly command: SafeText;
  /** Why, in words, as upstream writes it. */
  readonly reason: SafeText;
  /** The whole verdict as data. */
  readonly verdict: Verdict;
  /** Who refused it, or why nobody decided; absent when the policy itself denied it. */
  readonly approval?: AuditApproval;
}

/** A command could not be carried out: there is an error instead of a result. */
export interface AuditFailedEvent extends AuditEventBase {
  /** The kind of event. */
  readonly event: "failed";
  /** The command's id, the same in its `start` and its last event. */
  readonly commandId: SafeText;
  /** The command's text. */
  readonly command: SafeText;
  /** The error's code. */
  readonly code: SafeText;
  /** What failed, in words. */
  readonly message: SafeText;
}

/** What was done to a file. */
export type AuditFileAction = "read" | "write" | "stat" | "list" | "upload" | "download";

/**
 * A file was accessed beside the shell. What changes a file on either side has a `started` event
 * before, so that a crash leaves a trace; every access has one last event.
 */
export interface AuditFileEvent extends AuditEventBase {
  /** The kind of event. */
  readonly event: "file";
  /** What was asked for. */
  readonly action: AuditFileAction;
  /** The absolute path on the session's machine. */
  readonly path: SafeText;
  /** How it stands: `blocked` by the policy, `failed` with an error. */
  readonly status: "started" | "done" | "blocked" | "failed";
  /** Bytes of content that were transferred; present when done, but for `stat` and `list`. */
  readonly bytes?: number;
  /** The error's code; present when blocked or failed. */
  readonly code?: SafeText;
  /** Who allowed or refused it, where the policy asks. */
  readonly approval?: AuditApproval;
}

/** Something was given to a running command. Written before it is. */
export interface AuditInputEvent extends AuditEventBase {
  /** The kind of event. */
  readonly event: "input";
  /** The id of the running command. */
  readonly commandId: SafeText;
  /** `text` or keys were typed; `signal` was sent. */
  readonly kind: "text" | "signal";
  /** The text or the signal's name; an answer to a password prompt is never shown. */
  readonly text: SafeText;
  /** The names of the keys that were typed behind the text; absent when there were none. */
  readonly keys?: readonly SafeText[];
  /** `blocked` when the policy refused it. */
  readonly status: "done" | "blocked";
}

/** A session ended. */
export interface AuditCloseEvent extends AuditEventBase {
  /** The kind of event. */
  readonly event: "close";
  /** Why, in one word. */
  readonly reason: "destroyed" | "reaped" | "shell_exited" | "lost";
}

/** Any audit event. Its keys go to the file in snake_case. */
export type AuditEvent =
  | AuditOpenEvent
  | AuditStartEvent
  | AuditExecEvent
  | AuditBlockedEvent
  | AuditFailedEvent
  | AuditFileEvent
  | AuditInputEvent
  | AuditCloseEvent;

/** Receives audit events, in order. */
export interface AuditSink {
  /**
   * Records one event.
   *
   * @param event The event.
   * @throws {ExeckitError} `audit_failed` when it could not be kept.
   */
  record(event: AuditEvent): Promise<void>;
  /** Closes what the sink holds open. */
  [Symbol.asyncDispose](): Promise<void>;
}
