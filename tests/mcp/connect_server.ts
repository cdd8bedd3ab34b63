/**
 * The real server on stdio with a client connected to it, as an agent's program starts it.
 *
 * @module
 */

import { Client } from "@modelcontextprotocol/sdk/client";
// @ts-types="@modelcontextprotocol/sdk/client/stdio"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { type Answer, callTool } from "./fake_server.ts";
import { serverProgram } from "./server_program.ts";

/** A connected server; disposing of it ends it. */
export interface ConnectedServer extends AsyncDisposable {
  /** Calls a tool. */
  call(name: string, args: Record<string, unknown>): Promise<Answer>;
  /** Opens a local session and gives its id. */
  open(args?: Record<string, unknown>): Promise<string>;
  /** Runs a command in a session. */
  exec(session: string, command: string): Promise<Answer>;
}

/**
 * Starts the server and connects to it.
 *
 * @param variables The operator's settings.
 * @param permissions What it needs on top of the documented permissions.
 * @returns The server.
 */
export async function connectServer(
  variables: Record<string, string> = {},
  permissions: readonly string[] = [],
): Promise<ConnectedServer> {
  const client = new Client({ name: "agent", version: "1" });
  const program = serverProgram(variables, permissions);
  await client.connect(new StdioClientTransport({ ...program, stderr: "inherit" }));
  return {
    call: (name, args) => callTool(client, name, args),
    open: async (args = {}) => {
      const { structured, text } = await callTool(client, "session_create", {
        transport: "local",
        ...args,
      });
      const id = structured?.["session_id"];
      if (typeof id !== "string") throw new Error(text);
      return id;
    },
    exec: (session_id, command) => callTool(client, "session_exec", { session_id, command }),
    [Symbol.asyncDispose]: () => client.close(),
  };
}
