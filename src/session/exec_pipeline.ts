/**
 * One command through the house: the only file that knows the order of the steps.
 *
 * policy → approval → audit start → run (frame, transport, scan) → clean, redact, store → budget →
 * audit → result. Each step is a call into its room; nothing is decided here but the order.
 *
 * @module
 */

import type {
  AuditApproval,
  AuditEvent,
  AuditEventBase,
  AuditGiven,
  AuditSink,
} from "../audit/audit_event.ts";
import { epochMs, monotonicMs } from "../clock.ts";
import { ExeckitError } from "../errors.ts";
import type { ExecResult, Verdict } from "../exec_result.ts";
import { LIMITS } from "../limits.ts";
import { LiveScreen, type ScreenSize } from "../output/screen/live_screen.ts";
import type { CommandOutput } from "../output/store/command_output.ts";
import type { Redactor } from "../output/redactor.ts";
import type { Policy, PolicyPlace, PolicyRequest } from "../policy/policy.ts";
import { EMPTY_SAFE_TEXT, safe, type SafeText } from "../safe_text.ts";
import { type ApprovalSetup, askApprover } from "./approval.ts";
import type { BackgroundOutput } from "./background_output.ts";
import { CommandRecord } from "./command/command_record.ts";
import type { SessionProcessList } from "./command/session_process_list.ts";
import { launchDetached } from "./detached/launch_detached.ts";
import {
  buildDetachedResult,
  type CommandLabel,
  NO_OUTPUT,
  shownCommand,
} from "./result_builder.ts";
import type { ResolvedExec } from "./resolve_options.ts";
import type { ShellKeeper } from "./shell_keeper.ts";
import { type ShownRequest, showRequest } from "./shown_request.ts";

/** The terminal's size when a command says none. */
const DEFAULT_SIZE: ScreenSize = { rows: LIMITS.ttyRows, cols: LIMITS.ttyCols };

/** What a session lends to its commands. */
export interface House {
  /** The session's id, as it was given. */
  readonly id: string;
  /** The session's id, redacted. */
  readonly sessionId: SafeText;
  /** What a person would call the machine. */
  readonly target: SafeText;
  /** Judges commands. */
  readonly policy: Policy;
  /** Decides about what the policy asks; absent when nobody can be asked. */
  readonly approval?: ApprovalSetup;
  /** Aborts when the session begins to close. */
  readonly closing: AbortController;
  /** Receives the audit events; absent when none are kept. */
  readonly audit?: AuditSink;
  /** Takes secrets out. */
  readonly redactor: Redactor;
  /** The shell. */
  readonly keeper: ShellKeeper;
  /** What arrived while nothing ran. */
  readonly background: BackgroundOutput;
  /** Makes the place for a command's output. */
  readonly openOutput: () => CommandOutput;
  /** What the session's commands left running. */
  readonly processes: SessionProcessList;
}

/**
 * Takes one command from its text to its start.
 *
 * @param house The session's rooms.
 * @param command The command.
 * @param commandId Its id.
 * @param options Its complete options.
 * @returns The record of the command, which runs; or its result, when the policy refused it or it
 *   runs apart from the session.
 * @throws {ExeckitError} When there is no trustworthy result.
 */
export async function startThroughHouse(
  house: House,
  command: string,
  commandId: SafeText,
  options: ResolvedExec,
): Promise<CommandRecord | ExecResult> {
  const label = { commandId, command: house.redactor.text(command), cwd: safeCwd(house) };
  const request = policyRequest(house, command, options.stdin);
  const isShown = house.audit !== undefined || house.approval !== undefined;
  const shown = isShown
    ? showRequest(request, label, house.redactor)
    : { label, stdinBytes: 0, isWhole: true };
  const ruling = await judge(house, request, shown, options);
  if (!ruling.mayRun) return await refuse(house, shown, ruling);
  const approval = ruling.approval === undefined ? {} : { approval: ruling.approval };
  const given = auditedInput(shown);
  await record(house, () => ({ event: "start", ...base(house), ...label, ...given, ...approval }));
  house.policy.started?.(request);
  if (options.detach) return await runDetached(house, command, shown);
  const running = new CommandRecord({
    label,
    output: house.openOutput(),
    background: house.background.take(),
    tty: options.tty,
    ...(options.tty
      ? { screen: new LiveScreen(options.ttySize ?? DEFAULT_SIZE, house.redactor) }
      : {}),
    source: command,
  });
  if (options.signal?.aborted) running.stop.abort();
  // It never rejects: what goes wrong is in the record.
  void runToEnd(house, running, options, given);
  return running;
}

async function runToEnd(
  house: House,
  running: CommandRecord,
  options: ResolvedExec,
  given: AuditGiven,
): Promise<void> {
  const { stdin, tty, ttySize, timeoutMs } = options;
  try {
    if (ttySize !== undefined) await resizeTerminal(house, ttySize);
    const outcome = await house.keeper.run({
      command: running.source,
      ...(stdin === undefined ? {} : { stdin }),
      tty,
      timeoutMs,
      stop: running.stop,
      onOutput: (stream, bytes) => running.push(stream, bytes),
      beforeTimeout: (tooLate) =>
        running.noteActivity(house.processes.activity(running.quietMs), tooLate),
    });
    if (ttySize !== undefined) await resizeTerminal(house, DEFAULT_SIZE);
    const background = options.wait === undefined ? {} : await house.processes.look();
    running.finish({ outcome, cwd: safeCwd(house), ...background });
    const result = await running.result(options);
    const whole = { ...given, command: running.label.command };
    await record(house, () => execEvent(house, result, whole));
    running.settle();
  } catch (cause) {
    running.fail(await failed(house, running.label, cause));
  }
}

/** A command that asked for no size of its own finds the usual one. */
async function resizeTerminal({ keeper }: House, size: ScreenSize): Promise<void> {
  const { channel } = keeper;
  if (channel.dead) return;
  const { rows, cols } = size;
  await channel.synchronise(`\\command stty rows ${rows} cols ${cols} </dev/tty 2>/dev/null`);
}

/** An audit that cannot be written is the worse failure of the two. */
async function failed(house: House, label: CommandLabel, cause: unknown): Promise<ExeckitError> {
  const error = asExeckitError(cause);
  try {
    await record(house, () => failedEvent(house, label, error));
    return error;
  } catch (auditCause) {
    return asExeckitError(auditCause);
  }
}

async function runDetached(
  house: House,
  command: string,
  shown: ShownRequest,
): Promise<ExecResult> {
  const { label } = shown;
  const startedMs = monotonicMs();
  const launched = await launchDetached(house.keeper, command).catch(async (cause: unknown) => {
    throw await failed(house, label, cause);
  });
  const { id, before } = launched;
  const result = buildDetachedResult({
    label,
    outcome: before,
    durationMs: monotonicMs() - startedMs,
    cwd: safeCwd(house),
    background: house.background.take(),
    detachedId: house.redactor.text(id),
  });
  const whole = { ...auditedInput(shown), command: label.command };
  await record(house, () => execEvent(house, result, whole));
  return result;
}

function auditedInput({ stdin, stdinBytes, isWhole }: ShownRequest): AuditGiven {
  return {
    ...(stdin === undefined ? {} : { stdin, stdinBytes }),
    ...(isWhole ? {} : { isWhole }),
  };
}

/** What becomes of a command: the verdict, and who decided where the policy asks. */
interface Ruling {
  readonly mayRun: boolean;
  readonly verdict: Verdict;
  readonly approval?: AuditApproval;
}

async function judge(
  house: House,
  request: PolicyRequest,
  { label, stdin, isWhole }: ShownRequest,
  options: ResolvedExec,
): Promise<Ruling> {
  const verdict = house.policy.decide(request);
  if (verdict.decision !== "ask") return { mayRun: verdict.decision === "allow", verdict };
  const asking = verdict.rule === undefined ? {} : { rule: verdict.rule };
  if (house.approval === undefined) {
    // `ask` without a human to ask is what the policy says, and a refusal when it says nothing.
    const decision = house.policy.whenNoHuman ?? "deny";
    const approval = { decision, by: "when_no_human", ...asking } as const;
    return { mayRun: decision === "allow", verdict, approval };
  }
  const question = {
    session: house.sessionId,
    ...label,
    ...(stdin === undefined ? {} : { stdin }),
    isWhole,
    transport: house.redactor.text(request.transport),
    target: house.target,
    verdict,
  };
  const { signal } = options;
  const { isAllowed, record } = await askApprover(house.approval, question, {
    redactor: house.redactor,
    signals: [house.closing.signal, ...(signal === undefined ? [] : [signal])],
  });
  const approval = { ...record, ...asking };
  if (!isAllowed) return { mayRun: false, verdict: refusedVerdict(verdict, record), approval };
  // An answer counts for what was asked about, and for nothing that came in its place.
  const now = house.policy.decide(policyRequest(house, request.command, request.stdin));
  if (house.keeper.cwd === request.cwd && isSameVerdict(now, verdict)) {
    return { mayRun: true, verdict, approval };
  }
  return {
    mayRun: false,
    verdict,
    approval: { ...approval, decision: "none", problem: "changed" },
  };
}

function isSameVerdict(one: Verdict, other: Verdict): boolean {
  return one.decision === other.decision && one.rule === other.rule && one.words === other.words;
}

function refusedVerdict(verdict: Verdict, { decision, reason }: AuditApproval): Verdict {
  if (decision !== "deny") return verdict;
  const why = reason === undefined ? safe`` : safe`: ${reason}`;
  return {
    ...verdict,
    decision: "deny",
    reason: safe`Denied by the approver${why}; do not work around it`,
  };
}

function policyRequest(house: House, command: string, stdin: string | undefined): PolicyRequest {
  return { command, ...(stdin === undefined ? {} : { stdin }), ...policyPlace(house) };
}

/**
 * Says where something would run.
 *
 * @param house The session's rooms.
 * @returns The place, as policies know it.
 */
export function policyPlace(house: House): PolicyPlace {
  return {
    cwd: house.keeper.cwd,
    transport: house.keeper.channel.transport.kind,
    target: house.target,
    shell: house.keeper.channel.dialect.name,
    redact: (text) => house.redactor.text(text),
  };
}

async function refuse(
  house: House,
  shown: ShownRequest,
  { verdict, approval }: Ruling,
): Promise<ExecResult> {
  const { label } = shown;
  await record(house, () => ({
    event: "blocked",
    ...base(house),
    commandId: label.commandId,
    command: label.command,
    ...auditedInput(shown),
    reason: verdict.reason ?? EMPTY_SAFE_TEXT,
    verdict,
    ...(approval === undefined ? {} : { approval }),
  }));
  const problem = approval?.problem;
  return {
    ...label,
    command: shownCommand(label),
    ...NO_OUTPUT,
    status: verdict.decision === "ask" ? "needs_approval" : "blocked",
    durationMs: 0,
    verdict,
    ...(problem === undefined ? {} : { note: UNDECIDED_NOTES[problem] }),
  };
}

/** Why nobody decided, for the agent. */
const UNDECIDED_NOTES: { readonly [problem in NonNullable<AuditApproval["problem"]>]: SafeText } = {
  timed_out: safe`Nobody approved this in time, so that it was not run.`,
  failed: safe`The approver could not be asked, so that this was not run.`,
  cancelled: safe`The call was cancelled before anybody approved it, so that it was not run.`,
  changed: safe`What would have run is no longer what was approved, so that it was not run.`,
};

function safeCwd(house: House): SafeText {
  return house.redactor.text(house.keeper.cwd);
}

/** Most sessions keep no audit: an event is made only for a sink that takes it. */
/** Most sessions keep no audit: no event is made for them, and hardly a turn is lost. */
function record({ audit }: House, makeEvent: () => AuditEvent): Promise<void> | undefined {
  return audit?.record(makeEvent());
}

function base(house: House): AuditEventBase {
  return {
    ts: epochMs(),
    session: house.sessionId,
    transport: house.redactor.text(house.keeper.channel.transport.kind),
  };
}

/** The audit gets all of a command that the result shows the start of. */
function execEvent(
  house: House,
  result: ExecResult,
  whole: AuditGiven & Pick<CommandLabel, "command">,
): AuditEvent {
  const { commandId, status, stdout, stderr, exitCode, durationMs, cwd, truncated } = result;
  return {
    event: "exec",
    ...base(house),
    commandId,
    ...whole,
    status,
    stdout,
    stderr,
    ...(exitCode === undefined ? {} : { exitCode }),
    durationMs,
    cwd,
    truncated,
    ...(status === "timed_out" ? { timedOut: true as const } : {}),
  };
}

function failedEvent(house: House, label: CommandLabel, error: ExeckitError): AuditEvent {
  return {
    event: "failed",
    ...base(house),
    commandId: label.commandId,
    command: label.command,
    code: house.redactor.text(error.code),
    message: error.detail,
  };
}

function asExeckitError(cause: unknown): ExeckitError {
  if (cause instanceof ExeckitError) return cause;
  return new ExeckitError({
    code: "internal",
    message: safe`The command could not be carried out`,
    cause,
  });
}
