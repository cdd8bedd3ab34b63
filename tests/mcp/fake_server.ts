/**
 * The real server and a real client in one process, over fake sessions.
 *
 * @module
 */

import { Client, type ClientOptions } from "@modelcontextprotocol/client";
import { InMemoryTransport } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Policy } from "../../src/policy/policy.ts";
import { readOperatorConfig } from "../../src/mcp/operator_config.ts";
import type { SessionRules } from "../../src/mcp/operator_policy.ts";
import { createServerFactory } from "../../src/mcp/server.ts";
import { SessionRegistry } from "../../src/session/session_registry.ts";
import { FakeOpener } from "./fake_sessions.ts";

/** How the two protocol eras are chosen. */
export const ERAS = ["legacy", "modern"] as const;

/** A protocol era. */
export type Era = (typeof ERAS)[number];

/** Options that make a client speak one era. */
export function clientOptions(era: Era): ClientOptions {
  return { versionNegotiation: { mode: era === "legacy" ? "legacy" : { pin: "2026-07-28" } } };
}

/** What a test of the server works with. */
export interface FakeServer extends AsyncDisposable {
  /** The connected client. */
  readonly client: Client;
  /** What sessions answer with. */
  readonly opener: FakeOpener;
  /** The sessions. */
  readonly registry: SessionRegistry;
  /** What agents asked for, in order. */
  readonly rules: SessionRules[];
  /** What only the operator sees. */
  readonly defects: unknown[];
}

const ALLOW_ALL: Policy = { decide: () => ({ decision: "allow" }) };

/** Connects a client of an era to a server with these settings. */
export async function startFakeServer(
  era: Era = "legacy",
  variables: Record<string, string> = {},
): Promise<FakeServer> {
  const config = readOperatorConfig((name) => variables[name]);
  const opener = new FakeOpener();
  const registry = new SessionRegistry({ open: opener.open, maxSessions: config.maxSessions });
  const rules: SessionRules[] = [];
  const defects: unknown[] = [];
  const factory = createServerFactory({
    registry,
    config,
    policy: {
      forSession: (asked) => {
        rules.push(asked);
        return ALLOW_ALL;
      },
    },
    reportDefect: (error) => defects.push(error),
  });
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  const server = serveStdio(factory, { transport: serverSide });
  const client = new Client({ name: "test", version: "1" }, clientOptions(era));
  await client.connect(clientSide);
  return {
    client,
    opener,
    registry,
    rules,
    defects,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
      await registry.close();
    },
  };
}

/** A tool's answer, as far as the tests look. */
export interface Answer {
  /** The text that some clients show. */
  readonly text: string;
  /** The structured result that others show. */
  readonly structured: Record<string, unknown> | undefined;
  /** Whether it is an error. */
  readonly isError: boolean;
}

/** A client of any SDK, as far as a call goes. */
export interface ToolCaller {
  /** Calls a tool. */
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<object>;
}

interface RawAnswer {
  readonly content?: readonly { readonly type: string; readonly text?: string }[];
  readonly structuredContent?: Record<string, unknown>;
  readonly isError?: boolean;
}

/** Calls a tool through any of the clients. */
export async function callTool(
  client: ToolCaller,
  name: string,
  args: Record<string, unknown>,
): Promise<Answer> {
  // The clients have checked what came; the two SDKs only name its type differently.
  const result = await client.callTool({ name, arguments: args }) as RawAnswer;
  const [first, ...more] = result.content ?? [];
  if (first?.type !== "text" || first.text === undefined || more.length > 0) {
    throw new Error(`Expected one text, got ${JSON.stringify(result.content)}`);
  }
  return {
    text: first.text,
    structured: result.structuredContent,
    isError: result.isError === true,
  };
}

/** Opens a session and gives its id. */
export async function createSession(client: ToolCaller): Promise<string> {
  const { structured } = await callTool(client, "session_create", { transport: "local" });
  return String(structured?.["session_id"]);
}
