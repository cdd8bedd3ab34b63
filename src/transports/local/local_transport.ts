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
  AsideRequest,
  AsideResult,
  LaunchPlan,
  Transport,
  TransportEnd,
  TransportFactory,
} from "../transport.ts";
import type { ByteSource, Child, Spawn } from "./child.ts";
import { loadSpawn } from "./load_spawn.ts";

/** Bytes of a side script's output that are kept. */
const ASIDE_MAX_BYTES = 4 * 1024 * 1024;

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

  runAside(request: AsideRequest): Promise<AsideResult> {
    return runBrief(this.#spawn, request);
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
      await runBrief(this.#spawn, { ...this.#sweep, timeoutMs: LIMITS.closeTimeoutMs });
    }
    await withDeadline(closed, LIMITS.closeTimeoutMs);
    await Promise.all([this.stdout.cancel(), this.stderr.cancel()]);
  }
}

/**
 * Runs a short script to its end or its deadline.
 *
 * @param spawn The spawn seam.
 * @param request The script.
 * @returns Exit code and standard output.
 */
async function runBrief(spawn: Spawn, request: AsideRequest): Promise<AsideResult> {
  const child = await spawn({
    script: request.script,
    args: request.args ?? [],
    purpose: "brief",
  });
  const stderr = drain(child.stderr, 0);
  const stdout = drain(child.stdout, ASIDE_MAX_BYTES);
  const fed = feed(child, request.stdin);
  const exitCode = await withDeadline(child.exited, request.timeoutMs);
  if (exitCode === TIMED_OUT) await killGroup(spawn, child);
  // A grandchild may hold the pipes open; what the script itself wrote arrives at once.
  await withDeadline(Promise.all([stdout.done, stderr.done, fed]), LIMITS.interruptGraceMs);
  await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
  const result = { stdout: stdout.bytes() };
  return exitCode === TIMED_OUT ? result : { ...result, exitCode };
}

/**
 * A child leads a process group of its own; only sh may signal it under narrow permissions. dash
 * takes a group behind `--` only, and busybox takes no `--`.
 */
async function signalGroup(spawn: Spawn, child: Child, signal: "CONT" | "KILL"): Promise<void> {
  const killer = await spawn({
    script: 'kill -s "$2" -- "-$1" 2>/dev/null || kill -s "$2" "-$1"',
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

async function feed(child: Child, bytes: Uint8Array | undefined): Promise<void> {
  try {
    if (bytes !== undefined && bytes.length > 0) await child.write(bytes);
  } catch (cause) {
    // A script that ends before it has read everything says so by its exit code.
    if (!(cause instanceof Error)) throw cause;
  }
  await child.closeInput();
}

function drain(
  source: ByteSource,
  maxBytes: number,
): { done: Promise<void>; bytes: () => Uint8Array } {
  const chunks: Uint8Array[] = [];
  let length = 0;
  async function read(): Promise<void> {
    for await (const chunk of source) {
      if (length + chunk.length > maxBytes) continue;
      chunks.push(chunk);
      length += chunk.length;
    }
  }
  return {
    done: read(),
    bytes: () => {
      const joined = new Uint8Array(length);
      let at = 0;
      for (const chunk of chunks) {
        joined.set(chunk, at);
        at += chunk.length;
      }
      return joined;
    },
  };
}
