/**
 * The part of `npm:dockerode` that is used, as types, and the one place that loads the package.
 *
 * The package's own types pull in `@types/node`, which contradicts Deno's; and it is heavy (about
 * 35 MB and 0.2 s under Deno), so it is loaded when the first Docker session is opened.
 *
 * @module
 */

import type { Agent } from "node:http";
import type { Duplex, Readable } from "node:stream";

/** What every call takes. */
export interface DockerodeCall {
  /** Ends the call. It must not be aborted once a hijacked call has given its stream. */
  abortSignal?: AbortSignal;
}

/** What the engine tells of a container, as far as it is used. */
export interface ContainerReport {
  /** The full id. */
  readonly Id: string;
  /** The name, with a slash in front. */
  readonly Name: string;
  /** The execs that run in it. */
  readonly ExecIDs?: readonly string[] | null;
  /** Its state. */
  readonly State: {
    readonly Status?: string;
    readonly Running?: boolean;
    readonly Paused?: boolean;
    readonly Restarting?: boolean;
    readonly ExitCode?: number;
    readonly OOMKilled?: boolean;
  };
}

/** What the engine tells of an exec. */
export interface ExecReport {
  /** Whether its process lives. */
  readonly Running: boolean;
  /** The exit code; null while it runs. */
  readonly ExitCode: number | null;
  /** What was started. */
  readonly ProcessConfig?: { readonly arguments?: readonly string[] };
}

/** An exec of the engine's. */
export interface DockerodeExec {
  /** Starts it; with `hijack` the connection becomes its streams. */
  start(options: DockerodeCall & { hijack: true; stdin: true; Tty: false }): Promise<Duplex>;
  /** Tells how it is. */
  inspect(options: DockerodeCall): Promise<ExecReport>;
}

/** A container of the engine's. */
export interface DockerodeContainer {
  /** The id or name that it was asked for by. */
  readonly id: string;
  /** Tells how it is. */
  inspect(options: DockerodeCall): Promise<ContainerReport>;
  /** Makes an exec; it does not run yet. */
  exec(options: DockerodeCall & Readonly<Record<string, unknown>>): Promise<DockerodeExec>;
  /** Connects to its main process. */
  attach(options: DockerodeCall & Readonly<Record<string, unknown>>): Promise<Duplex>;
  /** Starts it. */
  start(options: DockerodeCall): Promise<unknown>;
  /** Removes it. */
  remove(options: DockerodeCall & { force: boolean; v: boolean }): Promise<unknown>;
}

/** One row of the engine's list of containers. */
export interface ContainerRow {
  /** The full id. */
  readonly Id: string;
  /** `created`, `running`, `exited`, `dead`, … */
  readonly State: string;
  /** Seconds since the epoch, by the engine's clock. */
  readonly Created: number;
}

/** The engine. */
export interface Dockerode {
  /** Asks for a sign of life. */
  ping(options: DockerodeCall): Promise<unknown>;
  /** Names a container; nothing is asked yet. */
  getContainer(reference: string): DockerodeContainer;
  /** Names an exec; nothing is asked yet. */
  getExec(id: string): DockerodeExec;
  /** Makes a container; it does not run yet. */
  createContainer(
    options: DockerodeCall & Readonly<Record<string, unknown>>,
  ): Promise<DockerodeContainer>;
  /** Lists containers. */
  listContainers(
    options: DockerodeCall & { all: boolean; filters: string },
  ): Promise<ContainerRow[]>;
  /** Follows what happens on the engine: one JSON text a line. */
  getEvents(options: DockerodeCall & { filters: string }): Promise<Readable>;
}

/**
 * Where the engine is. Every key is given, undefined ones too: what is left out is taken from the
 * environment by the package, by rules that are not those of the docker command.
 */
export interface DockerodeSettings {
  /** Path of a Unix socket or a named pipe. */
  readonly socketPath: string | undefined;
  /** Host name or address. */
  readonly host: string | undefined;
  /** TCP port. */
  readonly port: number | undefined;
  /** What is spoken; `https` whenever there is TLS. */
  readonly protocol: "http" | "https";
  /** What stands before every path of the API. */
  readonly pathPrefix: string;
  /** The certificate authority, PEM. */
  readonly ca: string | undefined;
  /** Our certificate, PEM. */
  readonly cert: string | undefined;
  /** Its key, PEM. */
  readonly key: string | undefined;
  /** Milliseconds of silence after which the package would cut a stream: none. */
  readonly timeout: undefined;
  /** The package's own time-out: none, calls have their deadline. */
  readonly connectionTimeout: undefined;
  /** The version of the API: what the engine speaks by default. */
  readonly version: undefined;
  /** How connections are made. */
  readonly agent: Agent;
}

/**
 * Loads the package.
 *
 * @param settings Where the engine is.
 * @returns A client; nothing is connected yet.
 */
export async function loadDockerode(settings: DockerodeSettings): Promise<Dockerode> {
  // The interfaces above are what dockerode 5.0.1 has; its types cannot be used here.
  const module = await import("dockerode") as unknown as {
    default: new (settings: DockerodeSettings) => Dockerode;
  };
  return new module.default(settings);
}
