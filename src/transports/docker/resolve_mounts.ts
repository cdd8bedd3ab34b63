/**
 * Which directories of the engine's host an owned container may be given.
 *
 * @module
 */

import { invalidArgument } from "../../option_checks.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import type { ContainerMount } from "./docker_options.ts";

const MOUNTS_MAX = 64;
const PATH_MAX_CHARS = 4096;
const MOUNT_KEYS: ReadonlySet<string> = new Set<keyof ContainerMount>([
  "readOnly",
  "source",
  "target",
]);

/**
 * Whoever has one of these has the engine or its host: sockets, devices, the kernel's switches, the
 * machine's accounts, other containers' data.
 */
const CLOSED_SOURCES: readonly string[] = [
  "/boot",
  "/dev",
  "/etc",
  "/proc",
  "/run",
  "/sys",
  "/var/lib/containerd",
  "/var/lib/docker",
  "/var/run",
];
/** What the engine itself puts there, and what the launch needs. */
const CLOSED_TARGETS: readonly string[] = ["/dev", "/proc", "/sys", "/tmp"];

/**
 * Checks mounts.
 *
 * @param mounts What the caller gave.
 * @returns The mounts with every default filled in.
 * @throws {ExeckitError} `invalid_argument`.
 */
export function resolveMounts(mounts: unknown): Required<ContainerMount>[] {
  if (!Array.isArray(mounts) || mounts.length > MOUNTS_MAX) {
    throw invalidArgument(safe`'own.mounts' must be a list of at most ${MOUNTS_MAX} mounts`);
  }
  const resolved = mounts.map(resolveMount);
  if (new Set(resolved.map(({ target }) => target)).size < resolved.length) {
    throw invalidArgument(safe`'own.mounts' must not have two mounts with the same target`);
  }
  return resolved;
}

/**
 * Tells whether a mount of a directory would hand out a path: it is the path, or leads there.
 *
 * @param source The directory.
 * @param path The path that must stay closed.
 * @returns True when the directory is the path or holds it.
 */
export function handsOut(source: string, path: string): boolean {
  return source === "/" || path === source || path.startsWith(`${source}/`);
}

function resolveMount(mount: unknown): Required<ContainerMount> {
  if (typeof mount !== "object" || mount === null) {
    throw invalidArgument(safe`A mount must be { source, target, readOnly }`);
  }
  if (Object.keys(mount).some((key) => !MOUNT_KEYS.has(key))) {
    throw invalidArgument(safe`A mount has an unknown key`);
  }
  const { source, target, readOnly = true }: { [key: string]: unknown } = { ...mount };
  if (typeof readOnly !== "boolean") {
    throw invalidArgument(safe`'readOnly' of a mount must be true or false`);
  }
  requirePath(source, safe`source`);
  requirePath(target, safe`target`);
  if (CLOSED_SOURCES.some((path) => handsOut(source, path) || source.startsWith(`${path}/`))) {
    throw invalidArgument(
      safe`A mount would hand out a directory that the engine or its host lives by`,
    );
  }
  if (source.endsWith("/docker.sock")) {
    throw invalidArgument(
      safe`A mount would hand out the engine's socket, and with it the whole host`,
    );
  }
  if (target === "/" || CLOSED_TARGETS.some((path) => isAtOrBelow(target, path))) {
    throw invalidArgument(safe`A mount must not cover /, /dev, /proc, /sys or /tmp`);
  }
  return { source, target, readOnly };
}

function isAtOrBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/** Absolute and in its plain form, so that what is checked is what is mounted. */
function requirePath(path: unknown, name: SafeText): asserts path is string {
  const isPlain = typeof path === "string" && path.length <= PATH_MAX_CHARS &&
    path.startsWith("/") && !/[\p{Control}:,]/u.test(path) &&
    (path === "/" ||
      path.slice(1).split("/").every((part) => part !== "" && part !== "." && part !== ".."));
  if (!isPlain) {
    throw invalidArgument(
      safe`'${name}' of a mount must be an absolute path without '.', '..', ':' and ','`,
    );
  }
}
