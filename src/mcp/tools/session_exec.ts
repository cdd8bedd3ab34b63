/**
 * The tool `session_exec`.
 *
 * @module
 */

import { TIMED_OUT, withDeadline } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import type { ExecOptions } from "../../session/session_options.ts";
import type { JsonSchema } from "../arguments.ts";
import { renderExec } from "../render.ts";
import { ALWAYS_LOADED, defineTool, type Tool, type ToolContext } from "../tool.ts";
import { BUDGET_SCHEMA, readBudget, type WireBudget } from "./budget_schema.ts";
import { EXEC_OUTPUT_SCHEMA } from "./exec_output_schema.ts";

interface SessionExecArguments {
  readonly session_id: string;
  readonly command: string;
  readonly timeout_ms?: number;
  readonly stdin?: string;
  readonly tty?: boolean;
  readonly budget?: WireBudget;
}

function inputSchema(defaultTimeoutMs: number): JsonSchema {
  return {
    type: "object",
    properties: {
      session_id: { type: "string", description: "From session_create" },
      command: { type: "string", minLength: 1, description: "May be several lines" },
      timeout_ms: {
        type: "integer",
        minimum: 1,
        description: `End the command after this long. Default ${defaultTimeoutMs}, ` +
          `at most ${LIMITS.mcpCommandTimeoutMs}`,
      },
      stdin: { type: "string", description: "Text piped to the command, then EOF" },
      tty: {
        type: "boolean",
        description: "Run on a terminal; stderr is then merged into stdout",
      },
      budget: BUDGET_SCHEMA,
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
  const { registry, config } = context;
  return defineTool<SessionExecArguments>({
    name: "session_exec",
    title: "Run a command",
    description: "Run a shell command in a session. Returns stdout, stderr (separate), exit_code " +
      "and cwd. A command that outlives timeout_ms is ended: status timed_out, exit_code 124, " +
      "and the session goes on. Start servers and long work in the background: " +
      "`cmd >log 2>&1 &`. Long output is shortened in the middle; use budget to see another " +
      "part. One command runs per session at a time; open another session to work in parallel.",
    inputSchema: inputSchema(config.commandTimeoutMs),
    outputSchema: EXEC_OUTPUT_SCHEMA,
    annotations: {
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: false,
      openWorldHint: true,
    },
    meta: ALWAYS_LOADED,
    async run(args, { signal }) {
      const lowered = (args.timeout_ms ?? 0) > LIMITS.mcpCommandTimeoutMs;
      const work = registry.exec(args.session_id, args.command, execOptions(args, signal));
      const result = await withDeadline(work, LIMITS.mcpCallMaxMs);
      if (result === TIMED_OUT) throw callTimedOut();
      return renderExec(result, lowered ? loweredNote() : undefined);
    },
  }, context);
}

function execOptions(args: SessionExecArguments, signal: AbortSignal): ExecOptions {
  const { timeout_ms: timeoutMs, stdin, tty, budget } = args;
  return {
    signal,
    ...(timeoutMs === undefined
      ? {}
      : { timeoutMs: Math.min(timeoutMs, LIMITS.mcpCommandTimeoutMs) }),
    ...(stdin === undefined ? {} : { stdin }),
    ...(tty === undefined ? {} : { tty }),
    ...(budget === undefined ? {} : { budget: readBudget(budget) }),
  };
}

function loweredNote(): SafeText {
  return safe`timeout_ms was lowered to ${LIMITS.mcpCommandTimeoutMs}, the most a call may take.`;
}

/** The ladder ends a command well before this, so a call only gets here when the ladder hangs. */
function callTimedOut(): ExeckitError {
  const seconds = LIMITS.mcpCallMaxMs / 1000;
  return new ExeckitError({
    code: "busy",
    message: safe`Cannot wait for the command: it is still being ended after ${seconds} s`,
    hint: safe`See session_list for how it stands, or close the session with session_destroy`,
  });
}
