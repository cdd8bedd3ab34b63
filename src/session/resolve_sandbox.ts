/**
 * The door for sandbox options: checked and completed before anything runs.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";
import { invalidArgument, isVariableName, requireObject } from "../option_checks.ts";
import { safe, type SafeText } from "../safe_text.ts";
import type { SandboxCeilings, SandboxSetup } from "../shell/sandbox/sandbox_setup.ts";
import type { SandboxLimits, SandboxOptions } from "./session_options.ts";

const SANDBOX_KEYS: ReadonlySet<string> = new Set<keyof SandboxOptions>([
  "env",
  "limits",
  "network",
  "readOnly",
  "readable",
  "workspace",
]);

const LIMIT_KEYS: ReadonlySet<string> = new Set<keyof SandboxLimits>([
  "fileBytes",
  "memoryBytes",
  "openFiles",
  "processes",
  "tmpBytes",
]);

const MEBIBYTE = 1024 * 1024;

/** What a sandbox has to know of the session that it is for. */
export interface SandboxContext {
  /** The kind of the session's transport, or whatever stands in its place. */
  readonly transport: unknown;
  /** Whether the session takes over a login shell's environment. */
  readonly loginEnv: boolean;
  /** The home directory that the session is given, if it is given one. */
  readonly home?: string | undefined;
}

/**
 * Checks and completes the `sandbox` option.
 *
 * @param sandbox What the caller gave.
 * @param context The session that it is for.
 * @returns The complete setup; undefined when there is to be no sandbox.
 * @throws {ExeckitError} `invalid_argument`, naming the option.
 */
export function resolveSandbox(
  sandbox: unknown,
  context: SandboxContext,
): SandboxSetup | undefined {
  if (sandbox === undefined || sandbox === false) return undefined;
  const options = sandbox === true ? {} : requireObject(sandbox, safe`'sandbox'`, SANDBOX_KEYS);
  if (context.transport !== "local") {
    throw invalidArgument(safe`'sandbox' is for sessions with the transport 'local' only`);
  }
  if (context.loginEnv) {
    throw invalidArgument(
      safe`'loginEnv' cannot go with 'sandbox', which takes the environment away`,
    );
  }
  const { workspace, network = "none" } = options;
  if (network !== "none" && network !== "host") {
    throw invalidArgument(safe`'sandbox.network' must be 'none' or 'host'`);
  }
  return {
    ...(workspace === undefined
      ? {}
      : { workspace: requireAbsolute(workspace, safe`sandbox.workspace`) }),
    network,
    limits: resolveLimits(options["limits"]),
    readable: requireList(options["readable"], safe`sandbox.readable`)
      .map((path) => requireAbsolute(path, safe`sandbox.readable`)),
    readOnly: requireList(options["readOnly"], safe`sandbox.readOnly`).map(requireRelative),
    env: requireList(options["env"], safe`sandbox.env`).map(requireVariable),
    homes: context.home === undefined || !context.home.startsWith("/") ? [] : [context.home],
  };
}

function resolveLimits(limits: unknown): SandboxCeilings {
  const given = limits === undefined
    ? {}
    : requireObject(limits, safe`'sandbox.limits'`, LIMIT_KEYS);
  const memoryBytes = given["memoryBytes"];
  return {
    processes: requireNumber(given["processes"], LIMITS.sandboxProcesses, {
      name: safe`sandbox.limits.processes`,
      min: 16,
    }),
    ...(memoryBytes === undefined ? {} : {
      memoryBytes: requireNumber(memoryBytes, Infinity, {
        name: safe`sandbox.limits.memoryBytes`,
        min: 64 * MEBIBYTE,
      }),
    }),
    fileBytes: requireNumber(given["fileBytes"], LIMITS.sandboxFileBytes, {
      name: safe`sandbox.limits.fileBytes`,
      min: MEBIBYTE,
    }),
    openFiles: requireNumber(given["openFiles"], LIMITS.sandboxOpenFiles, {
      name: safe`sandbox.limits.openFiles`,
      min: 64,
    }),
    tmpBytes: requireNumber(given["tmpBytes"], LIMITS.sandboxTmpBytes, {
      name: safe`sandbox.limits.tmpBytes`,
      min: MEBIBYTE,
      isFinite: true,
    }),
  };
}

/** Below the minimum a shell could not start, and the session would fail without a reason. */
function requireNumber(
  value: unknown,
  otherwise: number,
  rules: { readonly name: SafeText; readonly min: number; readonly isFinite?: true },
): number {
  if (value === undefined) return otherwise;
  const isNone = value === Infinity && rules.isFinite !== true;
  if (!isNone && (!isWholeNumber(value) || value < rules.min)) {
    const none = rules.isFinite ? safe`` : safe`, or Infinity for none`;
    throw invalidArgument(safe`'${rules.name}' must be a whole number from ${rules.min}${none}`);
  }
  return Number(value);
}

function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function requireList(value: unknown, name: SafeText): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalidArgument(safe`'${name}' must be an array of strings`);
  return value;
}

function requireAbsolute(path: unknown, name: SafeText): string {
  if (!isPath(path) || !path.startsWith("/")) {
    throw invalidArgument(safe`'${name}' must be an absolute path`);
  }
  return path;
}

/** A `..` or a leading slash would leave the workspace. */
function requireRelative(path: unknown): string {
  if (!isPath(path) || path.startsWith("/") || path.split("/").includes("..")) {
    throw invalidArgument(safe`'sandbox.readOnly' must list paths below the workspace`);
  }
  return path;
}

function isPath(path: unknown): path is string {
  return typeof path === "string" && path !== "" && path.length <= LIMITS.pathMaxBytes &&
    !path.includes("\0");
}

function requireVariable(name: unknown): string {
  if (typeof name !== "string" || !isVariableName(name)) {
    throw invalidArgument(safe`'sandbox.env' must list names of letters, digits and '_' only`);
  }
  return name;
}
