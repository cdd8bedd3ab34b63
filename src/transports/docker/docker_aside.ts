/**
 * A script beside the shell of a Docker session: an exec of its own.
 *
 * It costs what every exec costs, some 80 ms, most of it in the container runtime; releasing one
 * that still runs costs another, since an exec cannot be signalled but from inside.
 *
 * @module
 */

import { withDeadline } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { safe } from "../../safe_text.ts";
import type { AsideProcess, AsideScript } from "../transport.ts";
import type { ByteQueue } from "./byte_queue.ts";
import { ContainerExec } from "./container_exec.ts";
import type { DockerEngine } from "./docker_engine.ts";
import { EngineRefusal } from "./engine_errors.ts";

/** The name that a script sees as `$0`. */
export const SCRIPT_NAME = "execkit";

/** The engine says nothing of the number that a process has inside, so the script does. */
const SAY_PID = 'echo "$$" >&2\n';

/**
 * An exec leads a process group of its own. dash takes a group behind `--` only; busybox fails at
 * `--`, and signals the group all the same.
 */
const KILL_GROUP =
  'kill -s KILL "-$1" 2>/dev/null || kill -s KILL -- "-$1" 2>/dev/null || kill -s KILL "$1"';

/** Where asides run. */
export interface AsidePlace {
  /** The engine. */
  readonly engine: DockerEngine;
  /** The container's id. */
  readonly container: string;
  /** The session's user; absent for the container's. */
  readonly user?: string;
}

/**
 * Starts a script in the container.
 *
 * @param place Where.
 * @param aside The script and its arguments.
 * @returns The running script.
 * @throws {ExeckitError} `session_lost` when it cannot be started.
 */
export async function startDockerAside(
  place: AsidePlace,
  { script, args = [] }: AsideScript,
): Promise<AsideProcess> {
  try {
    const exec = await ContainerExec.start(place.engine, place.container, {
      argv: ["sh", "-c", `${SAY_PID}${script}`, SCRIPT_NAME, ...args],
      ...(place.user === undefined ? {} : { user: place.user }),
    });
    return new DockerAside(exec, place);
  } catch (cause) {
    if (!(cause instanceof EngineRefusal || cause instanceof ExeckitError)) throw cause;
    throw new ExeckitError({
      code: "session_lost",
      message: safe`Cannot start a script beside the shell in the container`,
      cause,
    });
  }
}

class DockerAside implements AsideProcess {
  readonly stdout: ByteQueue;
  readonly exited: Promise<number | undefined>;
  readonly #exec: ContainerExec;
  readonly #place: AsidePlace;
  readonly #pid: Promise<number | undefined>;
  #ended = false;
  #killed = false;

  constructor(exec: ContainerExec, place: AsidePlace) {
    this.#exec = exec;
    this.#place = place;
    this.stdout = exec.streams.stdout;
    this.#pid = readPid(exec.streams.stderr);
    this.exited = exec.ended.then((end) => {
      this.#ended = true;
      return this.#killed || end.kind === "lost" ? undefined : end.code;
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#exec.streams.write(bytes);
  }

  closeInput(): Promise<void> {
    this.#exec.streams.closeInput();
    return Promise.resolve();
  }

  async release(): Promise<void> {
    try {
      if (!this.#ended) await this.#kill();
    } finally {
      this.#exec.streams.destroy();
    }
  }

  /** A container that is gone or frozen runs nothing that could be killed. */
  async #kill(): Promise<void> {
    this.#killed = true;
    this.stdout.cancel();
    const pid = await withDeadline(this.#pid, LIMITS.wakeAfterMs);
    if (typeof pid !== "number" || this.#ended) return;
    try {
      const { engine, container, user } = this.#place;
      const killer = await ContainerExec.start(engine, container, {
        argv: ["sh", "-c", KILL_GROUP, SCRIPT_NAME, String(pid)],
        ...(user === undefined ? {} : { user }),
      });
      await withDeadline(killer.ended, LIMITS.asideTimeoutMs);
      killer.streams.destroy();
    } catch (cause) {
      if (!(cause instanceof EngineRefusal || cause instanceof ExeckitError)) throw cause;
    }
  }
}

/** The first line is the script's process id; what follows is noise, and is let fall. */
async function readPid(stderr: ByteQueue): Promise<number | undefined> {
  const decoder = new TextDecoder();
  let said = "";
  for await (const chunk of stderr) {
    said += decoder.decode(chunk, { stream: true });
    if (said.includes("\n") || said.length > 64) break;
  }
  // Leaving the loop cancels the queue: the rest falls away without holding the connection up.
  const pid = Number(said.slice(0, said.indexOf("\n")));
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}
