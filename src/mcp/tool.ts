/**
 * What a tool is: its texts and schemas, and a function that answers one call.
 *
 * @module
 */

import type { CallToolResult } from "@modelcontextprotocol/server";
import type { AuditSink } from "../audit/audit_event.ts";
import { ExeckitError } from "../errors.ts";
import type { RegisteredDetached } from "../session/registered_detached.ts";
import type { SessionRegistry } from "../session/session_registry.ts";
import { argumentReader, type JsonSchema } from "./arguments.ts";
import type { Cancellation } from "./cancellation.ts";
import type { DetachedLedger } from "./detached_ledger.ts";
import type { OperatorConfig } from "./operator_config.ts";
import type { OperatorPolicy } from "./operator_policy.ts";
import type { FindOutput } from "./progress.ts";
import { renderError } from "./render.ts";

/** What the tools of one server share. */
export interface ToolContext {
  /** The sessions. */
  readonly registry: SessionRegistry;
  /** The commands that run apart from sessions. */
  readonly detached: RegisteredDetached;
  /** Where such commands are noted for servers to come; absent without a state directory. */
  readonly ledger?: DetachedLedger;
  /** The operator's settings. */
  readonly config: OperatorConfig;
  /** The operator's fence, which a session may narrow. */
  readonly policy: OperatorPolicy;
  /** Receives the audit events of every session; none are kept when absent. */
  readonly audit?: AuditSink;
  /** Tells the operator of a defect that the agent only sees as `internal`. */
  readonly reportDefect: (error: unknown) => void;
}

/** What a tool call carries beside its arguments. */
export interface ToolCall extends Cancellation {
  /** Aborts when the client cancels the call or goes away, whatever it means by that. */
  readonly signal: AbortSignal;
  /** Names the command whose last line progress notifications show. */
  readonly watch: (find: FindOutput) => void;
}

/** How clients may treat a tool. All four are given, for their defaults are pessimistic. */
export interface ToolHints {
  /** It changes nothing. Clients may run it without asking. */
  readonly readOnlyHint: boolean;
  /** It may destroy something. */
  readonly destructiveHint: boolean;
  /** Doing it twice is the same as doing it once. */
  readonly idempotentHint: boolean;
  /** It may reach beyond execkit's own sessions. */
  readonly openWorldHint: boolean;
}

/** Keeps a tool in front of the model in Claude Code, which else may hide it behind a search. */
export const ALWAYS_LOADED: Readonly<Record<string, unknown>> = { "anthropic/alwaysLoad": true };

/** A tool as the server registers it. */
export interface Tool {
  /** The name on the wire. */
  readonly name: string;
  /** The name for people. */
  readonly title: string;
  /** What it does, for the model. */
  readonly description: string;
  /** The schema of its arguments. */
  readonly inputSchema: JsonSchema;
  /** The schema of its structured result. */
  readonly outputSchema: JsonSchema;
  /** How clients may treat it. */
  readonly annotations: ToolHints;
  /** What particular clients read beside the specification. */
  readonly meta?: Readonly<Record<string, unknown>>;
  /** Answers one call. Whatever goes wrong is in the answer; it never throws. */
  answer(raw: unknown, call: ToolCall): Promise<CallToolResult>;
}

/** A tool as its file defines it. */
export interface ToolDefinition<Arguments> extends Omit<Tool, "answer"> {
  /** Does the work, with checked arguments; throws when there is no result. */
  readonly run: (args: Arguments, call: ToolCall) => Promise<CallToolResult>;
}

/**
 * Makes a tool from its definition: arguments are checked, errors become answers.
 *
 * @param definition The texts, schemas and work.
 * @param context What the tools share.
 * @returns The tool.
 */
export function defineTool<Arguments>(
  definition: ToolDefinition<Arguments>,
  context: ToolContext,
): Tool {
  const { run, ...described } = definition;
  const redact = (text: string) => context.registry.redact(text);
  const readArguments = argumentReader<Arguments>(definition.inputSchema, redact);
  return {
    ...described,
    async answer(raw, call) {
      try {
        return await run(readArguments(raw), call);
      } catch (error) {
        if (!(error instanceof ExeckitError)) context.reportDefect(error);
        return renderError(error);
      }
    },
  };
}
