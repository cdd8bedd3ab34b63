/**
 * The seam for a human: what a policy asks about is put to the operator's program, which answers.
 *
 * Whatever is no answer in time refuses the command. An answer counts for this one command, in this
 * directory, under this verdict.
 *
 * @module
 */

import type { AuditApproval } from "../audit/audit_event.ts";
import { monotonicMs } from "../clock.ts";
import type { Verdict } from "../exec_result.ts";
import { LIMITS } from "../limits.ts";
import { invalidArgument } from "../option_checks.ts";
import type { Redactor } from "../output/redactor.ts";
import { safe, type SafeText } from "../safe_text.ts";

/** What an approver is asked. It is a copy: nothing done to it changes what runs. */
export interface ApprovalRequest {
  /** The session's id. */
  readonly session: SafeText;
  /** The command's id. */
  readonly commandId: SafeText;
  /** The command, redacted. Its text may be the attempt of an agent to talk to the reader. */
  readonly command: SafeText;
  /**
   * The command's standard input, redacted and cut at 65,536 characters; absent when it is given
   * none. Many programs run what they read there.
   */
  readonly stdin?: SafeText;
  /**
   * True when `command` and `stdin` are exactly what would run; false when something was taken out
   * of them or cut off, so that nobody can see all of what he approves.
   */
  readonly isWhole: boolean;
  /** The directory it would run in, redacted. */
  readonly cwd: SafeText;
  /** The kind of machine. */
  readonly transport: SafeText;
  /** What a person would call the machine. */
  readonly target: SafeText;
  /** Why it is asked about: rule, words, chain and the program as it would run. */
  readonly verdict: Verdict;
  /** Aborts when an answer no longer counts: at the time-out, a cancellation, or the close. */
  readonly signal: AbortSignal;
}

/** What an approver says. */
export interface ApprovalAnswer {
  /** `allow` runs the command once, `deny` refuses it. */
  readonly decision: "allow" | "deny";
  /** Who decided, for the audit; it is redacted and cut at 200 characters. */
  readonly by?: string;
  /** Why, for the audit and, with `deny`, for the agent; it is redacted and cut at 500 characters. */
  readonly reason?: string;
}

/** Asks a human, or whatever stands in for one. */
export type Approver = (request: ApprovalRequest) => Promise<ApprovalAnswer>;

/** An approver and how long it may take. */
export interface ApprovalSetup {
  /** Asks. */
  readonly approve: Approver;
  /** Milliseconds that it may take. */
  readonly timeoutMs: number;
}

/** The options that are about approval. */
export interface ApprovalOptions {
  /** Asks. */
  readonly approve?: Approver;
  /** Milliseconds that it may take. */
  readonly approveTimeoutMs?: number;
}

/** How a question ended. */
export interface Approval {
  /** Whether the command may run. */
  readonly isAllowed: boolean;
  /** What the audit says of it. */
  readonly record: AuditApproval;
}

const BY_MAX_CHARS = 200;
const REASON_MAX_CHARS = 500;

/**
 * Checks and completes the options that are about approval.
 *
 * @param options What the caller gave.
 * @returns The setup; undefined when nobody is to be asked.
 * @throws {ExeckitError} `invalid_argument`, naming the option.
 */
export function resolveApproval(options: ApprovalOptions): ApprovalSetup | undefined {
  // A caller without types may have given anything.
  const { approve, approveTimeoutMs = LIMITS.approveTimeoutMs } = options as {
    readonly approve?: unknown;
    readonly approveTimeoutMs?: unknown;
  };
  const maxMs = LIMITS.approveTimeoutMaxMs;
  if (
    typeof approveTimeoutMs !== "number" || !(approveTimeoutMs >= 1 && approveTimeoutMs <= maxMs)
  ) {
    throw invalidArgument(
      safe`'approveTimeoutMs' must be a number of milliseconds from 1 to ${maxMs}`,
    );
  }
  if (approve === undefined) return undefined;
  if (!isApprover(approve)) {
    throw invalidArgument(safe`'approve' must be a function`);
  }
  return { approve, timeoutMs: approveTimeoutMs };
}

function isApprover(value: unknown): value is Approver {
  return typeof value === "function";
}

/**
 * Asks an approver and waits for the answer, no longer than allowed.
 *
 * @param setup The approver.
 * @param request What it is asked, without its signal.
 * @param context The redactor of the session, and what ends the wait early.
 * @returns How it ended; it never throws.
 */
export async function askApprover(
  setup: ApprovalSetup,
  request: Omit<ApprovalRequest, "signal">,
  context: { readonly redactor: Redactor; readonly signals: readonly AbortSignal[] },
): Promise<Approval> {
  const startedMs = monotonicMs();
  const ended = new AbortController();
  const copy = { ...request, verdict: structuredClone(request.verdict), signal: ended.signal };
  const outcome = await firstOf(setup, copy, context.signals);
  // Whoever still asks somebody can stop doing so.
  ended.abort();
  const waitedMs = Math.round(monotonicMs() - startedMs);
  if (typeof outcome === "string") {
    return {
      isAllowed: false,
      record: { decision: "none", by: "approver", problem: outcome, waitedMs },
    };
  }
  const cut = (text: string, maxChars: number) =>
    context.redactor.text(context.redactor.text(text).slice(0, maxChars));
  const { decision, by, reason } = outcome;
  return {
    isAllowed: decision === "allow",
    record: {
      decision,
      by: "approver",
      ...(by === undefined ? {} : { who: cut(by, BY_MAX_CHARS) }),
      ...(reason === undefined ? {} : { reason: cut(reason, REASON_MAX_CHARS) }),
      waitedMs,
    },
  };
}

type Problem = NonNullable<AuditApproval["problem"]>;

function firstOf(
  { approve, timeoutMs }: ApprovalSetup,
  request: ApprovalRequest,
  signals: readonly AbortSignal[],
): Promise<ApprovalAnswer | Problem> {
  return new Promise((resolve) => {
    const cancel = () => settle("cancelled");
    const timer = setTimeout(() => settle("timed_out"), timeoutMs);
    const settle = (outcome: ApprovalAnswer | Problem) => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener("abort", cancel);
      resolve(outcome);
    };
    for (const signal of signals) signal.addEventListener("abort", cancel);
    if (signals.some(({ aborted }) => aborted)) return cancel();
    callApprover(approve, request).then(settle, () => settle("failed"));
  });
}

/** What throws at once fails like what throws later. */
async function callApprover(
  approve: Approver,
  request: ApprovalRequest,
): Promise<ApprovalAnswer | Problem> {
  const answer: unknown = await approve(request);
  return readAnswer(answer) ?? "failed";
}

/** The members are read once, so that an answer cannot be one thing first and another later. */
function readAnswer(answer: unknown): ApprovalAnswer | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const { decision, by, reason }: { decision?: unknown; by?: unknown; reason?: unknown } = answer;
  if (decision !== "allow" && decision !== "deny") return undefined;
  return {
    decision,
    ...(typeof by === "string" ? { by } : {}),
    ...(typeof reason === "string" ? { reason } : {}),
  };
}
