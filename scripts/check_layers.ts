/**
 * Checks who imports whom: the table of `support/layer_rules.ts`, no cycles, no heavy package
 * behind the root entry, and redacted text made in `src/output/` only.
 *
 * `deno task layers`
 *
 * @module
 */

import { existsSync } from "node:fs";
import { posix } from "node:path";
import { type Finding, reportFindings } from "./support/findings.ts";
import { findCycles } from "./support/find_cycles.ts";
import {
  BRAND_MAKERS,
  FLOOR,
  FLOOR_FOLDER,
  LAYER_RULES,
  type LayerRule,
  LAZY_PACKAGES,
  OUTSIDE_ROOMS,
  PACKAGE_RULES,
} from "./support/layer_rules.ts";
import { type ModuleReference, moduleReferences, parseSource } from "./support/parse_source.ts";
import { listFiles, PROJECT_ROOT, readSource } from "./support/source_files.ts";

/** A reference with both of its ends. */
interface Edge extends ModuleReference {
  from: string;
  /** A path of the project, or the package's specifier. */
  to: string;
  isOurs: boolean;
}

const CHECKED = ["mod.ts", "src", "examples", "tests/public"];
const WHY_LAYERS = "Imports go downward only, so that each room can be read and tested alone";
const WHY_LAZY = "A local session must start without loading SSH, Docker or MCP code";
const WHY_BRAND = "Text that anybody can brand as redacted is not known to be redacted";

/**
 * Checks a project.
 *
 * @param root Its root directory.
 * @returns What is wrong, by file.
 */
export function checkLayers(root: string): Finding[] {
  const edges = listFiles(root, CHECKED, ".ts").flatMap((file) => edgesOf(root, file));
  return [
    ...edges.flatMap(checkTable),
    ...edges.flatMap(checkPackage),
    ...edges.flatMap(checkBrandMakers),
    ...checkCycles(edges),
    ...checkRootEntry(root, edges),
  ];
}

function edgesOf(root: string, file: string): Edge[] {
  return moduleReferences(parseSource(file, readSource(root, file))).map((reference) => {
    const specifier = reference.specifier ?? "";
    const isOurs = specifier.startsWith(".") || specifier.startsWith("/");
    const to = isOurs ? posix.join(posix.dirname(file), specifier) : specifier;
    return { ...reference, from: file, to, isOurs };
  });
}

function checkTable(edge: Edge): Finding[] {
  const place = { rule: "layers", file: edge.from, line: edge.line, why: WHY_LAYERS };
  if (edge.specifier === undefined) {
    return [{
      ...place,
      what: "imports a computed name, which nobody can follow",
      remedy: "Write the name as a literal, one import() per choice",
    }];
  }
  const rule = LAYER_RULES.find(({ room }) => isWithin(edge.from, room));
  if (!edge.isOurs || rule === undefined || isAllowed(edge, rule)) return [];
  return [{ ...place, what: `${rule.room} imports ${edge.to}`, remedy: rule.remedy }];
}

function isAllowed({ from, to }: Edge, rule: LayerRule): boolean {
  const isOutside = OUTSIDE_ROOMS.includes(rule.room);
  if (rule.room === FLOOR || rule.room === FLOOR_FOLDER) return isFloor(to);
  const isOwn = rule.room.endsWith("/") ? isWithin(to, rule.room) : from === to;
  return isOwn || (!isOutside && isFloor(to)) || rule.mayImport.some((room) => isWithin(to, room));
}

function isFloor(path: string): boolean {
  return posix.dirname(path) + "/" === FLOOR || isWithin(path, FLOOR_FOLDER);
}

function isWithin(path: string, room: string): boolean {
  return room.endsWith("/") ? path.startsWith(room) : path === room;
}

function isPackage(specifier: string, name: string): boolean {
  const bare = specifier.replace(/^npm:\/?/, "");
  return name.endsWith("/")
    ? bare.startsWith(name)
    : bare === name || bare.startsWith(`${name}/`) || bare.startsWith(`${name}@`);
}

function checkPackage(edge: Edge): Finding[] {
  const isLibrary = edge.from === "mod.ts" || edge.from.startsWith(FLOOR);
  return PACKAGE_RULES
    .filter((rule) => isLibrary && !edge.isOurs && isPackage(edge.to, rule.package))
    .filter((rule) => !rule.rooms.some((room) => isWithin(edge.from, room)))
    .map((rule) => ({
      rule: "packages",
      file: edge.from,
      line: edge.line,
      what: `imports ${edge.to}`,
      why: WHY_LAZY,
      remedy: rule.remedy,
    }));
}

function checkBrandMakers(edge: Edge): Finding[] {
  if (edge.to !== BRAND_MAKERS.file || isWithin(edge.from, BRAND_MAKERS.room)) return [];
  const isLibrary = edge.from === "mod.ts" || edge.from.startsWith(FLOOR);
  const taken = edge.names.filter((name) =>
    name === "*" || BRAND_MAKERS.names.some((maker) => maker === name)
  );
  if (!isLibrary || taken.length === 0) return [];
  return [{
    rule: "brand-makers",
    file: edge.from,
    line: edge.line,
    what: `takes ${taken.join(", ")} from ${edge.to}`,
    why: WHY_BRAND,
    remedy: "Let a Redactor make the text, or use the `safe` tag; name what you import",
  }];
}

function checkCycles(edges: readonly Edge[]): Finding[] {
  const graph = new Map<string, Set<string>>();
  for (const { from, to, isOurs } of edges) {
    const targets = graph.get(from) ?? new Set<string>();
    if (isOurs) targets.add(to);
    graph.set(from, targets);
  }
  return findCycles(graph).map((files) => ({
    rule: "cycles",
    file: files[0] ?? "",
    what: `imports itself through ${files.join(" -> ")}`,
    why: "Files in a cycle can only be understood, tested and moved together; types count",
    remedy: "Move the type or value that both need into a file of its own, below both",
  }));
}

/** Follows what `mod.ts` loads at start. */
function checkRootEntry(root: string, edges: readonly Edge[]): Finding[] {
  if (!existsSync(`${root}/mod.ts`)) return [];
  const cameFrom = new Map<string, string[]>([["mod.ts", ["mod.ts"]]]);
  const findings: Finding[] = [];
  // The map grows while it is read; a Map's iteration takes the new entries in too.
  for (const [file, trail] of cameFrom) {
    for (const edge of edges.filter(({ from, kind }) => from === file && kind === "static")) {
      if (edge.isOurs && !cameFrom.has(edge.to)) cameFrom.set(edge.to, [...trail, edge.to]);
      if (edge.isOurs || !LAZY_PACKAGES.some((name) => isPackage(edge.to, name))) continue;
      findings.push({
        rule: "root-entry",
        file,
        line: edge.line,
        what: `mod.ts loads ${edge.to} through ${trail.join(" -> ")}`,
        why: WHY_LAZY,
        remedy: "Load it with `await import()` when a session of that kind is opened",
      });
    }
  }
  return findings;
}

if (import.meta.main) reportFindings("layers", checkLayers(PROJECT_ROOT));
