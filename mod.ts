/**
 * execkit: a persistent session on a machine for an AI agent, and a structured, redacted and
 * bounded result for every command.
 *
 * ```ts
 * import { Session } from "@execkit/core";
 *
 * await using session = await Session.open({ transport: "local" });
 * await session.exec("cd /tmp && export GREETING=hello");
 * const { stdout, exitCode, cwd } = await session.exec("echo $GREETING");
 * // "hello\n", 0, "/tmp"
 * ```
 *
 * The agent is treated as untrusted: a command passes a {@linkcode Policy} before it runs, secrets
 * are redacted before anything leaves, output is bounded, and every step can be audited. A command
 * that exits non-zero is a result; {@linkcode ExeckitError} means that there is none to trust.
 *
 * @module
 */

export { type MachineDescription, Session, type ShellInfo } from "./src/session/session.ts";
export type {
  ApprovalAnswer,
  ApprovalRequest,
  ApprovalSetup,
  Approver,
} from "./src/session/approval.ts";
export type {
  CommonSessionOptions,
  CustomSessionOptions,
  DockerSessionOptions,
  ExecOptions,
  LocalSessionOptions,
  RemoteSessionOptions,
  SandboxLimits,
  SandboxOptions,
  SessionOptions,
  SshSessionOptions,
  TerminalSize,
} from "./src/session/session_options.ts";
export {
  DetachedCommands,
  type DetachedOnMachine,
  type DetachedOutput,
  type DetachedStatus,
} from "./src/session/detached/detached_commands.ts";
export type { DetachedLines, DetachedSearch } from "./src/session/detached/detached_pages.ts";
export type {
  CommandSession,
  OutputPart,
  OutputStreams,
  ReadFrom,
  RegisteredCommand,
  ShownResult,
  Standing,
} from "./src/session/registered_command.ts";
export {
  type ClosedSessionSummary,
  type CommandSummary,
  type RegisteredSession,
  type RegistrySession,
  SessionRegistry,
  type SessionRegistryOptions,
  type SessionSummary,
} from "./src/session/session_registry.ts";

export type {
  CommandSearch,
  SessionCommand,
  WaitOptions,
  WaitUntil,
} from "./src/session/command/session_command.ts";
export type { CommandInput } from "./src/session/command/command_keyboard.ts";
export type { ScreenSize, ScreenSnapshot } from "./src/output/screen/live_screen.ts";
export type { StreamName } from "./src/output/output_store.ts";
export type { LadderSignal } from "./src/shell/process_control.ts";
export type { StuckProcess, StuckReport } from "./src/shell/probe/explain_stuck.ts";
export type { Listener, ProcessState, WaitKind } from "./src/shell/probe/probe_report.ts";
export type { ReadOptions, ReadPage } from "./src/output/store/read_output.ts";
export type { SearchPage } from "./src/output/store/search_output.ts";
export type {
  OutputGap,
  OutputLine,
  OutputPage,
  OutputView,
} from "./src/output/store/output_page.ts";
export type { SessionFiles } from "./src/session/files/session_files.ts";
export type {
  FileDownloadOptions,
  FileEntry,
  FileKind,
  FileListOptions,
  FileProgress,
  FileReadOptions,
  FileStat,
  FileStatOptions,
  FileTransferred,
  FileUploadOptions,
  FileWriteOptions,
} from "./src/session/files/file_types.ts";

export {
  type BudgetReport,
  type CommandStatus,
  type Decision,
  type ExecResult,
  type InputWanted,
  type LeftRunning,
  type OutputTotals,
  type ShellReplacement,
  type StreamBudgetReport,
  toWire,
  type Verdict,
  type WireValue,
} from "./src/exec_result.ts";
export { ExeckitError, type ExeckitErrorInit } from "./src/errors.ts";
export { ERROR_HINTS, type ErrorCode } from "./src/error_codes.ts";
export {
  safe,
  type safeBrand,
  type SafeBytes,
  type SafePart,
  type SafeText,
} from "./src/safe_text.ts";
export { LIMITS } from "./src/limits.ts";
export { quoteForShell } from "./src/shell_text/quote.ts";
export { VERSION } from "./src/version.ts";

export type {
  Policy,
  PolicyInputRequest,
  PolicyPlace,
  PolicyRequest,
} from "./src/policy/policy.ts";
export { allowAllPolicy } from "./src/policy/allow_all.ts";
export { createDenyListPolicy, type ProgramLists } from "./src/policy/command_rules.ts";
export {
  parsePolicyFile,
  type PolicyFile,
  type ReadPolicyOptions,
} from "./src/policy/policy_file.ts";
export type { RuleExample } from "./src/policy/rule_file.ts";
export { loadPolicyFile, type LoadPolicyOptions } from "./src/policy/load_policy_file.ts";
export { strictestOf } from "./src/policy/policy_stack.ts";

export type { Budget, BudgetGrep, BudgetKeep } from "./src/output/budget.ts";
export type { RedactionPattern } from "./src/output/custom_patterns.ts";
export { createRedactor, type RedactorOptions } from "./src/output/redact.ts";
export type { RedactionStream, Redactor } from "./src/output/redactor.ts";

export type {
  AuditApproval,
  AuditBlockedEvent,
  AuditCloseEvent,
  AuditEvent,
  AuditEventBase,
  AuditExecEvent,
  AuditFailedEvent,
  AuditFileAction,
  AuditFileEvent,
  AuditGiven,
  AuditInputEvent,
  AuditOpenEvent,
  AuditSink,
  AuditStartEvent,
} from "./src/audit/audit_event.ts";
export { fanOut, type MemoryAudit, memoryAudit } from "./src/audit/audit_log.ts";
export { type AuditCheck, verifyAudit } from "./src/audit/audit_reader.ts";
export { type JsonlAuditOptions, openJsonlAudit } from "./src/audit/jsonl_sink.ts";

export type {
  AnswerSshPrompts,
  KnownHostsOptions,
  SshOptions,
  SshPrompt,
} from "./src/transports/ssh/ssh_options.ts";
export type {
  ContainerMount,
  DockerCommonOptions,
  DockerEngineOptions,
  DockerJoinOptions,
  DockerOptions,
  DockerOwnOptions,
  OwnContainerOptions,
} from "./src/transports/docker/docker_options.ts";
export type {
  AsideProcess,
  AsideScript,
  LaunchPlan,
  Transport,
  TransportEnd,
  TransportFactory,
  TransportKind,
} from "./src/transports/transport.ts";
