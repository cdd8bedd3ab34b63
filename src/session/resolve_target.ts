/**
 * Which machine a session is asked for: the part of its options that depends on the transport.
 *
 * @module
 */

import { invalidArgument, requireObject } from "../option_checks.ts";
import { safe } from "../safe_text.ts";
import { DOCKER_OPTION_KEYS } from "../transports/docker/resolve_docker_options.ts";
import { openTransport, type TransportTarget } from "../transports/open_transport.ts";
import { SSH_OPTION_KEYS } from "../transports/ssh/resolve_ssh_options.ts";
import type { TransportFactory } from "../transports/transport.ts";
import type {
  CommonSessionOptions,
  LocalSessionOptions,
  RemoteSessionOptions,
  SessionOptions,
} from "./session_options.ts";

const COMMON_KEYS: readonly string[] = Object.keys(
  {
    approve: true,
    approveTimeoutMs: true,
    audit: true,
    budget: true,
    cwd: true,
    env: true,
    id: true,
    keepOutput: true,
    loginEnv: true,
    maxTransferBytes: true,
    nextCommandId: true,
    outputDirectory: true,
    outputMaxBytes: true,
    policy: true,
    secrets: true,
    shell: true,
    terminal: true,
    timeoutMs: true,
  } satisfies Record<keyof CommonSessionOptions, true>,
);
const LOCAL_KEYS: readonly (keyof LocalSessionOptions)[] = ["sandbox"];
const REMOTE_KEYS: readonly (keyof RemoteSessionOptions)[] = ["reconnect"];

/** Where a session is to run. */
export type SessionTarget = TransportTarget | {
  /** A factory of the caller's own. */
  readonly kind: "custom";
  /** The factory. */
  readonly factory: TransportFactory;
};

/**
 * Reads the target of a session's options, and refuses keys that do not belong to it.
 *
 * @param options What the caller gave.
 * @returns The target; its own options are checked when it is opened.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function resolveTarget(options: SessionOptions): SessionTarget {
  const transport: unknown = transportOf(options);
  const keysOfAll = ["transport", ...COMMON_KEYS];
  const require = (...more: (readonly string[])[]) =>
    requireObject(options, safe`The options`, new Set([...keysOfAll, ...more.flat()]));
  switch (transport) {
    case "local":
      require(LOCAL_KEYS);
      return { kind: "local" };
    case "ssh":
      require(REMOTE_KEYS, [...SSH_OPTION_KEYS]);
      return { kind: "ssh", options: ownOptions(options, SSH_OPTION_KEYS) };
    case "docker":
      require(REMOTE_KEYS, [...DOCKER_OPTION_KEYS]);
      return { kind: "docker", options: ownOptions(options, DOCKER_OPTION_KEYS) };
  }
  // The sandbox is named here so that its own check can say why it is not to be had.
  require(LOCAL_KEYS, REMOTE_KEYS);
  if (!isTransportFactory(transport)) throw badTransport();
  return { kind: "custom", factory: transport };
}

/**
 * Makes the factory of a target.
 *
 * @param target The target.
 * @returns The factory; nothing is connected yet.
 * @throws {ExeckitError} `invalid_argument`, and what reading keys and configurations can meet.
 */
export async function openFactory(target: SessionTarget): Promise<TransportFactory> {
  return target.kind === "custom" ? target.factory : await openTransport(target);
}

/**
 * Lists what of a target must never be seen in any output.
 *
 * @param target The target.
 * @returns The secret values.
 */
export function secretsOf(target: SessionTarget): readonly string[] {
  if (target.kind !== "ssh") return [];
  return [target.options.password, target.options.passphrase].filter((value) =>
    typeof value === "string"
  );
}

/**
 * Tells whether a target is a container that ends with its session.
 *
 * @param target The target.
 * @returns False for one that is joined, and for every other machine.
 */
export function ownsContainer(target: SessionTarget): boolean {
  return target.kind === "docker" && target.options.image !== undefined;
}

function transportOf(options: unknown): unknown {
  if (typeof options !== "object" || options === null) {
    throw invalidArgument(safe`The options must be an object`);
  }
  return "transport" in options ? options.transport : undefined;
}

function ownOptions<T>(options: object, keys: Iterable<string>): T {
  const own = new Set(keys);
  // The keys are T's; what each holds is checked when the transport is opened.
  return Object.fromEntries(Object.entries(options).filter(([key]) => own.has(key))) as T;
}

function isTransportFactory(value: unknown): value is TransportFactory {
  return typeof value === "object" && value !== null && "open" in value &&
    typeof value.open === "function" && "kind" in value && "target" in value;
}

function badTransport(): Error {
  return invalidArgument(
    safe`'transport' must be 'local', 'ssh', 'docker' or a transport factory`,
  );
}
