/**
 * What every access to a file goes through: the policy before, the audit around, a slot meanwhile.
 *
 * @module
 */

import type {
  AuditApproval,
  AuditFileAction,
  AuditFileEvent,
  AuditSink,
} from "../../audit/audit_event.ts";
import { epochMs, monotonicMs } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import type { Verdict } from "../../exec_result.ts";
import { LIMITS } from "../../limits.ts";
import type { Redactor } from "../../output/redactor.ts";
import type { Policy, PolicyRequest } from "../../policy/policy.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import type { Transport, TransportKind } from "../../transports/transport.ts";
import { type ApprovalSetup, askApprover } from "../approval.ts";
import { cancelledError, fileError, type FileSubject } from "./file_failures.ts";
import { absolutePath, commandOf, type FileAccessText, pathLabel } from "./file_paths.ts";
import type { FileTask } from "./file_process.ts";
import { TransferSlots } from "./transfer_slots.ts";

/** What a session lends to its files. */
export interface FilesHouse {
  /** The session's id. */
  readonly sessionId: SafeText;
  /** What a person would call the machine. */
  readonly target: SafeText;
  /** The kind of machine. */
  readonly transportKind: TransportKind;
  /** Judges accesses, as the shell commands that do the same. */
  readonly policy: Policy;
  /** Receives the audit events; absent when none are kept. */
  readonly audit?: AuditSink;
  /** Takes secrets out. */
  readonly redactor: Redactor;
  /** Decides about what the policy asks; absent when nobody can be asked. */
  readonly approval?: ApprovalSetup;
  /** Aborts when the session begins to close, and ends what is under way. */
  readonly closing: Pick<AbortController, "signal">;
  /** The working directory after the last command. */
  readonly cwd: () => string;
  /** The name of the session's shell. */
  readonly shell: () => string;
  /**
   * The way to the machine.
   *
   * @throws {ExeckitError} `session_closed` or `session_lost`.
   */
  readonly reach: () => Promise<Transport>;
  /** Whether the session's shell is in a sandbox, where a script beside it is not. */
  readonly sandboxed: boolean;
  /** Bytes of one file that may be transferred. Default: 4 GiB. */
  readonly maxTransferBytes?: number;
}

/** An access to be let through. */
export interface FileAccess extends Omit<FileAccessText, "path"> {
  /** The path as the caller gave it. */
  readonly path: unknown;
  /** Cancels it. */
  readonly signal?: AbortSignal | undefined;
}

/** An access that was let through. */
export interface OpenAccess extends FileTask {
  /** The absolute path. */
  readonly path: string;
}

const ACTIONS: { readonly [action in AuditFileAction]: SafeText } = {
  read: safe`Cannot read`,
  write: safe`Cannot write`,
  stat: safe`Cannot look at`,
  list: safe`Cannot list`,
  upload: safe`Cannot upload to`,
  download: safe`Cannot download`,
};

/** What an event says beside who did what. */
type Outcome = Pick<AuditFileEvent, "status" | "bytes" | "code" | "approval">;

/** Accesses that change a file on either side leave a trace before they begin. */
const CHANGING: ReadonlySet<AuditFileAction> = new Set(["write", "upload", "download"]);

/** The one way to a session's files. */
export class FileGate {
  readonly #house: FilesHouse;
  readonly #slots = new TransferSlots(LIMITS.filesConcurrent);
  #underWay = 0;
  #idleSinceMs = -Infinity;
  #asked = 0;

  /** @param house What the session lends. */
  constructor(house: FilesHouse) {
    this.#house = house;
  }

  /**
   * Lets an access through, or not.
   *
   * @param access What is asked for.
   * @param job What does it.
   * @param bytesOf How many bytes of content the job's result stands for, for the audit.
   * @returns What the job gives.
   * @throws {ExeckitError} `invalid_argument`, `unsupported`, `blocked_by_policy`, `audit_failed`,
   *   or what the job throws.
   */
  async run<T>(
    access: FileAccess,
    job: (open: OpenAccess) => Promise<T>,
    bytesOf?: (result: T) => number,
  ): Promise<T> {
    const path = absolutePath(access.path, this.#house.cwd());
    const label = pathLabel(this.#house.redactor, path);
    const subject = { action: ACTIONS[access.action], path: label };
    this.#refuseSandbox(subject);
    const approval = await this.#judge({ ...access, path }, subject);
    const record = (outcome: Outcome) => this.#record(access, subject, { ...outcome, ...approval });
    const signal = AbortSignal.any(this.#signals(access));
    this.#underWay += 1;
    try {
      const result = await this.#slots.run(async () => {
        if (CHANGING.has(access.action)) await record({ status: "started" });
        return {
          value: await job({ path, subject, signal, transport: await this.#house.reach() }),
        };
      }, signal);
      if (result === undefined) throw cancelledError(subject);
      const bytes = bytesOf?.(result.value);
      await record({ status: "done", ...bytes === undefined ? {} : { bytes } });
      return result.value;
    } catch (cause) {
      const error = this.#asError(subject, cause);
      if (error.code !== "audit_failed") {
        await record({ status: "failed", code: this.#house.redactor.text(error.code) });
      }
      throw error;
    } finally {
      this.#underWay -= 1;
      this.#idleSinceMs = monotonicMs();
    }
  }

  /** Milliseconds since the last access ended; 0 while one is under way. */
  get idleMs(): number {
    return this.#underWay > 0 ? 0 : monotonicMs() - this.#idleSinceMs;
  }

  #signals({ signal }: Pick<FileAccess, "signal">): AbortSignal[] {
    const closing = this.#house.closing.signal;
    return signal === undefined ? [closing] : [closing, signal];
  }

  #refuseSandbox(subject: FileSubject): void {
    if (!this.#house.sandboxed) return;
    throw fileError(subject, {
      code: "unsupported",
      because: safe`files are reached from outside the sandbox, where its rules do not hold`,
      hint: safe`Use commands such as cat, or a file in the workspace`,
    });
  }

  /** Lets through what the policy allows, or somebody whom it asks. */
  async #judge(
    access: FileAccessText & Pick<FileAccess, "signal">,
    subject: FileSubject,
  ): Promise<Pick<AuditFileEvent, "approval">> {
    const { policy, redactor } = this.#house;
    const request = this.#request(access);
    const verdict = policy.decide(request);
    const ruling = verdict.decision === "ask"
      ? await this.#ask(request, verdict, this.#signals(access))
      : { isAllowed: verdict.decision === "allow" };
    const approval = ruling.record === undefined ? {} : { approval: ruling.record };
    if (ruling.isAllowed) {
      policy.started?.(request);
      return approval;
    }
    const code = redactor.text("blocked_by_policy");
    await this.#record(access, subject, { status: "blocked", code, ...approval });
    const { record } = ruling;
    const isRefused = verdict.decision === "deny" ||
      (record?.by === "approver" && record.decision === "deny");
    const because = isRefused ? safe`it is refused` : safe`it needs an approval`;
    const reason = record?.reason ?? verdict.reason;
    throw fileError(subject, {
      code: "blocked_by_policy",
      because: reason === undefined ? because : safe`${because} (${reason})`,
    });
  }

  #request(access: FileAccessText): PolicyRequest {
    const { redactor, cwd, transportKind, target, shell } = this.#house;
    return {
      command: commandOf(access),
      cwd: cwd(),
      transport: transportKind,
      target,
      shell: shell(),
      redact: (text) => redactor.text(text),
    };
  }

  /** `ask` without a human to ask is what the policy says, and a refusal when it says nothing. */
  async #ask(
    request: PolicyRequest,
    verdict: Verdict,
    signals: readonly AbortSignal[],
  ): Promise<{ readonly isAllowed: boolean; readonly record?: AuditApproval }> {
    const { approval, policy, redactor } = this.#house;
    const rule = verdict.rule === undefined ? {} : { rule: verdict.rule };
    if (approval === undefined) {
      const decision = policy.whenNoHuman ?? "deny";
      const record = { decision, by: "when_no_human", ...rule } as const;
      return { isAllowed: decision === "allow", record };
    }
    const [command, cwd] = [redactor.text(request.command), redactor.text(request.cwd)];
    const answer = await askApprover(approval, {
      session: this.#house.sessionId,
      commandId: safe`f${++this.#asked}`,
      command,
      isWhole: command === request.command && cwd === request.cwd,
      cwd,
      transport: redactor.text(request.transport),
      target: this.#house.target,
      verdict,
    }, { redactor, signals });
    const record = { ...answer.record, ...rule };
    // An answer counts for what was asked about, and for nothing that came in its place.
    const now = policy.decide(request);
    if (answer.isAllowed && (now.decision !== "ask" || now.rule !== verdict.rule)) {
      return { isAllowed: false, record: { ...record, decision: "none", problem: "changed" } };
    }
    return { isAllowed: answer.isAllowed, record };
  }

  async #record(
    access: Pick<FileAccess, "action">,
    subject: FileSubject,
    outcome: Outcome,
  ): Promise<void> {
    await this.#house.audit?.record({
      event: "file",
      ts: epochMs(),
      session: this.#house.sessionId,
      transport: this.#house.redactor.text(this.#house.transportKind),
      action: access.action,
      path: subject.path,
      ...outcome,
    });
  }

  #asError(subject: FileSubject, cause: unknown): ExeckitError {
    if (this.#house.closing.signal.aborted) {
      return fileError(subject, { code: "session_closed", because: safe`the session was closed` });
    }
    if (cause instanceof ExeckitError) return cause;
    return fileError(subject, {
      code: "internal",
      because: safe`it could not be carried out`,
      cause,
    });
  }
}
