/**
 * The lines of `known_hosts` files (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT), and those of upstream's
 * own file, `host SHA256:…`, which may stand between them.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { fingerprintOf, readKeyType } from "./host_key.ts";
import { matchesPatterns } from "./host_patterns.ts";

/** Whose key a line holds. */
export type KnownHostsMarker = "host" | "authority" | "revoked";

/** A line that says something of a host's key. */
export interface KnownHostsLine {
  /** Whose key it is: the host's, that of an authority, or one that must not be trusted. */
  readonly marker: KnownHostsMarker;
  /** The names that it is for, as they stand there. */
  readonly names: string;
  /** The key's type; absent where only the fingerprint is known. */
  readonly keyType?: string;
  /** The key's fingerprint. */
  readonly fingerprint: string;
  /** Its place in the file, from 1. */
  readonly number: number;
}

/** What a file says. */
export interface KnownHostsText {
  /** The lines that could be read, in order. */
  readonly lines: readonly KnownHostsLine[];
  /** The first line that revokes a key and cannot be read, which makes all of it untrustworthy. */
  readonly brokenRevocation?: number;
}

const HASH_MAGIC = "|1|";
const SHA1_BYTES = 20;
const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}=?$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Reads a file's text. A line that cannot be read is passed over, as OpenSSH does, except where it
 * would have revoked a key.
 *
 * @param text The file's text.
 * @returns Its lines.
 */
export function parseKnownHosts(text: string): KnownHostsText {
  const lines: KnownHostsLine[] = [];
  let brokenRevocation: number | undefined;
  text.split("\n").forEach((line, index) => {
    const number = index + 1;
    const words = line.split(/[ \t\r]+/).filter((word) => word !== "");
    const first = words[0];
    if (first === undefined || first.startsWith("#")) return;
    const marker = markerOf(first);
    const key = marker === undefined ? undefined : readKey(words, marker);
    if (marker !== undefined && key !== undefined) lines.push({ marker, ...key, number });
    else if (first.toLowerCase() === "@revoked") brokenRevocation ??= number;
  });
  return { lines, ...(brokenRevocation === undefined ? {} : { brokenRevocation }) };
}

function markerOf(word: string): KnownHostsMarker | undefined {
  if (!word.startsWith("@")) return "host";
  if (word === "@cert-authority") return "authority";
  return word === "@revoked" ? "revoked" : undefined;
}

function readKey(
  words: readonly string[],
  marker: KnownHostsMarker,
): Pick<KnownHostsLine, "names" | "keyType" | "fingerprint"> | undefined {
  const [names, type, base64] = marker === "host" ? words : words.slice(1);
  if (names === undefined || type === undefined) return undefined;
  if (FINGERPRINT.test(type)) return { names, fingerprint: type.replace("=", "") };
  if (base64 === undefined || !BASE64.test(base64)) return undefined;
  const blob = Uint8Array.from(atob(padded(base64)), (char) => char.charCodeAt(0));
  // A type that is not the key's own is a torn or forged line.
  if (readKeyType(blob) !== type) return undefined;
  return { names, keyType: type, fingerprint: fingerprintOf(blob) };
}

/**
 * Tells whether a line's names include a name.
 *
 * @param names The names as they stand there: a comma list with wildcards, or one hashed name.
 * @param name The name in lower case, such as `host` or `[host]:2222`.
 * @returns Whether the line is for it.
 */
export function namesInclude(names: string, name: string): boolean {
  if (!names.startsWith("|")) return matchesPatterns(names.toLowerCase().split(","), name);
  if (!names.startsWith(HASH_MAGIC)) return false;
  const [salt, hash, ...rest] = names.slice(HASH_MAGIC.length).split("|");
  if (salt === undefined || !BASE64.test(salt) || rest.length > 0) return false;
  return hashName(name, Uint8Array.from(atob(padded(salt)), (char) => char.charCodeAt(0))) ===
    `${HASH_MAGIC}${salt}|${hash}`;
}

/**
 * Hashes a name as `HashKnownHosts` does: HMAC-SHA1 with a random key that stands beside it.
 *
 * @param name The name in lower case.
 * @param salt 20 random bytes.
 * @returns The names field of a line.
 */
export function hashName(name: string, salt: Uint8Array): string {
  const hash = createHmac("sha1", salt).update(name).digest("base64");
  return `${HASH_MAGIC}${btoa(String.fromCharCode(...salt.subarray(0, SHA1_BYTES)))}|${hash}`;
}

/**
 * Writes a line for a host's key.
 *
 * @param names The names field.
 * @param keyType The key's type.
 * @param blob The key.
 * @returns The line, without its end.
 */
export function formatKnownHostsLine(names: string, keyType: string, blob: Uint8Array): string {
  return `${names} ${keyType} ${btoa(String.fromCharCode(...blob))}`;
}

/** `atob` takes base64 with all of its padding or none; a group of one character is no base64. */
function padded(base64: string): string {
  const bare = base64.replace(/=+$/, "");
  return bare.length % 4 === 1 ? "" : bare;
}
