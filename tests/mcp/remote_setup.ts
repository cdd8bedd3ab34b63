/**
 * The server's settings for hosts and containers, and no more permissions than the docs name.
 *
 * @module
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { TestSshd } from "../support/sshd.ts";

/** What a server is started with. */
export interface ServerSetup {
  /** The operator's settings. */
  readonly variables: Record<string, string>;
  /** What it needs on top of the documented permissions. */
  readonly flags: string[];
}

/** The variables and permissions for one host, and no more. */
export function sshSetup(server: TestSshd, keys: string = join(server.path, "keys")): ServerSetup {
  const known = join(server.path, "recorded");
  mkdirSync(known, { mode: 0o700 });
  writeFileSync(join(known, "known_hosts"), server.knownHostsLine(), { mode: 0o600 });
  return {
    variables: {
      EXECKIT_MCP_KEY_DIR: keys,
      EXECKIT_MCP_KNOWN_HOSTS: join(known, "known_hosts"),
      EXECKIT_MCP_ALLOW_HOSTS: `${server.host}:${server.port}`,
    },
    flags: [
      `--allow-net=${server.host}:${server.port}`,
      `--allow-read=${keys},${known},${join(homedir(), ".ssh")},/etc/ssh/ssh_known_hosts`,
      `--allow-write=${known}`,
      "--allow-sys=uid,userInfo,homedir,hostname",
      "--allow-env=HOME,SSH_AUTH_SOCK",
    ],
  };
}

/** The arguments of `session_create` for a host. */
export function sshTarget(server: TestSshd): Record<string, unknown> {
  const { host, port, user } = server.options();
  return { transport: "ssh", host, port, user };
}

/** The permissions for containers. */
export const CONTAINER_FLAGS: readonly string[] = [
  "--allow-env",
  "--allow-net=unix:/var/run/docker.sock",
  `--allow-read=/var/run/docker.sock,${join(homedir(), ".docker")}`,
  "--allow-write=/var/run/docker.sock",
];
