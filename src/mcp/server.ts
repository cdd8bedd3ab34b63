/**
 * The MCP server: the tools, wired to a registry of sessions.
 *
 * @module
 */

import {
  fromJsonSchema,
  type JsonSchemaType,
  type JsonSchemaValidator,
  type jsonSchemaValidator as SchemaValidator,
  McpServer,
  type McpServerFactory,
} from "@modelcontextprotocol/server";
import { Ajv, AjvJsonSchemaValidator } from "@modelcontextprotocol/server/validators/ajv";
import { VERSION } from "../version.ts";
import { RegisteredDetached } from "../session/registered_detached.ts";
import { splitCancellation } from "./cancellation.ts";
import { DetachedLedger } from "./detached_ledger.ts";
import type { OnCancel } from "./operator_config.ts";
import { withProgress } from "./progress.ts";
import { registerResources } from "./resources.ts";
import type { Tool, ToolContext } from "./tool.ts";
import { sessionCreateTool } from "./tools/session_create.ts";
import { sessionDestroyTool } from "./tools/session_destroy.ts";
import { sessionExecTool } from "./tools/session_exec.ts";
import { sessionInputTool } from "./tools/session_input.ts";
import { sessionListTool } from "./tools/session_list.ts";
import { sessionReadTool } from "./tools/session_read.ts";

/** Milliseconds that a client may keep the list of tools: it only changes with a new start. */
const TOOL_LIST_TTL_MS = 60 * 60 * 1000;

/** What the model is told of the server as a whole. */
export const INSTRUCTIONS: string =
  "execkit runs shell commands in sessions that keep their state. session_create once, then " +
  "session_exec as often as needed. If a call timed out or was cancelled, its command may go on: " +
  "find it with session_list. Output is redacted (secrets show as [REDACTED…]) and commands may " +
  "be blocked; when one is, say so and do not look for a way around it.";

/**
 * Makes the tools, in the order in which clients see them.
 *
 * @param context What the tools share.
 * @returns The tools.
 */
export function createTools(context: ToolContext): readonly Tool[] {
  return [
    sessionCreateTool(context),
    sessionExecTool(context),
    sessionReadTool(context),
    sessionInputTool(context),
    sessionListTool(context),
    sessionDestroyTool(context),
  ];
}

/** What a server is made from. */
export type ServerSettings = Omit<ToolContext, "detached" | "ledger">;

/**
 * Makes the factory that `serveStdio` and `createMcpHandler` take. Every server that it makes
 * works on the same sessions, for one process has one agent.
 *
 * @param settings The sessions, and what the operator set.
 * @returns A factory of servers for either protocol era.
 */
export function createServerFactory(settings: ServerSettings): McpServerFactory {
  const { registry, config: { output } } = settings;
  const context: ToolContext = {
    ...settings,
    detached: new RegisteredDetached(registry),
    ...(output.directory === undefined
      ? {}
      : { ledger: new DetachedLedger(output.directory, (text) => registry.redact(text)) }),
  };
  const tools = createTools(context);
  return () => {
    const server = new McpServer(
      { name: "execkit", title: "execkit", version: VERSION },
      {
        instructions: INSTRUCTIONS,
        capabilities: {
          tools: { listChanged: false },
          resources: { listChanged: false, subscribe: false },
        },
        cacheHints: { "tools/list": { ttlMs: TOOL_LIST_TTL_MS, cacheScope: "private" } },
      },
    );
    for (const tool of tools) registerTool(server, tool, context.config.onCancel);
    registerResources(server, context);
    return server;
  };
}

/** Arguments are checked by the tool itself, whose errors have a code and a next step. */
const ACCEPT_ALL: SchemaValidator = {
  getValidator<T>(): JsonSchemaValidator<T> {
    // Whoever receives the value treats it as unknown.
    return (input) => ({ valid: true, data: input as T, errorMessage: undefined });
  },
};

/** A result that does not match its schema is a defect; the SDK turns it into an error. */
const RESULTS: SchemaValidator = {
  getValidator<T>(schema: JsonSchemaType): JsonSchemaValidator<T> {
    // Compiled when first needed: a start must not wait for it.
    let check: JsonSchemaValidator<T> | undefined;
    return (input) => {
      check ??= new AjvJsonSchemaValidator(new Ajv({ allErrors: true })).getValidator<T>(schema);
      return check(input);
    };
  },
};

function registerTool(server: McpServer, tool: Tool, onCancel: OnCancel): void {
  const { name, title, description, annotations, meta } = tool;
  server.registerTool(name, {
    title,
    description,
    annotations,
    inputSchema: fromJsonSchema(tool.inputSchema, ACCEPT_ALL),
    outputSchema: fromJsonSchema(tool.outputSchema, RESULTS),
    ...(meta === undefined ? {} : { _meta: { ...meta } }),
  }, (args, { mcpReq }) => {
    const { signal } = mcpReq;
    const cancellation = splitCancellation(signal, onCancel);
    return withProgress(mcpReq, (watch) => tool.answer(args, { signal, ...cancellation, watch }));
  });
}
