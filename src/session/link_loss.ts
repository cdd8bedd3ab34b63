/**
 * A link that broke: how it is told from a shell that ended, and what is put back after connecting
 * again.
 *
 * @module
 */

import { TIMED_OUT, withGrace } from "../clock.ts";
import { ExeckitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { drivesShell } from "../option_checks.ts";
import { safe, type SafeText } from "../safe_text.ts";
import type { ShellChannel } from "../shell/shell_channel.ts";
import {
  type EnvironmentEntry,
  parseEnvironment,
  processEnvironment,
} from "./login_environment.ts";

/** That a link broke. */
export interface LinkLoss {
  /** What is known of the cause, as part of a sentence; absent when nothing is. */
  readonly detail?: SafeText;
}

/** `-p` finds env without PATH; `\\` keeps an alias from standing in for it. */
export const ENVIRONMENT_COMMAND = "\\command -p env -0";

/** Variables that describe the connection itself: a new one has its own. */
const CONNECTION_VARIABLES: ReadonlySet<string> = new Set([
  "SSH_AUTH_SOCK",
  "SSH_CLIENT",
  "SSH_CONNECTION",
  "SSH_TTY",
]);

/**
 * Tells whether the link under a dead channel broke. A shell whose process ended leaves a transport
 * that ended, or one that is still clearing up.
 *
 * @param channel The channel.
 * @returns What is known of the loss; undefined when the link is whole.
 */
export async function linkLossOf(channel: ShellChannel): Promise<LinkLoss | undefined> {
  const end = await withGrace(channel.transport.ended, LIMITS.markerGraceMs);
  if (end === TIMED_OUT || end.reason !== "lost") return undefined;
  return end.detail === undefined ? {} : { detail: end.detail };
}

/**
 * Reads what {@linkcode ENVIRONMENT_COMMAND} wrote.
 *
 * @param bytes Its output.
 * @returns The variables that a new shell is to be given.
 */
export function environmentToRestore(bytes: Uint8Array): EnvironmentEntry[] {
  return parseEnvironment(bytes).filter(([name]) =>
    !drivesShell(name) && !CONNECTION_VARIABLES.has(name)
  );
}

/**
 * Takes away what a new shell has beyond the remembered environment, as the old one had unset it.
 *
 * @param channel The new shell.
 * @param remembered The old environment.
 */
export async function unsetUnknown(
  channel: ShellChannel,
  remembered: readonly EnvironmentEntry[],
): Promise<void> {
  const known = new Set(remembered.map(([name]) => name));
  const fresh = await processEnvironment(channel.transport, channel.shellPid);
  const surplus = fresh.map(([name]) => name).filter((name) =>
    !known.has(name) && !drivesShell(name) && !CONNECTION_VARIABLES.has(name)
  );
  if (surplus.length > 0) await channel.synchronise(`unset -v ${surplus.join(" ")}`);
}

/**
 * Makes the error of a command that finds its link broken.
 *
 * @param loss What is known of the loss.
 * @returns The error.
 */
export function linkLostError(loss: LinkLoss): ExeckitError {
  return new ExeckitError({
    code: "session_lost",
    message: loss.detail === undefined
      ? safe`The link to the machine was lost`
      : safe`The link to the machine was lost: ${loss.detail}`,
    hint:
      safe`Open a new session; the library's option 'reconnect' lets one connect again by itself`,
  });
}
