/**
 * The judgement of a host's key by lines of `known_hosts` files, and the errors that follow from it.
 *
 * @module
 */

import { isIPv6 } from "node:net";
import { ExeckitError } from "../../errors.ts";
import { joinSafe, safe, type SafeText } from "../../safe_text.ts";
import { fingerprintOf, isCertificateType, readKeyType } from "./host_key.ts";
import { type KnownHostsLine, namesInclude } from "./known_hosts_file.ts";
import type { SshHost } from "./ssh_host.ts";
import { safeName } from "./ssh_names.ts";

/** What is known of a key that a host showed. */
export type HostKeyVerdict =
  | { readonly kind: "known" }
  | { readonly kind: "unknown" }
  /** Other keys are known: their fingerprints, each with where it stands. */
  | { readonly kind: "changed"; readonly known: readonly SafeText[] }
  | { readonly kind: "revoked" }
  /** Only an authority is known, or the key cannot be read, or it is a certificate. */
  | { readonly kind: "refused"; readonly reason: "authority" | "malformed" | "certificate" }
  | { readonly kind: "pinned_mismatch"; readonly pinned: SafeText };

/** A line, and the file that it is in. */
export interface PlacedLine extends KnownHostsLine {
  /** The file, for messages. */
  readonly file: SafeText;
}

/** The names that a host is looked up by. */
export interface HostNames {
  /** The name that a new key is recorded under, in lower case. */
  readonly record: string;
  /** Names whose keys are the host's: the recorded one, and other spellings of its address. */
  readonly own: readonly string[];
  /** Names without the port, whose keys are accepted but not demanded, as in ssh(1). */
  readonly portless: readonly string[];
}

/** Known keys listed in one error at most. */
const LISTED_MAX = 4;

/**
 * The names of a host, as ssh(1) writes them: `name`, or `[name]:port` for a port other than 22. A
 * `HostKeyAlias` stands alone.
 *
 * @param host The host.
 * @returns Its names.
 */
export function hostNamesOf(host: SshHost): HostNames {
  if (host.hostKeyAlias !== undefined) {
    const alias = host.hostKeyAlias.toLowerCase();
    return { record: alias, own: [alias], portless: [] };
  }
  const spellings = spellingsOf(host.hostName.toLowerCase());
  const placed = host.port === 22 ? spellings : spellings.map((name) => `[${name}]:${host.port}`);
  return {
    record: placed[0] ?? "",
    own: placed,
    portless: host.port === 22 ? [] : spellings,
  };
}

/** An IPv6 address may be known in its short form, whatever form was asked for. */
function spellingsOf(name: string): readonly string[] {
  const [address = "", zone] = name.split("%");
  if (!isIPv6(name) || zone !== undefined) return [name];
  const short = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  return short === name ? [name] : [name, short];
}

/**
 * Judges a key by what is known.
 *
 * A key of a type that is not known for a known host is a changed key here: whoever sits between
 * could otherwise offer a type of his own. OpenSSH only asks its user.
 *
 * @param lines The lines of all files.
 * @param names The host's names.
 * @param blob The key as the server sent it.
 * @returns The verdict.
 */
export function judgeHostKey(
  lines: readonly PlacedLine[],
  names: HostNames,
  blob: Uint8Array,
): HostKeyVerdict {
  const type = readKeyType(blob);
  if (type === undefined) return { kind: "refused", reason: "malformed" };
  if (isCertificateType(type)) return { kind: "refused", reason: "certificate" };
  const fingerprint = fingerprintOf(blob);
  const isFor = (line: PlacedLine, list: readonly string[]) =>
    list.some((name) => namesInclude(line.names, name));
  const isSame = (line: PlacedLine) => line.fingerprint === fingerprint;
  const revoked = lines.some((line) =>
    line.marker === "revoked" && isSame(line) && isFor(line, [...names.own, ...names.portless])
  );
  if (revoked) return { kind: "revoked" };
  const own = lines.filter((line) => line.marker !== "revoked" && isFor(line, names.own));
  const keys = own.filter((line) => line.marker === "host");
  if (keys.some(isSame)) return { kind: "known" };
  if (keys.length > 0) return { kind: "changed", known: keys.slice(0, LISTED_MAX).map(describe) };
  const portless = lines.some((line) =>
    line.marker === "host" && isSame(line) && isFor(line, names.portless)
  );
  if (portless) return { kind: "known" };
  return own.length > 0 ? { kind: "refused", reason: "authority" } : { kind: "unknown" };
}

function describe(line: PlacedLine): SafeText {
  // The parser lets a fingerprint through by a strict pattern.
  return safe`${line.fingerprint as SafeText} (${line.file}:${line.number})`;
}

/**
 * The error for a key that is not the known one.
 *
 * @param verdict Any verdict but `known`.
 * @param blob The key as the server sent it.
 * @param host The host.
 * @returns The error, with old and new fingerprint.
 */
export function hostKeyError(
  verdict: HostKeyVerdict,
  blob: Uint8Array,
  host: SshHost,
): ExeckitError {
  const shown = safe`${readKeyType(blob) ?? safe`unreadable`} ${fingerprintOf(blob)}`;
  const name = safeName(hostNamesOf(host).record);
  const fail = (code: ExeckitError["code"], message: SafeText, hint?: SafeText) =>
    new ExeckitError({ code, message, ...(hint === undefined ? {} : { hint }) });
  switch (verdict.kind) {
    case "changed":
      return fail(
        "host_key_changed",
        safe`${name} shows the key ${shown}, but another one is known: ${
          joinSafe(verdict.known, safe`, `)
        }`,
      );
    case "pinned_mismatch":
      return fail(
        "host_key_changed",
        safe`${name} shows the key ${shown}, but 'fingerprint' pins ${verdict.pinned}`,
      );
    case "revoked":
      return fail("host_key_refused", safe`${name} shows the key ${shown}, which is revoked`);
    case "refused":
      return refusal(verdict.reason, name, shown);
    case "unknown":
      return fail("host_key_unknown", safe`The key of ${name} is not known: it is ${shown}`);
    case "known":
      return fail("internal", safe`The key of ${name} is the known one`);
  }
}

function refusal(
  reason: "authority" | "malformed" | "certificate",
  name: SafeText,
  shown: SafeText,
): ExeckitError {
  if (reason === "malformed") {
    return new ExeckitError({
      code: "host_key_refused",
      message: safe`${name} shows a key that is malformed`,
    });
  }
  const cause = reason === "authority"
    ? safe`only an authority is known for it, and certificates of hosts cannot be verified here`
    : safe`it is a certificate, and certificates of hosts cannot be verified here`;
  return new ExeckitError({
    code: "host_key_refused",
    message: safe`${name} shows the key ${shown}: ${cause}`,
    hint: safe`Ask the operator to compare the fingerprint, and to pin it or add the key itself`,
  });
}
