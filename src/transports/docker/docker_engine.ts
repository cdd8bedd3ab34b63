/**
 * The engine as a session needs it: every call has a deadline, and fails in execkit's words.
 *
 * @module
 */

import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import type { Duplex, Readable } from "node:stream";
import process from "node:process";
import { TIMED_OUT, withDeadline } from "../../clock.ts";
import { safe } from "../../safe_text.ts";
import { type DockerEndpoint, dockerEnvironment, findEndpoint } from "./docker_endpoint.ts";
import {
  type ContainerReport,
  type ContainerRow,
  type Dockerode,
  type DockerodeCall,
  type DockerodeExec,
  type ExecReport,
  loadDockerode,
} from "./dockerode_module.ts";
import { engineError, EngineRefusal, refusedByRuntime, unreachable } from "./engine_errors.ts";
import type { ResolvedDocker } from "./resolve_docker_options.ts";

/** Milliseconds between two probes of a silent TCP connection. */
const KEEP_ALIVE_MS = 15_000;

/** A program to start in a container. */
export interface ExecRequest {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  /** The user; absent for the container's. */
  readonly user?: string;
}

/** An exec that runs: its report, and the connection with its streams. */
export interface StartedExec {
  /** The engine's handle. */
  readonly exec: DockerodeExec;
  /** The connection. */
  readonly socket: Duplex;
}

/** A client of one engine. */
export class DockerEngine {
  /** Where it is. */
  readonly endpoint: DockerEndpoint;
  readonly #client: Dockerode;
  readonly #timeoutMs: number;

  /** Use {@linkcode DockerEngine.load}. */
  private constructor(endpoint: DockerEndpoint, client: Dockerode, timeoutMs: number) {
    this.endpoint = endpoint;
    this.#client = client;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Finds the engine and loads what is needed to talk to it. Nothing is connected yet.
   *
   * @param options Where it is, and how long its answers may take.
   * @returns The engine.
   * @throws {ExeckitError} As {@linkcode findEndpoint}.
   */
  static async load(options: ResolvedDocker): Promise<DockerEngine> {
    try {
      const endpoint = await findEndpoint(options, dockerEnvironment(process.env));
      const client = await loadDockerode(settingsFor(endpoint));
      return new DockerEngine(endpoint, client, options.connectTimeoutMs);
    } catch (cause) {
      throw refusedByRuntime(cause) ?? cause;
    }
  }

  /**
   * Asks for a sign of life, so that what cannot be reached is told from what cannot be done.
   *
   * @throws {ExeckitError} `connect_failed` or `permission_denied`.
   */
  async ping(): Promise<void> {
    try {
      await this.call((how) => this.#client.ping(how));
    } catch (cause) {
      if (!(cause instanceof EngineRefusal)) throw cause;
      // Go's server says so in plain HTTP to who speaks in the clear where TLS is wanted.
      if (/HTTP request to an HTTPS server/i.test(cause.text)) {
        throw unreachable(safe`it takes TLS only, and no certificates were given`, cause);
      }
      throw unreachable(safe`what answers there is no Docker engine, or it refuses`, cause);
    }
  }

  /** Tells how a container is. */
  inspect(container: string): Promise<ContainerReport> {
    return this.call((how) => this.#client.getContainer(container).inspect(how));
  }

  /** Tells how an exec is. */
  inspectExec(id: string): Promise<ExecReport> {
    return this.call((how) => this.#client.getExec(id).inspect(how));
  }

  /**
   * Starts a program in a container, with three streams and no terminal.
   *
   * @param container The container.
   * @param request The program.
   * @returns The exec and its connection.
   */
  async startExec(container: string, request: ExecRequest): Promise<StartedExec> {
    const exec = await this.call((how) =>
      this.#client.getContainer(container).exec({
        ...how,
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: false,
        Cmd: request.argv,
        ...(request.user === undefined ? {} : { User: request.user }),
      })
    );
    const socket = await this.#hijack((how) =>
      exec.start({ ...how, hijack: true, stdin: true, Tty: false })
    );
    return { exec, socket };
  }

  /**
   * Makes a container; it does not run yet.
   *
   * @param spec What the engine is asked for.
   * @returns Its id.
   */
  async create(spec: Readonly<Record<string, unknown>>): Promise<string> {
    const container = await this.call((how) => this.#client.createContainer({ ...how, ...spec }));
    return container.id;
  }

  /** Connects to the standard input of a container's main process. */
  attach(container: string): Promise<Duplex> {
    return this.#hijack((how) =>
      this.#client.getContainer(container).attach({
        ...how,
        hijack: true,
        stream: true,
        stdin: true,
        stdout: true,
        stderr: true,
      })
    );
  }

  /** Starts a container. */
  async start(container: string): Promise<void> {
    await this.call((how) => this.#client.getContainer(container).start(how));
  }

  /** Removes a container and its anonymous volumes, running or not. */
  async remove(container: string): Promise<void> {
    await this.call((how) =>
      this.#client.getContainer(container).remove({ ...how, force: true, v: true })
    );
  }

  /** Lists the containers with a label, those that do not run too. */
  list(label: string): Promise<ContainerRow[]> {
    const filters = JSON.stringify({ label: [label] });
    return this.call((how) => this.#client.listContainers({ ...how, all: true, filters }));
  }

  /** Follows what happens to a container: one JSON text a line. */
  async events(container: string): Promise<Readable> {
    const filters = JSON.stringify({ type: ["container"], container: [container] });
    return await this.call((how) => this.#client.getEvents({ ...how, filters }));
  }

  /**
   * Makes a call with a deadline.
   *
   * @param run Makes the call.
   * @returns What it gives.
   * @throws {EngineRefusal} When the engine says no.
   * @throws {ExeckitError} `connect_failed` or `permission_denied`.
   */
  async call<T>(run: (how: DockerodeCall) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    const running = run({ abortSignal: abort.signal });
    // An abort that the package does not follow must not leave its failure unheard.
    running.catch(() => undefined);
    try {
      const value = await withDeadline(running, this.#timeoutMs);
      if (value !== TIMED_OUT) return value;
    } catch (cause) {
      throw engineError(cause);
    }
    abort.abort();
    throw unreachable(safe`it did not answer in time`);
  }

  async #hijack(run: (how: DockerodeCall) => Promise<Duplex>): Promise<Duplex> {
    const socket = await this.call(run);
    // Without an upgrade the package gives a pair of half streams that cannot end their input.
    if ("req" in socket) {
      socket.destroy();
      throw unreachable(safe`it, or a proxy before it, gives no two-way connections`);
    }
    if ("setKeepAlive" in socket && typeof socket.setKeepAlive === "function") {
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
    }
    if ("setNoDelay" in socket && typeof socket.setNoDelay === "function") socket.setNoDelay(true);
    return socket;
  }
}

function settingsFor(endpoint: DockerEndpoint): Parameters<typeof loadDockerode>[0] {
  const isSocket = endpoint.kind === "socket";
  const tls = isSocket ? undefined : endpoint.tls;
  return {
    socketPath: isSocket ? endpoint.path : undefined,
    host: isSocket ? undefined : endpoint.host,
    port: isSocket ? undefined : endpoint.port,
    pathPrefix: isSocket ? "/" : endpoint.pathPrefix,
    protocol: tls === undefined ? "http" : "https",
    ca: tls?.ca,
    cert: tls?.cert,
    key: tls?.key,
    timeout: undefined,
    connectionTimeout: undefined,
    version: undefined,
    // A kept connection can be dead when the engine has been started again.
    agent: tls === undefined ? new Agent({ keepAlive: false }) : new TlsAgent({ keepAlive: false }),
  };
}
