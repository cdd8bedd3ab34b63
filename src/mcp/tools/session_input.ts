/**
 * The tool `session_input`.
 *
 * @module
 */

import type { CallToolResult } from "@modelcontextprotocol/server";
import { LIMITS } from "../../limits.ts";
import type { CommandInput } from "../../session/command/command_keyboard.ts";
import type { JsonSchema } from "../arguments.ts";
import { defineTool, type Tool, type ToolCall, type ToolContext } from "../tool.ts";
import { isDetachedId, readDetached, signalDetached } from "./detached_command.ts";
import { READ_OUTPUT_SCHEMA, readPart, renderPart } from "./read_output.ts";
import { boundWait, waitSchema } from "./wait_arguments.ts";

interface SessionInputArguments {
  readonly command_id: string;
  readonly text?: string;
  readonly enter?: boolean;
  readonly secret?: boolean;
  readonly keys?: readonly string[];
  readonly signal?: NonNullable<CommandInput["signal"]>;
  readonly wait_ms?: number;
}

/** Milliseconds to wait for what the input brings about: most programs answer at once. */
const DEFAULT_WAIT_MS = 2000;

const INPUT_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    command_id: { type: "string" },
    text: { type: "string" },
    enter: { type: "boolean", description: "Press Enter after text. Default true" },
    secret: { type: "boolean", description: "Hide text everywhere" },
    keys: {
      type: "array",
      items: { type: "string" },
      description: "Pressed after text: tab, escape, up, page_down, f1, ctrl_d, …",
    },
    signal: { type: "string", enum: ["INT", "TERM", "KILL"] },
    wait_ms: waitSchema(`Default ${DEFAULT_WAIT_MS}`),
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
export function sessionInputTool(context: ToolContext): Tool {
  return defineTool<SessionInputArguments>({
    name: "session_input",
    title: "Answer or signal a command",
    description: "Type into a running command or signal it, then return like session_read. " +
      "signal INT is Ctrl-C; use KILL only if TERM fails.",
    inputSchema: INPUT_SCHEMA,
    outputSchema: READ_OUTPUT_SCHEMA,
    annotations: {
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: false,
      openWorldHint: true,
    },
    run: (args, call) => give(context, args, call),
  }, context);
}

async function give(
  context: ToolContext,
  args: SessionInputArguments,
  call: ToolCall,
): Promise<CallToolResult> {
  const { waitMs, note } = boundWait(args.wait_ms ?? DEFAULT_WAIT_MS);
  if (isDetachedId(args.command_id)) {
    const id = args.command_id;
    await signalDetached(context, id, inputOf(args));
    const read = { id, stream: "both", lines: LIMITS.mcpResultMaxLines, waitMs } as const;
    return await readDetached(context, read, call, [note]);
  }
  const command = context.registry.command(args.command_id);
  call.watch(() => command.hold());
  await command.require().input(inputOf(args));
  const standing = await command.stand({ waitMs, signal: call.signal });
  const part = await readPart(
    command,
    { stream: "both", lines: LIMITS.mcpResultMaxLines },
    () => !call.signal.aborted,
  );
  return renderPart(command, standing, { part, notes: [note] });
}

function inputOf(
  { text, enter = true, secret, keys, signal }: SessionInputArguments,
): CommandInput {
  // Who ends the text with a line end has pressed Enter.
  const pressed = text !== undefined && enter && !/[\r\n]$/.test(text) ? ["enter"] : [];
  const all = [...pressed, ...keys ?? []];
  return {
    ...(text === undefined ? {} : { text }),
    ...(secret === undefined ? {} : { secret }),
    ...(all.length === 0 && keys === undefined ? {} : { keys: all }),
    ...(signal === undefined ? {} : { signal }),
  };
}
