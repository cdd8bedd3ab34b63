/**
 * Which algorithms are offered to a server, best first. What is broken or fading is not among them:
 * no DSA, no signatures or key exchange with SHA-1, no CBC, no MD5 (as OpenSSH 9).
 *
 * @module
 */

/** Key exchange, in the order of OpenSSH as far as `ssh2` has them. */
const KEY_EXCHANGE = [
  "curve25519-sha256",
  "curve25519-sha256@libssh.org",
  "ecdh-sha2-nistp256",
  "ecdh-sha2-nistp384",
  "ecdh-sha2-nistp521",
  "diffie-hellman-group-exchange-sha256",
  "diffie-hellman-group16-sha512",
  "diffie-hellman-group18-sha512",
  "diffie-hellman-group14-sha256",
] as const;

/** Signatures of host keys, in the order of OpenSSH. */
const HOST_KEY = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
] as const;

/** Ciphers; GCM first, because both runtimes have it in native code. */
const CIPHER = [
  "aes128-gcm@openssh.com",
  "aes256-gcm@openssh.com",
  "aes128-ctr",
  "aes192-ctr",
  "aes256-ctr",
  "chacha20-poly1305@openssh.com",
] as const;

/** Message authentication for the ciphers that bring none of their own. */
const MESSAGE_AUTHENTICATION = [
  "hmac-sha2-256-etm@openssh.com",
  "hmac-sha2-512-etm@openssh.com",
  "hmac-sha2-256",
  "hmac-sha2-512",
] as const;

/** What is known or configured of a host's key. */
export interface HostKeyWishes {
  /** Signature algorithms of the keys that are known; they are asked for first. */
  readonly known: readonly string[];
  /** `HostKeyAlgorithms` of ssh_config(5), unexpanded; absent for the default. */
  readonly configured?: string;
}

/**
 * Makes the lists for a connection.
 *
 * Known types come first, so that a server with several keys shows the one that can be checked; the
 * others follow, so that a server that lost that key is told from one that is out of reach.
 *
 * @param wishes What is known or configured of the host's key.
 * @returns Algorithms by kind, as `ssh2` takes them; `serverHostKey` may be empty.
 */
export function offeredAlgorithms(
  wishes: HostKeyWishes,
): Readonly<Record<string, readonly string[]>> {
  const allowed = expandConfigured(wishes.configured);
  const known = wishes.known.filter((name) => allowed.includes(name));
  return {
    kex: KEY_EXCHANGE,
    serverHostKey: [...known, ...allowed.filter((name) => !known.includes(name))],
    cipher: CIPHER,
    hmac: MESSAGE_AUTHENTICATION,
    compress: ["none"],
  };
}

/** A list that begins with `+`, `-` or `^` changes the default list (ssh_config(5)). */
function expandConfigured(configured: string | undefined): readonly string[] {
  if (configured === undefined) return HOST_KEY;
  const sign = configured.slice(0, 1);
  const names = (/[-+^]/.test(sign) ? configured.slice(1) : configured).split(",");
  const isNamed = (name: string) => names.some((pattern) => matches(pattern, name));
  // What `ssh2` or this file does not have cannot be offered, whoever wishes it.
  if (sign === "+") return HOST_KEY;
  if (sign === "-") return HOST_KEY.filter((name) => !isNamed(name));
  if (sign === "^") {
    return [...HOST_KEY.filter(isNamed), ...HOST_KEY.filter((name) => !isNamed(name))];
  }
  return names.filter((name) => HOST_KEY.some((offered) => offered === name));
}

/** A pattern of ssh_config(5) with `*` at its end at most, as algorithm lists have it. */
function matches(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}
