/**
 * Checks of single SSH options. Each takes what the caller gave, whatever its type, and says which
 * option is wrong without repeating its value.
 *
 * @module
 */

import { invalidArgument } from "../../option_checks.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { type JumpSpec, readHost, readJump, readUser } from "./ssh_names.ts";
import type { AnswerSshPrompts } from "./ssh_options.ts";

/** Hops at most: more than anybody's network has. */
const JUMPS_MAX = 8;
/** Characters of a password or passphrase at most: far above what servers take. */
const SECRET_MAX_CHARS = 4096;
const PORT_MAX = 65_535;
/** Base64 of 32 bytes without padding: 43 characters, the last of which carries four bits only. */
const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]$/;

/**
 * Checks `host`.
 *
 * @param host What was given.
 * @returns A name, an alias or an address without brackets.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function readHostOption(host: unknown): string {
  const read = typeof host === "string" ? readHost(host) : undefined;
  if (read !== undefined) return read;
  throw invalidArgument(
    safe`'host' must be a host name, an alias or an address: letters, digits, '.', '_' and '-'`,
    safe`Give the user as 'user' and the port as 'port'; nothing was run`,
  );
}

/**
 * Checks `user`.
 *
 * @param user What was given.
 * @returns The name, or undefined when nothing was given.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function readUserOption(user: unknown): string | undefined {
  if (user === undefined) return undefined;
  const read = typeof user === "string" ? readUser(user) : undefined;
  if (read !== undefined) return read;
  throw invalidArgument(
    safe`'user' must be a user's name, without spaces, quotes or shell characters, and not begin with '-'`,
  );
}

/**
 * Checks `port`.
 *
 * @param port What was given.
 * @returns The port, or undefined when nothing was given.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function readPort(port: unknown): number | undefined {
  if (port === undefined) return undefined;
  if (typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= PORT_MAX) {
    return port;
  }
  throw invalidArgument(safe`'port' must be a whole number from 1 to ${PORT_MAX}`);
}

/**
 * Checks a number of milliseconds.
 *
 * @param value What was given.
 * @param name The option's name.
 * @param range The least and the greatest.
 * @returns The number, or undefined when nothing was given.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function readMs(
  value: unknown,
  name: SafeText,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && value >= min && value <= max) return value;
  throw invalidArgument(safe`'${name}' must be a number of milliseconds from ${min} to ${max}`);
}

/**
 * Checks a password or passphrase. Its text is in no message.
 *
 * @param secret What was given.
 * @param name The option's name.
 * @returns The secret, or undefined when nothing was given.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function readSecret(secret: unknown, name: SafeText): string | undefined {
  if (secret === undefined) return undefined;
  if (typeof secret === "string" && secret.length <= SECRET_MAX_CHARS) return secret;
  throw invalidArgument(safe`'${name}' must be a string of at most ${SECRET_MAX_CHARS} characters`);
}

/**
 * Checks `answerPrompts`.
 *
 * @param answer What was given.
 * @returns The function, or undefined when nothing was given.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function readPromptAnswers(answer: unknown): AnswerSshPrompts | undefined {
  if (answer === undefined) return undefined;
  if (typeof answer !== "function") throw invalidArgument(safe`'answerPrompts' must be a function`);
  // What a function takes and gives back cannot be seen before it is called.
  return answer as AnswerSshPrompts;
}

/**
 * Checks `fingerprint`.
 *
 * @param fingerprint What was given.
 * @returns The fingerprint, or undefined when nothing was given.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function readFingerprint(fingerprint: unknown): string | undefined {
  if (fingerprint === undefined) return undefined;
  if (typeof fingerprint === "string" && FINGERPRINT.test(fingerprint)) return fingerprint;
  throw invalidArgument(
    safe`'fingerprint' must be 'SHA256:' and 43 base64 characters`,
    safe`Take it from 'ssh-keygen -l -E sha256 -f' with the host's public key; MD5 fingerprints are not accepted`,
  );
}

/**
 * Checks `jump`.
 *
 * @param jump What was given.
 * @returns The hops in order, or undefined when nothing was given.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function readJumps(jump: unknown): readonly JumpSpec[] | undefined {
  if (jump === undefined) return undefined;
  if (!Array.isArray(jump) || jump.length > JUMPS_MAX) {
    throw invalidArgument(safe`'jump' must be a list of at most ${JUMPS_MAX} hosts`);
  }
  return jump.map((spec: unknown, index) => {
    const hop = typeof spec === "string" ? readJump(spec) : undefined;
    if (hop !== undefined) return hop;
    throw invalidArgument(safe`'jump' must have '[user@]host[:port]' in position ${index + 1}`);
  });
}
