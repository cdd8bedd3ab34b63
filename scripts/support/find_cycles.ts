/**
 * Finds cycles in a graph of files.
 *
 * @module
 */

/**
 * Finds the groups of files that reach each other.
 *
 * @param graph File → the files that it imports.
 * @returns A closed walk through one file of each group: the first name is also the last.
 */
export function findCycles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const cycles: string[][] = [];
  const reported = new Set<string>();
  for (const start of [...graph.keys()].sort()) {
    if (reported.has(start)) continue;
    const cycle = shortestWalkBack(graph, start);
    if (cycle === undefined) continue;
    cycles.push(cycle);
    cycle.forEach((file) => reported.add(file));
  }
  return cycles;
}

/** Looks breadth first for the shortest way from a file back to itself. */
function shortestWalkBack(
  graph: ReadonlyMap<string, ReadonlySet<string>>,
  start: string,
): string[] | undefined {
  const trails = new Map<string, string[]>([[start, [start]]]);
  // The map grows while it is read; a Map's iteration takes the new entries in too.
  for (const [file, trail] of trails) {
    for (const target of graph.get(file) ?? []) {
      if (target === start) return [...trail, start];
      if (!trails.has(target)) trails.set(target, [...trail, target]);
    }
  }
  return undefined;
}
