/**
 * The tool `session_exec`.
 *
 * @module
 */

import type { CallToolResult } from "@modelcontextprotocol/server";
import { TIMED_OUT, withDeadline } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import type { ExecResult } from "../../exec_result.ts";
import { LIMITS } from "../../limits.ts";
import { invalidArgument } from "../../option_checks.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import type { ExecOptions, TerminalSize } from "../../session/session_options.ts";
import type { SessionRegistry } from "../../session/session_registry.ts";
import type { JsonSchema } from "../arguments.ts";
import { OPERATOR_VARIABLES, type OperatorConfig } from "../operator_config.ts";
import { renderExec } from "../render.ts";
import { ALWAYS_LOADED, defineTool, type Tool, type ToolCall, type ToolContext } from "../tool.ts";
import { BUDGET_SCHEMA, readBudget, type WireBudget } from "./budget_schema.ts";
import { startDetached } from "./detached_command.ts";
import { EXEC_OUTPUT_SCHEMA } from "./exec_output_schema.ts";
import { boundWait, UNTIL_SCHEMA, waitSchema, type WireUntil } from "./wait_arguments.ts";

interface SessionExecArguments {
  readonly session_id: string;
  readonly command: string;
  readonly wait_ms?: number;
  readonly until?: WireUntil;
  readonly timeout_ms?: number;
  readonly stdin?: string;
  readonly tty?: boolean;
  readonly tty_size?: TerminalSize;
  readonly budget?: WireBudget;
  readonly detach?: boolean;
}

/** Looks at the machine after the wait take this long at most; clients give up after 60 s. */
const CALL_DEADLINE_MS = LIMITS.mcpCallMaxMs + LIMITS.asideTimeoutMs;

function inputSchema({ commandTimeoutMs: timeoutMs, mayDetach }: OperatorConfig): JsonSchema {
  return {
    type: "object",
    properties: {
      session_id: { type: "string", description: "From session_create" },
      command: { type: "string", minLength: 1, description: "May be several lines" },
      wait_ms: waitSchema(
        `Return after this long at the latest. Default ${LIMITS.waitMs}, ` +
          `at most ${LIMITS.mcpCallMaxMs}`,
      ),
      until: {
        ...UNTIL_SCHEMA,
        description: "Return once a line matches, or the machine listens on the port",
      },
      timeout_ms: {
        type: "integer",
        minimum: 1,
        description: `End the command after this long. Default ${timeoutMs ?? "none"}`,
      },
      stdin: { type: "string", description: "Text, then EOF" },
      tty: {
        type: "boolean",
        description: "Run on a terminal; stderr goes to stdout",
      },
      tty_size: {
        type: "object",
        properties: { rows: { type: "integer" }, cols: { type: "integer" } },
        required: ["rows", "cols"],
      },
      budget: BUDGET_SCHEMA,
      detach: {
        type: "boolean",
        // It is listed all the same, for what is not listed is refused without the reason.
        description: mayDetach
          ? "Return at once; it outlives session and server"
          : "The operator does not allow it",
      },
    },
    required: ["session_id", "command"],
    additionalProperties: false,
  };
}

/**
 * Makes the tool.
 *
 * @param context What the tools share.
 * @returns The tool.
 */
export function sessionExecTool(context: ToolContext): Tool {
  return defineTool<SessionExecArguments>({
    name: "session_exec",
    title: "Run a command",
    description: "Run a shell command in a session. Returns stdout, stderr (separate), exit_code " +
      "and cwd. If it outlives wait_ms, status is running and it goes on: follow its command_id " +
      "with session_read. Start servers so, with until. Status waiting_for_input: answer with " +
      "session_input. Long output is shortened in the middle; session_read has the rest, so do " +
      "not run it again. One command runs per session at a time; open another to work in parallel.",
    inputSchema: inputSchema(context.config),
    outputSchema: EXEC_OUTPUT_SCHEMA,
    annotations: {
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: false,
      openWorldHint: true,
    },
    meta: ALWAYS_LOADED,
    run: (args, call) => runCommand(context, args, call),
  }, context);
}

async function runCommand(
  context: ToolContext,
  args: SessionExecArguments,
  call: ToolCall,
): Promise<CallToolResult> {
  if (args.detach === true) {
    if (!context.config.mayDetach) throw detachNotAllowed();
    requireAlone(args);
    return await startDetached(context, args.session_id, args.command);
  }
  requireSize(args);
  const { registry, config } = context;
  const { waitMs, note: waitNote } = boundWait(args.wait_ms ?? LIMITS.waitMs);
  const { timeoutMs, note: timeoutNote } = boundTimeout(args.timeout_ms ?? config.commandTimeoutMs);
  const { session_id: sessionId, command, until, stdin, tty, tty_size: ttySize } = args;
  const budget = args.budget === undefined ? {} : { budget: readBudget(args.budget) };
  const options: ExecOptions = {
    waitMs,
    signal: call.interrupt,
    waitSignal: call.detach,
    ...budget,
    ...(until === undefined ? {} : { until }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(stdin === undefined ? {} : { stdin }),
    ...(tty === undefined ? {} : { tty }),
    ...(ttySize === undefined ? {} : { ttySize }),
  };
  call.watch(() => registry.running(sessionId)?.hold());
  const result = await withDeadline(registry.exec(sessionId, command, options), CALL_DEADLINE_MS);
  if (result === TIMED_OUT) throw callTimedOut();
  noteWhoStopped(registry, result, call);
  const isReceived = () => !call.signal.aborted;
  const shown = await registry.command(result.commandId).shown(result, { ...budget, isReceived });
  return renderExec(shown.result, {
    notes: [waitNote, timeoutNote],
    ...(shown.nextLine === undefined ? {} : { nextLine: shown.nextLine }),
  });
}

/** The session would refuse it too, but by names that the agent does not know. */
function requireSize({ tty, tty_size: size }: SessionExecArguments): void {
  if (size === undefined) return;
  if (tty !== true) throw invalidArgument(safe`'tty_size' goes with 'tty' only`);
  const { ttyMaxRows, ttyMaxCols } = LIMITS;
  const isWithin = (count: number, most: number) => count >= 1 && count <= most;
  if (isWithin(size.rows, ttyMaxRows) && isWithin(size.cols, ttyMaxCols)) return;
  throw invalidArgument(
    safe`'tty_size' must have 'rows' from 1 to ${ttyMaxRows} and 'cols' from 1 to ${ttyMaxCols}`,
  );
}

/** What has no effect is refused, so that nobody believes that it has one. */
function requireAlone(args: SessionExecArguments): void {
  const { session_id: _session, command: _command, detach: _detach, ...more } = args;
  if (Object.keys(more).length === 0) return;
  throw invalidArgument(
    safe`'detach' goes with 'session_id' and 'command' only: the command is followed with session_read`,
  );
}

function detachNotAllowed(): ExeckitError {
  const variable = OPERATOR_VARIABLES.detach;
  return new ExeckitError({
    code: "blocked_by_policy",
    message: safe`The operator does not allow commands that outlive their session`,
    hint:
      safe`Leave out detach: the command goes on while its session is open. For more ask the operator, who sets ${variable}; do not look for another way`,
  });
}

/** The client that cancelled does not hear of it; whoever reads the command later does. */
function noteWhoStopped(registry: SessionRegistry, result: ExecResult, call: ToolCall): void {
  if (!call.interrupt.aborted || result.status !== "interrupted") return;
  const seconds = Math.round(result.durationMs / 100) / 10;
  registry.command(result.commandId).stopNote =
    safe`The client cancelled its call after ${seconds} s, and the command was interrupted.`;
}

function boundTimeout(timeoutMs: number | undefined): { timeoutMs?: number; note?: SafeText } {
  const mostMs = LIMITS.commandTimeoutMaxMs;
  if (timeoutMs === undefined) return {};
  if (timeoutMs <= mostMs) return { timeoutMs };
  return { timeoutMs: mostMs, note: safe`timeout_ms was lowered to ${mostMs}, a day.` };
}

/** A wait ends well before this, so a call only gets here when the machine hangs. */
function callTimedOut(): ExeckitError {
  return new ExeckitError({
    code: "busy",
    message: safe`Cannot say how the command stands: its machine does not answer`,
    hint: safe`See session_list for how it stands, or close the session with session_destroy`,
  });
}
