/**
 * From a stream to an authenticated client: first the host proves who it is, then we do.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { ExeckitError } from "../../errors.ts";
import { safe } from "../../safe_text.ts";
import { connectFailed, handshakeError, socketError } from "./connect_errors.ts";
import { hostKeyError, type HostKeyLookup, openKnownHosts } from "./known_hosts.ts";
import type { ResolvedSshOptions } from "./resolve_ssh_options.ts";
import { loadSsh2, type Ssh2Client } from "./ssh2_module.ts";
import { offeredAlgorithms } from "./ssh_algorithms.ts";
import { SshAuthentication } from "./ssh_authentication.ts";
import type { SshHost } from "./ssh_config.ts";

/** The reason of a disconnection that another moment can change (RFC 4253, 11.1). */
const TOO_MANY_CONNECTIONS = 12;

/** Whom to connect to, and by when. */
export interface ConnectionRequest {
  /** The checked options for this host. */
  readonly options: ResolvedSshOptions;
  /** The host. */
  readonly host: SshHost;
  /** A connected stream to it; it is destroyed when the connection fails or ends. */
  readonly stream: Duplex;
  /** Milliseconds that the whole of connecting has, for messages. */
  readonly timeoutMs: number;
  /** The moment in {@linkcode monotonicMs} at which time is up. */
  readonly deadlineMs: number;
}

/** The server closed the connection before it named itself: it may be busy, and a retry may help. */
export class EarlyCloseError extends Error {
  /** The error's name, constant across bundles. */
  override readonly name = "EarlyCloseError";
}

/** One login over one stream. */
export class SshLogin {
  #request: ConnectionRequest | undefined;
  #authentication: SshAuthentication | undefined;
  #lookup: HostKeyLookup | undefined;
  #accepted: Uint8Array | undefined;
  #recorded: Promise<void> | undefined;
  #refusal: ExeckitError | undefined;
  #handshaken = false;

  /**
   * Prepares a login; nothing is sent yet.
   *
   * @param request Whom to log in to.
   */
  constructor(request: ConnectionRequest) {
    this.#request = request;
  }

  /**
   * Verifies the host and logs in.
   *
   * @returns The client, which is ready for channels.
   * @throws {ExeckitError} `host_key_unknown`, `host_key_changed`, `host_key_refused`, `auth_failed`
   *   or `connect_failed`.
   * @throws {EarlyCloseError} When the server closed the connection before its greeting.
   */
  async run(): Promise<Ssh2Client> {
    const request = this.#request;
    if (request === undefined) throw connectFailed(safe`the login is over`);
    const { options, host, stream } = request;
    this.#lookup = await openKnownHosts(options, host);
    const ssh2 = await loadSsh2();
    const client = new ssh2.Client();
    const authentication = new SshAuthentication({
      ssh2,
      options,
      host,
      hostAccepted: () => this.#recorded ?? Promise.resolve(),
    });
    this.#authentication = authentication;
    const ready = this.#settle(client, authentication);
    client.connect({
      sock: stream,
      username: host.user,
      hostVerifier: (key) => this.#verify(key),
      authHandler: authentication.handler,
      readyTimeout: 0,
      algorithms: offeredAlgorithms({
        known: this.#lookup.wantedKeyTypes,
        ...(host.hostKeyAlgorithms === undefined ? {} : { configured: host.hostKeyAlgorithms }),
      }),
    });
    await ready;
    return client;
  }

  /** Drops the secrets, once the login is over. */
  forget(): void {
    this.#authentication?.forget();
    this.#request = undefined;
  }

  /** Runs before anything but the greetings is sent, and again when keys are exchanged anew. */
  #verify(key: Uint8Array): boolean {
    const blob = Uint8Array.from(key);
    if (this.#accepted !== undefined) return Buffer.compare(blob, this.#accepted) === 0;
    const request = this.#request;
    const lookup = this.#lookup;
    if (request === undefined || lookup === undefined) return false;
    const { options, host } = request;
    const verdict = lookup.check(blob);
    const isNew = verdict.kind === "unknown" && lookup.mayRecord;
    if (verdict.kind !== "known" && !isNew && !options.insecureAcceptAnyHostKey) {
      this.#refusal = hostKeyError(verdict, blob, host);
      return false;
    }
    this.#accepted = blob;
    return true;
  }

  /** A key is written down when the host has proved to have it, and before anybody logs in. */
  #record(): void {
    this.#handshaken = true;
    const lookup = this.#lookup;
    const blob = this.#accepted;
    if (lookup === undefined || blob === undefined) return;
    if (lookup.check(blob).kind !== "unknown" || !lookup.mayRecord) return;
    this.#recorded = lookup.record(blob);
    // Whoever sends credentials waits for it first, and learns of a failure there.
    this.#recorded.catch(() => undefined);
  }

  #settle(client: Ssh2Client, authentication: SshAuthentication): Promise<void> {
    return new Promise((resolve, reject) => {
      let first: unknown;
      client.on("handshake", () => this.#record());
      client.on("ready", () => resolve());
      client.on("error", (cause: Error & { readonly level?: string }) => {
        // A key that does not sign is one try less, and no end.
        if (cause.level === "agent") return;
        if (cause.level === "client-authentication" && !authentication.exhausted) return;
        first ??= cause;
        reject(this.#errorFor(cause));
      });
      client.on("change password", () => {
        reject(
          new ExeckitError({
            code: "auth_failed",
            message: safe`The host asks for a new password before it lets anybody in`,
          }),
        );
      });
      client.on("close", () => reject(this.#errorFor(first)));
    });
  }

  #errorFor(cause: unknown): Error {
    if (this.#refusal !== undefined) return this.#refusal;
    const level = cause instanceof Error && "level" in cause ? cause.level : undefined;
    const authentication = this.#authentication;
    if (level === "client-authentication" && authentication !== undefined) {
      return authentication.failure("exhausted");
    }
    if (!this.#handshaken) {
      if (level === "handshake") return handshakeError(cause);
      const reason = cause instanceof Error && "code" in cause ? cause.code : undefined;
      if (typeof reason === "number" && reason !== TOO_MANY_CONNECTIONS) {
        return connectFailed(safe`it ended the handshake, giving reason ${reason}`, cause);
      }
      return new EarlyCloseError("The server closed the connection", { cause });
    }
    if (authentication?.attempted === true) return authentication.failure("cut_off");
    return level === "client-socket"
      ? socketError(cause)
      : connectFailed(safe`it ended the connection before anybody could log in`, cause);
  }
}
