/**
 * Makes the npm package: `deno pack`, then what it leaves out of `package.json`, then `npm pack`.
 *
 * `deno task npm` writes `dist/execkit-core-<version>.tgz`.
 *
 * @module
 */

import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { checkPackage, finishManifest, type PackageManifest } from "./support/npm_package.ts";
import { runOrFail } from "./support/run_program.ts";
import { listFiles, PROJECT_ROOT, readSource } from "./support/source_files.ts";
import { makeTempDir } from "./support/temp_dir.ts";

/** Where built packages go, relative to the root. */
const DIST_FOLDER = "dist";

/**
 * Builds the package.
 *
 * @param root The project's root.
 * @returns The tarball's path.
 * @throws {Error} When a step fails or the package holds what it must not, or lacks its types.
 */
export async function buildNpmPackage(root: string): Promise<string> {
  using temp = makeTempDir("npm");
  const packed = join(temp.path, "packed.tgz");
  await runOrFail(
    [process.execPath, "pack", "--no-source-maps", "--allow-dirty", "-o", packed],
    { cwd: root },
  );
  await runOrFail(["tar", "-xzf", packed, "-C", temp.path]);
  const folder = join(temp.path, "package");
  finishPackage(root, folder);
  const files = listFiles(folder, ["."], "");
  const problems = checkPackage(files, (file) => readFileSync(join(folder, file), "utf8"), root);
  if (problems.length > 0) throw new Error(`Failed to build the package:\n${problems.join("\n")}`);
  const made = (await runOrFail(["npm", "pack", "--silent", "--pack-destination", temp.path], {
    cwd: folder,
    stdout: "capture",
  })).trim();
  mkdirSync(join(root, DIST_FOLDER), { recursive: true });
  const target = join(root, DIST_FOLDER, made);
  moveFile(join(temp.path, made), target);
  return target;
}

function finishPackage(root: string, folder: string): void {
  const path = join(folder, "package.json");
  // `deno pack` has just written it.
  const manifest = JSON.parse(readFileSync(path, "utf8")) as PackageManifest;
  const finished = finishManifest(manifest, readSource(root, "deno.json"));
  writeFileSync(path, JSON.stringify(finished, undefined, 2) + "\n");
  for (const file of Object.values(finished.bin ?? {})) chmodSync(join(folder, file), 0o755);
}

/** The temporary directory may be on another file system, where a rename fails. */
function moveFile(from: string, to: string): void {
  rmSync(to, { force: true });
  try {
    renameSync(from, to);
  } catch {
    writeFileSync(to, readFileSync(from));
  }
}

if (import.meta.main) process.stdout.write(`${await buildNpmPackage(PROJECT_ROOT)}\n`);
