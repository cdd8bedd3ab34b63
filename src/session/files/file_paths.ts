/**
 * Paths on the session's machine, and the commands that an access to them amounts to.
 *
 * @module
 */

import type { AuditFileAction } from "../../audit/audit_event.ts";
import { LIMITS } from "../../limits.ts";
import { invalidArgument, requireObject, resolveFlag } from "../../option_checks.ts";
import type { Redactor } from "../../output/redactor.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { quoteForShell } from "../../shell_text/quote.ts";

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Checks a path as text.
 *
 * @param path What the caller gave.
 * @param name The argument's name, for the error.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function requirePath(path: unknown, name: SafeText): asserts path is string {
  if (typeof path !== "string") throw invalidArgument(safe`'${name}' must be a string`);
  if (path === "") throw invalidArgument(safe`'${name}' must not be empty`);
  if (path.includes("\0")) throw invalidArgument(safe`'${name}' must not contain NUL characters`);
  if (LONE_SURROGATE.test(path)) {
    throw invalidArgument(safe`'${name}' must be well-formed Unicode: it has a lone surrogate`);
  }
  if (new TextEncoder().encode(path).length > LIMITS.pathMaxBytes) {
    throw invalidArgument(safe`'${name}' must have at most ${LIMITS.pathMaxBytes} bytes`);
  }
}

/**
 * Makes a path absolute. `.` and `..` stay: only the machine knows what its links make of them.
 *
 * @param path The path.
 * @param cwd The session's working directory; empty when it is not known.
 * @returns The absolute path.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function absolutePath(path: unknown, cwd: string): string {
  requirePath(path, safe`path`);
  if (path.startsWith("/")) return path;
  if (!cwd.startsWith("/")) {
    throw invalidArgument(
      safe`'path' must be absolute: the session's working directory is not known`,
    );
  }
  const joined = cwd.endsWith("/") ? `${cwd}${path}` : `${cwd}/${path}`;
  requirePath(joined, safe`path`);
  return joined;
}

/**
 * Makes a path or a name fit to be shown: what a terminal would obey is written out.
 *
 * @param redactor Takes secrets out.
 * @param path The path or name.
 * @returns The path, redacted.
 */
export function pathLabel(redactor: Redactor, path: string): SafeText {
  return redactor.text(path.replaceAll(/\p{Cc}/gu, (character) => {
    const code = character.charCodeAt(0);
    return `\\x${code.toString(16).padStart(2, "0")}`;
  }));
}

/** An access as the policy gets to see it. */
export interface FileAccessText {
  /** What is done. */
  readonly action: AuditFileAction;
  /** The absolute path. */
  readonly path: string;
  /** Permission bits that are given, when they are. */
  readonly mode?: number | undefined;
  /** Whether missing directories are made. */
  readonly createParents?: boolean;
  /** Whether a symbolic link is followed. */
  readonly followLinks?: boolean;
}

/**
 * Says an access as the shell command that does the same, for the policy to judge.
 *
 * @param access The access.
 * @returns The command; it is never run.
 */
export function commandOf(access: FileAccessText): string {
  const path = quoteForShell(access.path);
  switch (access.action) {
    case "read":
    case "download":
      return `cat -- ${path}`;
    case "list":
      return `ls -- ${path}`;
    case "stat":
      return access.followLinks === true ? `stat -L -- ${path}` : `stat -- ${path}`;
    case "write":
    case "upload": {
      const parent = access.path.replace(/[^/]*$/, "");
      const makes = access.createParents === true ? `mkdir -p -- ${quoteForShell(parent)} && ` : "";
      const changes = access.mode === undefined
        ? ""
        : ` && chmod ${access.mode.toString(8)} -- ${path}`;
      return `${makes}cat > ${path}${changes}`;
    }
  }
}

/**
 * Checks a number that a caller gave.
 *
 * @param value What the caller gave; absent for the default.
 * @param rule The argument's name, its default and its bounds.
 * @returns The number.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function requireCount<Default extends number | undefined>(
  value: unknown,
  rule: { readonly name: SafeText; readonly fallback: Default; readonly max: number },
): number | Default {
  if (value === undefined) return rule.fallback;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= rule.max) {
    return value;
  }
  throw invalidArgument(safe`'${rule.name}' must be a whole number from 0 to ${rule.max}`);
}

/**
 * Checks options: an object of known names.
 *
 * @param options What the caller gave.
 * @param known The names.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function requireOptions(options: unknown, known: ReadonlySet<string>): void {
  const entries = Object.entries(requireObject(options, safe`'options'`, known));
  for (const [name, value] of entries) {
    if (value === undefined) continue;
    if (name === "signal" && !(value instanceof AbortSignal)) {
      throw invalidArgument(safe`'signal' must be an AbortSignal`);
    }
    if (name === "onProgress" && typeof value !== "function") {
      throw invalidArgument(safe`'onProgress' must be a function`);
    }
    const flag = FLAGS.get(name);
    if (flag !== undefined) resolveFlag(value, flag);
  }
}

const FLAGS: ReadonlyMap<string, SafeText> = new Map([
  ["createParents", safe`createParents`],
  ["followLinks", safe`followLinks`],
  ["overwrite", safe`overwrite`],
  ["verify", safe`verify`],
]);
