/**
 * Chooses how children are started.
 *
 * @module
 */

import type { Spawn } from "./child.ts";

/**
 * Picks the seam for the runtime at hand.
 *
 * @returns The function that starts children.
 */
export async function loadSpawn(): Promise<Spawn> {
  if (typeof Deno !== "undefined") return (await import("./spawn_deno.ts")).spawnDeno;
  return (await import("./spawn_node.ts")).spawnNode;
}
