/**
 * Finds the project's files.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root. */
export const PROJECT_ROOT: string = resolve(
  dirname(fileURLToPath(import.meta.url)),
  "../..",
);

/** Folders that hold no source of ours. */
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set([
  ".git",
  ".tools",
  "coverage",
  "dist",
  "node_modules",
]);

/**
 * Lists files below folders or files of a root, sorted, with `/` between names.
 *
 * @param root The root directory.
 * @param starts Folders and files to look in; those that do not exist are left out.
 * @param suffix How the names end, such as `.ts`.
 * @returns Paths relative to the root.
 */
export function listFiles(root: string, starts: readonly string[], suffix: string): string[] {
  const found = new Set<string>();
  for (const start of starts) visit(join(root, start));
  return [...found].sort();

  function visit(path: string): void {
    if (!existsSync(path)) return;
    if (!statSync(path).isDirectory()) {
      if (path.endsWith(suffix)) found.add(relative(root, path).replaceAll("\\", "/"));
      return;
    }
    for (const name of readdirSync(path)) {
      if (!SKIPPED_FOLDERS.has(name)) visit(join(path, name));
    }
  }
}

/**
 * Reads a file of the project.
 *
 * @param root The root directory.
 * @param path The path relative to it.
 * @returns The text.
 */
export function readSource(root: string, path: string): string {
  return readFileSync(join(root, path), "utf8");
}
