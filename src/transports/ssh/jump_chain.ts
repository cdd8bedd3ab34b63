/**
 * From options to an authenticated connection, through every host on the way.
 *
 * @module
 */

import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { monotonicMs, TIMED_OUT, withDeadline } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { connectFailed, connectTimedOut, socketError } from "./connect_errors.ts";
import type { JumpSpec, ResolvedSshOptions } from "./resolve_ssh_options.ts";
import type { Ssh2Channel } from "./ssh2_module.ts";
import { resolveHost, type SshHost } from "./ssh_config.ts";
import { ChannelRefusedError, SshConnection } from "./ssh_connection.ts";

/** Hosts on the way at most: real chains have one or two, a configuration can have a loop. */
const MAX_JUMPS = 8;

/** A host, and the options to log in to it with. */
export interface Hop {
  /** The host. */
  readonly host: SshHost;
  /** The checked options for it. */
  readonly options: ResolvedSshOptions;
}

/**
 * Finds the hosts between here and the target, and the target.
 *
 * The first host's own `ProxyJump` counts, as for ssh(1), where every jump is an ssh of its own. A
 * password and a pinned key are the target's: no host on the way is shown or held against them.
 *
 * @param options The checked options.
 * @returns The hosts in order; the last is the target.
 * @throws {ExeckitError} As {@linkcode resolveHost}; `invalid_config` for too many hosts.
 */
export async function findHops(options: ResolvedSshOptions): Promise<readonly [...Hop[], Hop]> {
  const target = { host: await resolveHost(options, options.host), options };
  let specs = target.host.jump;
  const way: Hop[] = [];
  while (specs.length > 0) {
    if (way.length + specs.length > MAX_JUMPS) {
      throw new ExeckitError({
        code: "invalid_config",
        message: safe`There are more than ${MAX_JUMPS} hosts on the way, or they form a loop`,
      });
    }
    const hops = await Promise.all(specs.map((spec) => findJump(options, spec)));
    way.unshift(...hops);
    specs = hops[0]?.host.jump ?? [];
  }
  return [...way, target];
}

async function findJump(options: ResolvedSshOptions, spec: JumpSpec): Promise<Hop> {
  const { port: _port, user: _user, password: _password, ...rest } = options;
  const { fingerprint: _fingerprint, jump: _jump, ...common } = rest;
  const given = new Set(options.given);
  for (const name of ["port", "user", "password", "fingerprint", "jump"] as const) {
    given.delete(name);
  }
  if (spec.port !== undefined) given.add("port");
  if (spec.user !== undefined) given.add("user");
  const own: ResolvedSshOptions = {
    ...common,
    given,
    host: spec.host,
    ...(spec.port === undefined ? {} : { port: spec.port }),
    ...(spec.user === undefined ? {} : { user: spec.user }),
  };
  return { host: await resolveHost(own, spec.host), options: own };
}

/** A connection to the target, with everything that it goes through. */
export class SshRoute {
  /** The connection to the target. */
  readonly connection: SshConnection;
  /** Settles when any part of the way is gone, with what is known of the cause; never rejects. */
  readonly ended: Promise<SafeText | undefined>;
  readonly #socket: Socket;
  readonly #parts: readonly SshConnection[];

  /**
   * Holds a way together.
   *
   * @param socket The socket to the first host.
   * @param parts The connections, in order; the last is the one to the target.
   * @param last The connection to the target.
   */
  constructor(socket: Socket, parts: readonly SshConnection[], last: SshConnection) {
    this.#socket = socket;
    this.#parts = parts;
    this.connection = last;
    this.ended = Promise.race(parts.map((part) => part.ended));
    void this.ended.then(() => this.close());
  }

  /**
   * Says whether the connection is needed; one that is not keeps no process alive.
   *
   * @param need Whether it is in use.
   */
  hold(need: "in_use" | "idle"): void {
    if (need === "in_use") this.#socket.ref();
    else this.#socket.unref();
  }

  /** Ends every connection, the last one first. Twice is no error. */
  close(): void {
    for (const part of [...this.#parts].reverse()) part.close();
    this.#socket.destroy();
  }
}

/**
 * Connects to a target through its hops, each verified and logged in to like the last.
 *
 * @param hops The hosts in order.
 * @param deadlineMs The moment in {@linkcode monotonicMs} at which time is up.
 * @returns The way to the target.
 * @throws {ExeckitError} As {@linkcode SshConnection.open}.
 * @throws {EarlyCloseError} As {@linkcode SshConnection.open}.
 */
export async function connectThrough(
  hops: readonly [...Hop[], Hop],
  deadlineMs: number,
): Promise<SshRoute> {
  const [first = hops[hops.length - 1]] = hops;
  const timeoutMs = hops[hops.length - 1]?.host.connectTimeoutMs ?? 0;
  if (first === undefined) throw connectFailed(safe`no host was named`);
  const time = { timeoutMs, deadlineMs };
  const socket = await connectSocket(first.host, time);
  const parts: SshConnection[] = [];
  let stream: Duplex = socket;
  try {
    for (const [index, hop] of hops.entries()) {
      const part = await SshConnection.open({ ...hop, ...time, stream });
      parts.push(part);
      const next = hops[index + 1];
      if (next === undefined) return new SshRoute(socket, parts, part);
      stream = await forwardTo(part, next.host, time);
    }
    throw connectFailed(safe`no host was named`);
  } catch (cause) {
    for (const part of parts.reverse()) part.close();
    socket.destroy();
    throw cause;
  }
}

interface TimeLeft {
  readonly timeoutMs: number;
  readonly deadlineMs: number;
}

async function forwardTo(
  connection: SshConnection,
  host: SshHost,
  { timeoutMs, deadlineMs }: TimeLeft,
): Promise<Ssh2Channel> {
  try {
    const opening = connection.forward(host.hostName, host.port);
    const stream = await withDeadline(opening, Math.max(0, deadlineMs - monotonicMs()));
    if (stream === TIMED_OUT) throw connectTimedOut(timeoutMs);
    return stream;
  } catch (cause) {
    if (!(cause instanceof ChannelRefusedError)) throw cause;
    throw connectFailed(
      cause.kind === "forbidden"
        ? safe`a host on the way does not allow to connect further (AllowTcpForwarding)`
        : safe`a host on the way cannot reach the next one`,
      cause,
    );
  }
}

async function connectSocket(host: SshHost, { timeoutMs, deadlineMs }: TimeLeft): Promise<Socket> {
  const socket = new Socket();
  // The handshake listens as soon as there is one; until then a failure must not go unheard.
  socket.on("error", () => undefined);
  try {
    const connected = connectTo(socket, host);
    const outcome = await withDeadline(connected, Math.max(0, deadlineMs - monotonicMs()));
    if (outcome === TIMED_OUT) throw connectTimedOut(timeoutMs);
  } catch (cause) {
    socket.destroy();
    throw cause instanceof ExeckitError ? cause : socketError(cause);
  }
  // Without it a round trip under Deno takes 44 ms: Nagle waits for a delayed acknowledgement.
  socket.setNoDelay(true);
  return socket;
}

/** Deno throws at once when it may not connect, and that is a rejection here like any other. */
function connectTo(socket: Socket, { hostName, port, addressFamily }: SshHost): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve());
    socket.once("error", reject);
    socket.connect({
      host: hostName,
      port,
      ...(addressFamily === undefined ? {} : { family: addressFamily }),
    });
  });
}
