/**
 * The keys that an SSH agent holds.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { TIMED_OUT, withDeadline } from "../../clock.ts";
import { singleKeyAgent, type Ssh2Agent, type Ssh2Module } from "./ssh2_module.ts";

/** Milliseconds that an agent has to list its keys: it does so without asking anybody. */
const LIST_TIMEOUT_MS = 2000;

/** One key of an agent. */
export interface AgentKey {
  /** The public key in base64. */
  readonly name: string;
  /** An agent with this key only. */
  readonly agent: Ssh2Agent;
}

/**
 * Lists the keys of an agent.
 *
 * @param ssh2 The package.
 * @param socketPath Path of the agent's socket.
 * @returns Its keys, in its order; kinds that cannot be used here are left out. Undefined when it is
 *   gone, silent, or the runtime does not let us ask it; ssh(1) goes on with the files then.
 */
export async function listAgentKeys(
  ssh2: Ssh2Module,
  socketPath: string,
): Promise<readonly AgentKey[] | undefined> {
  const agent = ssh2.createAgent(socketPath);
  const keys = await withDeadline(identitiesOf(agent), LIST_TIMEOUT_MS);
  if (keys === TIMED_OUT) return undefined;
  return keys?.flatMap((listedKey) => {
    const parsed = ssh2.utils.parseKey(listedKey);
    const key = Array.isArray(parsed) ? parsed[0] : parsed;
    if (key === undefined || key instanceof Error || key.type === "ssh-dss") return [];
    const name = Buffer.from(key.getPublicSSH()).toString("base64");
    return [{ name, agent: singleKeyAgent(ssh2, agent, key) }];
  });
}

function identitiesOf(agent: Ssh2Agent): Promise<readonly unknown[] | undefined> {
  return new Promise((resolve) => {
    try {
      agent.getIdentities((error, keys) => resolve(error instanceof Error ? undefined : keys));
    } catch {
      // Deno throws at once when it may not open the socket; the login's error names the agent.
      resolve(undefined);
    }
  });
}
