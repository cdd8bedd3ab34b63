/**
 * Names that come from callers and configurations: hosts, users, jumps. A name that passes here
 * holds nothing that a shell, a terminal or OpenSSH's files would take for more than a name.
 *
 * @module
 */

import { isIPv6 } from "node:net";
import { safe, type SafeText } from "../../safe_text.ts";

/** One host to go through. */
export interface JumpSpec {
  /** A host name, an address without brackets, or an alias. */
  readonly host: string;
  /** The port, when the spec names one. */
  readonly port?: number;
  /** The user, when the spec names one. */
  readonly user?: string;
}

/** Characters of a name at most: the longest name that DNS can hold (RFC 1035 §2.3.4). */
const NAME_MAX_CHARS = 255;
const HOST_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const IPV6_CHARACTERS = /^[0-9A-Fa-f:.]+(?:%[A-Za-z0-9_.-]+)?$/;
/** What ssh(1) refuses in a user's name, with every space and control character. */
const USER_NAME = /^[^\s\p{C}'"`;&<>|(){}-][^\s\p{C}'"`;&<>|(){}]*$/u;
const PRINTABLE_NAME = /^[A-Za-z0-9._:%@\[\]-]{1,300}$/;
const PORT = /^[0-9]{1,5}$/;
const URI_SCHEME = "ssh://";

/**
 * Reads a host: a name, an alias, an IPv4 or IPv6 address; brackets around the latter fall away.
 *
 * @param text What was given.
 * @returns The host, or undefined when it is none.
 */
export function readHost(text: string): string | undefined {
  const bracketed = text.startsWith("[") && text.endsWith("]");
  const host = bracketed ? text.slice(1, -1) : text;
  if (host.length > NAME_MAX_CHARS) return undefined;
  if (IPV6_CHARACTERS.test(host) && isIPv6(host)) return host;
  return !bracketed && HOST_NAME.test(host) ? host : undefined;
}

/**
 * Reads a user's name.
 *
 * @param text What was given.
 * @returns The name, or undefined when it is none.
 */
export function readUser(text: string): string | undefined {
  const valid = text.length <= NAME_MAX_CHARS && USER_NAME.test(text) && !text.endsWith("\\");
  return valid ? text : undefined;
}

/**
 * Reads a port's number.
 *
 * @param text Decimal digits.
 * @returns 1 to 65535, or undefined.
 */
export function readPort(text: string): number | undefined {
  const port = PORT.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/**
 * Reads one hop of a `ProxyJump`: `[user@]host[:port]`, with an IPv6 address in brackets when a port
 * follows, or the same as an `ssh://` URI.
 *
 * @param text What was given.
 * @returns The hop, or undefined when it is none.
 */
export function readJump(text: string): JumpSpec | undefined {
  const isUri = text.toLowerCase().startsWith(URI_SCHEME);
  const spec = isUri ? text.slice(URI_SCHEME.length).replace(/\/$/, "") : text;
  const at = spec.lastIndexOf("@");
  const place = readHostAndPort(spec.slice(at + 1));
  if (place === undefined || at < 0) return place;
  const user = readUser(spec.slice(0, at));
  // A URI's user may be percent-encoded; what it stands for is not guessed at.
  if (user === undefined || (isUri && user.includes("%"))) return undefined;
  return { ...place, user };
}

function readHostAndPort(text: string): JumpSpec | undefined {
  const whole = readHost(text);
  if (whole !== undefined) return { host: whole };
  const colon = text.lastIndexOf(":");
  if (colon < 0) return undefined;
  const name = text.slice(0, colon);
  const host = readHost(name);
  const port = readPort(text.slice(colon + 1));
  // An address with colons of its own needs brackets, or its end would be taken for the port.
  if (host === undefined || port === undefined) return undefined;
  return host.includes(":") && !name.startsWith("[") ? undefined : { host, port };
}

/**
 * A name for messages. Only letters, digits and the few marks of names and addresses pass.
 *
 * @param name A host or a user.
 * @returns The name, or `the host` when it holds anything else.
 */
export function safeName(name: string): SafeText {
  if (!PRINTABLE_NAME.test(name)) return safe`the host`;
  // The pattern lets no space, quote, control character or escape through.
  return name as SafeText;
}

/**
 * A path for messages, for those of the operator's own files.
 *
 * @param path An absolute path.
 * @returns The path, or `a configured file` when it holds unusual characters.
 */
export function safePath(path: string): SafeText {
  if (!/^[A-Za-z0-9._/@+~-]{1,300}$/.test(path)) return safe`a configured file`;
  // The pattern lets no space, quote, control character or escape through.
  return path as SafeText;
}
