/**
 * A host's public key as it stands on the wire (RFC 4253 §6.6): its type and its fingerprint.
 *
 * Host certificates cannot reach us: ssh2 1.17 knows no `…-cert-v01@openssh.com` algorithm for host
 * keys (`SUPPORTED_SERVER_HOST_KEY` of its `protocol/constants.js`), and refuses a key whose type is
 * not the negotiated one. So a `@cert-authority` line can never be fulfilled. Its key is the
 * authority's, never a host's, and is not compared with what a host shows.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { ExeckitError } from "../../errors.ts";
import { safe, type SafeText } from "../../safe_text.ts";

/** What type names are made of (RFC 4250 §4.6.1), as far as they are in use. */
const KEY_TYPE = /^[a-z0-9][a-z0-9@.-]{0,63}$/;
const LENGTH_BYTES = 4;

/**
 * The fingerprint that `ssh-keygen -l` prints.
 *
 * @param blob The key as the server sent it.
 * @returns `SHA256:` and 43 base64 characters.
 */
export function fingerprintOf(blob: Uint8Array): SafeText {
  const digest = createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
  // A digest of a public key says nothing that is not public.
  return `SHA256:${digest}` as SafeText;
}

/**
 * The type that a key names itself.
 *
 * @param blob The key as the server sent it.
 * @returns Such as `ssh-ed25519`.
 * @throws {ExeckitError} `host_key_refused` when the key is malformed.
 */
export function keyTypeOf(blob: Uint8Array): SafeText {
  const type = readKeyType(blob);
  if (type !== undefined) return type;
  throw new ExeckitError({
    code: "host_key_refused",
    message: safe`The host showed a malformed key`,
  });
}

/**
 * The type that a key names itself, for keys that may be malformed or torn off.
 *
 * @param blob The key.
 * @returns Its type, or undefined when it is no whole key.
 */
export function readKeyType(blob: Uint8Array): SafeText | undefined {
  const end = fieldEnd(blob, 0);
  if (end === undefined || end === blob.length) return undefined;
  const type = new TextDecoder("latin1").decode(blob.subarray(LENGTH_BYTES, end));
  if (!KEY_TYPE.test(type)) return undefined;
  // A certificate has numbers between its fields; it is refused for what it is.
  if (!isCertificateType(type) && !isFields(blob, end)) return undefined;
  // The pattern lets only the characters of names through.
  return type as SafeText;
}

/** Every kind of public key is a row of fields, each with its length before it (RFC 4253 §6.6). */
function isFields(blob: Uint8Array, start: number): boolean {
  let at: number | undefined = start;
  while (at !== undefined && at < blob.length) at = fieldEnd(blob, at);
  return at === blob.length;
}

function fieldEnd(blob: Uint8Array, at: number): number | undefined {
  if (at + LENGTH_BYTES > blob.length) return undefined;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const end = at + LENGTH_BYTES + view.getUint32(at);
  return end <= blob.length ? end : undefined;
}

/**
 * Tells whether a key is a certificate.
 *
 * @param type The key's type.
 * @returns Whether it is an OpenSSH certificate.
 */
export function isCertificateType(type: string): boolean {
  return type.endsWith("-cert-v01@openssh.com") || type.endsWith("-cert-v00@openssh.com");
}

/**
 * The signature algorithms that a host with a key of this type can be asked for. An RSA key signs
 * with SHA-2 (RFC 8332); its SHA-1 signatures are broken and not asked for.
 *
 * @param type The key's type.
 * @returns Algorithms, best first.
 */
export function hostKeyAlgorithmsOf(type: string): readonly string[] {
  return type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type];
}
