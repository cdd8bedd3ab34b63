/**
 * A session in a registry, and the commands that are remembered of it.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { SafeText } from "../safe_text.ts";
import { RegisteredCommand } from "./registered_command.ts";
import type { DetachedOnMachine } from "./detached/detached_commands.ts";
import type { Session } from "./session.ts";

/** The part of a {@linkcode Session} that a registry uses. */
export type RegistrySession =
  & Pick<
    Session,
    | ("transport" | "target" | "cwd" | "shell" | "closed" | "running" | "idleMs")
    | ("redact" | "hide" | "describeMachine" | "command" | "exec" | "close")
  >
  & {
    /** The commands on its machine that run apart from sessions. */
    readonly detached: DetachedOnMachine;
  };

/** A session in a registry. */
export interface RegistryEntry {
  /** The id that it is reached by. */
  readonly id: SafeText;
  /** The session. */
  readonly session: RegistrySession;
  /** The running command and the recent ones, newest first. */
  readonly commands: RegisteredCommand[];
}

/** Gives the command that runs in a session; undefined when there is none. */
export function runningIn({ session, commands }: RegistryEntry): RegisteredCommand | undefined {
  return commands.find(({ id }) => id === session.running);
}

/** Forgets a command, if there is one. */
export function forget(
  { commands }: RegistryEntry,
  registered: RegisteredCommand | undefined,
): void {
  if (registered !== undefined) commands.splice(commands.indexOf(registered), 1);
}

/** Remembers the command that a session has just taken up, and forgets the oldest. */
export function register(entry: RegistryEntry, command: string): RegisteredCommand | undefined {
  const { id: sessionId, session } = entry;
  if (session.running === undefined) return undefined;
  const id = session.redact(session.running);
  const names = { sessionId, id, text: session.redact(command) };
  const registered = new RegisteredCommand(session, names);
  entry.commands.unshift(registered);
  entry.commands.splice(LIMITS.recentCommands);
  return registered;
}
