/**
 * The keys to log in with: which, in what order, and only from inside the key directory.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { realpath } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { ExeckitError } from "../../errors.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { systemCode } from "../../system_code.ts";
import { readKeyType } from "./host_key.ts";
import { environmentValue, isNotCapable, localUserId, refusedByRuntime } from "./local_user.ts";
import type { ResolvedSshOptions } from "./resolve_ssh_options.ts";
import { type FileRead, readSmallFile } from "./safe_files.ts";
import type { SshHost } from "./ssh_host.ts";

/** Bytes of a key file at most: an RSA key of 16 384 bits has 13 KiB. */
const KEY_MAX_BYTES = 64 * 1024;
/** Keys at most that are offered to one host; servers close the connection far earlier. */
const KEYS_MAX = 32;
const OTHERS_ANY = 0o077;

/** The names that ssh(1) tries, in its order, but for hardware keys and for DSA. */
const DEFAULT_NAMES = ["id_rsa", "id_ecdsa", "id_ed25519"] as const;

const CONFIGURED = safe`'IdentityFile' of the client configuration`;
const PUBLIC_SUFFIX = ".pub";

/** A private key's file. */
export interface IdentityFile {
  /** Absolute path, as configured. */
  readonly path: string;
  /** Whether the private half is there; without it, only an agent can use the key. */
  readonly hasPrivate: boolean;
  /** The public half from the `.pub` file beside it, when there is a readable one. */
  readonly publicBlob?: Uint8Array;
  /**
   * Reads the key, checking again that it lies in the key directory.
   *
   * @returns The file's bytes; those of the public half where there is no private one.
   * @throws {ExeckitError} `permission_denied` when others can read it, or Deno may not;
   * `invalid_argument` or `invalid_config` when it is outside, no regular file, or gone.
   */
  read(): Promise<Uint8Array>;
}

/** What to authenticate with, in order. */
export interface Identities {
  /** The agent's socket; absent for none. */
  readonly agentSocket?: string;
  /** Key files in the order in which OpenSSH tries them. */
  readonly keys: readonly IdentityFile[];
  /** Keys that were passed over, and why, to be said when nothing else is accepted. */
  readonly notes: readonly SafeText[];
}

/** A key that is to be looked for. */
interface WantedKey {
  readonly path: string;
  /** What asked for it, for messages. */
  readonly source: SafeText;
  /** `asked`: it must be there. `named`: it may be missing. `default`: it may also be unusable. */
  readonly need: "asked" | "named" | "default";
}

/**
 * Finds the keys and the agent for a host.
 *
 * @param options The checked options.
 * @param host The host.
 * @returns Agent and keys.
 * @throws {ExeckitError} `invalid_argument` or `invalid_config` when a key is outside the key
 * directory or no regular file, or the asked one is missing; `permission_denied` when others can read
 * a named key, or when Deno does not allow to read it.
 */
export async function collectIdentities(
  options: ResolvedSshOptions,
  host: SshHost,
): Promise<Identities> {
  if (!host.publicKeys) return { keys: [], notes: [] };
  const agentSocket = findAgent(options, host);
  const keys: IdentityFile[] = [];
  const notes: SafeText[] = [];
  for (const wanted of wantedKeys(options, host)) {
    const found = await findKey(wanted, options.keyDirectory);
    if (found === "exposed") {
      notes.push(safe`a key was passed over, because others than its owner can read it`);
    } else if (found !== undefined) {
      keys.push(found);
    }
  }
  return { ...(agentSocket === undefined ? {} : { agentSocket }), keys, notes };
}

/** An asked key is tried alone, so that no agent is used but one that was asked for, too. */
function findAgent(options: ResolvedSshOptions, host: SshHost): string | undefined {
  if (options.agent !== undefined) return options.agent === false ? undefined : options.agent;
  if (options.keyPath !== undefined || host.identityAgent === false) return undefined;
  const socket = host.identityAgent ?? environmentValue("SSH_AUTH_SOCK");
  return socket === "" ? undefined : socket;
}

function wantedKeys(options: ResolvedSshOptions, host: SshHost): readonly WantedKey[] {
  if (options.keyPath !== undefined) {
    return [{ path: options.keyPath, source: safe`'keyPath'`, need: "asked" }];
  }
  if (host.noIdentityFiles === true) return [];
  if (host.identityFiles.length > 0) {
    return host.identityFiles.slice(0, KEYS_MAX)
      .map((path) => ({ path, source: CONFIGURED, need: "named" }));
  }
  return DEFAULT_NAMES.map((name) => ({
    path: join(options.keyDirectory, name),
    source: safe`A default key`,
    need: "default",
  }));
}

async function findKey(
  wanted: WantedKey,
  keyDirectory: string,
): Promise<IdentityFile | "exposed" | undefined> {
  const file = await readInside(wanted.path, keyDirectory, wanted);
  const publicPath = wanted.path.endsWith(PUBLIC_SUFFIX)
    ? wanted.path
    : `${wanted.path}${PUBLIC_SUFFIX}`;
  const publicFile = publicPath === wanted.path
    ? file
    : await readInside(publicPath, keyDirectory, wanted);
  const publicBlob = publicFile === undefined ? undefined : readPublicKey(publicFile.bytes);
  const hasPrivate = file !== undefined && file !== publicFile;
  if (hasPrivate && isExposed(file)) {
    if (wanted.need === "default") return "exposed";
    throw exposed(wanted);
  }
  if (!hasPrivate && publicBlob === undefined) {
    if (wanted.need === "asked") throw refused(wanted, safe`names no key that is there`);
    return undefined;
  }
  return {
    path: wanted.path,
    hasPrivate,
    ...(publicBlob === undefined ? {} : { publicBlob }),
    read: () =>
      hasPrivate
        ? readPrivate(wanted, keyDirectory)
        : Promise.resolve(publicFile?.bytes.slice() ?? new Uint8Array()),
  };
}

async function readPrivate(wanted: WantedKey, keyDirectory: string): Promise<Uint8Array> {
  const file = await readInside(wanted.path, keyDirectory, wanted);
  if (file === undefined) throw refused(wanted, safe`names no key that is there`);
  if (isExposed(file)) throw exposed(wanted);
  return file.bytes;
}

/**
 * Reads a file by its real path, which must lie in the real key directory. The path is resolved again
 * after reading: a link that came in between leads elsewhere then.
 */
async function readInside(
  path: string,
  keyDirectory: string,
  wanted: WantedKey,
): Promise<Extract<FileRead, { kind: "read" }> | undefined> {
  try {
    const directory = await realpath(keyDirectory);
    // A path that is outside by its mere text is refused alike whether there is a file or not.
    if (!isInside(path, keyDirectory) && !isInside(path, directory)) throw outside(wanted);
    const real = await realpath(path);
    if (!isInside(real, directory)) throw outside(wanted);
    const read = await readSmallFile(real, { maxBytes: KEY_MAX_BYTES, links: "refuse" });
    if (read.kind === "missing") return undefined;
    if (read.kind === "fault") throw unusable(read, wanted);
    if (await realpath(path) !== real || await realpath(dirname(real)) !== dirname(real)) {
      throw outside(wanted);
    }
    return read;
  } catch (error) {
    if (error instanceof ExeckitError) throw error;
    if (systemCode(error) === "ENOENT") return undefined;
    const fault = isNotCapable(error) ? "runtime" : "other";
    throw unusable({ kind: "fault", fault, cause: error }, wanted);
  }
}

function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way !== "" && way !== ".." && !way.startsWith("../") && !way.startsWith("/");
}

/** As ssh(1): only the owner's own key is judged, root's key for all users for instance is not. */
function isExposed(file: { readonly mode: number; readonly uid: number }): boolean {
  const own = localUserId();
  return (own === undefined || own === file.uid) && (file.mode & OTHERS_ANY) !== 0;
}

/** A line of `type base64 comment`; anything else is no public key. */
function readPublicKey(bytes: Uint8Array): Uint8Array | undefined {
  const [type, base64] = new TextDecoder().decode(bytes).trim().split(/[ \t\r\n]+/, 2);
  if (type === undefined || base64 === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    return undefined;
  }
  const blob = new Uint8Array(Buffer.from(base64, "base64"));
  return readKeyType(blob) === type ? blob : undefined;
}

function unusable(
  read: Extract<FileRead, { kind: "fault" }>,
  wanted: WantedKey,
): ExeckitError {
  switch (read.fault) {
    case "runtime":
      return refusedByRuntime(
        safe`Cannot read a key: ${wanted.source} is out of reach`,
        safe`Start Deno with --allow-read for the key directory`,
        read.cause,
      );
    case "irregular":
      return refused(wanted, safe`does not name a regular file`);
    case "large":
      return refused(wanted, safe`names a file of more than ${KEY_MAX_BYTES} bytes`);
    case "denied":
      return refused(wanted, safe`names a file that this user may not read`, read.cause);
    case "other":
      return refused(wanted, safe`names a file that cannot be read`, read.cause);
  }
}

function outside(wanted: WantedKey): ExeckitError {
  return refused(wanted, safe`leads out of the key directory`);
}

function exposed(wanted: WantedKey): ExeckitError {
  return new ExeckitError({
    code: "permission_denied",
    message: safe`${wanted.source} names a key that others than its owner can read`,
    hint: safe`Take their permission away: chmod 600`,
  });
}

function refused(wanted: WantedKey, what: SafeText, cause?: unknown): ExeckitError {
  return new ExeckitError({
    code: wanted.need === "asked" ? "invalid_argument" : "invalid_config",
    message: safe`${wanted.source} ${what}`,
    hint:
      safe`Name a key inside the key directory, or ask the operator to change it ('keyDirectory'; over MCP EXECKIT_MCP_KEY_DIR)`,
    cause,
  });
}
