/**
 * Checks and completes what a Docker session is opened with. Nothing here asks an engine, reads a
 * file or loads a package.
 *
 * @module
 */

import { invalidArgument, requireObject, resolveFlag } from "../../option_checks.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import type {
  ContainerMount,
  DockerJoinOptions,
  DockerOptions,
  OwnContainerOptions,
} from "./docker_options.ts";
import { resolveMounts } from "./resolve_mounts.ts";

const MIB = 1024 * 1024;

/** Defaults and ceilings of Docker sessions; those of an owned container fit a build, not a bomb. */
const DOCKER_LIMITS = {
  /** Milliseconds for the engine's answers: creating a container takes 1 to 3 s when it is loaded. */
  connectTimeoutMs: 15_000,
  connectTimeoutMaxMs: 600_000,
  /** Bytes of memory; the engine takes no less than 6 MiB, and a shell with its tools needs more. */
  memoryBytes: 512 * MIB,
  memoryMinBytes: 16 * MIB,
  memoryMaxBytes: 1024 * 1024 * MIB,
  /** Processes and threads; below 16 the launch itself does not fit. */
  processes: 256,
  processesMin: 16,
  processesMax: 1_000_000,
  cpus: 1,
  cpusMin: 0.01,
  cpusMax: 1024,
  /** Bytes of /tmp; it is held in the container's memory. */
  tmpBytes: 64 * MIB,
  tmpMinBytes: 1 * MIB,
  tmpMaxBytes: 64 * 1024 * MIB,
} as const;

/** The keys of Docker options beside those of every session. */
export const DOCKER_OPTION_KEYS: readonly (keyof DockerOptions)[] = [
  "allowContainer",
  "connectTimeoutMs",
  "container",
  "context",
  "dockerHost",
  "image",
  "own",
  "tlsDirectory",
  "user",
];

const OWN_KEYS: ReadonlySet<string> = new Set<keyof OwnContainerOptions>([
  "cpus",
  "memoryBytes",
  "mounts",
  "network",
  "processes",
  "tmpBytes",
  "writableRoot",
]);

/** An owned container's rules with every default filled in. */
export interface ResolvedOwn {
  /** The network's mode. */
  readonly network: "none" | "bridge";
  /** Whether the root can be written to. */
  readonly writableRoot: boolean;
  /** Bytes of memory, swap included. */
  readonly memoryBytes: number;
  /** Processes and threads at most. */
  readonly processes: number;
  /** CPUs at most. */
  readonly cpus: number;
  /** Bytes of /tmp. */
  readonly tmpBytes: number;
  /** Directories of the engine's host. */
  readonly mounts: readonly Required<ContainerMount>[];
}

/** Which container. */
export type ResolvedContainer =
  | {
    readonly kind: "join";
    readonly container: string;
    /** Decides by the container's own name. */
    readonly isAllowed?: NonNullable<DockerJoinOptions["allowContainer"]>;
  }
  | { readonly kind: "own"; readonly image: string; readonly own: ResolvedOwn };

/** Docker options with every default filled in. */
export interface ResolvedDocker {
  /** The engine's address, if the caller gave one. */
  readonly dockerHost?: string;
  /** The context, if the caller gave one. */
  readonly context?: string;
  /** The directory of certificates, if the caller gave one. */
  readonly tlsDirectory?: string;
  /** Milliseconds for the engine's answers. */
  readonly connectTimeoutMs: number;
  /** The user in the container; absent for the image's. */
  readonly user?: string;
  /** Which container. */
  readonly target: ResolvedContainer;
}

/** As the engine's own pattern for names; an id is one too. */
const CONTAINER = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const CONTEXT = /^[A-Za-z0-9][A-Za-z0-9_.+-]{0,127}$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?$/;
const IMAGE_MAX_CHARS = 512;
const IMAGE_HOST = /^[A-Za-z0-9.-]{1,255}(?::[0-9]{1,5})?$/;
const IMAGE_TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const IMAGE_DIGEST = /^[a-z0-9]{1,32}:[0-9a-f]{32,128}$/;
const IMAGE_PART = /^[a-z0-9][a-z0-9._-]*$/;
const PATH_MAX_CHARS = 4096;

/**
 * Checks and completes Docker options.
 *
 * @param options What the caller gave; keys that are not Docker's are not looked at.
 * @returns The complete options.
 * @throws {ExeckitError} `invalid_argument`, naming the option.
 */
export function resolveDockerOptions(options: DockerOptions): ResolvedDocker {
  if (typeof options !== "object" || options === null) {
    throw invalidArgument(safe`The Docker options must be an object`);
  }
  const { dockerHost, context, tlsDirectory, user } = options;
  if (dockerHost !== undefined && context !== undefined) {
    throw invalidArgument(safe`'dockerHost' and 'context' cannot both be given`);
  }
  requireMatch(context, CONTEXT, safe`'context' must be the name of a Docker context`);
  requireMatch(user, USER, safe`'user' must be a name or an id, and optionally ':' and a group`);
  requirePlainText(dockerHost, safe`dockerHost`);
  requirePlainText(tlsDirectory, safe`tlsDirectory`);
  return {
    ...(dockerHost === undefined ? {} : { dockerHost }),
    ...(context === undefined ? {} : { context }),
    ...(tlsDirectory === undefined ? {} : { tlsDirectory }),
    ...(user === undefined ? {} : { user }),
    connectTimeoutMs: resolveNumber(
      options.connectTimeoutMs,
      DOCKER_LIMITS.connectTimeoutMs,
      [100, DOCKER_LIMITS.connectTimeoutMaxMs],
      safe`connectTimeoutMs`,
    ),
    target: resolveTarget(options),
  };
}

function resolveTarget(options: DockerOptions): ResolvedContainer {
  const { container, image, own, allowContainer } = options;
  if ((container === undefined) === (image === undefined)) {
    throw invalidArgument(safe`Exactly one of 'container' and 'image' must be given`);
  }
  if (container !== undefined) {
    if (own !== undefined) throw invalidArgument(safe`'own' goes with 'image' only`);
    requireMatch(container, CONTAINER, safe`'container' must be a container's name or id`);
    if (allowContainer === undefined) return { kind: "join", container };
    if (typeof allowContainer !== "function") {
      throw invalidArgument(safe`'allowContainer' must be a function`);
    }
    return { kind: "join", container, isAllowed: allowContainer };
  }
  if (typeof image !== "string" || !isImage(image)) {
    throw invalidArgument(safe`'image' must be an image reference, such as debian:12`);
  }
  return { kind: "own", image, own: resolveOwn(own ?? {}) };
}

function resolveOwn(own: OwnContainerOptions): ResolvedOwn {
  requireObject(own, safe`'own'`, OWN_KEYS);
  const { network = "none" } = own;
  if (network !== "none" && network !== "bridge") {
    throw invalidArgument(safe`'own.network' must be 'none' or 'bridge'`);
  }
  const limits = DOCKER_LIMITS;
  return {
    network,
    writableRoot: resolveFlag(own.writableRoot, safe`own.writableRoot`),
    memoryBytes: Math.floor(resolveNumber(
      own.memoryBytes,
      limits.memoryBytes,
      [limits.memoryMinBytes, limits.memoryMaxBytes],
      safe`own.memoryBytes`,
    )),
    processes: Math.floor(resolveNumber(
      own.processes,
      limits.processes,
      [limits.processesMin, limits.processesMax],
      safe`own.processes`,
    )),
    cpus: resolveNumber(own.cpus, limits.cpus, [limits.cpusMin, limits.cpusMax], safe`own.cpus`),
    tmpBytes: Math.floor(resolveNumber(
      own.tmpBytes,
      limits.tmpBytes,
      [limits.tmpMinBytes, limits.tmpMaxBytes],
      safe`own.tmpBytes`,
    )),
    mounts: resolveMounts(own.mounts ?? []),
  };
}

function resolveNumber(
  value: unknown,
  fallback: number,
  [min, max]: readonly [number, number],
  name: SafeText,
): number {
  if (value === undefined) return fallback;
  if (typeof value !== "number" || !(value >= min && value <= max)) {
    throw invalidArgument(safe`'${name}' must be a number from ${min} to ${max}`);
  }
  return value;
}

/** `[host[:port]/]path[:tag][@digest]`, as the distribution project's grammar of references. */
function isImage(reference: string): boolean {
  if (reference.length > IMAGE_MAX_CHARS) return false;
  const [named = "", digest, ...more] = reference.split("@");
  if (more.length > 0 || (digest !== undefined && !IMAGE_DIGEST.test(digest))) return false;
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  if (colon >= 0 && !IMAGE_TAG.test(named.slice(colon + 1))) return false;
  const parts = (colon < 0 ? named : named.slice(0, colon)).split("/");
  const [first = ""] = parts;
  const isHost = parts.length > 1 && (/[.:A-Z]/.test(first) || first === "localhost");
  if (isHost && !IMAGE_HOST.test(first)) return false;
  return parts.slice(isHost ? 1 : 0).every((part) =>
    IMAGE_PART.test(part) && !/[._-]$/.test(part) && !part.includes("..")
  );
}

function requireMatch(
  value: unknown,
  pattern: RegExp,
  message: SafeText,
): asserts value is string | undefined {
  if (value === undefined) return;
  if (typeof value !== "string" || !pattern.test(value)) throw invalidArgument(message);
}

function requirePlainText(value: unknown, name: SafeText): void {
  if (value === undefined) return;
  const isPlain = typeof value === "string" && value !== "" && value.length <= PATH_MAX_CHARS &&
    !/\p{Control}/u.test(value);
  if (!isPlain) throw invalidArgument(safe`'${name}' must be a text without control characters`);
}
