/**
 * What earlier sessions left in a container because they were cut off in the worst moment.
 *
 * A session's processes end when the connection of its launch script ends, however that happens.
 * There are two cases in which nobody is left to do it: the script was killed, and then the program
 * that used the session; or the engine was killed while the container lived on (its `live-restore`),
 * because then no end of file reaches the script.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { runAside } from "../run_aside.ts";
import type { LaunchPlan, Transport } from "../transport.ts";
import type { DockerEngine } from "./docker_engine.ts";
import { EngineRefusal } from "./engine_errors.ts";
import { launchTagPrefix, LIST_PROCESSES, signalLaunch } from "./launch_tag.ts";

/**
 * Lists the tags of launch scripts, and the marks that processes carry in their environment while no
 * launch script has them among its arguments. A script has its mark before anything carries it, and
 * outlives all that does; marks are collected first, so that a session that begins meanwhile is not
 * among them. What process 1 carries came from outside the container, with its script out of sight.
 */
const LOOK_AROUND = `${LIST_PROCESSES}
marks() { tr '\\000' '\\n' | sed -n 's/^EXECKIT_SESSION=\\([0-9a-f]*\\)$/\\1/p'; }
own=$(marks </proc/1/environ)
carried=$(cat /proc/[0-9]*/environ | marks | sort -u)
all=$(processes)
for mark in $carried; do
  [ \${#mark} -ge 16 ] && [ "$mark" != "$own" ] || continue
  case $all in *" $mark "*) ;; *) echo "mark $mark" ;; esac
done
printf '%s\\n' "$all" | tr ' ' '\\n' | grep "^$1[0-9a-f]" | sort -u | sed 's/^/tag /'`;

/** Lost sessions that are cleared at one opening at most; the next opening finds the others. */
const ORPHANS_MAX = 32;

/** What was found in a container. */
interface Found {
  readonly tags: readonly string[];
  readonly marks: readonly string[];
}

/** A container that a session was just opened in. */
export interface SweptPlace {
  /** The engine. */
  readonly engine: DockerEngine;
  /** The container's id. */
  readonly container: string;
}

/**
 * Ends the processes of sessions that nobody has any more.
 *
 * @param place The container.
 * @param transport The way into it.
 * @param plan The plan of the session that was just opened, for its sweep.
 */
export async function sweepOrphans(
  place: SweptPlace,
  transport: Pick<Transport, "startAside">,
  plan: LaunchPlan,
): Promise<void> {
  const { sweep } = plan;
  if (sweep === undefined) return;
  try {
    let found = await lookAround(place, transport);
    const lost = await lostTags(place, found.tags);
    for (const tag of lost) await signalLaunch(transport, tag, "KILL");
    if (lost.length > 0) found = await lookAround(place, transport);
    for (const mark of found.marks.slice(0, ORPHANS_MAX)) {
      const timeoutMs = LIMITS.asideTimeoutMs;
      await runAside(transport, { script: sweep.script, args: [mark], timeoutMs });
    }
  } catch (cause) {
    // The session that was opened works all the same, and whoever opens the next one tries again.
    if (!(cause instanceof ExeckitError || cause instanceof EngineRefusal)) throw cause;
  }
}

async function lookAround(
  { container }: SweptPlace,
  transport: Pick<Transport, "startAside">,
): Promise<Found> {
  const { stdout } = await runAside(transport, {
    script: LOOK_AROUND,
    args: [launchTagPrefix(container)],
    timeoutMs: LIMITS.asideTimeoutMs,
  });
  const lines = new TextDecoder().decode(stdout).split("\n");
  const withKey = (key: string) =>
    lines.filter((line) => line.startsWith(key)).map((line) => line.slice(key.length));
  return { tags: withKey("tag "), marks: withKey("mark ") };
}

/**
 * A launch script that the engine knows no exec of has no connection, and never will. The engine
 * knows an exec before its process starts, and is asked after the processes were listed.
 */
async function lostTags(
  { engine, container }: SweptPlace,
  tags: readonly string[],
): Promise<string[]> {
  if (tags.length === 0) return [];
  const known = new Set<string>();
  for (const id of (await engine.inspect(container)).ExecIDs ?? []) {
    const last = await lastArgument(engine, id);
    if (last !== undefined) known.add(last);
  }
  return tags.filter((tag) => !known.has(tag)).slice(0, ORPHANS_MAX);
}

async function lastArgument(engine: DockerEngine, exec: string): Promise<string | undefined> {
  try {
    return (await engine.inspectExec(exec)).ProcessConfig?.arguments?.at(-1);
  } catch (cause) {
    // It has ended meanwhile, and so has its launch script.
    if (cause instanceof EngineRefusal) return undefined;
    throw cause;
  }
}
