/**
 * Makes a program of the bench run under Node.
 *
 * @module
 */

import { copyFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { bundleTests } from "../../scripts/support/bundle_tests.ts";
import { runOrFail } from "../../scripts/support/run_program.ts";
import { PROJECT_ROOT } from "../../scripts/support/source_files.ts";

/**
 * Bundles a program, with the packages of `deno.lock` beside it.
 *
 * @param file The program, relative to the root.
 * @param directory Where the bundle goes.
 * @returns The bundle's path.
 */
export async function bundleForNode(file: string, directory: string): Promise<string> {
  for (const name of ["deno.json", "deno.lock"]) {
    copyFileSync(join(PROJECT_ROOT, name), join(directory, name));
  }
  const install = ["install", "--quiet", "--frozen", "--node-modules-dir=auto"];
  await runOrFail([process.execPath, ...install], { cwd: directory });
  await bundleTests({ root: PROJECT_ROOT, files: [file], outDir: directory });
  return join(directory, file.replace(/\.ts$/, ".mjs"));
}
