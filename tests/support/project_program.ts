/**
 * How a program of this project is started by a test: from source under Deno, with the permissions
 * that it is given; bundled under Node.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The project's root. */
export const PROJECT_ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** Whether the tests run under Deno. */
export const IS_DENO: boolean = process.versions["deno"] !== undefined;

/** A program, and what each runtime is told beside it. */
export interface ProjectProgram {
  /** Its path below the project's root. */
  readonly program: string;
  /** Options of `deno run`; there is no permission that is not listed. */
  readonly denoOptions: readonly string[];
  /** Options of `node`. */
  readonly nodeOptions?: readonly string[];
}

/**
 * Makes the command line of a program.
 *
 * @param program The program.
 * @returns The words; its own arguments come behind them.
 */
export async function programArgv(
  { program, denoOptions, nodeOptions = [] }: ProjectProgram,
): Promise<string[]> {
  if (IS_DENO) {
    const options = ["--frozen", "--no-prompt", "--quiet", ...denoOptions];
    return [process.execPath, "run", ...options, join(PROJECT_ROOT, program)];
  }
  const outDir = bundleFolder();
  const { bundleTests } = await import("../../scripts/support/bundle_tests.ts");
  await bundleTests({ root: PROJECT_ROOT, files: [program], outDir });
  return [process.execPath, ...nodeOptions, join(outDir, program.replace(/\.ts$/, ".mjs"))];
}

/** A test may give a program another home; the packages are still those of this one. */
export function denoCache(): Readonly<Record<string, string>> {
  if (!IS_DENO || process.env["DENO_DIR"] !== undefined) return {};
  const caches = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return { DENO_DIR: join(caches, "deno") };
}

/** The folder of the running bundle that has the packages: the driver imports them too. */
function bundleFolder(): string {
  let folder = dirname(process.argv[1] ?? "");
  while (!existsSync(join(folder, "node_modules"))) {
    if (dirname(folder) === folder) throw new Error("The test's bundle has no node_modules");
    folder = dirname(folder);
  }
  return folder;
}
