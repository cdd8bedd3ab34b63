/**
 * The door: options are checked and completed here, before anything runs.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { ResolvedBudget } from "../output/budget.ts";
import { resolveBudget } from "../output/resolve_budget.ts";
import type { ScreenSize } from "../output/screen/live_screen.ts";
import {
  drivesShell,
  invalidArgument,
  isVariableName,
  requireObject,
  resolveFlag,
} from "../option_checks.ts";
import { safe, type SafeText } from "../safe_text.ts";
import type { SandboxSetup } from "../shell/sandbox/sandbox_setup.ts";
import { resolveWait } from "./command/session_command.ts";
import type { ResolvedWait } from "./command/wait_for_command.ts";
import { resolveSandbox } from "./resolve_sandbox.ts";
import { resolveTarget, type SessionTarget } from "./resolve_target.ts";
import type { ExecOptions, SessionOptions } from "./session_options.ts";

/** Session options with every default filled in. */
export interface ResolvedSession {
  /** The machine. */
  readonly target: SessionTarget;
  /** Whether to connect again after the link was lost. */
  readonly reconnect: boolean;
  /** The wanted shell; empty for bash, else sh. */
  readonly shell: string;
  /** The start directory, if one was asked for. */
  readonly cwd?: string;
  /** Environment variables to export. */
  readonly env: readonly (readonly [string, string])[];
  /** Whether to take over a login shell's environment. */
  readonly loginEnv: boolean;
  /** Whether to look for a controlling terminal. */
  readonly terminal: "auto" | "none";
  /** Milliseconds a command may live by default. */
  readonly timeoutMs: number;
  /** The default budget. */
  readonly budget: ResolvedBudget;
  /** Bytes of output kept of each command. */
  readonly outputMaxBytes: number;
  /** Where output goes that is too much for memory; absent for nowhere. */
  readonly outputDirectory?: string;
  /** Takes over the output when the session closes; absent to free it then. */
  readonly keepOutput?: (release: () => Promise<void>) => void;
  /** Bytes of a file that may be transferred. */
  readonly maxTransferBytes: number;
  /** The sandbox to run in; absent for none. */
  readonly sandbox?: SandboxSetup;
}

/** Exec options with every default filled in. */
export interface ResolvedExec {
  /** Milliseconds the command may live. */
  readonly timeoutMs: number;
  /** Cancels it. */
  readonly signal?: AbortSignal;
  /** Text for its standard input. */
  readonly stdin?: string;
  /** Whether it runs on the terminal. */
  readonly tty: boolean;
  /** The size of the terminal that it runs on, when it is not the usual one. */
  readonly ttySize?: ScreenSize;
  /** How its output is shortened. */
  readonly budget: ResolvedBudget;
  /** Whether both streams are wanted in order of arrival too. */
  readonly interleave: boolean;
  /** Whether it is started apart from the session. */
  readonly detach: boolean;
  /** How to wait for it; absent for its end. */
  readonly wait?: ResolvedWait;
}

const EXEC_KEYS: ReadonlySet<string> = new Set<keyof ExecOptions>([
  "budget",
  "detach",
  "interleave",
  "signal",
  "stdin",
  "timeoutMs",
  "tty",
  "ttySize",
  "until",
  "waitMs",
  "waitSignal",
]);

const SIZE_KEYS: ReadonlySet<string> = new Set<keyof ScreenSize>(["rows", "cols"]);

const SHELL_NAMES: ReadonlySet<string> = new Set(["bash", "zsh", "dash", "sh", "busybox"]);
/** Bytes of output below which not even the start and the end of a stream would be kept. */
const OUTPUT_LEAST_BYTES = 1024 * 1024;
const SESSION_ID = /^[A-Za-z0-9._@-]{1,128}$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const encoder = new TextEncoder();

/**
 * Checks and completes session options.
 *
 * @param options What the caller gave.
 * @returns The complete options.
 * @throws {ExeckitError} `invalid_argument`, naming the option.
 */
export function resolveSession(options: SessionOptions): ResolvedSession {
  const target = resolveTarget(options);
  if (options.id !== undefined && !SESSION_ID.test(options.id)) {
    throw invalidArgument(safe`'id' must be 1 to 128 letters, digits, '.', '_', '@' or '-'`);
  }
  const terminal = options.terminal ?? "auto";
  if (terminal !== "auto" && terminal !== "none") {
    throw invalidArgument(safe`'terminal' must be 'auto' or 'none'`);
  }
  const env = resolveEnv(options.env ?? {});
  const loginEnv = resolveFlag(options.loginEnv, safe`loginEnv`);
  const sandbox = resolveSandbox("sandbox" in options ? options.sandbox : undefined, {
    transport: options.transport,
    loginEnv,
    home: env.find(([name]) => name === "HOME")?.[1],
  });
  return {
    target,
    reconnect: resolveFlag("reconnect" in options ? options.reconnect : undefined, safe`reconnect`),
    shell: resolveShell(options.shell),
    ...(options.cwd === undefined ? {} : { cwd: resolvePath(options.cwd, safe`cwd`) }),
    env,
    loginEnv,
    ...(sandbox === undefined ? {} : { sandbox }),
    terminal,
    timeoutMs: resolveTimeout(options.timeoutMs, LIMITS.commandTimeoutMs),
    budget: resolveBudget(options.budget),
    outputMaxBytes: resolveBytes(options.outputMaxBytes, safe`outputMaxBytes`, {
      min: OUTPUT_LEAST_BYTES,
      otherwise: LIMITS.outputKeepMaxBytes,
    }),
    ...(options.outputDirectory === undefined
      ? {}
      : { outputDirectory: resolvePath(options.outputDirectory, safe`outputDirectory`) }),
    ...(options.keepOutput === undefined ? {} : { keepOutput: options.keepOutput }),
    maxTransferBytes: resolveBytes(options.maxTransferBytes, safe`maxTransferBytes`, {
      min: 0,
      otherwise: LIMITS.filesTransferMaxBytes,
    }),
  };
}

/**
 * Checks and completes exec options.
 *
 * @param options What the caller gave.
 * @param session The session's defaults.
 * @returns The complete options.
 * @throws {ExeckitError} `invalid_argument`, naming the option.
 */
export function resolveExec(options: ExecOptions, session: ResolvedSession): ResolvedExec {
  requireObject(options, safe`The options`, EXEC_KEYS);
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw invalidArgument(safe`'signal' must be an AbortSignal`);
  }
  if (options.stdin !== undefined) {
    requireText(options.stdin, safe`stdin`, LIMITS.stdinMaxBytes, { allowNul: true });
  }
  const detach = resolveFlag(options.detach, safe`detach`);
  if (detach && (options.stdin !== undefined || options.tty === true)) {
    throw invalidArgument(safe`'detach' cannot go with 'stdin' or 'tty'`);
  }
  const tty = resolveFlag(options.tty, safe`tty`);
  const ttySize = resolveSize(options.ttySize, tty);
  const wait = resolveWaitOf(options);
  const defaultMs = wait === undefined ? session.timeoutMs : LIMITS.commandTimeoutMaxMs;
  return {
    detach,
    ...(wait === undefined ? {} : { wait }),
    timeoutMs: resolveTimeout(options.timeoutMs, defaultMs),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    tty,
    ...(ttySize === undefined ? {} : { ttySize }),
    budget: options.budget === undefined ? session.budget : resolveBudget(options.budget),
    interleave: resolveFlag(options.interleave, safe`interleave`),
  };
}

function resolveSize(size: unknown, tty: boolean): ScreenSize | undefined {
  if (size === undefined) return undefined;
  if (!tty) throw invalidArgument(safe`'ttySize' goes with 'tty' only`);
  const { rows, cols } = requireObject(size, safe`'ttySize'`, SIZE_KEYS);
  const isIn = (value: unknown, most: number): value is number =>
    typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most;
  const { ttyMaxRows, ttyMaxCols } = LIMITS;
  if (isIn(rows, ttyMaxRows) && isIn(cols, ttyMaxCols)) return { rows, cols };
  throw invalidArgument(
    safe`'ttySize' must have 'rows' from 1 to ${ttyMaxRows} and 'cols' from 1 to ${ttyMaxCols}`,
  );
}

function resolveWaitOf(options: ExecOptions): ResolvedWait | undefined {
  const { waitMs, until, waitSignal: signal } = options;
  if (waitMs === undefined) {
    if (until === undefined && signal === undefined) return undefined;
    throw invalidArgument(safe`'until' and 'waitSignal' go with 'waitMs' only`);
  }
  return resolveWait({
    waitMs,
    ...(until === undefined ? {} : { until }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/**
 * Checks a command's text: a string that a shell can be given.
 *
 * @param command What the caller gave.
 * @throws {ExeckitError} `invalid_argument`, or `limit_reached` when it is too long.
 */
export function requireCommand(command: unknown): asserts command is string {
  requireText(command, safe`command`, LIMITS.commandMaxBytes, { allowNul: false });
}

function requireText(
  value: unknown,
  name: SafeText,
  maxBytes: number,
  rules: { readonly allowNul: boolean },
): asserts value is string {
  if (typeof value !== "string") throw invalidArgument(safe`'${name}' must be a string`);
  if (!rules.allowNul && value.includes("\0")) {
    throw invalidArgument(safe`'${name}' must not contain NUL characters`);
  }
  if (LONE_SURROGATE.test(value)) {
    throw invalidArgument(safe`'${name}' must be well-formed Unicode: it has a lone surrogate`);
  }
  // A UTF-16 unit takes at most three bytes, so that short texts need not be encoded to be judged.
  if (value.length * 3 <= maxBytes) return;
  const length = encoder.encode(value).length;
  if (length > maxBytes) {
    throw new ExeckitError({
      code: "limit_reached",
      message: safe`'${name}' has ${length} bytes, and at most ${maxBytes} are taken`,
      hint: safe`Write it to a file on the session's machine in parts, and use the file`,
    });
  }
}

function resolveShell(shell: unknown): string {
  if (shell === undefined) return "";
  if (typeof shell !== "string") throw invalidArgument(safe`'shell' must be a string`);
  if (SHELL_NAMES.has(shell)) return shell;
  if (!shell.startsWith("/")) {
    throw invalidArgument(
      safe`'shell' must be bash, zsh, dash, sh, busybox or an absolute path`,
    );
  }
  return resolvePath(shell, safe`shell`);
}

function resolvePath(path: unknown, name: SafeText): string {
  requireText(path, name, LIMITS.pathMaxBytes, { allowNul: false });
  if (path === "") throw invalidArgument(safe`'${name}' must not be empty`);
  return path;
}

function resolveEnv(env: unknown): [string, string][] {
  if (typeof env !== "object" || env === null || Array.isArray(env)) {
    throw invalidArgument(safe`'env' must be an object of strings`);
  }
  const entries = Object.entries(env);
  if (entries.length > LIMITS.envMaxEntries) {
    throw invalidArgument(safe`'env' must have at most ${LIMITS.envMaxEntries} entries`);
  }
  let totalBytes = 0;
  const resolved = entries.map(([name, value]: [string, unknown]): [string, string] => {
    if (!isVariableName(name)) {
      throw invalidArgument(safe`'env' must have names of letters, digits and '_' only`);
    }
    if (drivesShell(name)) {
      throw invalidArgument(
        safe`'env' must not set what the session's shell is driven by, such as PS1`,
      );
    }
    requireText(value, safe`env`, LIMITS.envMaxBytes, { allowNul: false });
    totalBytes += name.length + value.length;
    return [name, value];
  });
  if (totalBytes > LIMITS.envMaxBytes) {
    throw invalidArgument(safe`'env' must have at most ${LIMITS.envMaxBytes} bytes`);
  }
  return resolved;
}

function resolveBytes(
  bytes: unknown,
  name: SafeText,
  { min, otherwise }: { readonly min: number; readonly otherwise: number },
): number {
  if (bytes === undefined) return otherwise;
  if (typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes >= min) return bytes;
  throw invalidArgument(safe`'${name}' must be a whole number from ${min}`);
}

function resolveTimeout(timeoutMs: unknown, defaultMs: number): number {
  if (timeoutMs === undefined) return defaultMs;
  const maxMs = LIMITS.commandTimeoutMaxMs;
  if (typeof timeoutMs !== "number" || !(timeoutMs >= 1 && timeoutMs <= maxMs)) {
    throw invalidArgument(safe`'timeoutMs' must be a number of milliseconds from 1 to ${maxMs}`);
  }
  return timeoutMs;
}
