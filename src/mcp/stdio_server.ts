/**
 * The MCP server as a process: settings in, protocol on stdio, everything closed at the end.
 *
 * @module
 */

import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { dirname, resolve } from "node:path";
import process from "node:process";
import type { AuditSink } from "../audit/audit_event.ts";
import { ExeckitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { safe, type SafeText } from "../safe_text.ts";
import { checkOutputDirectory } from "../session/check_output_directory.ts";
import { SessionRegistry } from "../session/session_registry.ts";
import { OPERATOR_VARIABLES, type OperatorConfig, readOperatorConfig } from "./operator_config.ts";
import { loadOperatorPolicy } from "./operator_policy.ts";
import { createServerFactory } from "./server.ts";
import type { ToolContext } from "./tool.ts";

/** Bytes of one message at most: the largest command and stdin, escaped for JSON. */
const MESSAGE_MAX_BYTES = 2 * (LIMITS.commandMaxBytes + LIMITS.stdinMaxBytes);

/** Exit code by the event that ended the server: as a shell reports a signal. */
const EXIT_CODES = { end_of_input: 0, SIGINT: 130, SIGTERM: 143 } as const;

type Ending = keyof typeof EXIT_CODES;

/**
 * Serves MCP on this process's standard input and output until the input ends or a signal asks
 * for the end, then closes every session. Errors go to standard error, nothing else does.
 *
 * @returns The exit code for the process: 0 at end of input, 1 when it cannot start, 130 and 143
 * for SIGINT and SIGTERM.
 */
export async function serveMcpOnStdio(): Promise<number> {
  try {
    const config = readOperatorConfig((name) => process.env[name]);
    await checkOutput(config);
    const audit = await openAudit(config);
    const policy = await loadOperatorPolicy(config);
    return await serve({ config, policy, ...(audit === undefined ? {} : { audit }) });
  } catch (error) {
    if (!(error instanceof ExeckitError)) throw error;
    logLine(error.message);
    return 1;
  }
}

async function serve(
  settings: Pick<ToolContext, "config" | "policy" | "audit">,
): Promise<number> {
  const { config, audit } = settings;
  const registry = new SessionRegistry({
    maxSessions: config.maxSessions,
    idleMs: config.sessionIdleMs,
    outputKeepMs: config.output.keepMs,
  });
  const reportDefect = (error: unknown) => {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    logLine(registry.redact(text));
  };
  const ended = ending();
  const transport = new StdioServerTransport(process.stdin, process.stdout, {
    maxBufferSize: MESSAGE_MAX_BYTES,
  });
  const factory = createServerFactory({ ...settings, registry, reportDefect });
  const server = serveStdio(factory, {
    transport,
    onerror: (error) => logLine(registry.redact(error.message)),
  });
  const reason = await ended;
  await server.close();
  await registry.close();
  await audit?.[Symbol.asyncDispose]();
  return EXIT_CODES[reason];
}

/** Settles at the first reason to stop: a client that is gone, or a signal. */
function ending(): Promise<Ending> {
  return new Promise((resolve) => {
    for (const event of ["end", "close"]) process.stdin.once(event, () => resolve("end_of_input"));
    process.stdout.once("error", () => resolve("end_of_input"));
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => resolve(signal));
    }
  });
}

async function openAudit(config: OperatorConfig): Promise<AuditSink | undefined> {
  if (config.auditPath === undefined) return undefined;
  // Loaded only when asked for: it brings the file system, for which there may be no permission.
  const { openJsonlAudit } = await import("../audit/jsonl_sink.ts");
  await refuseInWorkspace(dirname(config.auditPath), config, OPERATOR_VARIABLES.audit);
  try {
    return await openJsonlAudit({ path: config.auditPath });
  } catch (cause) {
    if (!(cause instanceof ExeckitError)) throw cause;
    throw new ExeckitError({
      code: "invalid_config",
      message: safe`Cannot start with ${OPERATOR_VARIABLES.audit}: ${cause.detail}`,
      cause,
    });
  }
}

/** What is wrong with the directory is said now, and not with the first long output. */
async function checkOutput(config: OperatorConfig): Promise<void> {
  const { directory } = config.output;
  if (directory === undefined) return;
  await refuseInWorkspace(directory, config, OPERATOR_VARIABLES.stateDir);
  try {
    await checkOutputDirectory(directory);
  } catch (cause) {
    if (!(cause instanceof ExeckitError)) throw cause;
    throw new ExeckitError({
      code: "invalid_config",
      message: safe`Cannot start with ${OPERATOR_VARIABLES.stateDir}: ${cause.detail}`,
      hint: cause.hint,
      cause,
    });
  }
}

/** A record that the agent can rewrite is none. */
async function refuseInWorkspace(
  directory: string,
  { sandbox }: OperatorConfig,
  variable: SafeText,
): Promise<void> {
  if (sandbox?.workspace === undefined) return;
  const { workspace } = sandbox;
  const { realpath } = await import("node:fs/promises");
  // What is not there yet, or may not be looked at, still has its name.
  const real = (one: string) => realpath(one).catch(() => resolve(one));
  const [folder, root] = await Promise.all([real(directory), real(workspace)]);
  if (!`${folder}/`.startsWith(`${root.replace(/\/$/, "")}/`)) return;
  throw new ExeckitError({
    code: "invalid_config",
    message: safe`Cannot start with ${variable}: it lies in the sandbox's workspace`,
    hint: safe`Move it to where no agent can write`,
  });
}

/** Standard output carries the protocol only. */
function logLine(text: string): void {
  process.stderr.write(`execkit-mcp: ${text}\n`);
}
