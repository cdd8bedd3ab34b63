/**
 * A container of a session's own: locked down, and gone when the session is.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { ExeckitError } from "../../errors.ts";
import { safe } from "../../safe_text.ts";
import { startFailure } from "./container_exec.ts";
import type { DockerEngine } from "./docker_engine.ts";
import { EngineRefusal } from "./engine_errors.ts";
import { handsOut } from "./resolve_mounts.ts";
import type { ResolvedDocker, ResolvedOwn } from "./resolve_docker_options.ts";

/** The label by which an owned container is known. */
const LABEL = "dev.execkit.owned";
/**
 * Seconds after which a container that was made and never started is nobody's: between the two
 * lies one call.
 */
const NEVER_STARTED_S = 600;

/**
 * The container lives as long as its standard input: the engine closes that when our connection
 * ends, however that happens. The shell stays in front of `cat` to reap what is left behind.
 */
const MAIN = ["sh", "-c", "cat >/dev/null; exit 0"];

/** A container that a session owns. */
export class OwnedContainer {
  /** Its id. */
  readonly id: string;
  readonly #engine: DockerEngine;
  readonly #lifeline: Duplex;

  /** Use {@linkcode OwnedContainer.start}. */
  private constructor(engine: DockerEngine, id: string, lifeline: Duplex) {
    this.#engine = engine;
    this.id = id;
    this.#lifeline = lifeline;
  }

  /**
   * Makes and starts a container.
   *
   * @param engine The engine.
   * @param options What it may do and use.
   * @returns The running container.
   * @throws {ExeckitError} `connect_failed`, `shell_not_found` or `invalid_argument`.
   */
  static async start(engine: DockerEngine, options: ResolvedDocker): Promise<OwnedContainer> {
    const { target } = options;
    if (target.kind !== "own") throw new TypeError("There is no image to make a container of");
    refuseEngineSocket(engine, target.own);
    await removeLeftovers(engine);
    const id = await create(engine, target.image, containerSpec(options.user, target.own));
    let lifeline: Duplex | undefined;
    try {
      // Attached before it starts, so that there is no moment in which nobody holds its input.
      lifeline = await engine.attach(id);
      // Its own output is nothing, but a connection that is not read is not seen to end either.
      lifeline.on("error", () => undefined).resume();
      await engine.start(id);
      return new OwnedContainer(engine, id, lifeline);
    } catch (cause) {
      lifeline?.destroy();
      await removeAnyway(engine, id);
      throw cause instanceof EngineRefusal ? startFailure(cause.status, cause.text) : cause;
    }
  }

  /** Removes the container, and waits for that. Twice is no error. */
  async remove(): Promise<void> {
    await removeAnyway(this.#engine, this.id);
    this.#lifeline.destroy();
  }
}

function containerSpec(
  user: string | undefined,
  own: ResolvedOwn,
): Readonly<Record<string, unknown>> {
  return {
    name: `execkit-${randomUUID()}`,
    Cmd: MAIN,
    // An image's entry point would stand before the command; none of it is to run.
    Entrypoint: [],
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Labels: { [LABEL]: "true" },
    ...(user === undefined ? {} : { User: user }),
    NetworkDisabled: own.network === "none",
    // An image's own check would run programs beside the session for ever.
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      AutoRemove: true,
      Init: true,
      NetworkMode: own.network,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Privileged: false,
      ReadonlyRootfs: !own.writableRoot,
      PidsLimit: own.processes,
      Memory: own.memoryBytes,
      MemorySwap: own.memoryBytes,
      NanoCpus: Math.round(own.cpus * 1e9),
      LogConfig: { Type: "none" },
      IpcMode: "private",
      Tmpfs: { "/tmp": `rw,exec,nosuid,nodev,size=${own.tmpBytes},mode=1777` },
      Mounts: own.mounts.map(({ source, target, readOnly }) => ({
        Type: "bind",
        Source: source,
        Target: target,
        ReadOnly: readOnly,
        // What is mounted below the source stays out: a read-only mount would not cover it.
        BindOptions: { Propagation: "rprivate", NonRecursive: true },
      })),
    },
  };
}

async function create(
  engine: DockerEngine,
  image: string,
  spec: Readonly<Record<string, unknown>>,
): Promise<string> {
  try {
    return await engine.create({ ...spec, Image: image });
  } catch (cause) {
    if (!(cause instanceof EngineRefusal)) throw cause;
    if (cause.status === 404) {
      throw new ExeckitError({
        code: "connect_failed",
        message: safe`Cannot make the session's container: the engine does not have the image`,
        hint: safe`Pull or load the image first; execkit downloads nothing by itself`,
      });
    }
    const isMount = /bind source path does not exist|invalid mount/i.test(cause.text);
    if (isMount) {
      throw new ExeckitError({
        code: "invalid_argument",
        message: safe`Cannot make the session's container: a mount's source is not there`,
        hint: safe`Name a directory that exists on the engine's host`,
      });
    }
    throw new ExeckitError({
      code: "connect_failed",
      message: safe`Cannot make the session's container: the engine refused it`,
      hint: safe`Check that the engine supports the limits that were asked for`,
      cause,
    });
  }
}

/** Whoever has the engine's socket has the engine, wherever it lies. */
function refuseEngineSocket(engine: DockerEngine, own: ResolvedOwn): void {
  const { endpoint } = engine;
  if (endpoint.kind !== "socket") return;
  if (!own.mounts.some(({ source }) => handsOut(source, endpoint.path))) return;
  throw new ExeckitError({
    code: "invalid_argument",
    message: safe`A mount would hand out the engine's socket, and with it the whole host`,
  });
}

/**
 * Removes what owners left that died, or whose engine did, between making a container and its
 * removal. One that runs has a living owner: it ends when its input does.
 */
async function removeLeftovers(engine: DockerEngine): Promise<void> {
  const nowS = Date.now() / 1000;
  for (const { Id: id, State: state, Created: createdS } of await engine.list(LABEL)) {
    const isOver = state === "exited" || state === "dead" ||
      (state === "created" && nowS - createdS > NEVER_STARTED_S);
    if (isOver) await removeAnyway(engine, id);
  }
}

/** A container that is gone already, or is being removed, or whose engine is, is removed enough. */
async function removeAnyway(engine: DockerEngine, id: string): Promise<void> {
  try {
    await engine.remove(id);
  } catch (cause) {
    if (!(cause instanceof EngineRefusal || cause instanceof ExeckitError)) throw cause;
  }
}
