/**
 * The tool `session_read`.
 *
 * @module
 */

import type { CallToolResult } from "@modelcontextprotocol/server";
import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { invalidArgument } from "../../option_checks.ts";
import { safe } from "../../safe_text.ts";
import type { OutputStreams } from "../../session/registered_command.ts";
import type { JsonSchema } from "../arguments.ts";
import { ALWAYS_LOADED, defineTool, type Tool, type ToolCall, type ToolContext } from "../tool.ts";
import { isDetachedId, readDetached } from "./detached_command.ts";
import { READ_OUTPUT_SCHEMA, readPart, renderPart, screenPart, searchPart } from "./read_output.ts";
import { boundWait, UNTIL_SCHEMA, waitSchema, type WireUntil } from "./wait_arguments.ts";

interface SessionReadArguments {
  readonly command_id: string;
  readonly stream?: OutputStreams;
  readonly from_line?: number;
  readonly lines?: number;
  readonly grep?: string;
  readonly context?: number;
  readonly until?: WireUntil;
  readonly wait_ms?: number;
  readonly screen?: boolean;
}

const INPUT_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    command_id: { type: "string" },
    stream: { type: "string", enum: ["stdout", "stderr", "both"], description: "Default both" },
    from_line: {
      type: "integer",
      description: "From 1; negative: from the end. Default: where the last read stopped",
    },
    lines: {
      type: "integer",
      minimum: 1,
      description: `Lines or matches. Default ${LIMITS.outputReadLines}, ` +
        `at most ${LIMITS.mcpResultMaxLines}`,
    },
    grep: { type: "string", description: "Only lines that match, with their numbers" },
    context: { type: "integer", minimum: 0 },
    until: UNTIL_SCHEMA,
    wait_ms: waitSchema(
      `First wait for the end, a prompt or until. Default 0; ${LIMITS.waitMs} with until`,
    ),
    screen: { type: "boolean", description: "The screen of tty, not lines" },
  },
  required: ["command_id"],
  additionalProperties: false,
};

/**
 * Makes the tool.
 *
 * @param context What the tools share.
 * @returns The tool.
 */
export function sessionReadTool(context: ToolContext): Tool {
  return defineTool<SessionReadArguments>({
    name: "session_read",
    title: "Read command output",
    description: "Read output of a running or ended command: the next new lines, a range, or " +
      "lines that match. Also says how it stands. next_line is there when there is more.",
    inputSchema: INPUT_SCHEMA,
    outputSchema: READ_OUTPUT_SCHEMA,
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: false,
    },
    meta: ALWAYS_LOADED,
    run: (args, call) => read(context, args, call),
  }, context);
}

async function read(
  toolContext: ToolContext,
  args: SessionReadArguments,
  call: ToolCall,
): Promise<CallToolResult> {
  const { until, grep, context, from_line: from, stream = "both" } = args;
  const lines = args.lines ?? LIMITS.outputReadLines;
  requireRange(args);
  if (isDetachedId(args.command_id)) return await readApart(toolContext, args, call);
  const command = toolContext.registry.command(args.command_id);
  const { waitMs, note } = boundWait(args.wait_ms ?? (until === undefined ? 0 : LIMITS.waitMs));
  call.watch(() => command.hold());
  if (args.screen === true) requireWhole(args);
  // Whoever cancels a read wants no answer; the command is not touched.
  const wait = { waitMs, signal: call.signal, ...(until === undefined ? {} : { until }) };
  const standing = await command.stand(wait);
  if (args.screen === true) {
    return renderPart(command, standing, { part: await screenPart(command), notes: [note] });
  }
  const part = grep === undefined
    ? await readPart(
      command,
      { stream, lines, ...(from === undefined ? {} : { from }) },
      () => !call.signal.aborted,
    )
    : await searchPart(command, {
      stream,
      pattern: grep,
      maxMatches: lines,
      ...(context === undefined ? {} : { context }),
      ...(from === undefined ? {} : { fromLine: from }),
    });
  return renderPart(command, standing, { part, notes: [note] });
}

/** The output would refuse it too, but by names that the agent does not know. */
function requireRange({ from_line: from, context = 0 }: SessionReadArguments): void {
  if (from === 0) throw invalidArgument(safe`'from_line' must be from 1, or negative from the end`);
  if (context <= LIMITS.budgetMaxContext) return;
  throw invalidArgument(safe`'context' must be at most ${LIMITS.budgetMaxContext}`);
}

/** A screen has no lines that could be chosen. */
function requireWhole({ stream, from_line, lines, grep, context }: SessionReadArguments): void {
  if ([stream, from_line, lines, grep, context].every((one) => one === undefined)) return;
  throw invalidArgument(safe`'screen' goes with 'wait_ms' and 'until' only`);
}

/** A detached command is asked about on its machine, where only its end can be waited for. */
async function readApart(
  context: ToolContext,
  args: SessionReadArguments,
  call: ToolCall,
): Promise<CallToolResult> {
  if (args.until !== undefined || args.screen === true) {
    throw new ExeckitError({
      code: "unsupported",
      message: safe`Cannot use 'until' or 'screen': the command is detached`,
      hint: safe`Give wait_ms, or look with grep`,
    });
  }
  const { command_id: id, stream = "both", from_line: from, grep, context: around } = args;
  const { waitMs, note } = boundWait(args.wait_ms ?? 0);
  const read = {
    id,
    stream,
    lines: args.lines ?? LIMITS.outputReadLines,
    waitMs,
    ...(from === undefined ? {} : { from }),
    ...(grep === undefined ? {} : { grep }),
    ...(around === undefined ? {} : { context: around }),
  };
  return await readDetached(context, read, call, [note]);
}
