/**
 * A connection that sessions share: how many channels it has, and how many it can have.
 *
 * @module
 */

import { setTimeout } from "node:timers";
import { monotonicMs, sleepMs, TIMED_OUT, withDeadline } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { safe } from "../../safe_text.ts";
import { connectFailed } from "./connect_errors.ts";
import type { SshRoute } from "./jump_chain.ts";
import { SshChannel } from "./ssh_channel.ts";
import { ChannelRefusedError } from "./ssh_connection.ts";

/** Milliseconds that a connection without channels stays: a session is often followed by another. */
const LINGER_MS = 5000;
/** Milliseconds that a connection has to open a channel before another one is made. */
const OPEN_CHANNEL_MS = 5000;
/** Milliseconds before each further try at a refused channel: a server frees a place late. */
const REFUSED_PAUSES_MS = [20, 60, 150] as const;

/** What a channel is for: `session` leaves one place of its connection free, `aside` may take it. */
export type ChannelPurpose = "session" | "aside";

/** A channel to open on a connection. */
export interface OpenRequest {
  /** What it is for. */
  readonly purpose: ChannelPurpose;
  /** What the login shell runs. */
  readonly line: string;
  /** The moment in {@linkcode monotonicMs} at which time is up. */
  readonly deadlineMs: number;
}

/** Who learns of a connection's changes. */
export interface ConnectionWatcher {
  /** A place is free again. */
  onFree(): void;
  /** It takes no channels any more. */
  onRetired(connection: PooledConnection): void;
}

/** A connection of a pool. */
export class PooledConnection {
  /** The way to the host. */
  readonly route: SshRoute;
  readonly #watcher: ConnectionWatcher;
  #ceiling: number;
  #used = 0;
  #sessions = 0;
  #promised: number;
  #proven = false;
  #retired = false;
  #linger: ReturnType<typeof setTimeout> | undefined;

  /**
   * Takes a new connection in; it is given up after a while if nobody uses it.
   *
   * @param route The way to the host.
   * @param places Channels that it can have, as far as is known, and how many of them are promised
   *   to those who waited for it.
   * @param watcher Who learns of its changes.
   */
  constructor(
    route: SshRoute,
    places: { readonly ceiling: number; readonly promised: number },
    watcher: ConnectionWatcher,
  ) {
    this.route = route;
    this.#ceiling = places.ceiling;
    this.#promised = places.promised;
    this.#watcher = watcher;
    void route.ended.then(() => this.#retire());
    this.#lingerIfIdle();
  }

  /** Channels that are open or being opened. */
  get used(): number {
    return this.#used;
  }

  /** Channels that it can have, as far as is known. */
  get ceiling(): number {
    return this.#ceiling;
  }

  /** Whether it takes no new channels: it is gone, or it did not answer. */
  get retired(): boolean {
    return this.#retired;
  }

  /**
   * Tells whether there is a place.
   *
   * @param purpose What for.
   */
  hasRoom(purpose: ChannelPurpose): boolean {
    const promised = this.#promised;
    if (this.#retired || this.#used + promised >= this.#ceiling) return false;
    return purpose === "aside" || this.#sessions + promised < sessionsOf(this.#ceiling);
  }

  /** Gives a promised place to whom it was promised to, who uses it at once or leaves it. */
  claim(): void {
    this.#promised -= 1;
  }

  /**
   * Opens a channel. Its place is taken at once, and free again when the channel is closed.
   *
   * @param request What to open.
   * @returns The channel; undefined when there is no place after all, or the connection is gone.
   * @throws {ExeckitError} `connect_failed` when the host lets nobody run commands.
   */
  async open(request: OpenRequest): Promise<SshChannel | undefined> {
    const release = this.#take(request.purpose);
    let channel: SshChannel | undefined;
    try {
      channel = await this.#tryOpen(request);
    } finally {
      if (channel === undefined) release();
      else void channel.closed.then(release);
    }
    return channel;
  }

  async #tryOpen({ line, deadlineMs }: OpenRequest): Promise<SshChannel | undefined> {
    const { route } = this;
    for (const pauseMs of [...REFUSED_PAUSES_MS, undefined]) {
      const leftMs = Math.min(OPEN_CHANNEL_MS, deadlineMs - monotonicMs());
      const opening = route.connection.exec(line, (channel) => new SshChannel(channel, route));
      try {
        const opened = await withDeadline(opening, Math.max(0, leftMs));
        if (opened === TIMED_OUT) return this.#giveUp(opening);
        this.#proven = true;
        return opened;
      } catch (cause) {
        // A connection that breaks answers like one that refuses.
        if (route.connection.gone || !(cause instanceof ChannelRefusedError)) {
          this.#retired = true;
          return undefined;
        }
        if (cause.kind === "forbidden") throw noCommands(cause);
        if (pauseMs === undefined) return this.#lowerCeiling(cause);
        await sleepMs(pauseMs);
      }
    }
    return undefined;
  }

  /** It may be frozen; if the channel comes after all, nobody waits for it any more. */
  #giveUp(opening: Promise<SshChannel>): undefined {
    this.#retired = true;
    opening.then((late) => late.close(), () => undefined);
  }

  /** The server allows fewer channels than we thought (`MaxSessions` of OpenSSH). */
  #lowerCeiling(cause: ChannelRefusedError): undefined {
    const granted = this.#used - 1;
    if (granted >= 1) {
      this.#ceiling = Math.min(this.#ceiling, granted);
      return;
    }
    this.#retired = true;
    // A server can hold on to the place of a channel that is gone; a new connection has its own.
    if (!this.#proven) throw noCommands(cause);
  }

  /** Takes a place; gives back what frees it. */
  #take(purpose: ChannelPurpose): () => void {
    const sessions = purpose === "session" ? 1 : 0;
    this.#used += 1;
    this.#sessions += sessions;
    if (this.#linger !== undefined) clearTimeout(this.#linger);
    this.#linger = undefined;
    this.route.hold("in_use");
    return () => {
      this.#used -= 1;
      this.#sessions -= sessions;
      this.#watcher.onFree();
      this.#lingerIfIdle();
    };
  }

  #lingerIfIdle(): void {
    if (this.#used > 0) return;
    if (this.#retired) return this.#retire();
    this.route.hold("idle");
    this.#linger = setTimeout(() => this.#retire(), LINGER_MS);
    this.#linger.unref();
  }

  #retire(): void {
    this.#retired = true;
    if (this.#linger !== undefined) clearTimeout(this.#linger);
    this.route.close();
    this.#watcher.onRetired(this);
  }
}

/**
 * Tells how many sessions a connection takes: one place is kept for what runs beside them; where
 * there is but one, it is a session's.
 *
 * @param ceiling Channels that it can have.
 */
export function sessionsOf(ceiling: number): number {
  return Math.max(1, ceiling - 1);
}

function noCommands(cause: ChannelRefusedError): ExeckitError {
  const refused = connectFailed(
    safe`it lets nobody run commands (MaxSessions, or a device)`,
    cause,
  );
  return new ExeckitError({
    code: "connect_failed",
    message: refused.detail,
    hint: safe`Ask the operator of the host to allow commands for this user`,
    cause,
  });
}
