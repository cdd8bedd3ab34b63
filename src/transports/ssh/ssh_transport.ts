/**
 * The SSH transport: a shell on another machine, on a channel of a shared connection.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { monotonicMs, TIMED_OUT, withDeadline } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { runAside } from "../run_aside.ts";
import type {
  AsideProcess,
  AsideScript,
  LaunchPlan,
  Transport,
  TransportEnd,
  TransportFactory,
} from "../transport.ts";
import { remoteCommandLine } from "./command_line.ts";
import { connectHost } from "./connect_host.ts";
import { connectTimedOut } from "./connect_errors.ts";
import { type PooledChannel, poolFor } from "./connection_pool.ts";
import type { ChannelPurpose, PooledConnection } from "./pooled_connection.ts";
import { findHops, type Hop } from "./jump_chain.ts";
import { poolKey } from "./pool_key.ts";
import { resolveSshOptions } from "./resolve_ssh_options.ts";
import { waitForGreeting } from "./greeting.ts";
import { SshAside } from "./ssh_aside.ts";
import type { SshOptions } from "./ssh_options.ts";

/** Milliseconds that a lost session has to find out whether the host can still be reached. */
const SWEEP_AFTER_LOSS_MS = 5000;
/** Milliseconds that a host has to confirm the end of a channel. */
const CLOSE_CHANNEL_MS = 1000;
/** The port that a target need not name. */
const SSH_PORT = 22;

/**
 * Makes the factory for sessions on an SSH host. The client configuration is read; nothing is
 * connected yet.
 *
 * @param options The machine, and how to prove who is who.
 * @returns The factory. Its `close` forgets the options with their secrets.
 * @throws {ExeckitError} `invalid_argument` or `invalid_config`, naming what is wrong.
 */
export async function sshTransportFactory(options: SshOptions): Promise<TransportFactory> {
  const hops = await findHops(resolveSshOptions(options));
  const { user, hostName, port } = lastOf(hops).host;
  const name = hostName.includes(":") ? `[${hostName}]` : hostName;
  const host = new SshHostAccess(hops);
  return {
    kind: "ssh",
    target: port === SSH_PORT ? `${user}@${name}` : `${user}@${name}:${port}`,
    open: (plan) => openTransport(host, plan),
    close: () => Promise.resolve(host.forget()),
  };
}

function lastOf(hops: readonly [...Hop[], Hop]): Hop {
  const [first] = hops;
  return hops[hops.length - 1] ?? first;
}

/** The way to one host for one session: its pool, and what it takes to connect. */
class SshHostAccess {
  readonly timeoutMs: number;
  readonly #key: string;
  #hops: readonly [...Hop[], Hop] | undefined;

  constructor(hops: readonly [...Hop[], Hop]) {
    this.#key = poolKey(hops);
    this.#hops = hops;
    this.timeoutMs = lastOf(hops).host.connectTimeoutMs;
  }

  forget(): void {
    this.#hops = undefined;
  }

  openChannel(request: {
    readonly purpose: ChannelPurpose;
    readonly line: string;
    readonly deadlineMs: number;
    readonly preferred?: PooledConnection;
  }): Promise<PooledChannel> {
    const hops = this.#hops;
    if (hops === undefined) {
      throw new ExeckitError({
        code: "session_closed",
        message: safe`Cannot connect to the host: the session was closed`,
      });
    }
    return poolFor(this.#key).openChannel({
      ...request,
      timeoutMs: this.timeoutMs,
      connect: (deadlineMs) => connectHost(hops, deadlineMs),
    });
  }
}

async function openTransport(host: SshHostAccess, plan: LaunchPlan): Promise<Transport> {
  const key = randomBytes(8).toString("hex");
  const deadlineMs = monotonicMs() + host.timeoutMs;
  const pooled = await host.openChannel({
    purpose: "session",
    line: remoteCommandLine({
      script: plan.script,
      args: [...plan.args, "inherit"],
      greeting: { key, stream: "stdout" },
    }),
    deadlineMs,
  });
  try {
    const { pid, stdout } = await waitForGreeting(pooled.channel, key, deadlineMs);
    return new SshTransport({ host, pooled, pid, stdout, plan });
  } catch (cause) {
    pooled.channel.kill();
    pooled.channel.close();
    throw cause;
  }
}

interface SshTransportParts {
  readonly host: SshHostAccess;
  readonly pooled: PooledChannel;
  readonly pid: number;
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly plan: LaunchPlan;
}

class SshTransport implements Transport {
  readonly kind = "ssh";
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  readonly ended: Promise<TransportEnd>;
  readonly #parts: SshTransportParts;
  #lost: { readonly detail: SafeText } | undefined;
  #over = false;
  #closing: Promise<void> | undefined;

  constructor(parts: SshTransportParts) {
    const { channel } = parts.pooled;
    this.#parts = parts;
    this.stdout = parts.stdout;
    this.stderr = channel.stderr;
    this.ended = channel.outcome.then((outcome) => {
      this.#over = true;
      if (outcome.kind !== "lost") return { reason: this.#closing ? "closed" : "ended" };
      this.#lost = { detail: outcome.detail };
      return this.#closing ? { reason: "closed" } : { reason: "lost", detail: outcome.detail };
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#lost !== undefined) throw this.#linkLost();
    try {
      await this.#parts.pooled.channel.write(bytes);
    } catch (cause) {
      if (this.#parts.pooled.connection.route.connection.gone) {
        await this.ended;
        throw this.#linkLost(cause);
      }
      throw new ExeckitError({
        code: "session_lost",
        message: safe`Cannot write to the shell`,
        cause,
      });
    }
  }

  async startAside(aside: AsideScript): Promise<AsideProcess> {
    if (this.#lost !== undefined) throw this.#linkLost();
    try {
      return await this.#startAside(aside, monotonicMs() + this.#parts.host.timeoutMs);
    } catch (cause) {
      if (this.#over && this.#lost !== undefined) throw this.#linkLost(cause);
      throw cause;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The launch script's relay kills the session's processes; this waits for it, within bounds. */
  async #close(): Promise<void> {
    const { channel } = this.#parts.pooled;
    channel.endInput();
    let outcome = await withDeadline(channel.outcome, LIMITS.wakeAfterMs);
    if (outcome === TIMED_OUT) {
      // A command can stop the launch script's processes; they cannot see the end until they wake.
      await this.#signalGroup("CONT");
      outcome = await withDeadline(channel.outcome, LIMITS.closeTimeoutMs);
    }
    if (outcome === TIMED_OUT) await this.#signalGroup("KILL");
    const clean = outcome !== TIMED_OUT && outcome.kind === "exited" && outcome.code === 0;
    if (!clean) await this.#sweep();
    channel.close();
    await withDeadline(channel.closed, CLOSE_CHANNEL_MS);
  }

  /** What a broken launch left behind is ended beside it, if the host can be reached. */
  async #sweep(): Promise<void> {
    const { sweep } = this.#parts.plan;
    if (sweep === undefined) return;
    await this.#attempt({ ...sweep, timeoutMs: LIMITS.closeTimeoutMs });
  }

  /** dash takes a group behind `--` only; busybox fails at `--`, and signals the group all the same. */
  async #signalGroup(signal: "CONT" | "KILL"): Promise<void> {
    await this.#attempt({
      script: 'kill -s "$2" "-$1" 2>/dev/null || kill -s "$2" -- "-$1"',
      args: [String(this.#parts.pid), signal],
      timeoutMs: LIMITS.asideTimeoutMs,
    });
  }

  /** Runs a script that ends things; a host that cannot be reached any more ends nothing. */
  async #attempt(request: Parameters<typeof runAside>[1]): Promise<void> {
    const withinMs = Math.min(this.#parts.host.timeoutMs, SWEEP_AFTER_LOSS_MS);
    const deadlineMs = monotonicMs() + withinMs;
    try {
      await runAside({ startAside: (aside) => this.#startAside(aside, deadlineMs) }, request);
    } catch (cause) {
      if (!(cause instanceof ExeckitError)) throw cause;
    }
  }

  #startAside(aside: AsideScript, deadlineMs: number): Promise<AsideProcess> {
    const { host, pooled } = this.#parts;
    return SshAside.start(aside, (line) => {
      if (monotonicMs() >= deadlineMs) throw connectTimedOut(host.timeoutMs);
      return host.openChannel({
        purpose: "aside",
        line,
        deadlineMs,
        preferred: pooled.connection,
      });
    });
  }

  #linkLost(cause?: unknown): ExeckitError {
    const detail = this.#lost?.detail ?? safe`the connection is gone`;
    return new ExeckitError({
      code: "session_lost",
      message: safe`The session's connection to the host broke: ${detail}`,
      cause,
    });
  }
}
