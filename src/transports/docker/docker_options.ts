/**
 * What a Docker session is opened with: the types, and the checks that need no engine.
 *
 * @module
 */

/** Which engine, and how to reach it. */
export interface DockerEngineOptions {
  /**
   * The engine's address: `unix:///path`, `tcp://host:port` or `npipe://…`. Default: `DOCKER_HOST`,
   * else the current context, else `unix:///var/run/docker.sock`.
   */
  dockerHost?: string;
  /** A context of the Docker CLI; it wins over `DOCKER_HOST`. Default: `DOCKER_CONTEXT`. */
  context?: string;
  /**
   * A directory with `ca.pem`, `cert.pem` and `key.pem` for TLS. Default: `DOCKER_CERT_PATH` with
   * `DOCKER_TLS_VERIFY`, or the context's.
   */
  tlsDirectory?: string;
  /** Milliseconds for the engine's answers while opening. Default: 15 000. */
  connectTimeoutMs?: number;
}

/** What holds for both ways of having a container. */
export interface DockerCommonOptions extends DockerEngineOptions {
  /** The user in the container: a name or an id, and optionally `:group`. Default: the image's. */
  user?: string;
}

/** A session in a running container. */
export interface DockerJoinOptions extends DockerCommonOptions {
  /** The container's name or id. It is left running at the end. */
  container: string;
  /**
   * Decides by the container's own name whether it may be joined: a reference may be an id, or the
   * beginning of one, that says nothing of the name. Default: every container may.
   */
  allowContainer?: (container: { readonly name: string; readonly id: string }) => boolean;
  /** Belongs to a container of the session's own. */
  image?: never;
  /** Belongs to a container of the session's own. */
  own?: never;
}

/** A session in a container of its own, locked down, and removed at the end. */
export interface DockerOwnOptions extends DockerCommonOptions {
  /** The image; it must be on the engine already, nothing is pulled. */
  image: string;
  /** What the container may do and use. */
  own?: OwnContainerOptions;
  /** Belongs to a container that is joined. */
  container?: never;
  /** Belongs to a container that is joined. */
  allowContainer?: never;
}

/** What an owned container may do and use. Everything that is not named here is refused. */
export interface OwnContainerOptions {
  /** `none` has only loopback; `bridge` is the engine's default network. Default: `none`. */
  network?: "none" | "bridge";
  /** Whether the root file system can be written to. Default: false; `/tmp` can. */
  writableRoot?: boolean;
  /** Bytes of memory, swap included. Default: 512 MiB. */
  memoryBytes?: number;
  /** Processes and threads at most. Default: 256. */
  processes?: number;
  /** CPUs at most, in whole or parts. Default: 1. */
  cpus?: number;
  /** Bytes of the private `/tmp`, which is held in memory. Default: 64 MiB. */
  tmpBytes?: number;
  /** Host directories to mount, each `{ source, target, readOnly }`. Default: none. */
  mounts?: readonly ContainerMount[];
}

/** A directory of the engine's host that an owned container sees. */
export interface ContainerMount {
  /** Absolute path on the engine's host. */
  source: string;
  /** Absolute path in the container. */
  target: string;
  /** Whether it is read-only. Default: true. */
  readOnly?: boolean;
}

/** Which container a Docker session runs in. */
export type DockerOptions = DockerJoinOptions | DockerOwnOptions;
