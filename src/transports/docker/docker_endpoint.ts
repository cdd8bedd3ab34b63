/**
 * Where the engine is: the rules of the docker command (docs.docker.com, "Docker contexts" and
 * "Environment variables" of the CLI), read from the environment and from its configuration.
 *
 * Order: the caller's `dockerHost` or `context`, `DOCKER_HOST`, `DOCKER_CONTEXT`, `currentContext`
 * of `config.json`, and then the engine of this machine.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { ExeckitError } from "../../errors.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { systemCode } from "../../system_code.ts";
import { refusedByRuntime } from "./engine_errors.ts";
import type { ResolvedDocker } from "./resolve_docker_options.ts";

/** The address that is used when nothing names another. */
const DEFAULT_SOCKET = "/var/run/docker.sock";
/** The names of the context that stands for the environment and the default socket. */
const DEFAULT_CONTEXT = "default";
const TLS_PORT = 2376;
const PLAIN_PORT = 2375;

/** What TLS needs; PEM texts. */
export interface EndpointTls {
  /** The certificate authority that the engine's certificate must come from. */
  readonly ca: string | undefined;
  /** Our certificate. */
  readonly cert: string | undefined;
  /** Its key. */
  readonly key: string | undefined;
}

/** Where the engine is. */
export type DockerEndpoint =
  | { readonly kind: "socket"; readonly path: string }
  | {
    readonly kind: "tcp";
    readonly host: string;
    readonly port: number;
    readonly pathPrefix: string;
    /** Absent for a connection in the clear. */
    readonly tls?: EndpointTls;
  };

/** The environment variables that are read, and no others. */
const VARIABLES = [
  "DOCKER_CERT_PATH",
  "DOCKER_CONFIG",
  "DOCKER_CONTEXT",
  "DOCKER_HOST",
  "DOCKER_TLS",
  "DOCKER_TLS_VERIFY",
  "HOME",
] as const;

/** What the environment says about the engine. */
export type DockerEnvironment = Readonly<
  Partial<Record<typeof VARIABLES[number], string | undefined>>
>;

/**
 * Takes what the environment says about the engine.
 *
 * @param env All variables.
 * @returns The ones that are used.
 */
export function dockerEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): DockerEnvironment {
  return Object.fromEntries(VARIABLES.map((name) => [name, env[name]]));
}

/**
 * Finds the engine.
 *
 * @param options The caller's wishes.
 * @param env The environment.
 * @returns Where it is; nothing has been connected.
 * @throws {ExeckitError} `invalid_config` for a broken configuration, `invalid_argument` for a broken
 *   option, `unsupported` for a way that is not taken, `permission_denied` when the runtime lets no
 *   file be read.
 */
export async function findEndpoint(
  options: Pick<ResolvedDocker, "dockerHost" | "context" | "tlsDirectory">,
  env: DockerEnvironment,
): Promise<DockerEndpoint> {
  try {
    return await find(options, env);
  } catch (cause) {
    throw refusedByRuntime(cause) ?? cause;
  }
}

async function find(
  options: Pick<ResolvedDocker, "dockerHost" | "context" | "tlsDirectory">,
  env: DockerEnvironment,
): Promise<DockerEndpoint> {
  const wished = options.dockerHost ??
    (options.context === undefined ? env.DOCKER_HOST : undefined);
  if (wished !== undefined && wished !== "") return await fromHost(wished, options, env);
  const context = options.context ?? (env.DOCKER_CONTEXT || await currentContext(env));
  if (context === undefined || context === DEFAULT_CONTEXT) {
    return await fromHost(env.DOCKER_HOST || `unix://${DEFAULT_SOCKET}`, options, env);
  }
  return await fromContext(context, options, env);
}

/** An address of the operator's, with the certificates that the environment names. */
async function fromHost(
  address: string,
  options: Pick<ResolvedDocker, "dockerHost" | "tlsDirectory">,
  env: DockerEnvironment,
): Promise<DockerEndpoint> {
  const code = options.dockerHost === undefined ? "invalid_config" : "invalid_argument";
  // The docker command can do TLS without looking at the certificate; here it is always looked at.
  const wantsTls = options.tlsDirectory !== undefined || Boolean(env.DOCKER_TLS_VERIFY) ||
    Boolean(env.DOCKER_TLS);
  const endpoint = parseAddress(address, { code, wantsTls });
  if (endpoint.kind === "socket" || !endpoint.tls) return plain(endpoint);
  const directory = options.tlsDirectory ?? (env.DOCKER_CERT_PATH || configDirectory(env));
  const tls = await readTls(directory);
  if (tls.ca === undefined) {
    throw broken(code, safe`The directory for TLS to the Docker engine has no ca.pem`);
  }
  return { ...endpoint, tls };
}

async function fromContext(
  name: string,
  options: Pick<ResolvedDocker, "context" | "tlsDirectory">,
  env: DockerEnvironment,
): Promise<DockerEndpoint> {
  const code = options.context === undefined ? "invalid_config" : "invalid_argument";
  const directory = join(configDirectory(env), "contexts");
  const id = createHash("sha256").update(name).digest("hex");
  const text = await readIfThere(join(directory, "meta", id, "meta.json"));
  if (text === undefined) throw broken(code, safe`There is no Docker context of this name`);
  const { Host: host, SkipTLSVerify: unverified } = field(
    field(field(parseJson(text, code), "Endpoints"), "docker"),
  );
  if (typeof host !== "string") throw broken(code, safe`The Docker context names no engine`);
  if (unverified === true) {
    throw new ExeckitError({
      code: "unsupported",
      message: safe`Cannot use the Docker context: it switches the check of the certificate off`,
      hint: safe`Give the context a certificate authority with docker context update`,
    });
  }
  const own = options.tlsDirectory ?? join(directory, "tls", id, "docker");
  const tls = await readTls(own);
  const wantsTls = tls.ca !== undefined || tls.cert !== undefined;
  const endpoint = parseAddress(host, { code, wantsTls });
  return endpoint.kind === "socket" || !endpoint.tls ? plain(endpoint) : { ...endpoint, tls };
}

/** The address before certificates are read. */
type ParsedAddress =
  | Extract<DockerEndpoint, { kind: "socket" }>
  | (Omit<Extract<DockerEndpoint, { kind: "tcp" }>, "tls"> & { readonly tls: boolean });

function plain(parsed: ParsedAddress): DockerEndpoint {
  if (parsed.kind === "socket") return parsed;
  const { kind, host, port, pathPrefix } = parsed;
  return { kind, host, port, pathPrefix };
}

function parseAddress(
  address: string,
  { code, wantsTls }: { code: "invalid_config" | "invalid_argument"; wantsTls: boolean },
): ParsedAddress {
  const [, scheme = "tcp", rest = ""] = /^(?:([a-z]+):\/\/)?(.*)$/s.exec(address) ?? [];
  switch (scheme) {
    case "unix":
      if (rest !== "" && !rest.startsWith("/")) break;
      return { kind: "socket", path: rest || DEFAULT_SOCKET };
    case "npipe":
      if (rest === "") break;
      return { kind: "socket", path: rest };
    case "ssh":
      throw new ExeckitError({
        code: "unsupported",
        message:
          safe`Cannot reach the Docker engine over SSH: the package would not check the host's key`,
        hint: safe`Forward the engine's socket with ssh -L, or open an SSH session on that host`,
      });
    case "tcp":
    case "http":
    case "https": {
      const tls = scheme === "https" || (scheme === "tcp" && wantsTls);
      const url = parseUrl(`http://${rest}`);
      if (url === undefined) break;
      return {
        kind: "tcp",
        // A URL writes an IPv6 address in brackets, a socket takes it without.
        host: url.hostname.replace(/^\[|\]$/g, ""),
        port: Number(url.port) || (/:80(?:\/|$)/.test(rest) ? 80 : tls ? TLS_PORT : PLAIN_PORT),
        pathPrefix: url.pathname.replace(/\/+$/, "") || "/",
        tls,
      };
    }
  }
  throw broken(
    code,
    safe`The address of the Docker engine is not one of unix://, tcp:// or npipe://`,
  );
}

function parseUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPlain = url.username === "" && url.password === "" && url.search === "" &&
    url.hash === "" && url.hostname !== "";
  return isPlain ? url : undefined;
}

function configDirectory(env: DockerEnvironment): string {
  return env.DOCKER_CONFIG || join(env.HOME || homedir(), ".docker");
}

async function currentContext(env: DockerEnvironment): Promise<string | undefined> {
  const text = await readIfThere(join(configDirectory(env), "config.json"));
  if (text === undefined) return undefined;
  const { currentContext: name } = field(parseJson(text, "invalid_config"));
  return typeof name === "string" && name !== "" ? name : undefined;
}

async function readTls(directory: string): Promise<EndpointTls> {
  const [ca, cert, key] = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map((name) => readIfThere(join(directory, name))),
  );
  return { ca, cert, key };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = systemCode(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "EACCES" || code === "EPERM" || code === "EISDIR") {
      throw new ExeckitError({
        code: "invalid_config",
        message: safe`Cannot read the Docker client's configuration or certificates`,
        cause,
      });
    }
    throw cause;
  }
}

function parseJson(text: string, code: "invalid_config" | "invalid_argument"): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw broken(code, safe`The Docker client's configuration is not JSON`);
  }
}

/** A member of what JSON gave, as an object; empty when it is none. */
function field(value: unknown, name?: string): Readonly<Record<string, unknown>> {
  const found = name === undefined || typeof value !== "object" || value === null
    ? value
    : Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof found === "object" && found !== null ? { ...found } : {};
}

function broken(code: "invalid_config" | "invalid_argument", message: SafeText): ExeckitError {
  return new ExeckitError({ code, message });
}
