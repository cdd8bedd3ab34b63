/**
 * One authenticated connection to one SSH server, over a stream that is connected already.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import { setInterval } from "node:timers";
import { monotonicMs, TIMED_OUT, withDeadline } from "../../clock.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { connectFailed, connectTimedOut } from "./connect_errors.ts";
import {
  type ChannelOpenError,
  killChannel,
  pingServer,
  type Ssh2Channel,
  type Ssh2Client,
} from "./ssh2_module.ts";
import type { SshHost } from "./ssh_config.ts";
import { type ConnectionRequest, SshLogin } from "./ssh_login.ts";

/** The server refused a channel. */
export class ChannelRefusedError extends Error {
  /** The error's name, constant across bundles. */
  override readonly name = "ChannelRefusedError";
  /** `full`: there are as many as the server allows (`MaxSessions`); `forbidden`: for good. */
  readonly kind: "full" | "forbidden";

  /**
   * Says why.
   *
   * @param kind Whether another moment or another connection can help.
   * @param cause What `ssh2` says.
   */
  constructor(kind: "full" | "forbidden", cause: unknown) {
    super(`The server refused a channel: ${kind}`, { cause });
    this.kind = kind;
  }
}

/** An authenticated connection. */
export class SshConnection {
  /** Settles when the connection is gone, with what is known of the cause; never rejects. */
  readonly ended: Promise<SafeText | undefined>;
  readonly #client: Ssh2Client;
  readonly #stream: Duplex;
  #detail: SafeText | undefined;
  #gone = false;

  /** Use {@linkcode SshConnection.open}. */
  private constructor(client: Ssh2Client, stream: Duplex, host: SshHost) {
    this.#client = client;
    this.#stream = stream;
    const stopWatching = this.#watch(host);
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.#gone = true;
        stopWatching();
        resolve(this.#detail);
      };
      stream.once("close", end);
      if (stream.destroyed) end();
    });
  }

  /**
   * Verifies the host and logs in.
   *
   * @param request Whom to connect to.
   * @returns The connection.
   * @throws {ExeckitError} `host_key_unknown`, `host_key_changed`, `host_key_refused`, `auth_failed`
   *   or `connect_failed`.
   * @throws {EarlyCloseError} When the server closed the connection before its greeting.
   */
  static async open(request: ConnectionRequest): Promise<SshConnection> {
    const { stream, host, deadlineMs } = request;
    const login = new SshLogin(request);
    try {
      const client = await withDeadline(login.run(), Math.max(0, deadlineMs - monotonicMs()));
      if (client === TIMED_OUT) throw connectTimedOut(request.timeoutMs);
      return new SshConnection(client, stream, host);
    } catch (cause) {
      stream.destroy();
      throw cause;
    } finally {
      login.forget();
    }
  }

  /** Whether the connection is gone. */
  get gone(): boolean {
    return this.#gone;
  }

  /**
   * Starts a command line on the host.
   *
   * @param line What the login shell runs.
   * @param adopt Takes the channel in the moment in which it is there: what a short program says and
   *   how it ends can be in the same packet, and is told to nobody who listens later.
   * @returns What `adopt` made of the channel.
   * @throws {ChannelRefusedError} When the server refuses it.
   */
  exec<T>(line: string, adopt: (channel: Ssh2Channel) => T): Promise<T> {
    return this.#openChannel((done) => this.#client.exec(line, done), adopt);
  }

  /**
   * Opens a way from the host to another machine.
   *
   * @param toHost The machine, as the host knows it.
   * @param toPort Its port.
   * @returns The stream.
   * @throws {ChannelRefusedError} When the server refuses it.
   */
  forward(toHost: string, toPort: number): Promise<Ssh2Channel> {
    return this.#openChannel(
      (done) => this.#client.forwardOut("127.0.0.1", 0, toHost, toPort, done),
      (channel) => channel,
    );
  }

  /**
   * Sends KILL to a channel's process.
   *
   * @param channel One of this connection's channels.
   */
  kill(channel: Ssh2Channel): void {
    if (!this.#gone) killChannel(this.#client, channel);
  }

  /** Ends the connection with all its channels. Twice is no error. */
  close(): void {
    if (this.#gone) return;
    this.#client.end();
    this.#stream.destroy();
  }

  #openChannel<T>(
    open: (done: (error: ChannelOpenError | undefined, channel: Ssh2Channel) => void) => void,
    adopt: (channel: Ssh2Channel) => T,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      try {
        open((error, channel) => {
          if (error === undefined || error === null) resolve(adopt(channel));
          else reject(refusalOf(error));
        });
      } catch (cause) {
        // `ssh2` throws when the connection is gone.
        reject(connectFailed(safe`the connection is gone`, cause));
      }
    });
  }

  /** Every byte is a sign of life; after a silence the server is asked for one. */
  #watch({ keepaliveIntervalMs, keepaliveMisses }: SshHost): () => void {
    this.#client.on("error", (cause: Error) => this.#detail ??= endDetail(cause));
    if (keepaliveIntervalMs <= 0) return () => undefined;
    let missed = 0;
    const onData = () => missed = 0;
    this.#stream.on("data", onData);
    const timer = setInterval(() => {
      if (missed >= keepaliveMisses) {
        const seconds = Math.round(keepaliveIntervalMs * keepaliveMisses / 100) / 10;
        this.#detail = safe`no sign of life for ${seconds} s`;
        this.#stream.destroy();
        return;
      }
      missed += 1;
      pingServer(this.#client);
    }, keepaliveIntervalMs);
    timer.unref();
    return () => {
      clearInterval(timer);
      this.#stream.off("data", onData);
    };
  }
}

/** RFC 4254, 5.1; OpenSSH answers 2 when `MaxSessions` is reached. */
function refusalOf(error: ChannelOpenError): Error {
  if (error.reason === 2 || error.reason === 4) return new ChannelRefusedError("full", error);
  if (error.reason === 1 || error.message === "Unable to exec") {
    return new ChannelRefusedError("forbidden", error);
  }
  return connectFailed(safe`the connection is gone`, error);
}

function endDetail(cause: Error & { readonly level?: string }): SafeText {
  return cause.level === "client-socket"
    ? safe`the network connection failed`
    : safe`the host ended the connection`;
}
