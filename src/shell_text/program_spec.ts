/**
 * What is known of programs that run other programs, read code, or take code in an option.
 *
 * @module
 */

import { type OptionSpec, parseOptionSpec } from "./option_spec.ts";
import type { ProgramEntry } from "./programs/program_entry.ts";
import { CARRIERS } from "./programs/carriers.ts";
import { GUESTS } from "./programs/guests.ts";
import { INTERPRETERS } from "./programs/interpreters.ts";
import { LAUNCHERS } from "./programs/launchers.ts";
import { REMOTES } from "./programs/remotes.ts";
import { TOOLS } from "./programs/tools.ts";
import { WRAPPERS } from "./programs/wrappers.ts";

/** A program's entry with its options read. */
export interface ProgramSpec extends ProgramEntry {
  /** The options. */
  readonly spec: OptionSpec;
}

const TABLES = [WRAPPERS, REMOTES, CARRIERS, INTERPRETERS, TOOLS, LAUNCHERS, GUESTS];
const specs = new Map<ProgramEntry, ProgramSpec>();

/**
 * Looks a program up.
 *
 * @param baseName The last part of its path.
 * @returns What is known of it; undefined when nothing is.
 */
export function programSpec(baseName: string): ProgramSpec | undefined {
  const entry = findEntry(baseName) ?? findEntry(plainName(baseName));
  return entry === undefined ? undefined : readEntry(entry);
}

/**
 * A program's entry with its options read.
 *
 * @param entry The entry.
 * @returns The same with `spec`.
 */
export function readEntry(entry: ProgramEntry): ProgramSpec {
  let spec = specs.get(entry);
  if (spec === undefined) {
    spec = { ...entry, spec: parseOptionSpec(entry.options ?? "") };
    specs.set(entry, spec);
  }
  return spec;
}

/**
 * A program's name without a version: `python3.12` → `python`.
 *
 * @param baseName The last part of its path.
 * @returns The name; the same when it has no version.
 */
export function plainName(baseName: string): string {
  return baseName.replace(/[-.]?\d+(?:\.\d+)*t?$/, "");
}

function findEntry(name: string): ProgramEntry | undefined {
  for (const table of TABLES) {
    if (Object.hasOwn(table, name)) return table[name];
  }
  return undefined;
}

/**
 * The last component of a program's path: `/bin/rm` → `rm`.
 *
 * @param name A name or path.
 * @returns The file's name.
 */
export function programBaseName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
