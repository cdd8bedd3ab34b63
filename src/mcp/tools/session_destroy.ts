/**
 * The tool `session_destroy`.
 *
 * @module
 */

import type { JsonSchema } from "../arguments.ts";
import { renderStructured } from "../render.ts";
import { defineTool, type Tool, type ToolContext } from "../tool.ts";

interface SessionDestroyArguments {
  readonly session_id: string;
}

const MINUTE_MS = 60_000;

const INPUT_SCHEMA: JsonSchema = {
  type: "object",
  properties: { session_id: { type: "string", description: "From session_create" } },
  required: ["session_id"],
  additionalProperties: false,
};

const OUTPUT_SCHEMA: JsonSchema = {
  type: "object",
  properties: { destroyed: { type: "boolean" } },
  required: ["destroyed"],
};

/**
 * Makes the tool.
 *
 * @param context What the tools share.
 * @returns The tool.
 */
export function sessionDestroyTool(context: ToolContext): Tool {
  return defineTool<SessionDestroyArguments>({
    name: "session_destroy",
    title: "Close a session",
    description: "Close a session and kill what still runs in it, background jobs included." +
      readable(context.config.output.keepMs) +
      " destroyed is false when there is no such session.",
    inputSchema: INPUT_SCHEMA,
    outputSchema: OUTPUT_SCHEMA,
    annotations: {
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: true,
      openWorldHint: false,
    },
    async run(args) {
      return renderStructured({ destroyed: await context.registry.destroy(args.session_id) });
    },
  }, context);
}

function readable(keepMs: number): string {
  if (keepMs === 0) return "";
  const minutes = Math.max(1, Math.round(keepMs / MINUTE_MS));
  return ` Its output stays readable for ${minutes} min.`;
}
