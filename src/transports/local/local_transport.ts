/**
 * The local transport: a shell on this machine, started through the spawn seam.
 *
 * @module
 */

import { TIMED_OUT, withDeadline } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { safe } from "../../safe_text.ts";
import type {
  AsideProcess,
  AsideScript,
  LaunchPlan,
  Transport,
  TransportEnd,
  TransportFactory,
} from "../transport.ts";
import { runAside } from "../run_aside.ts";
import type { ByteSource, Child, Spawn } from "./child.ts";
import { loadSpawn } from "./load_spawn.ts";

/**
 * Makes the factory for sessions on this machine.
 *
 * @returns The factory; nothing is started yet.
 */
export function localTransportFactory(): TransportFactory {
  return {
    kind: "local",
    target: "local",
    async open(plan: LaunchPlan): Promise<Transport> {
      const spawn = await loadSpawn();
      const child = await spawn({ script: plan.script, args: plan.args, purpose: "session" });
      return new LocalTransport(child, spawn, plan);
    },
  };
}

class LocalTransport implements Transport {
  readonly kind = "local";
  readonly stdout: ByteSource;
  readonly stderr: ByteSource;
  readonly ended: Promise<TransportEnd>;
  readonly #child: Child;
  readonly #spawn: Spawn;
  readonly #sweep: LaunchPlan["sweep"];
  #closing: Promise<void> | undefined;

  constructor(child: Child, spawn: Spawn, plan: LaunchPlan) {
    this.#sweep = plan.sweep;
    this.#child = child;
    this.#spawn = spawn;
    this.stdout = child.stdout;
    this.stderr = child.stderr;
    this.ended = child.exited.then(() => ({ reason: this.#closing ? "closed" : "ended" }));
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#child.write(bytes);
    } catch (cause) {
      throw new ExeckitError({
        code: "session_lost",
        message: safe`Cannot write to the shell`,
        cause,
      });
    }
  }

  startAside(aside: AsideScript): Promise<AsideProcess> {
    return startBrief(this.#spawn, aside);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The launch script's relay kills the session's processes; this waits for it, within bounds. */
  async #close(): Promise<void> {
    const closed = this.#child.closeInput();
    let ended = await withDeadline(this.#child.exited, LIMITS.wakeAfterMs);
    if (ended === TIMED_OUT) {
      // A command can stop the launch script's processes; they cannot see the end until they wake.
      await signalGroup(this.#spawn, this.#child, "CONT");
      ended = await withDeadline(this.#child.exited, LIMITS.closeTimeoutMs);
    }
    if (ended === TIMED_OUT) await killGroup(this.#spawn, this.#child);
    if (ended !== 0 && this.#sweep !== undefined) {
      await runAside(this, { ...this.#sweep, timeoutMs: LIMITS.closeTimeoutMs });
    }
    await withDeadline(closed, LIMITS.closeTimeoutMs);
    await Promise.all([this.stdout.cancel(), this.stderr.cancel()]);
  }
}

/** A script beside the shell is a child like any other. */
class LocalAside implements AsideProcess {
  readonly stdout: ByteSource;
  readonly exited: Promise<number | undefined>;
  readonly #child: Child;
  readonly #spawn: Spawn;
  readonly #stderr: Promise<void>;
  #ended = false;
  #killed = false;

  constructor(child: Child, spawn: Spawn) {
    this.#child = child;
    this.#spawn = spawn;
    this.stdout = child.stdout;
    this.#stderr = discard(child.stderr);
    this.exited = child.exited.then((code) => {
      this.#ended = true;
      return this.#killed ? undefined : code;
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#child.write(bytes);
  }

  closeInput(): Promise<void> {
    return this.#child.closeInput();
  }

  async release(): Promise<void> {
    if (!this.#ended) {
      this.#killed = true;
      await killGroup(this.#spawn, this.#child);
    }
    await this.#child.closeInput();
    await Promise.all([this.#child.stdout.cancel(), this.#child.stderr.cancel()]);
    await this.#stderr;
  }
}

async function startBrief(spawn: Spawn, { script, args = [] }: AsideScript): Promise<LocalAside> {
  return new LocalAside(await spawn({ script, args, purpose: "brief" }), spawn);
}

async function discard(source: ByteSource): Promise<void> {
  for await (const _chunk of source);
}

/**
 * A child leads a process group of its own; only sh may signal it under narrow permissions. dash
 * takes a group behind `--` only; busybox fails at `--`, and signals the group all the same.
 */
async function signalGroup(spawn: Spawn, child: Child, signal: "CONT" | "KILL"): Promise<void> {
  const killer = await spawn({
    script: 'kill -s "$2" "-$1" 2>/dev/null || kill -s "$2" -- "-$1"',
    args: [String(child.pid), signal],
    purpose: "brief",
  });
  await killer.closeInput();
  await withDeadline(killer.exited, LIMITS.closeTimeoutMs);
  await Promise.all([killer.stdout.cancel(), killer.stderr.cancel()]);
}

async function killGroup(spawn: Spawn, child: Child): Promise<void> {
  await signalGroup(spawn, child, "KILL");
  child.kill();
  await child.exited;
}
