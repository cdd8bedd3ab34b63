/**
 * The operator's list of hosts: `[user@]host[:port]`, each part a glob.
 *
 * @module
 */

import { isIPv4 } from "node:net";
import { compileGlob, type Glob } from "../policy/glob.ts";
import { safe, type SafeText } from "../safe_text.ts";
import { invalidConfig } from "./operator_variable.ts";

/** The port that a pattern without one stands for, as in `ssh`. */
const DEFAULT_PORT = 22;

/** A glob that is meant for addresses: `10.0.*`, but not a bare `*`. */
const ADDRESS_GLOB = /^(?=.*[0-9])(?=.*[*?])[0-9.*?]+$/;

/** `host` may be an address in brackets, whose colons are its own. */
const PLACE = /^(?:([^@:\s]+)@)?(\[[0-9A-Fa-f:.*]+\]|[^@:\s[\]]+)(?::([0-9*]{1,5}))?$/;

/** A host that an agent asks for. */
export interface Place {
  /** The host as the agent names it. */
  readonly host: string;
  /** The user, if the agent names one. */
  readonly user?: string;
  /** The port, if the agent names one. */
  readonly port?: number;
}

/** One entry of the list. */
export interface PlacePattern {
  /** Tells whether a place is meant. */
  matches(place: Place): boolean;
}

/**
 * Reads the operator's list of hosts. An entry without a user stands for any user, and one without a
 * port for port 22 and for the port that the client configuration gives an alias. What an entry
 * names, the agent has to name too: what he leaves out, the configuration would fill in.
 *
 * @param entries The entries.
 * @param variable Where they come from.
 * @returns The patterns.
 * @throws {ExeckitError} `invalid_config` for an entry of another form.
 */
export function readPlacePatterns(
  entries: readonly string[],
  variable: SafeText,
): PlacePattern[] {
  return entries.map((entry, index) => {
    const parts = PLACE.exec(entry);
    if (parts === null) {
      throw invalidConfig(
        safe`${variable} has an entry in position ${index + 1} that is not [user@]host[:port]`,
      );
    }
    const [, user, host = "", port] = parts;
    const isHost = hostGlob(withoutBrackets(host));
    const isPort = portGlob(port);
    const isUser = user === undefined ? undefined : compileGlob(user);
    return {
      matches: (place) =>
        isHost(withoutBrackets(place.host)) && isPort(place.port) &&
        (isUser === undefined || (place.user !== undefined && isUser(place.user))),
    };
  });
}

/** `10.0.*` would else let through `10.0.0.1.evil.example`, which anybody can have. */
function hostGlob(pattern: string): Glob {
  const glob = compileGlob(pattern);
  return ADDRESS_GLOB.test(pattern) ? (host) => isIPv4(host) && glob(host) : glob;
}

function portGlob(pattern: string | undefined): (port: number | undefined) => boolean {
  if (pattern === undefined) return (port) => port === undefined || port === DEFAULT_PORT;
  if (pattern === "*") return () => true;
  const glob = compileGlob(pattern);
  return (port) => port !== undefined && glob(String(port));
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, "").toLowerCase();
}
