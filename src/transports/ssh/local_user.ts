/**
 * Who runs this program, as the runtime lets us see it.
 *
 * @module
 */

import { homedir, hostname, userInfo } from "node:os";
import process from "node:process";
import { ExeckitError } from "../../errors.ts";
import { safe, type SafeText } from "../../safe_text.ts";

/**
 * Tells whether Deno's permissions are the reason. Deno gives such an error no `code`, and its class
 * exists under Deno only, so that the name is what can be asked for.
 *
 * @param error What was thrown.
 * @returns Whether the program was started without the needed permission.
 */
export function isNotCapable(error: unknown): boolean {
  return error instanceof Error && error.name === "NotCapable";
}

/**
 * The local user's home: `HOME`, else the password database's.
 *
 * @returns An absolute path.
 * @throws {ExeckitError} `permission_denied` when Deno does not allow to know it.
 */
export function homeDirectory(): string {
  const home = allowed(homedir, () => {
    const variable = environmentValue("HOME");
    if (variable !== undefined) return variable;
    throw refusedByRuntime(
      safe`Cannot find the home directory`,
      safe`Start Deno with --allow-sys=homedir or --allow-env=HOME, or give 'keyDirectory' and 'knownHosts' as absolute paths`,
    );
  });
  if (home.startsWith("/")) return home;
  throw new ExeckitError({
    code: "invalid_argument",
    message: safe`The local user has no home directory to find SSH files in`,
    hint: safe`Give 'keyDirectory' and 'knownHosts' as absolute paths`,
  });
}

/**
 * The local user's name.
 *
 * @returns The name from the password database.
 * @throws {ExeckitError} `permission_denied` when Deno does not allow to know it.
 */
export function localUserName(): string {
  return allowed(() => userInfo().username, () => {
    throw refusedByRuntime(
      safe`Cannot find the local user's name`,
      safe`Give 'user', or start Deno with --allow-sys`,
    );
  });
}

/**
 * The local user's number.
 *
 * @returns The number; undefined where there is none, or where Deno does not allow to know it.
 */
export function localUserId(): number | undefined {
  return allowed(() => process.getuid?.(), () => undefined);
}

/**
 * The local machine's name.
 *
 * @returns The name, as `gethostname(2)` gives it.
 * @throws {ExeckitError} `permission_denied` when Deno does not allow to know it.
 */
export function localHostName(): string {
  return allowed(hostname, () => {
    throw refusedByRuntime(
      safe`Cannot find this machine's name`,
      safe`Start Deno with --allow-sys=hostname`,
    );
  });
}

/**
 * One variable of our own environment.
 *
 * @param name Its name.
 * @returns Its value; undefined when it is unset, or when Deno does not allow to know it.
 */
export function environmentValue(name: string): string | undefined {
  return allowed(() => process.env[name], () => undefined);
}

/**
 * The error for what the runtime does not allow.
 *
 * @param message What could not be done.
 * @param hint The permission to give.
 * @param cause What was thrown.
 * @returns The error.
 */
export function refusedByRuntime(
  message: SafeText,
  hint: SafeText,
  cause?: unknown,
): ExeckitError {
  return new ExeckitError({ code: "permission_denied", message, hint, cause });
}

function allowed<Value>(look: () => Value, otherwise: () => Value): Value {
  try {
    return look();
  } catch (error) {
    if (!isNotCapable(error)) throw error;
    return otherwise();
  }
}
