/**
 * What is known of a host before it is connected to.
 *
 * @module
 */

import type { SafeText } from "../../safe_text.ts";
import type { JumpSpec } from "./ssh_names.ts";

/** Everything that is known of a host before it is connected to. */
export interface SshHost {
  /** What the caller called it. */
  readonly alias: string;
  /** The name or address to connect to, without brackets. */
  readonly hostName: string;
  /** The port. */
  readonly port: number;
  /** The user to log in as. */
  readonly user: string;
  /** Absolute paths of the configured keys, in order; empty for OpenSSH's default names. */
  readonly identityFiles: readonly string[];
  /** Whether no key file may be tried, default names included (`IdentityFile none`). */
  readonly noIdentityFiles?: boolean;
  /** Whether the agent may only offer keys that are among the files. */
  readonly identitiesOnly: boolean;
  /** The configured agent's socket, `false` for none; absent for `SSH_AUTH_SOCK`. */
  readonly identityAgent?: string | false;
  /** Whether keys may be tried at all (`PubkeyAuthentication`). */
  readonly publicKeys: boolean;
  /** Whether passwords may be sent (`PasswordAuthentication`). */
  readonly passwords: boolean;
  /** Whether questions may be answered (`KbdInteractiveAuthentication`). */
  readonly prompts: boolean;
  /** The name that the host's key is known by, in place of the host's own. */
  readonly hostKeyAlias?: string;
  /** The configured files of known hosts, absolute; absent for OpenSSH's own. */
  readonly userKnownHostsFiles?: readonly string[];
  /** The configured system-wide files of known hosts, absolute; absent for OpenSSH's own. */
  readonly globalKnownHostsFiles?: readonly string[];
  /** Whether unknown hosts are refused even when new keys may be recorded. */
  readonly strictHostKeys: boolean;
  /** Whether recorded names are hashed (`HashKnownHosts`). */
  readonly hashKnownHosts: boolean;
  /** `HostKeyAlgorithms` as configured, unexpanded; absent for the default. */
  readonly hostKeyAlgorithms?: string;
  /** 4 or 6 to use addresses of this family only (`AddressFamily`). */
  readonly addressFamily?: 4 | 6;
  /** Hosts to go through, in order. */
  readonly jump: readonly JumpSpec[];
  /** Milliseconds for the connection, authentication included. */
  readonly connectTimeoutMs: number;
  /** Milliseconds between two signs of life. */
  readonly keepaliveIntervalMs: number;
  /** Signs of life that may be missed. */
  readonly keepaliveMisses: number;
  /** What was left out of the configuration and why, for a log. */
  readonly notes: readonly SafeText[];
}
