/**
 * A way around a defect: `ssh2` 1.17 writes the secret number of an ECDSA key with a sign byte in
 * front or without its leading zeros, and Deno 2.9 then refuses to sign with every second key
 * (RFC 5915, 3, wants exactly as many bytes as the curve has).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { sign } from "node:crypto";
import type { Ssh2Key } from "./ssh2_module.ts";

/** Type of the key → bytes of its secret number, and the digest that belongs to it (RFC 5656). */
const CURVES: ReadonlyMap<string, { readonly bytes: number; readonly digest: string }> = new Map([
  ["ecdsa-sha2-nistp256", { bytes: 32, digest: "sha256" }],
  ["ecdsa-sha2-nistp384", { bytes: 48, digest: "sha384" }],
  ["ecdsa-sha2-nistp521", { bytes: 66, digest: "sha512" }],
]);

const SEQUENCE = 0x30;
const OCTET_STRING = 0x04;
/** `INTEGER 1`, the version that stands in front of the secret number. */
const VERSION = Buffer.from([0x02, 0x01, 0x01]);

/**
 * Lets an ECDSA key sign under both runtimes; other keys stay as they are.
 *
 * @param key A private key that `ssh2` has read.
 * @returns The same key.
 */
export function repairEcdsaKey(key: Ssh2Key): Ssh2Key {
  const curve = CURVES.get(key.type);
  if (curve === undefined) return key;
  const der = Buffer.from(key.getPrivatePEM().replace(/-----[^-]*-----|\s/g, ""), "base64");
  const repaired = repairDer(der, curve.bytes);
  if (repaired === undefined) return key;
  key.sign = (data) => {
    try {
      return sign(curve.digest, data, { key: repaired, format: "der", type: "sec1" });
    } catch (cause) {
      // `ssh2` takes an error as the answer, and goes on with the next key.
      return cause instanceof Error ? cause : new Error("The key does not sign", { cause });
    }
  };
  return key;
}

/** Rewrites `SEQUENCE { version, secret number, … }` (RFC 5915); undefined when it is not one. */
function repairDer(der: Buffer, bytes: number): Buffer | undefined {
  const outer = readElement(der, 0);
  if (outer?.tag !== SEQUENCE || !der.subarray(outer.start, outer.start + 3).equals(VERSION)) {
    return undefined;
  }
  const secret = readElement(der, outer.start + VERSION.length);
  if (secret?.tag !== OCTET_STRING) return undefined;
  const number = Buffer.alloc(bytes);
  const digits = der.subarray(secret.start, secret.end);
  const significant = digits.subarray(Math.max(0, digits.length - bytes));
  significant.copy(number, bytes - significant.length);
  const rest = der.subarray(secret.end, outer.end);
  return element(SEQUENCE, Buffer.concat([VERSION, element(OCTET_STRING, number), rest]));
}

function readElement(
  der: Buffer,
  at: number,
): { readonly tag: number; readonly start: number; readonly end: number } | undefined {
  const tag = der[at];
  const first = der[at + 1];
  if (tag === undefined || first === undefined) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  if (lengthBytes > 2) return undefined;
  const length = lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes);
  const start = at + 2 + lengthBytes;
  return start + length > der.length ? undefined : { tag, start, end: start + length };
}

/** No key of these curves is longer than 255 bytes. */
function element(tag: number, content: Buffer): Buffer {
  const header = content.length < 0x80 ? [tag, content.length] : [tag, 0x81, content.length];
  return Buffer.concat([Buffer.from(header), content]);
}
