/**
 * What can go wrong between a name and an authenticated connection, in words.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { systemCode } from "../../system_code.ts";

/** The code of `ExeckitError` for a runtime that refuses the network. */
const REFUSALS: ReadonlySet<string> = new Set(["NotCapable", "PermissionDenied"]);

/** Failures of a socket, by the code that the operating system gives. */
const SOCKET_FAILURES: ReadonlyMap<string, SafeText> = new Map([
  ["ECONNREFUSED", safe`nothing listens on that port`],
  ["ENOTFOUND", safe`its name is not known`],
  ["EAI_AGAIN", safe`its name cannot be looked up at present`],
  ["EHOSTUNREACH", safe`there is no route to it`],
  ["ENETUNREACH", safe`there is no route to it`],
  ["ETIMEDOUT", safe`it does not answer`],
]);

/**
 * The error for a connection that could not be made or broke early.
 *
 * @param what What is known, as the end of a sentence.
 * @param cause The original failure.
 * @returns The error.
 */
export function connectFailed(what: SafeText, cause?: unknown): ExeckitError {
  return new ExeckitError({
    code: "connect_failed",
    message: safe`Cannot connect to the host: ${what}`,
    cause,
  });
}

/**
 * The error for a connection that took too long.
 *
 * @param timeoutMs The milliseconds that it had.
 * @returns The error.
 */
export function connectTimedOut(timeoutMs: number): ExeckitError {
  return connectFailed(safe`not connected and logged in within ${timeoutMs} ms`);
}

/**
 * The error for a socket that failed.
 *
 * @param cause What the runtime says.
 * @returns The error.
 */
export function socketError(cause: unknown): ExeckitError {
  const name = cause instanceof Error ? cause.name : "";
  if (REFUSALS.has(name)) {
    return new ExeckitError({
      code: "permission_denied",
      message: safe`The runtime refused a connection to the host`,
      hint: safe`Start the program with --allow-net for the host and its port`,
      cause,
    });
  }
  return connectFailed(
    SOCKET_FAILURES.get(systemCode(cause)) ?? safe`the connection failed`,
    cause,
  );
}

/**
 * The error for a handshake that failed before anybody logged in.
 *
 * @param cause What `ssh2` says. Its beginnings are its own words; the rest may be the server's.
 * @returns The error.
 */
export function handshakeError(cause: unknown): ExeckitError {
  const text = cause instanceof Error ? cause.message : "";
  if (/no matching host key/.test(text)) {
    return new ExeckitError({
      code: "host_key_refused",
      message: safe`The host has no key of a kind that is accepted`,
      hint: safe`Give the host an ed25519, ecdsa or rsa key; DSA and RSA with SHA-1 are refused`,
      cause,
    });
  }
  if (/host key|signature/i.test(text)) {
    return new ExeckitError({
      code: "host_key_refused",
      message: safe`The host did not prove that the key it showed is its own`,
      cause,
    });
  }
  if (/no matching/.test(text)) {
    return connectFailed(
      safe`it has no key exchange, cipher or checksum in common with us; broken ones are not used`,
      cause,
    );
  }
  return connectFailed(safe`the SSH handshake failed`, cause);
}
