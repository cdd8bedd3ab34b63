/**
 * `execkit-mcp exec`: commands in one local session, a result for each.
 *
 * @module
 */

import type { AuditSink } from "../../audit/audit_event.ts";
import { ExeckitError } from "../../errors.ts";
import { type ExecResult, toWire } from "../../exec_result.ts";
import { createDenyListPolicy } from "../../policy/command_rules.ts";
import type { Policy } from "../../policy/policy.ts";
import { strictestOf } from "../../policy/policy_stack.ts";
import { safe } from "../../safe_text.ts";
import { Session } from "../../session/session.ts";
import type { LocalSessionOptions } from "../../session/session_options.ts";
import { EXIT_CODES, exitCodeOf } from "../exit_codes.ts";
import { readableResult } from "../readable_result.ts";

/** What the command line asks for. */
export interface ExecCommandOptions {
  /** One JSON line in wire names for each result. */
  readonly json?: boolean;
  /** The shell. */
  readonly shell?: string;
  /** The start directory. */
  readonly cwd?: string;
  /** Milliseconds that each command may live. */
  readonly timeoutMs?: number;
  /** Programs that may not run. */
  readonly deny?: readonly string[];
  /** A policy file; of it and `deny` the strictest verdict stands. */
  readonly policy?: string;
  /** The audit file that events are added to. */
  readonly audit?: string;
}

/** The outside world of a run, so that a test can stand in for it. */
export interface ExecIo {
  /** Writes results. */
  readonly write: (text: string) => void;
  /** Writes errors. */
  readonly writeError: (text: string) => void;
  /** The commands, in order. */
  readonly commands: AsyncIterable<string>;
  /** Aborts at ^C. */
  readonly interrupt: AbortSignal;
}

/**
 * Runs commands in one session. A command without a result does not keep the next from running,
 * as with `;` in a shell; a session that is gone, or ^C, does.
 *
 * @param options What the command line asks for.
 * @param io Where commands come from and results go.
 * @returns The exit code: that of the first command that did not simply give a result.
 */
export async function runExec(options: ExecCommandOptions, io: ExecIo): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  let session: Session | undefined;
  let audit: AuditSink | undefined;
  let separator = "";
  try {
    const policy = await loadPolicy(options);
    audit = await openAudit(options);
    session = await Session.open({
      ...sessionOptions(options),
      ...(policy === undefined ? {} : { policy }),
      ...(audit === undefined ? {} : { audit }),
    });
    for await (const command of io.commands) {
      if (io.interrupt.aborted || session.closed) break;
      io.write(separator);
      const code = await runOne(session, command, options, io);
      if (exitCode === EXIT_CODES.ok) exitCode = code;
      separator = options.json ? "" : "\n";
    }
  } catch (error) {
    exitCode = reportError(error, options, io);
  } finally {
    try {
      await session?.close();
    } catch (error) {
      // Nothing more could be recorded; the shell has ended all the same.
      exitCode = reportError(error, options, io);
    }
    await audit?.[Symbol.asyncDispose]();
  }
  return io.interrupt.aborted ? EXIT_CODES.interrupted : exitCode;
}

async function runOne(
  session: Session,
  command: string,
  options: ExecCommandOptions,
  io: ExecIo,
): Promise<number> {
  try {
    const result = await session.exec(command, { signal: io.interrupt });
    io.write(options.json ? jsonLine(result) : readableResult(result));
    return exitCodeOf(result.status);
  } catch (error) {
    return reportError(error, options, io);
  }
}

function sessionOptions(options: ExecCommandOptions): LocalSessionOptions {
  const { shell, cwd, timeoutMs } = options;
  return {
    transport: "local",
    ...(shell === undefined ? {} : { shell }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

async function loadPolicy({ deny, policy: path }: ExecCommandOptions): Promise<Policy | undefined> {
  const lists = deny === undefined ? [] : [createDenyListPolicy({ deny })];
  if (path === undefined) return lists[0];
  // Loaded only when asked for: there may be no permission to read files.
  const { loadPolicyFile } = await import("../../policy/load_policy_file.ts");
  return strictestOf([(await loadPolicyFile(path)).policy, ...lists]);
}

async function openAudit({ audit: path }: ExecCommandOptions): Promise<AuditSink | undefined> {
  if (path === undefined) return undefined;
  const { openJsonlAudit } = await import("../../audit/jsonl_sink.ts");
  return await openJsonlAudit({ path });
}

function jsonLine(result: ExecResult): string {
  return `${JSON.stringify(toWire(result))}\n`;
}

/** In JSON the error takes the place of its result, so that lines and commands stay in step. */
function reportError(error: unknown, options: ExecCommandOptions, io: ExecIo): number {
  const known = error instanceof ExeckitError
    ? error
    : new ExeckitError({ code: "internal", message: safe`Cannot run the commands`, cause: error });
  const { code, detail, hint } = known;
  if (options.json) io.write(`${JSON.stringify({ error: { code, message: detail, hint } })}\n`);
  else io.writeError(`execkit-mcp: ${known.message}\n`);
  return EXIT_CODES.error;
}
