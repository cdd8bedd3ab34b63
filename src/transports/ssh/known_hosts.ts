/**
 * Whether a host's key is the one that is known for it.
 *
 * @module
 */

import { join } from "node:path";
import type { SafeText } from "../../safe_text.ts";
import { fingerprintOf, hostKeyAlgorithmsOf } from "./host_key.ts";
import { namesInclude } from "./known_hosts_file.ts";
import {
  hostKeyError,
  type HostKeyVerdict,
  hostNamesOf,
  judgeHostKey,
  type PlacedLine,
} from "./known_hosts_judge.ts";
import { readKnownHosts, recordHostKey } from "./known_hosts_record.ts";
import { homeDirectory } from "./local_user.ts";
import type { ResolvedSshOptions } from "./resolve_ssh_options.ts";
import type { SshHost } from "./ssh_host.ts";

export { hostKeyError, type HostKeyVerdict } from "./known_hosts_judge.ts";

/** Where administrators keep the keys of hosts, as in ssh_config(5). */
const GLOBAL_FILE = "/etc/ssh/ssh_known_hosts";

/** What is known of one host's keys. */
export interface HostKeyLookup {
  /** Whether an unknown key may be recorded by {@linkcode HostKeyLookup.record}. */
  readonly mayRecord: boolean;
  /** Signature algorithms of the known keys, for the server to be asked for first; may be empty. */
  readonly wantedKeyTypes: readonly string[];
  /**
   * Judges a key. It is synchronous, since what is known was read before.
   *
   * @param blob The key as the server sent it.
   * @returns The verdict.
   */
  check(blob: Uint8Array): HostKeyVerdict;
  /**
   * Writes a key down for this host, unless another one was written down meanwhile.
   *
   * @param blob The key as the server sent it.
   * @throws {ExeckitError} `host_key_changed` when another key is there by now, `host_key_refused`
   * when the file cannot be written safely, `host_key_unknown` when nothing may be recorded.
   */
  record(blob: Uint8Array): Promise<void>;
}

/**
 * Reads what is known of a host's keys. A pinned fingerprint decides alone, and no file is read
 * then, unless the options say that the files judge such a key too.
 *
 * @param options The checked options.
 * @param host The host.
 * @returns The lookup.
 * @throws {ExeckitError} `host_key_refused` when a file is there and cannot be read or trusted,
 * `permission_denied` when Deno does not allow to read it.
 */
export async function openKnownHosts(
  options: ResolvedSshOptions,
  host: SshHost,
): Promise<HostKeyLookup> {
  if (options.insecureAcceptAnyHostKey) return withoutFiles(host, () => ({ kind: "known" }));
  const { record, judgePinned } = options.knownHosts;
  // The option's check lets a fingerprint through by a strict pattern.
  const pinned = options.fingerprint as SafeText | undefined;
  if (pinned !== undefined && !judgePinned) {
    return withoutFiles(host, (blob) => judgePin(pinned, blob) ?? { kind: "known" });
  }
  const lines: PlacedLine[] = [];
  for (const path of filesOf(options, host)) {
    lines.push(...await readKnownHosts(path, path === record ? "record" : "other"));
  }
  return new FileLookup(host, lines, {
    record: host.strictHostKeys ? false : record,
    ...(pinned === undefined ? {} : { pinned }),
  });
}

function judgePin(pinned: SafeText, blob: Uint8Array): HostKeyVerdict | undefined {
  return fingerprintOf(blob) === pinned ? undefined : { kind: "pinned_mismatch", pinned };
}

/** The file that is recorded in is always among them: else it would never be asked. */
function filesOf(options: ResolvedSshOptions, host: SshHost): ReadonlySet<string> {
  const { files, record } = options.knownHosts;
  const others = files ?? [
    ...(host.userKnownHostsFiles ?? [join(homeDirectory(), ".ssh", "known_hosts")]),
    ...(host.globalKnownHostsFiles ?? [GLOBAL_FILE]),
  ];
  return new Set(record === false ? others : [record, ...others]);
}

function withoutFiles(
  host: SshHost,
  check: (blob: Uint8Array) => HostKeyVerdict,
): HostKeyLookup {
  return {
    mayRecord: false,
    wantedKeyTypes: [],
    check,
    record: (blob) => Promise.reject(hostKeyError({ kind: "unknown" }, blob, host)),
  };
}

/** What a lookup in files goes by beside them. */
interface LookupRules {
  /** The file that an unknown key is recorded in. */
  readonly record: string | false;
  /** The only key that is let through, if the files know nothing against it. */
  readonly pinned?: SafeText;
}

class FileLookup implements HostKeyLookup {
  readonly mayRecord: boolean;
  readonly wantedKeyTypes: readonly string[];
  readonly #host: SshHost;
  readonly #lines: readonly PlacedLine[];
  readonly #record: string | false;
  readonly #pinned: SafeText | undefined;

  constructor(host: SshHost, lines: readonly PlacedLine[], { record, pinned }: LookupRules) {
    this.#host = host;
    this.#lines = lines;
    this.#record = record;
    this.#pinned = pinned;
    this.mayRecord = record !== false;
    this.wantedKeyTypes = wantedTypes(lines, host);
  }

  check(blob: Uint8Array): HostKeyVerdict {
    const mismatch = this.#pinned === undefined ? undefined : judgePin(this.#pinned, blob);
    return mismatch ?? judgeHostKey(this.#lines, hostNamesOf(this.#host), blob);
  }

  async record(blob: Uint8Array): Promise<void> {
    const verdict = this.check(blob);
    if (verdict.kind === "known") return;
    if (verdict.kind !== "unknown" || this.#record === false) {
      throw hostKeyError(verdict, blob, this.#host);
    }
    await recordHostKey(this.#record, this.#host, blob);
  }
}

function wantedTypes(lines: readonly PlacedLine[], host: SshHost): readonly string[] {
  const { own, portless } = hostNamesOf(host);
  const typesFor = (names: readonly string[]) =>
    lines.filter((line) =>
      line.marker === "host" && names.some((name) => namesInclude(line.names, name))
    ).flatMap((line) => line.keyType ?? []);
  const types = typesFor(own);
  const wanted = types.length > 0 ? types : typesFor(portless);
  return [...new Set(wanted.flatMap(hostKeyAlgorithmsOf))];
}
