/**
 * The operator's list of hosts: `[user@]host[:port]`, each part a glob.
 *
 * @module
 */

import { compileGlob, type Glob } from "../policy/glob.ts";
import { safe, type SafeText } from "../safe_text.ts";
import { invalidConfig } from "./operator_variable.ts";

/** The port that a pattern without one stands for, as in `ssh`. */
const DEFAULT_PORT = "22";

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
 * Reads the operator's list of hosts. An entry without a user stands for any user; with one, the
 * agent has to name it. An entry without a port stands for port 22 and for the port that the client configuration gives an alias.
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
    const [, user, host = "", port = DEFAULT_PORT] = parts;
    const isUser = user === undefined ? undefined : compileGlob(user);
    return placePattern(compileGlob(withoutBrackets(host)), compileGlob(port), isUser);
  });
}

function placePattern(isHost: Glob, isPort: Glob, isUser: Glob | undefined): PlacePattern {
  return {
    matches({ host, user, port }) {
      return isHost(withoutBrackets(host)) &&
        (port === undefined || isPort(String(port))) &&
        (isUser === undefined || (user !== undefined && isUser(user)));
    },
  };
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, "").toLowerCase();
}
