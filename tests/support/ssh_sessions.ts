/**
 * Sessions on a test's own SSH server.
 *
 * @module
 */

import assert from "node:assert/strict";
import { ExeckitError, Session } from "../../mod.ts";
import type { ErrorCode } from "../../src/error_codes.ts";
import type { Transport } from "../../src/transports/transport.ts";
import type { SshOptions } from "../../src/transports/ssh/ssh_options.ts";
import { sshTransportFactory } from "../../src/transports/ssh/ssh_transport.ts";

/** Opens a session; the shell is bash. */
export async function openSsh(options: SshOptions): Promise<Session> {
  const transport = await sshTransportFactory(options);
  return await Session.open({ transport, shell: "bash" });
}

/** Opens a session, runs one command in it and closes it; gives what it wrote. */
export async function runOverSsh(options: SshOptions, command = "echo in"): Promise<string> {
  await using session = await openSsh(options);
  return (await session.exec(command)).stdout;
}

/**
 * Expects that no session can be opened.
 *
 * @param options The options.
 * @param code The expected code.
 * @returns The error.
 */
export async function refusedSsh(options: SshOptions, code: ErrorCode): Promise<ExeckitError> {
  try {
    await using _session = await openSsh(options);
  } catch (cause) {
    assert.ok(cause instanceof ExeckitError, String(cause));
    assert.equal(cause.code, code, cause.message);
    return cause;
  }
  throw new assert.AssertionError({ message: `A session was opened in place of ${code}` });
}

/** Starts a script over SSH as a transport does, without a session on top. */
export async function openScript(
  options: SshOptions,
  script: string,
  ...args: string[]
): Promise<Transport> {
  const factory = await sshTransportFactory(options);
  return await factory.open({ script, args });
}

/** Reads a stream to its end as text. */
export async function readText(source: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of source) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
