/**
 * The operator's list of containers: `[user@]container`, each part a glob.
 *
 * @module
 */

import { compileGlob } from "../policy/glob.ts";
import { safe, type SafeText } from "../safe_text.ts";
import { invalidConfig } from "./operator_variable.ts";

const ENTRY = /^(?:([^@\s]+)@)?([^@\s]+)$/;

/** The short id of `docker ps`, or more of it; 48 bits are enough that nobody meets them by chance. */
const ID_START = /^[0-9a-f]{12,64}$/;

/** What a container is called; for one that is not looked up yet, what the agent calls it is both. */
export interface ContainerNames {
  /** Its name. */
  readonly name: string;
  /** Its id. */
  readonly id: string;
}

/** One entry of the list. */
export interface ContainerPattern {
  /** Tells whether a container is meant, with the user that the agent names. */
  matches(container: ContainerNames, user: string | undefined): boolean;
}

/**
 * Reads the operator's list of containers. An entry without a user stands for the user that the
 * container has by itself: an agent needs no password to become another one. An entry of 12 or more
 * hexadecimal digits stands also for the container whose id begins so.
 *
 * @param entries The entries.
 * @param variable Where they come from.
 * @returns The patterns.
 * @throws {ExeckitError} `invalid_config` for an entry of another form.
 */
export function readContainerPatterns(
  entries: readonly string[],
  variable: SafeText,
): ContainerPattern[] {
  return entries.map((entry, index) => {
    const parts = ENTRY.exec(entry);
    if (parts === null) {
      throw invalidConfig(
        safe`${variable} has an entry in position ${index + 1} that is not [user@]container`,
      );
    }
    const [, user, container = ""] = parts;
    const isContainer = compileGlob(container);
    const isOtherUser = user === undefined ? () => false : compileGlob(user);
    const isUser = (asked: string | undefined) =>
      asked === undefined ? user === undefined || user === "*" : isOtherUser(asked);
    const isId = (id: string) => ID_START.test(container) && id.startsWith(container);
    return {
      matches: ({ name, id }, asked) => isUser(asked) && (isContainer(name) || isId(id)),
    };
  });
}
