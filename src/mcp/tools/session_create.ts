/**
 * The tool `session_create`.
 *
 * @module
 */

import process from "node:process";
import { ExeckitError } from "../../errors.ts";
import { safe } from "../../safe_text.ts";
import type { SessionOptions } from "../../session/session_options.ts";
import type { RegisteredSession } from "../../session/session_registry.ts";
import { argumentReader, type JsonSchema } from "../arguments.ts";
import { renderStructured, type StructuredContent } from "../render.ts";
import type { OperatorConfig, OutputConfig } from "../operator_config.ts";
import { ALWAYS_LOADED, defineTool, type Tool, type ToolContext } from "../tool.ts";
import { BUDGET_SCHEMA, readBudget, type WireBudget } from "./budget_schema.ts";
import { requireHarmlessEnv } from "./session_env.ts";
import { requireAllowedShell } from "./session_shell.ts";
import { type TargetArguments, targetOptions } from "./session_target.ts";

interface SessionCreateArguments extends TargetArguments {
  readonly shell?: string;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly output_budget?: unknown;
}

const MINUTE_MS = 60_000;

const PROGRAM_NAMES: JsonSchema = { type: "array", items: { type: "string" } };

const INPUT_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    transport: { type: "string", enum: ["local", "ssh", "docker"] },
    host: { type: "string", description: "ssh: name, address or ssh config alias" },
    port: { type: "integer" },
    user: { type: "string", description: "ssh or docker" },
    key_path: { type: "string", description: "ssh: a key in the operator's key directory" },
    password: { type: "string", description: "ssh: prefer keys; it stays in this chat" },
    fingerprint: { type: "string", description: "ssh: the host key as SHA256:…" },
    container: { type: "string", description: "docker: a running container" },
    image: { type: "string", description: "docker: a new locked-down container of this image" },
    shell: { type: "string", description: "bash, zsh, dash, sh, busybox or a path. Default bash" },
    cwd: { type: "string" },
    env: { type: "object", properties: {}, additionalProperties: { type: "string" } },
    allow: { ...PROGRAM_NAMES, description: "Only these programs may run" },
    deny: PROGRAM_NAMES,
    // The form is spelled out at session_exec; twice would cost the model a hundred tokens.
    output_budget: { type: "object", description: "Default budget for session_exec, same form" },
  },
  required: ["transport"],
  additionalProperties: false,
};

const OUTPUT_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    session_id: { type: "string" },
    cwd: { type: "string" },
    os: { type: "string" },
    user: { type: "string" },
    host: { type: "string" },
    shell: { type: "string" },
    note: { type: "string" },
  },
  required: ["session_id", "cwd", "os", "shell"],
};

/**
 * Makes the tool.
 *
 * @param context What the tools share.
 * @returns The tool.
 */
export function sessionCreateTool(context: ToolContext): Tool {
  const { registry } = context;
  const readWireBudget = argumentReader<WireBudget>(BUDGET_SCHEMA, (text) => registry.redact(text));
  return defineTool<SessionCreateArguments>({
    name: "session_create",
    title: "Open a shell session",
    description: "Open a shell session on this machine (local), a host (ssh) or a container " +
      "(docker). cwd, env and shell state persist between session_exec calls. allow and deny " +
      "only narrow what the operator allows. Reuse a session instead of opening one per " +
      `command.${lifetime(context.config.sessionIdleMs)}`,
    inputSchema: INPUT_SCHEMA,
    outputSchema: OUTPUT_SCHEMA,
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: true,
    },
    meta: ALWAYS_LOADED,
    async run(args, { signal }) {
      const { output_budget: wire } = args;
      const budget = readBudget(wire === undefined ? undefined : readWireBudget(wire));
      const opened = await registry.open({ ...sessionOptions(args, context), budget });
      if (signal.aborted) {
        // The answer goes nowhere, so nobody would ever learn the id.
        await registry.destroy(opened.id);
        throw new ExeckitError({
          code: "session_closed",
          message: safe`Cannot hand over the session: the call was cancelled`,
        });
      }
      return renderStructured(await describeSession(opened, context.config));
    },
  }, context);
}

function lifetime(idleMs: number): string {
  if (idleMs === 0) return "";
  const minutes = Math.max(1, Math.round(idleMs / MINUTE_MS));
  return ` It is closed after ${minutes} min without a command.`;
}

function sessionOptions(args: SessionCreateArguments, context: ToolContext): SessionOptions {
  const { shell, cwd, env, allow, deny } = args;
  const policy = context.policy.forSession({
    ...(allow === undefined ? {} : { allow }),
    ...(deny === undefined ? {} : { deny }),
  });
  const redact = (text: string) => context.registry.redact(text);
  if (env !== undefined) requireHarmlessEnv(env, policy, redact);
  if (shell !== undefined) {
    requireAllowedShell(shell, policy, { transport: args.transport, redact });
  }
  return {
    ...targetOptions(args, policy, { config: context.config, redact }),
    policy,
    ...outputOptions(context.config.output),
    ...(context.audit === undefined ? {} : { audit: context.audit }),
    ...(shell === undefined ? {} : { shell }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
  };
}

function outputOptions({ directory, maxBytes }: OutputConfig): {
  outputDirectory?: string;
  outputMaxBytes?: number;
} {
  return {
    ...(directory === undefined ? {} : { outputDirectory: directory }),
    ...(maxBytes === undefined ? {} : { outputMaxBytes: maxBytes }),
  };
}

async function describeSession(
  { id, session }: RegisteredSession,
  { sandbox }: OperatorConfig,
): Promise<StructuredContent> {
  const { dialect, terminal } = session.shell;
  const notes = [
    ...(terminal ? [] : ["There is no terminal in this session: tty cannot be used"]),
    ...(sandbox === undefined || session.transport !== "local" ? [] : [sandboxNote(sandbox)]),
  ];
  return {
    session_id: id,
    cwd: session.cwd,
    ...(session.transport === "local" ? { os: process.platform } : await session.describeMachine()),
    shell: dialect,
    ...(notes.length === 0 ? {} : { note: notes.join(". ") }),
  };
}

function sandboxNote({ network }: NonNullable<OperatorConfig["sandbox"]>): string {
  const where = "The session is in a sandbox: files can be written in its first directory and /tmp";
  return network === "host" ? where : `${where}, and there is no network`;
}
