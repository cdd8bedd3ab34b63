/**
 * One command through the house: the only file that knows the order of the steps.
 *
 * policy → audit start → run (frame, transport, scan) → clean, redact, store → budget → audit →
 * result. Each step is a call into its room; nothing is decided here but the order.
 *
 * @module
 */

import type { AuditEvent, AuditEventBase, AuditSink } from "../audit/audit_event.ts";
import { epochMs, monotonicMs } from "../clock.ts";
import { ExeckitError } from "../errors.ts";
import type { ExecResult, Verdict } from "../exec_result.ts";
import { OutputPipeline } from "../output/output_pipeline.ts";
import type { Redactor } from "../output/redactor.ts";
import type { Policy, PolicyRequest } from "../policy/policy.ts";
import { EMPTY_SAFE_TEXT, safe, type SafeText } from "../safe_text.ts";
import type { BackgroundOutput } from "./background_output.ts";
import { buildResult, type CommandLabel } from "./result_builder.ts";
import type { ResolvedExec } from "./resolve_options.ts";
import type { ShellKeeper } from "./shell_keeper.ts";

/** What a session lends to its commands. */
export interface House {
  /** The session's id. */
  readonly sessionId: SafeText;
  /** What a person would call the machine. */
  readonly target: SafeText;
  /** Judges commands. */
  readonly policy: Policy;
  /** Receives the audit events; absent when none are kept. */
  readonly audit?: AuditSink;
  /** Takes secrets out. */
  readonly redactor: Redactor;
  /** The shell. */
  readonly keeper: ShellKeeper;
  /** What arrived while nothing ran. */
  readonly background: BackgroundOutput;
}

/**
 * Takes one command from its text to its result.
 *
 * @param house The session's rooms.
 * @param command The command.
 * @param commandId Its id.
 * @param options Its complete options.
 * @returns The result; `blocked` when the policy refused it.
 * @throws {ExeckitError} When there is no trustworthy result.
 */
export async function execThroughHouse(
  house: House,
  command: string,
  commandId: SafeText,
  options: ResolvedExec,
): Promise<ExecResult> {
  const label = { commandId, command: house.redactor.text(command), cwd: safeCwd(house) };
  const request = policyRequest(house, command);
  const verdict = house.policy.decide(request);
  if (!mayRun(house, verdict)) return await refuse(house, label, verdict);
  await record(house, { event: "start", ...base(house), ...label });
  house.policy.started?.(request);
  try {
    return await runAllowed(house, command, label, options);
  } catch (cause) {
    const error = asExeckitError(cause);
    await record(house, failedEvent(house, label, error));
    throw error;
  }
}

async function runAllowed(
  house: House,
  command: string,
  label: CommandLabel,
  options: ResolvedExec,
): Promise<ExecResult> {
  const background = house.background.take();
  const output = new OutputPipeline({ redactor: house.redactor });
  const startedMs = monotonicMs();
  const outcome = await house.keeper.run({
    ...options,
    command,
    onOutput: (stream, bytes) => output.push(stream, bytes),
  });
  const durationMs = monotonicMs() - startedMs;
  output.end();
  const shaped = output.shape({ budget: options.budget, interleave: options.interleave });
  const result = buildResult({
    label,
    outcome,
    shaped,
    durationMs,
    cwd: safeCwd(house),
    background,
  });
  await record(house, execEvent(house, result));
  return result;
}

/** `ask` without a human to ask is what the policy says, and a refusal when it says nothing. */
function mayRun({ policy }: House, { decision }: Verdict): boolean {
  return decision === "allow" || (decision === "ask" && policy.whenNoHuman === "allow");
}

function policyRequest(house: House, command: string): PolicyRequest {
  return {
    command,
    cwd: house.keeper.cwd,
    transport: house.keeper.channel.transport.kind,
    target: house.target,
    shell: house.keeper.channel.dialect.name,
    redact: (text) => house.redactor.text(text),
  };
}

async function refuse(house: House, label: CommandLabel, verdict: Verdict): Promise<ExecResult> {
  await record(house, {
    event: "blocked",
    ...base(house),
    commandId: label.commandId,
    command: label.command,
    reason: verdict.reason ?? EMPTY_SAFE_TEXT,
    verdict,
  });
  return {
    ...label,
    status: verdict.decision === "ask" ? "needs_approval" : "blocked",
    stdout: EMPTY_SAFE_TEXT,
    stderr: EMPTY_SAFE_TEXT,
    durationMs: 0,
    truncated: false,
    totals: { stdoutBytes: 0, stdoutLines: 0, stderrBytes: 0, stderrLines: 0 },
    verdict,
  };
}

function safeCwd(house: House): SafeText {
  return house.redactor.text(house.keeper.cwd);
}

async function record(house: House, event: AuditEvent): Promise<void> {
  await house.audit?.record(event);
}

function base(house: House): AuditEventBase {
  return {
    ts: epochMs(),
    session: house.sessionId,
    transport: house.redactor.text(house.keeper.channel.transport.kind),
  };
}

function execEvent(house: House, result: ExecResult): AuditEvent {
  const { commandId, command, status, stdout, stderr, exitCode, durationMs, cwd, truncated } =
    result;
  return {
    event: "exec",
    ...base(house),
    commandId,
    command,
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
