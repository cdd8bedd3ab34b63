import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeTempDir, type TempDir } from "../../scripts/support/temp_dir.ts";

/**
 * Writes a small project into a temporary directory.
 *
 * @param files Path → text.
 * @returns The directory, for `using`.
 */
export function writeProject(files: Readonly<Record<string, string>>): TempDir {
  const project = makeTempDir("fixture");
  for (const [file, text] of Object.entries(files)) {
    const path = join(project.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return project;
}
