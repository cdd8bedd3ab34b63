/**
 * From the values of a client configuration and the caller's options to what is known of a host.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { invalidConfig } from "./config_errors.ts";
import { keywordName } from "./config_keywords.ts";
import type { ConfigReader } from "./config_reader.ts";
import {
  expandPath,
  expandTokens,
  HOST_NAME_TOKENS,
  JUMP_TOKENS,
  type TokenSubject,
  variable,
} from "./config_tokens.ts";
import type { ConfigValues } from "./config_values.ts";
import { defined } from "./defined.ts";
import { environmentValue, localUserName } from "./local_user.ts";
import {
  CONNECT_TIMEOUT_MAX_MS,
  type JumpSpec,
  KEEPALIVE_MAX_MS,
  type ResolvedSshOptions,
} from "./resolve_ssh_options.ts";
import type { SshHost } from "./ssh_host.ts";
import { readHost, readJump, readPort, readUser } from "./ssh_names.ts";

const DEFAULT_PORT = 22;
/** Signs of life that may be missed by default, as in OpenSSH. */
const KEEPALIVE_MISSES = 3;
/** Signs of life that may be missed at most, so that a frozen host is noticed at all. */
const KEEPALIVE_MISSES_MAX = 100;
const SECOND_MS = 1000;

/** Values that mean the same as no value, of keywords that are refused otherwise. */
const NEUTRAL: ReadonlyMap<string, readonly string[]> = new Map([
  ["bindaddress", []],
  ["bindinterface", []],
  ["canonicalizehostname", ["no", "false", "none"]],
  ["proxyusefdpass", ["no", "false"]],
  ["revokedhostkeys", ["none"]],
]);

const UNIT_SECONDS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
  ["w", 604_800],
]);

/**
 * The name to connect to, as far as it is known.
 *
 * @param values What the configuration says.
 * @param alias What the caller called the host.
 * @returns `HostName` with its tokens replaced, else the alias.
 */
export function connectName(values: ConfigValues, alias: string): string {
  const name = values.word("hostname");
  if (name === undefined) return alias;
  const subject = { alias, hostName: alias, port: 0, user: "", hostKeyAlias: undefined };
  return expandTokens(name, HOST_NAME_TOKENS, subject);
}

/**
 * Puts together what is known of a host.
 *
 * @param options The checked options; they win.
 * @param alias What the caller called the host.
 * @param reader What the configuration says.
 * @returns The host.
 * @throws {ExeckitError} `invalid_config` for a wrong value, `unsupported` for a refused keyword.
 */
export function buildHost(
  options: ResolvedSshOptions,
  alias: string,
  reader: ConfigReader,
): SshHost {
  const { values } = reader;
  refuseUnsupported(options, values);
  const hostName = readHost(connectName(values, alias).toLowerCase());
  if (hostName === undefined) throw wrongValue("hostname");
  const port = options.port ?? readWith(values, "port", readPort) ?? DEFAULT_PORT;
  const user = options.user ?? readWith(values, "user", readUser) ?? localUserName();
  const hostKeyAlias = readWith(values, "hostkeyalias", readHost)?.toLowerCase();
  const subject: TokenSubject = { alias, hostName, port, user, hostKeyAlias };
  return {
    alias,
    hostName,
    port,
    user,
    ...identityValues(options, values, subject),
    ...loginMethods(values),
    ...hostKeyValues(options, values, subject),
    ...defined("hostKeyAlias", hostKeyAlias),
    ...defined("addressFamily", addressFamily(values)),
    jump: options.jump ?? jumpsOf(values, subject),
    connectTimeoutMs: millisecondsOf(values, "connecttimeout", {
      given: options.given.has("connectTimeoutMs"),
      ownMs: options.connectTimeoutMs,
      maxMs: CONNECT_TIMEOUT_MAX_MS,
    }),
    keepaliveIntervalMs: millisecondsOf(values, "serveraliveinterval", {
      given: options.given.has("keepaliveIntervalMs"),
      ownMs: options.keepaliveIntervalMs,
      maxMs: KEEPALIVE_MAX_MS,
    }),
    keepaliveMisses: missesOf(values),
    notes: notesOf(reader),
  };
}

/** A keyword that is passed over in silence would connect elsewhere, or trust a revoked key. */
function refuseUnsupported(options: ResolvedSshOptions, values: ConfigValues): void {
  const set = [...NEUTRAL].find(([keyword, neutral]) => {
    const word = values.word(keyword);
    return word !== undefined && !neutral.includes(word.toLowerCase());
  });
  const isCommand = values.proxy?.keyword === "proxycommand" && options.jump === undefined;
  if (set === undefined && !isCommand) return;
  const name = keywordName(set?.[0] ?? "proxycommand");
  throw new ExeckitError({
    code: "unsupported",
    message:
      safe`The SSH client configuration sets '${name}' for this host, which is not supported`,
    hint: isCommand
      ? safe`Use 'ProxyJump' or 'jump' instead, or another 'configFile'`
      : safe`Ask the operator for another 'configFile', or set it to false`,
  });
}

function identityValues(
  options: ResolvedSshOptions,
  values: ConfigValues,
  subject: TokenSubject,
): Pick<SshHost, "identityFiles" | "identitiesOnly" | "noIdentityFiles" | "identityAgent"> {
  const named = values.identityFiles.filter((path) => path.toLowerCase() !== "none");
  const agent = values.word("identityagent");
  return {
    identityFiles: named.map((path) => expandPath(path, subject, options.keyDirectory)),
    ...(named.length === 0 && values.identityFiles.length > 0 ? { noIdentityFiles: true } : {}),
    identitiesOnly: flagOf(values, "identitiesonly") ?? false,
    ...defined(
      "identityAgent",
      agent === undefined ? undefined : agentOf(agent, subject, options.keyDirectory),
    ),
  };
}

function agentOf(
  value: string,
  subject: TokenSubject,
  base: string,
): string | false | undefined {
  if (value.toLowerCase() === "none") return false;
  if (value === "SSH_AUTH_SOCK") return environmentValue("SSH_AUTH_SOCK");
  const isVariable = value.startsWith("$") && !value.startsWith("${");
  return isVariable ? variable(value.slice(1)) : expandPath(value, subject, base);
}

function loginMethods(values: ConfigValues): Pick<SshHost, "publicKeys" | "passwords" | "prompts"> {
  const preferred = values.word("preferredauthentications")?.toLowerCase().split(",");
  const allows = (method: string) => preferred?.includes(method) ?? true;
  // It is `yes`, `no`, or one of two words that only choose between ways of binding to the host.
  const publicKeys = values.word("pubkeyauthentication")?.toLowerCase();
  return {
    publicKeys: publicKeys !== "no" && publicKeys !== "false" && allows("publickey"),
    passwords: (flagOf(values, "passwordauthentication") ?? true) && allows("password"),
    prompts: (flagOf(values, "kbdinteractiveauthentication") ?? true) &&
      allows("keyboard-interactive"),
  };
}

function hostKeyValues(
  options: ResolvedSshOptions,
  values: ConfigValues,
  subject: TokenSubject,
): Pick<
  SshHost,
  | "userKnownHostsFiles"
  | "globalKnownHostsFiles"
  | "strictHostKeys"
  | "hashKnownHosts"
  | "hostKeyAlgorithms"
> {
  const files = (keyword: string) =>
    values.words(keyword)
      ?.filter((path) => path.toLowerCase() !== "none")
      .map((path) => expandPath(path, subject, options.keyDirectory));
  const strict = values.word("stricthostkeychecking")?.toLowerCase();
  return {
    ...defined("userKnownHostsFiles", files("userknownhostsfile")),
    ...defined("globalKnownHostsFiles", files("globalknownhostsfile")),
    strictHostKeys: strict === "yes" || strict === "true",
    hashKnownHosts: flagOf(values, "hashknownhosts") ?? false,
    ...defined("hostKeyAlgorithms", values.word("hostkeyalgorithms")),
  };
}

function addressFamily(values: ConfigValues): 4 | 6 | undefined {
  const family = values.word("addressfamily")?.toLowerCase();
  if (family === "inet") return 4;
  if (family === "inet6") return 6;
  if (family === undefined || family === "any") return undefined;
  throw wrongValue("addressfamily");
}

function jumpsOf(values: ConfigValues, subject: TokenSubject): readonly JumpSpec[] {
  const { proxy } = values;
  if (proxy?.keyword !== "proxyjump") return [];
  return expandTokens(proxy.value, JUMP_TOKENS, subject).split(",").map((spec) => {
    const hop = readJump(spec);
    if (hop === undefined) throw wrongValue("proxyjump");
    return hop;
  });
}

function millisecondsOf(
  values: ConfigValues,
  keyword: string,
  rules: { readonly given: boolean; readonly ownMs: number; readonly maxMs: number },
): number {
  const text = values.word(keyword)?.toLowerCase();
  if (rules.given || text === undefined || text === "none") return rules.ownMs;
  const seconds = secondsOf(text);
  if (seconds === undefined) throw wrongValue(keyword);
  // Zero means "for ever" there; every wait ends here.
  return seconds === 0 ? rules.ownMs : Math.min(seconds * SECOND_MS, rules.maxMs);
}

/** A time of sshd_config(5), TIME FORMATS: a sum such as `1m30s`, in seconds without a unit. */
function secondsOf(text: string): number | undefined {
  const part = /([0-9]{1,9})([smhdw]?)/y;
  let seconds = 0;
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (match === null) return undefined;
    seconds += Number(match[1]) * (UNIT_SECONDS.get(match[2] ?? "") ?? 1);
  }
  return text === "" ? undefined : seconds;
}

function missesOf(values: ConfigValues): number {
  const text = values.word("serveralivecountmax");
  if (text === undefined) return KEEPALIVE_MISSES;
  const misses = /^[0-9]{1,4}$/.test(text) ? Number(text) : undefined;
  if (misses === undefined) throw wrongValue("serveralivecountmax");
  return Math.min(Math.max(1, misses), KEEPALIVE_MISSES_MAX);
}

function flagOf(values: ConfigValues, keyword: string): boolean | undefined {
  switch (values.word(keyword)?.toLowerCase()) {
    case undefined:
      return undefined;
    case "yes":
    case "true":
      return true;
    case "no":
    case "false":
      return false;
    default:
      throw wrongValue(keyword);
  }
}

function readWith<Value>(
  values: ConfigValues,
  keyword: string,
  read: (text: string) => Value | undefined,
): Value | undefined {
  const text = values.word(keyword);
  if (text === undefined) return undefined;
  const value = read(text);
  if (value === undefined) throw wrongValue(keyword);
  return value;
}

function notesOf(reader: ConfigReader): readonly SafeText[] {
  const strict = reader.values.word("stricthostkeychecking")?.toLowerCase();
  const isOff = strict === "no" || strict === "off" || strict === "false";
  return [
    ...reader.notes,
    ...(isOff
      ? [safe`'StrictHostKeyChecking' of the SSH client configuration cannot switch the check off`]
      : []),
  ];
}

function wrongValue(keyword: string): ExeckitError {
  return invalidConfig(
    safe`The SSH client configuration has a wrong value for '${keywordName(keyword)}'`,
  );
}
