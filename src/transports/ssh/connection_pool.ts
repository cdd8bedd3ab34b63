/**
 * Connections that sessions share: those to the same host, as the same user, proven the same way.
 *
 * @module
 */

import { monotonicMs, TIMED_OUT, withDeadline } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { connectTimedOut } from "./connect_errors.ts";
import type { SshRoute } from "./jump_chain.ts";
import {
  type ConnectionWatcher,
  type OpenRequest,
  PooledConnection,
  sessionsOf,
} from "./pooled_connection.ts";
import type { SshChannel } from "./ssh_channel.ts";

/** Channels on one connection at most: `MaxSessions` of OpenSSH is 10, and it frees a place late. */
const MAX_CHANNELS = 8;
/**
 * Milliseconds that a script beside a session waits for a place before a connection is made for it:
 * most of them take less, and a connection takes longer.
 */
const PLACE_WAIT_MS = 400;

/** A channel to open. */
export interface ChannelRequest extends OpenRequest {
  /** Milliseconds that it may take, for messages. */
  readonly timeoutMs: number;
  /** Connects to the host, by a moment. It holds the secrets, so that the pool has none. */
  readonly connect: (deadlineMs: number) => Promise<SshRoute>;
  /** The connection to use if it has a place; absent for any. */
  readonly preferred?: PooledConnection;
}

/** A channel that was opened. */
export interface PooledChannel {
  /** The channel. */
  readonly channel: SshChannel;
  /** The connection that it is on. */
  readonly connection: PooledConnection;
}

/** A connection that is being made, for this many channels. */
interface Pending {
  readonly made: Promise<PooledConnection>;
  expected: number;
}

const pools = new Map<string, ConnectionPool>();

/**
 * Gives the pool of a host.
 *
 * @param key What all connections of the pool have in common; it holds no secret in the clear.
 * @returns The pool.
 */
export function poolFor(key: string): ConnectionPool {
  const found = pools.get(key);
  if (found !== undefined) return found;
  const made = new ConnectionPool(() => {
    // Another pool may have taken its place since it became empty.
    if (pools.get(key) === made) pools.delete(key);
  });
  pools.set(key, made);
  return made;
}

/** The connections to one host. */
export class ConnectionPool {
  readonly #connections = new Set<PooledConnection>();
  readonly #pending = new Set<Pending>();
  readonly #waiting = new Set<() => void>();
  readonly #onEmpty: () => void;
  /** What the host was seen to allow; later connections know it. */
  #ceiling = MAX_CHANNELS;
  #opening = 0;

  /**
   * Makes an empty pool.
   *
   * @param onEmpty Called when nothing is left in it.
   */
  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty;
  }

  /**
   * Opens a channel, on a connection that has a place for it or on a new one.
   *
   * @param request What to open.
   * @returns The channel.
   * @throws {ExeckitError} As connecting does, or `connect_failed`.
   */
  async openChannel(request: ChannelRequest): Promise<PooledChannel> {
    this.#opening += 1;
    try {
      for (;;) {
        if (monotonicMs() >= request.deadlineMs) throw connectTimedOut(request.timeoutMs);
        const connection = this.#pick(request) ?? await this.#awaitPlace(request) ??
          await this.#grow(request);
        if (!connection.hasRoom(request.purpose)) continue;
        const channel = await connection.open(request);
        this.#ceiling = Math.min(this.#ceiling, connection.ceiling);
        if (channel !== undefined) return { channel, connection };
      }
    } finally {
      this.#opening -= 1;
      this.#dropIfEmpty();
    }
  }

  #pick({ purpose, preferred }: ChannelRequest): PooledConnection | undefined {
    if (preferred?.hasRoom(purpose) === true) return preferred;
    const withRoom = [...this.#connections].filter((one) => one.hasRoom(purpose));
    return withRoom.sort((one, other) => other.used - one.used)[0];
  }

  /** A script beside a session waits a moment for another one to end. */
  async #awaitPlace(request: ChannelRequest): Promise<PooledConnection | undefined> {
    const untilMs = Math.min(monotonicMs() + PLACE_WAIT_MS, request.deadlineMs);
    const isLive = [...this.#connections].some(({ retired, ceiling }) => !retired && ceiling > 1);
    if (request.purpose !== "aside" || !isLive) return undefined;
    for (;;) {
      const leftMs = untilMs - monotonicMs();
      if (leftMs <= 0) return undefined;
      let wake = () => {};
      const freed = new Promise<void>((resolve) => wake = resolve);
      this.#waiting.add(wake);
      await withDeadline(freed, leftMs);
      this.#waiting.delete(wake);
      const found = this.#pick(request);
      if (found !== undefined) return found;
    }
  }

  /** Waits for a connection that is being made and has a place to come, or makes one. */
  async #grow(request: ChannelRequest): Promise<PooledConnection> {
    const open = [...this.#pending].find(({ expected }) => expected < sessionsOf(this.#ceiling));
    if (open === undefined) return await this.#connect(request);
    open.expected += 1;
    try {
      const made = await withDeadline(open.made, request.deadlineMs - monotonicMs());
      if (made !== TIMED_OUT) {
        made.claim();
        return made;
      }
      open.made.then((late) => late.claim(), () => undefined);
      throw connectTimedOut(request.timeoutMs);
    } catch (cause) {
      // Another session's time ran out, or its socket failed: this one's may fare better. But what
      // the host said of us or of itself it would say again, and wrong tries are counted there.
      const mayDiffer = cause instanceof ExeckitError && cause.code === "connect_failed";
      if (!mayDiffer || monotonicMs() >= request.deadlineMs) throw cause;
      return await this.#connect(request);
    }
  }

  async #connect({ connect, deadlineMs }: ChannelRequest): Promise<PooledConnection> {
    const pending: Pending = {
      made: connect(deadlineMs).then((route) => this.#admit(route, pending)),
      expected: 1,
    };
    this.#pending.add(pending);
    try {
      const made = await pending.made;
      made.claim();
      return made;
    } finally {
      this.#pending.delete(pending);
    }
  }

  #admit(route: SshRoute, pending: Pending): PooledConnection {
    // Nobody joins from here on: who comes now finds the connection itself.
    this.#pending.delete(pending);
    const places = { ceiling: this.#ceiling, promised: pending.expected };
    const connection = new PooledConnection(route, places, this.#watcher);
    this.#connections.add(connection);
    return connection;
  }

  readonly #watcher: ConnectionWatcher = {
    onFree: () => {
      const [wake] = this.#waiting;
      if (wake === undefined) return;
      this.#waiting.delete(wake);
      wake();
    },
    onRetired: (connection) => {
      this.#connections.delete(connection);
      this.#dropIfEmpty();
    },
  };

  #dropIfEmpty(): void {
    if (this.#connections.size === 0 && this.#opening === 0) this.#onEmpty();
  }
}
