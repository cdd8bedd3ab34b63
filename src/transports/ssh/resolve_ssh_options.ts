/**
 * The door for SSH options: every one is checked and completed, without files, network or `ssh2`.
 *
 * @module
 */

import { join } from "node:path";
import { invalidArgument, requireObject, resolveFlag } from "../../option_checks.ts";
import { safe } from "../../safe_text.ts";
import { defined } from "./defined.ts";
import { PathReader } from "./option_paths.ts";
import {
  readFingerprint,
  readHostOption,
  readJumps,
  readMs,
  readPort,
  readPromptAnswers,
  readSecret,
  readUserOption,
} from "./option_checks.ts";
import type { JumpSpec } from "./ssh_names.ts";
import type { AnswerSshPrompts, KnownHostsOptions, SshOptions } from "./ssh_options.ts";

export type { JumpSpec } from "./ssh_names.ts";

/** Milliseconds for the connection by default: what upstream waits. */
const CONNECT_TIMEOUT_MS = 15_000;
/** Milliseconds for the connection at most: no human waits longer for a login. */
export const CONNECT_TIMEOUT_MAX_MS = 600_000;
/** Milliseconds between signs of life by default: a frozen host is noticed in about 15 s. */
const KEEPALIVE_MS = 5_000;
/** Milliseconds between signs of life at least: less would be a load of its own. */
const KEEPALIVE_MIN_MS = 100;
/** Milliseconds between signs of life at most: firewalls forget a silent connection in minutes. */
export const KEEPALIVE_MAX_MS = 600_000;

/** Where keys of hosts are known from, with defaults filled in. */
export interface ResolvedKnownHosts {
  /** Absolute paths of the files that were asked for; absent for OpenSSH's own. */
  readonly files?: readonly string[];
  /** Absolute path of the file that new keys go to, or `false` to refuse unknown hosts. */
  readonly record: string | false;
  /** Whether the files also judge a key that is pinned. */
  readonly judgePinned: boolean;
}

/** SSH options with every default filled in. */
export interface ResolvedSshOptions {
  /** A host name, an address without brackets, or an alias. */
  readonly host: string;
  /** The port, if one was asked for. */
  readonly port?: number;
  /** The user, if one was asked for. */
  readonly user?: string;
  /** Absolute path of the only key to try, if one was asked for. */
  readonly keyPath?: string;
  /** The passphrase of encrypted keys. */
  readonly passphrase?: string;
  /** The password. */
  readonly password?: string;
  /** Answers keyboard-interactive questions. */
  readonly answerPrompts?: AnswerSshPrompts;
  /** Absolute path of an agent's socket, `false` for none; absent for the configuration's. */
  readonly agent?: string | false;
  /** Absolute path of the only directory that keys are read from. */
  readonly keyDirectory: string;
  /** Absolute path of the client configuration, or `false` for none. */
  readonly configFile: string | false;
  /** Hosts to go through, if asked for; `[]` for none whatever the configuration says. */
  readonly jump?: readonly JumpSpec[];
  /** The pinned key, as `SHA256:` and 43 base64 characters. */
  readonly fingerprint?: string;
  /** Where keys of hosts are known from. */
  readonly knownHosts: ResolvedKnownHosts;
  /** Whether any host key is accepted. */
  readonly insecureAcceptAnyHostKey: boolean;
  /** Milliseconds for the connection. The host's own, from its configuration, is the last word. */
  readonly connectTimeoutMs: number;
  /** Milliseconds between signs of life. The host's own is the last word here too. */
  readonly keepaliveIntervalMs: number;
  /** The options that the caller gave, so that the configuration fills only what was left out. */
  readonly given: ReadonlySet<string>;
}

/** The names of the options. */
export const SSH_OPTION_KEYS: ReadonlySet<string> = new Set<keyof SshOptions>([
  "agent",
  "answerPrompts",
  "configFile",
  "connectTimeoutMs",
  "fingerprint",
  "host",
  "insecureAcceptAnyHostKey",
  "jump",
  "keepaliveIntervalMs",
  "keyDirectory",
  "keyPath",
  "knownHosts",
  "passphrase",
  "password",
  "port",
  "user",
]);

const KNOWN_HOSTS_KEYS: ReadonlySet<string> = new Set<keyof KnownHostsOptions>([
  "files",
  "judgePinned",
  "record",
]);

/**
 * Checks and completes SSH options.
 *
 * @param options What the caller gave.
 * @returns The complete options.
 * @throws {ExeckitError} `invalid_argument`, naming the option; `permission_denied` when Deno does
 * not allow to know the home directory and a default lies there.
 */
export function resolveSshOptions(options: SshOptions): ResolvedSshOptions {
  const entries = Object.entries(requireObject(options, safe`The SSH options`, SSH_OPTION_KEYS));
  const given = new Set(entries.filter(([, value]) => value !== undefined).map(([key]) => key));
  const paths = new PathReader();
  const insecureAcceptAnyHostKey = resolveFlag(
    options.insecureAcceptAnyHostKey,
    safe`insecureAcceptAnyHostKey`,
  );
  const fingerprint = readFingerprint(options.fingerprint);
  if (insecureAcceptAnyHostKey && fingerprint !== undefined) {
    throw invalidArgument(safe`'fingerprint' cannot go with 'insecureAcceptAnyHostKey'`);
  }
  const keyDirectory = options.keyDirectory === undefined
    ? join(paths.home(), ".ssh")
    : paths.read(options.keyDirectory, safe`keyDirectory`);
  return {
    host: readHostOption(options.host),
    ...defined("port", readPort(options.port)),
    ...defined("user", readUserOption(options.user)),
    ...defined("keyPath", paths.readKey(options.keyPath, keyDirectory)),
    ...defined("passphrase", readSecret(options.passphrase, safe`passphrase`)),
    ...defined("password", readSecret(options.password, safe`password`)),
    ...defined("answerPrompts", readPromptAnswers(options.answerPrompts)),
    ...defined("agent", paths.readOrFalse(options.agent, safe`agent`)),
    keyDirectory,
    configFile: paths.readOrFalse(options.configFile, safe`configFile`) ??
      join(keyDirectory, "config"),
    ...defined("jump", readJumps(options.jump)),
    ...defined("fingerprint", fingerprint),
    knownHosts: readKnownHosts(options.knownHosts, paths, {
      isPinned: fingerprint !== undefined,
      acceptsAny: insecureAcceptAnyHostKey,
    }),
    insecureAcceptAnyHostKey,
    connectTimeoutMs: readMs(options.connectTimeoutMs, safe`connectTimeoutMs`, {
      min: 1,
      max: CONNECT_TIMEOUT_MAX_MS,
    }) ?? CONNECT_TIMEOUT_MS,
    keepaliveIntervalMs: readMs(options.keepaliveIntervalMs, safe`keepaliveIntervalMs`, {
      min: KEEPALIVE_MIN_MS,
      max: KEEPALIVE_MAX_MS,
    }) ?? KEEPALIVE_MS,
    given,
  };
}

function readKnownHosts(
  knownHosts: unknown,
  paths: PathReader,
  { isPinned, acceptsAny }: { readonly isPinned: boolean; readonly acceptsAny: boolean },
): ResolvedKnownHosts {
  const given: { files?: unknown; judgePinned?: unknown; record?: unknown } =
    knownHosts === undefined ? {} : requireObject(knownHosts, safe`'knownHosts'`, KNOWN_HOSTS_KEYS);
  const files = paths.readList(given.files, safe`knownHosts.files`);
  const record = paths.readOrFalse(given.record, safe`knownHosts.record`);
  const judgePinned = resolveFlag(given.judgePinned, safe`knownHosts.judgePinned`);
  const judgesByFiles = !acceptsAny && (!isPinned || judgePinned);
  return {
    ...defined("files", files),
    // Without files to judge by, nothing is written down, and no home directory is needed.
    record: record ?? (judgesByFiles ? join(paths.home(), ".execkit", "known_hosts") : false),
    judgePinned,
  };
}
