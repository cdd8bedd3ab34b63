/**
 * The argument by which a launch script's own processes are known inside a container, where they
 * have other process ids than the engine tells.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { LIMITS } from "../../limits.ts";
import { runAside } from "../run_aside.ts";
import type { Transport } from "../transport.ts";

/** Containers can share their processes; the id says whose a launch script is. */
const CONTAINER_ID_CHARS = 12;

/**
 * What the tags of a container's launch scripts begin with.
 *
 * @param container The container's id.
 * @returns Letters, digits, `-` and `.`.
 */
export function launchTagPrefix(container: string): string {
  return `execkit-launch.${container.slice(0, CONTAINER_ID_CHARS)}.`;
}

/**
 * Makes a tag.
 *
 * @param container The container's id.
 * @returns The tag.
 */
export function makeLaunchTag(container: string): string {
  return `${launchTagPrefix(container)}${randomUUID()}`;
}

/**
 * Defines `processes`: a line for each, with its id and its words. Not every busybox can search in
 * text with NUL characters, as /proc has it.
 */
export const LIST_PROCESSES = `
processes() {
  for f in /proc/[0-9]*/cmdline; do
    p=\${f#/proc/}
    printf '%s ' "\${p%/cmdline}"
    tr '\\000\\n' '  ' <"$f"
    echo
  done 2>/dev/null
}`;

/** What looks has the tag among its own words too, but not behind this one. */
const SIGNAL_LAUNCH = `${LIST_PROCESSES}
processes | while read -r p words; do
  case "$words " in *" inherit $1 "*) kill -s "$2" "$p" ;; esac
done 2>/dev/null
exit 0`;

/**
 * Signals the processes of a launch script: its supervisor and its relay.
 *
 * @param transport The way into the container.
 * @param tag The script's tag.
 * @param signal `CONT` to wake them, `KILL` where they do not end.
 * @throws {ExeckitError} `session_lost` when nothing can be run in the container.
 */
export async function signalLaunch(
  transport: Pick<Transport, "startAside">,
  tag: string,
  signal: "CONT" | "KILL",
): Promise<void> {
  await runAside(transport, {
    script: SIGNAL_LAUNCH,
    args: [tag, signal],
    timeoutMs: LIMITS.asideTimeoutMs,
  });
}
