/**
 * The operator's settings: environment variables in, typed configuration out.
 *
 * They are read once at start. Nothing that an agent sends can reach or change them.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";
import { safe, type SafeText } from "../safe_text.ts";
import type { SandboxOptions } from "../session/session_options.ts";
import { DEFAULT_OUTPUT_KEEP_MS } from "../session/session_registry.ts";
import {
  invalidConfig,
  readNames,
  readSwitch,
  readText,
  type ReadVariable,
  readWholeNumber,
  readWord,
} from "./operator_variable.ts";
import { type ContainerPattern, readContainerPatterns } from "./container_pattern.ts";
import { type PlacePattern, readPlacePatterns } from "./place_pattern.ts";

const SECOND_MS = 1000;
/** Sessions that an operator may allow at most: each is several processes. */
const MAX_SESSIONS_CEILING = 1000;
/** Seconds that a session may stay idle at most: a week. */
const SESSION_TTL_CEILING_S = 7 * 24 * 60 * 60;
const MIB = 1024 * 1024;
/** Megabytes of a command's output that an operator may keep at most: what its session keeps. */
const OUTPUT_QUOTA_CEILING_MB = LIMITS.outputSessionMaxBytes / MIB;
/** Seconds that output of closed sessions may be kept at most: a day. */
const OUTPUT_TTL_CEILING_S = 24 * 60 * 60;

/** What cancelling a call does to its command. */
export type OnCancel = "auto" | "interrupt" | "detach";

/** The settings that come from the environment. */
export type OperatorVariable =
  | "audit"
  | "maxSessions"
  | "sessionTtl"
  | "execTimeout"
  | "onCancel"
  | "detach"
  | "stateDir"
  | "outputQuota"
  | "outputTtl"
  | "deny"
  | "allow"
  | "policyFile"
  | "sandbox"
  | "sandboxNetwork"
  | "sandboxWorkspace"
  | "keyDir"
  | "knownHosts"
  | "insecureAcceptAnyHostKey"
  | "allowHosts"
  | "allowContainers"
  | "allowImages";

/** The environment variables that the server reads, and no others. */
export const OPERATOR_VARIABLES: Readonly<Record<OperatorVariable, SafeText>> = {
  /** Path of the audit log. */
  audit: safe`EXECKIT_MCP_AUDIT`,
  /** Sessions open at once at most. */
  maxSessions: safe`EXECKIT_MCP_MAX_SESSIONS`,
  /** Seconds without a command after which a session is closed; 0 for never. */
  sessionTtl: safe`EXECKIT_MCP_SESSION_TTL`,
  /** Seconds that a command may live when the agent does not say. */
  execTimeout: safe`EXECKIT_MCP_EXEC_TIMEOUT`,
  /** What cancelling a call does to its command: `auto`, `interrupt` or `detach`. */
  onCancel: safe`EXECKIT_MCP_ON_CANCEL`,
  /** Whether the agent may start commands that outlive its session. */
  detach: safe`EXECKIT_MCP_DETACH`,
  /** The directory for output that is too much for memory. */
  stateDir: safe`EXECKIT_MCP_STATE_DIR`,
  /** Megabytes that are kept of a command's output. */
  outputQuota: safe`EXECKIT_MCP_OUTPUT_QUOTA`,
  /** Seconds that output stays readable after its session was closed; 0 for not at all. */
  outputTtl: safe`EXECKIT_MCP_OUTPUT_TTL`,
  /** Names of programs that may not run, with commas between them. */
  deny: safe`EXECKIT_MCP_DENY`,
  /** Names of the only programs that may run, with commas between them. */
  allow: safe`EXECKIT_MCP_ALLOW`,
  /** Path of a policy file. */
  policyFile: safe`EXECKIT_MCP_POLICY_FILE`,
  /** Whether every session is put into a sandbox. */
  sandbox: safe`EXECKIT_MCP_SANDBOX`,
  /** The sandbox's network: `none` or `host`. */
  sandboxNetwork: safe`EXECKIT_MCP_SANDBOX_NETWORK`,
  /** The only directory that a sandboxed session can write to. */
  sandboxWorkspace: safe`EXECKIT_MCP_SANDBOX_WORKSPACE`,
  /** The only directory that SSH keys are read from. */
  keyDir: safe`EXECKIT_MCP_KEY_DIR`,
  /** The file in which keys of hosts are recorded. */
  knownHosts: safe`EXECKIT_MCP_KNOWN_HOSTS`,
  /** Accepts any host key, even a changed one. */
  insecureAcceptAnyHostKey: safe`EXECKIT_MCP_INSECURE_ACCEPT_ANY_HOSTKEY`,
  /** The only hosts that SSH sessions may be opened on, with commas between them. */
  allowHosts: safe`EXECKIT_MCP_ALLOW_HOSTS`,
  /** The only containers that Docker sessions may join, with commas between them. */
  allowContainers: safe`EXECKIT_MCP_ALLOW_CONTAINERS`,
  /** The images that Docker sessions may own a container of, with commas between them. */
  allowImages: safe`EXECKIT_MCP_ALLOW_IMAGES`,
};

/** The operator's settings. */
export interface OperatorConfig {
  /** Where the audit log is written; none when absent. */
  readonly auditPath?: string;
  /** Sessions open at once at most. */
  readonly maxSessions: number;
  /** Milliseconds without a command after which a session is closed; 0 for never. */
  readonly sessionIdleMs: number;
  /** Milliseconds that a command may live when the agent does not say; a day when absent. */
  readonly commandTimeoutMs?: number;
  /** What cancelling a call does to its command. */
  readonly onCancel: OnCancel;
  /** Whether the agent may start commands that outlive its session and the server. */
  readonly mayDetach: boolean;
  /** What is kept of output. */
  readonly output: OutputConfig;
  /** Programs that may not run. */
  readonly deny: readonly string[];
  /** The only programs that may run; every program when absent. */
  readonly allow?: readonly string[];
  /** The policy file; none when absent. */
  readonly policyFilePath?: string;
  /** What sessions on other machines may reach, and how hosts are verified. */
  readonly remote: RemoteConfig;
  /** The sandbox that every session is put into; none when absent. */
  readonly sandbox?: Pick<SandboxOptions, "network" | "workspace">;
}

/** The operator's settings for output that can be read later. */
export interface OutputConfig {
  /** The directory for what is too much for memory; none when absent. */
  readonly directory?: string;
  /** Bytes that are kept of each command at most; the library's default when absent. */
  readonly maxBytes?: number;
  /** Milliseconds that it stays readable after its session was closed; 0 for not at all. */
  readonly keepMs: number;
}

/** The operator's settings for sessions on other machines. */
export interface RemoteConfig {
  /** The only directory that keys are read from; `~/.ssh` when absent. */
  readonly keyDirectory?: string;
  /** Where keys of hosts are recorded; `~/.execkit/known_hosts` when absent. */
  readonly knownHostsPath?: string;
  /** Whether any host key is accepted, even a changed one. */
  readonly insecureAcceptAnyHostKey: boolean;
  /** The only hosts; when absent, the policy judges. */
  readonly allowHosts?: readonly PlacePattern[];
  /** The only containers; when absent, the policy judges. */
  readonly allowContainers?: readonly ContainerPattern[];
  /** Globs of the only images; none when empty. */
  readonly allowImages: readonly string[];
}

/**
 * Reads the operator's settings.
 *
 * @param read Looks up a variable; `process.env` behind it.
 * @returns The settings, defaults filled in.
 * @throws {ExeckitError} `invalid_config` naming the variable, or `permission_denied` when the
 * runtime refuses to show it.
 */
export function readOperatorConfig(read: ReadVariable): OperatorConfig {
  const auditPath = readText(read, OPERATOR_VARIABLES.audit);
  const policyFilePath = readText(read, OPERATOR_VARIABLES.policyFile);
  const allow = readNames(read, OPERATOR_VARIABLES.allow);
  const sandbox = readSandbox(read);
  const commandTimeoutMs = readExecTimeout(read);
  return {
    maxSessions: readWholeNumber(read, OPERATOR_VARIABLES.maxSessions, {
      min: 1,
      max: MAX_SESSIONS_CEILING,
      fallback: LIMITS.maxSessions,
    }),
    sessionIdleMs: SECOND_MS * readWholeNumber(read, OPERATOR_VARIABLES.sessionTtl, {
      min: 0,
      max: SESSION_TTL_CEILING_S,
      fallback: LIMITS.sessionIdleMs / SECOND_MS,
    }),
    ...(commandTimeoutMs === undefined ? {} : { commandTimeoutMs }),
    onCancel: readWord(read, OPERATOR_VARIABLES.onCancel, {
      meanings: { auto: "auto", interrupt: "interrupt", detach: "detach" } as const,
      wanted: safe`auto, interrupt or detach`,
    }) ?? "auto",
    mayDetach: readSwitch(read, OPERATOR_VARIABLES.detach, { fallback: true }),
    output: readOutputConfig(read),
    deny: readNames(read, OPERATOR_VARIABLES.deny) ?? [],
    ...(allow === undefined ? {} : { allow }),
    ...(auditPath === undefined ? {} : { auditPath }),
    ...(policyFilePath === undefined ? {} : { policyFilePath }),
    remote: readRemoteConfig(read),
    ...(sandbox === undefined ? {} : { sandbox }),
  };
}

/** There is no time-out that the operator has not set: a call never waits for long anyway. */
function readExecTimeout(read: ReadVariable): number | undefined {
  const seconds = readWholeNumber(read, OPERATOR_VARIABLES.execTimeout, {
    min: 1,
    max: LIMITS.commandTimeoutMaxMs / SECOND_MS,
    fallback: 0,
  });
  return seconds === 0 ? undefined : seconds * SECOND_MS;
}

function readOutputConfig(read: ReadVariable): OutputConfig {
  const { stateDir, outputQuota, outputTtl } = OPERATOR_VARIABLES;
  const directory = readText(read, stateDir);
  if (directory !== undefined && !directory.startsWith("/")) {
    throw invalidConfig(safe`${stateDir} must be an absolute path`);
  }
  const quotaMb = readWholeNumber(read, outputQuota, {
    min: 1,
    max: OUTPUT_QUOTA_CEILING_MB,
    fallback: 0,
  });
  const keepMs = SECOND_MS * readWholeNumber(read, outputTtl, {
    min: 0,
    max: OUTPUT_TTL_CEILING_S,
    fallback: DEFAULT_OUTPUT_KEEP_MS / SECOND_MS,
  });
  return {
    keepMs,
    ...(directory === undefined ? {} : { directory }),
    ...(quotaMb === 0 ? {} : { maxBytes: quotaMb * MIB }),
  };
}

function readRemoteConfig(read: ReadVariable): RemoteConfig {
  const keyDirectory = readText(read, OPERATOR_VARIABLES.keyDir);
  const knownHostsPath = readText(read, OPERATOR_VARIABLES.knownHosts);
  const hosts = readNames(read, OPERATOR_VARIABLES.allowHosts);
  const containers = readNames(read, OPERATOR_VARIABLES.allowContainers);
  return {
    insecureAcceptAnyHostKey: readSwitch(read, OPERATOR_VARIABLES.insecureAcceptAnyHostKey),
    allowImages: readNames(read, OPERATOR_VARIABLES.allowImages) ?? [],
    ...(hosts === undefined
      ? {}
      : { allowHosts: readPlacePatterns(hosts, OPERATOR_VARIABLES.allowHosts) }),
    ...(containers === undefined ? {} : {
      allowContainers: readContainerPatterns(containers, OPERATOR_VARIABLES.allowContainers),
    }),
    ...(keyDirectory === undefined ? {} : { keyDirectory }),
    ...(knownHostsPath === undefined ? {} : { knownHostsPath }),
  };
}

function readSandbox(read: ReadVariable): OperatorConfig["sandbox"] {
  const { sandbox, sandboxNetwork, sandboxWorkspace } = OPERATOR_VARIABLES;
  const isOn = readSwitch(read, sandbox);
  const network = readWord(read, sandboxNetwork, {
    meanings: { none: "none", host: "host" } as const,
    wanted: safe`none or host`,
  });
  const workspace = readText(read, sandboxWorkspace);
  if (!isOn) {
    // Who sets what a sandbox allows believes that there is one.
    if (network !== undefined) throw invalidConfig(safe`${sandboxNetwork} needs ${sandbox}=on`);
    if (workspace !== undefined) throw invalidConfig(safe`${sandboxWorkspace} needs ${sandbox}=on`);
    return undefined;
  }
  if (workspace !== undefined && !workspace.startsWith("/")) {
    throw invalidConfig(safe`${sandboxWorkspace} must be an absolute path`);
  }
  return {
    ...(network === undefined ? {} : { network }),
    ...(workspace === undefined ? {} : { workspace }),
  };
}
