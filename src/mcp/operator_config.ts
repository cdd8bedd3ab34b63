/**
 * The operator's settings: environment variables in, typed configuration out.
 *
 * They are read once at start. Nothing that an agent sends can reach or change them.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { safe, type SafeText } from "../safe_text.ts";

const SECOND_MS = 1000;
/** Sessions that an operator may allow at most: each is several processes. */
const MAX_SESSIONS_CEILING = 1000;
/** Seconds that a session may stay idle at most: a week. */
const SESSION_TTL_CEILING_S = 7 * 24 * 60 * 60;
/** Seconds of a command's time-out at most, as upstream. */
const EXEC_TIMEOUT_CEILING_S = 3600;

/** The settings that come from the environment. */
export type OperatorVariable =
  | "audit"
  | "maxSessions"
  | "sessionTtl"
  | "execTimeout"
  | "deny"
  | "allow"
  | "policyFile";

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
  /** Names of programs that may not run, with commas between them. */
  deny: safe`EXECKIT_MCP_DENY`,
  /** Names of the only programs that may run, with commas between them. */
  allow: safe`EXECKIT_MCP_ALLOW`,
  /** Path of a policy file. */
  policyFile: safe`EXECKIT_MCP_POLICY_FILE`,
};

/** The operator's settings. */
export interface OperatorConfig {
  /** Where the audit log is written; none when absent. */
  readonly auditPath?: string;
  /** Sessions open at once at most. */
  readonly maxSessions: number;
  /** Milliseconds without a command after which a session is closed; 0 for never. */
  readonly sessionIdleMs: number;
  /** Milliseconds that a command may live when the agent does not say. */
  readonly commandTimeoutMs: number;
  /** Programs that may not run. */
  readonly deny: readonly string[];
  /** The only programs that may run; every program when absent. */
  readonly allow?: readonly string[];
  /** The policy file; none when absent. */
  readonly policyFilePath?: string;
}

/** Looks up one environment variable. */
export type ReadVariable = (name: string) => string | undefined;

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
  const execTimeoutS = readWholeNumber(read, OPERATOR_VARIABLES.execTimeout, {
    min: 1,
    max: EXEC_TIMEOUT_CEILING_S,
    fallback: LIMITS.mcpCommandTimeoutMs / SECOND_MS,
  });
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
    // A call must end before the strictest client gives it up, whatever the operator would allow.
    commandTimeoutMs: Math.min(execTimeoutS * SECOND_MS, LIMITS.mcpCommandTimeoutMs),
    deny: readNames(read, OPERATOR_VARIABLES.deny) ?? [],
    ...(allow === undefined ? {} : { allow }),
    ...(auditPath === undefined ? {} : { auditPath }),
    ...(policyFilePath === undefined ? {} : { policyFilePath }),
  };
}

interface WholeNumberRange {
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
}

function readText(read: ReadVariable, name: SafeText): string | undefined {
  const value = readRaw(read, name);
  if (value === undefined) return undefined;
  // An empty value may stand for "nothing" or for "not set"; only the operator knows which.
  if (value.trim() === "") throw invalid(safe`${name} is empty`);
  return value.trim();
}

function readWholeNumber(read: ReadVariable, name: SafeText, range: WholeNumberRange): number {
  const text = readText(read, name);
  if (text === undefined) return range.fallback;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  throw invalid(safe`${name} must be a whole number from ${range.min} to ${range.max}`);
}

function readNames(read: ReadVariable, name: SafeText): string[] | undefined {
  const text = readText(read, name);
  if (text === undefined) return undefined;
  const names = text.split(",").map((part) => part.trim());
  if (names.every((part) => part !== "")) return names;
  throw invalid(safe`${name} has an empty entry between its commas`);
}

function readRaw(read: ReadVariable, name: SafeText): string | undefined {
  try {
    return read(name);
  } catch (cause) {
    // A fence that cannot be read must not count as no fence.
    throw new ExeckitError({
      code: "permission_denied",
      message: safe`Cannot read the environment variable ${name}`,
      hint: safe`Start with --allow-env for every variable that docs/mcp.md lists`,
      cause,
    });
  }
}

function invalid(problem: SafeText): ExeckitError {
  return new ExeckitError({ code: "invalid_config", message: safe`Cannot start: ${problem}` });
}
