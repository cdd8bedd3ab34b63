/**
 * The Docker transport: a shell in a container, started through the engine's API.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { EMPTY_SAFE_TEXT, safe, type SafeText } from "../../safe_text.ts";
import type { LaunchPlan, Transport, TransportFactory } from "../transport.ts";
import { noContainer, notRunning, startFailure } from "./container_exec.ts";
import { ContainerWatch } from "./container_watch.ts";
import { DockerEngine } from "./docker_engine.ts";
import type { DockerOptions } from "./docker_options.ts";
import type { ContainerReport } from "./dockerode_module.ts";
import { openDockerSession, type SessionPlace } from "./docker_session.ts";
import { EngineRefusal } from "./engine_errors.ts";
import { sweepOrphans } from "./orphan_sweep.ts";
import { OwnedContainer } from "./owned_container.ts";
import { type ResolvedDocker, resolveDockerOptions } from "./resolve_docker_options.ts";

/**
 * Makes the factory for sessions in a container.
 *
 * @param options Which container on which engine.
 * @returns The factory; the engine has not been asked anything yet.
 * @throws {ExeckitError} `invalid_argument` or `invalid_config` naming what is wrong, `unsupported`
 *   for an engine behind `ssh://`, `permission_denied` when the runtime lets nothing be loaded.
 */
export async function dockerTransportFactory(options: DockerOptions): Promise<TransportFactory> {
  const resolved = resolveDockerOptions(options);
  return new DockerTransportFactory(resolved, await DockerEngine.load(resolved));
}

class DockerTransportFactory implements TransportFactory {
  readonly kind = "docker";
  readonly target: string;
  readonly #options: ResolvedDocker;
  readonly #engine: DockerEngine;
  #place: SessionPlace | undefined;
  #owned: OwnedContainer | undefined;

  constructor(options: ResolvedDocker, engine: DockerEngine) {
    const { target } = options;
    this.target = target.kind === "join" ? target.container : target.image;
    this.#options = options;
    this.#engine = engine;
  }

  async open(plan: LaunchPlan): Promise<Transport> {
    try {
      return await this.#open(plan);
    } catch (cause) {
      if (cause instanceof EngineRefusal) throw startFailure(cause.status, cause.text);
      throw cause;
    }
  }

  async #open(plan: LaunchPlan): Promise<Transport> {
    const isFirst = this.#place === undefined;
    this.#place ??= await this.#findContainer();
    if (!isFirst) requireRunning(await inspectContainer(this.#engine, this.#place.container));
    const transport = await openDockerSession(this.#place, plan);
    if (isFirst && this.#owned === undefined) {
      transport.runBeside(sweepOrphans(this.#place, transport, plan));
    }
    return transport;
  }

  async close(): Promise<void> {
    await this.#owned?.remove();
  }

  /** Later shells go into the same container: a new one by the same name has none of the state. */
  async #findContainer(): Promise<SessionPlace> {
    const { target, user } = this.#options;
    await this.#engine.ping();
    let container: string;
    if (target.kind === "own") {
      this.#owned = await OwnedContainer.start(this.#engine, this.#options);
      container = this.#owned.id;
    } else {
      const report = await inspectContainer(this.#engine, target.container);
      const name = report.Name.replace(/^\//, "");
      const { isAllowed } = target;
      // Nothing but true allows: a caller's function may give a promise, or nothing at all.
      if (isAllowed !== undefined && isAllowed({ name, id: report.Id }) !== true) {
        throw notAllowed();
      }
      requireRunning(report);
      container = report.Id;
    }
    const watch = new ContainerWatch(this.#engine, container);
    return { engine: this.#engine, container, watch, ...(user === undefined ? {} : { user }) };
  }
}

async function inspectContainer(engine: DockerEngine, reference: string): Promise<ContainerReport> {
  try {
    return await engine.inspect(reference);
  } catch (cause) {
    if (cause instanceof EngineRefusal) throw noContainer();
    throw cause;
  }
}

/** Nothing is said of the container: whoever may not join it need not know how it is. */
function notAllowed(): ExeckitError {
  return new ExeckitError({
    code: "blocked_by_policy",
    message: safe`The operator does not allow sessions in this container`,
    hint: safe`Ask the operator to list it by its name; do not look for another way`,
  });
}

/** Says what state a container is in, where it takes no commands, and what would help. */
function requireRunning({ State: state }: ContainerReport): void {
  if (state.Paused === true) {
    throw notRunning(safe`it is paused`, safe`Run docker unpause, then open the session again`);
  }
  if (state.Restarting === true) {
    throw notRunning(
      safe`it is restarting again and again`,
      safe`Look at docker logs for why its main process ends, then try again`,
    );
  }
  if (state.Running === true) return;
  if (state.Status === "created") throw notRunning(safe`it was never started`);
  throw notRunning(safe`it has ended${exitCodeOf(state.ExitCode)}`);
}

function exitCodeOf(code: number | undefined): SafeText {
  return code === undefined ? EMPTY_SAFE_TEXT : safe` with exit code ${code}`;
}
