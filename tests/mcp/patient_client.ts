/**
 * The real server on stdio with any of the clients, whose patience can be set for each call.
 *
 * @module
 */

import { Client as ModernClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernStdio } from "@modelcontextprotocol/client/stdio";
import { Client as ClassicClient } from "@modelcontextprotocol/sdk/client";
// @ts-types="@modelcontextprotocol/sdk/client/stdio"
import { StdioClientTransport as ClassicStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { type Answer, callTool, clientOptions } from "./fake_server.ts";
import { serverProgram } from "./server_program.ts";

/** The clients: the SDK's 1.x line, and its 2.x line in either era. */
export const CLIENTS = ["classic", "legacy", "modern"] as const;

/** A client. */
export type ClientKind = (typeof CLIENTS)[number];

/** How a client treats one call. */
export interface CallOptions {
  /** Milliseconds after which it gives the call up, as clients do. */
  readonly timeout?: number;
  /** Cancels the call, as its user would. */
  readonly signal?: AbortSignal;
  /** Takes progress notifications. */
  readonly onprogress?: (progress: { progress: number; message?: string | undefined }) => void;
}

/** A client that is connected to a server of its own. */
export interface PatientClient extends AsyncDisposable {
  /** Calls a tool. */
  call(name: string, args: Record<string, unknown>, options?: CallOptions): Promise<Answer>;
  /** Opens a local session and gives its id. */
  open(args?: Record<string, unknown>): Promise<string>;
  /** The addresses of all resources. */
  resources(): Promise<string[]>;
  /** The text of a resource. */
  resource(uri: string): Promise<string>;
}

/** What the two SDKs have in common, as far as the tests go. */
interface AnyClient {
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<object>;
  listResources(): Promise<{ resources: readonly { uri: string }[] }>;
  readResource(ask: { uri: string }): Promise<{ contents: readonly object[] }>;
  close(): Promise<void>;
}

type CallWith = (
  call: { name: string; arguments: Record<string, unknown> },
  options: CallOptions,
) => Promise<object>;

/** Milliseconds that a client waits when a test does not say, as the SDKs do. */
const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Starts the server and connects a client to it.
 *
 * @param kind The client.
 * @param variables The operator's settings.
 * @param permissions What the server needs on top of the documented permissions.
 * @returns The client.
 */
export async function connectClient(
  kind: ClientKind,
  variables: Record<string, string> = {},
  permissions: readonly string[] = [],
): Promise<PatientClient> {
  const program = { ...serverProgram(variables, permissions), stderr: "inherit" } as const;
  if (kind === "classic") {
    const client = new ClassicClient({ name: kind, version: "1" });
    await client.connect(new ClassicStdio(program));
    return patient(client, (call, options) => client.callTool(call, undefined, options));
  }
  const client = new ModernClient({ name: kind, version: "1" }, clientOptions(kind));
  await client.connect(new ModernStdio(program));
  return patient(client, (call, options) => client.callTool(call, options));
}

function patient(client: AnyClient, callWith: CallWith): PatientClient {
  const call: PatientClient["call"] = (name, args, options = {}) =>
    callTool(
      { callTool: (one) => callWith(one, { timeout: DEFAULT_TIMEOUT_MS, ...options }) },
      name,
      args,
    );
  return {
    call,
    open: async (args = {}) => {
      const { structured, text } = await call("session_create", { transport: "local", ...args });
      const id = structured?.["session_id"];
      if (typeof id !== "string") throw new Error(text);
      return id;
    },
    resources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
    resource: async (uri) => {
      const [content] = (await client.readResource({ uri })).contents;
      if (content === undefined || !("text" in content)) throw new Error("No text");
      return String(content.text);
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
