/**
 * What can go wrong between us and the engine, in execkit's words.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { systemCode } from "../../system_code.ts";

/** The engine answered, and its answer is no. */
export class EngineRefusal extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** The engine's words; they can hold an agent's text and leave execkit nowhere. */
  readonly text: string;

  /**
   * Makes a refusal.
   *
   * @param status The HTTP status.
   * @param text The engine's words.
   * @param cause The package's error.
   */
  constructor(status: number, text: string, cause: unknown) {
    super(`The Docker engine answered with status ${status}`, { cause });
    this.status = status;
    this.text = text;
  }
}

const DENO_FLAGS =
  safe`Under Deno, start with --allow-env --allow-net=unix:/var/run/docker.sock --allow-read=/var/run/docker.sock,$HOME/.docker --allow-write=/var/run/docker.sock, or with the engine's own address in their place`;

/**
 * Recognises an access that the runtime refused: Deno without a permission, or Node's permission
 * model.
 *
 * @param cause What was thrown.
 * @returns The error to throw; undefined when it is something else.
 */
export function refusedByRuntime(cause: unknown): ExeckitError | undefined {
  if (!(cause instanceof Error)) return undefined;
  if (cause.name !== "NotCapable" && codeOf(cause) !== "ERR_ACCESS_DENIED") return undefined;
  return new ExeckitError({
    code: "permission_denied",
    message: safe`Cannot reach the Docker engine: the runtime refused the access`,
    hint: DENO_FLAGS,
    cause,
  });
}

/**
 * Says in execkit's words why a call to the engine failed.
 *
 * @param cause What was thrown.
 * @returns An {@linkcode EngineRefusal} when the engine answered, else the error to throw.
 */
export function engineError(cause: unknown): EngineRefusal | ExeckitError {
  if (cause instanceof ExeckitError || cause instanceof EngineRefusal) return cause;
  const denied = refusedByRuntime(cause);
  if (denied !== undefined) return denied;
  const status = statusOf(cause);
  if (status !== undefined) {
    return new EngineRefusal(status, cause instanceof Error ? cause.message : "", cause);
  }
  const code = codeOf(cause);
  if (code === "EACCES" || code === "EPERM") {
    return new ExeckitError({
      code: "permission_denied",
      message: safe`Cannot reach the Docker engine: this user may not open its socket`,
      hint: safe`Ask the operator for access to the engine's socket, such as by its group`,
      cause,
    });
  }
  return unreachable(reasonOf(code, cause), cause);
}

/**
 * Makes the error for an engine that cannot be reached.
 *
 * @param reason Why, as part of a sentence.
 * @param cause What was thrown, if anything.
 * @returns The error.
 */
export function unreachable(reason: SafeText, cause?: unknown): ExeckitError {
  return new ExeckitError({
    code: "connect_failed",
    message: safe`Cannot reach the Docker engine: ${reason}`,
    hint: safe`Check that the engine runs and that DOCKER_HOST or the Docker context leads to it`,
    cause,
  });
}

function reasonOf(code: string, cause: unknown): SafeText {
  const words = cause instanceof Error ? cause.message : "";
  if (code === "ENOENT") return safe`there is no such socket`;
  if (code === "ECONNREFUSED") return safe`nothing listens at its address`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return safe`its host is not known`;
  if (code === "ABORT_ERR") return safe`it did not answer in time`;
  // The names that OpenSSL (Node) and rustls (Deno) have for a certificate they do not accept.
  if (/CERT|SIGNATURE|ERR_TLS|ERR_SSL|EPROTO/.test(code) || /certificate|tls|ssl/i.test(words)) {
    return safe`the TLS connection failed, or its certificate is not trusted`;
  }
  if (code.startsWith("HPE_") || /\bhttp\b|parse/i.test(words)) {
    return safe`what listens there is no Docker engine`;
  }
  return safe`the connection failed`;
}

function codeOf(cause: unknown): string {
  const code = systemCode(cause);
  if (code !== "") return code;
  return cause instanceof Error && cause.name === "AbortError" ? "ABORT_ERR" : "";
}

function statusOf(cause: unknown): number | undefined {
  const status = cause instanceof Error && "statusCode" in cause ? cause.statusCode : undefined;
  return typeof status === "number" ? status : undefined;
}
