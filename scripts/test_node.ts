/**
 * Runs the same tests under Node: bundles them with esbuild into a temporary directory.
 *
 * `deno task test:node [file|folder …] [--filter TEXT]`. Packages come from `deno.lock`. Tests
 * that start our programs find them as JSON argument lists in `EXECKIT_TEST_CLI` and
 * `EXECKIT_TEST_MCP`.
 *
 * @module
 */

import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { bundleTests } from "./support/bundle_tests.ts";
import { runNodeTests } from "./support/run_node_tests.ts";
import { runOrFail } from "./support/run_program.ts";
import { PROJECT_ROOT } from "./support/source_files.ts";
import { makeTempDir } from "./support/temp_dir.ts";
import { runTests, type TestRun, type TestSelection } from "./support/test_run.ts";

/** How tests ask for a program → its entry. Those that no test asks for are not built. */
const PROGRAMS: ReadonlyMap<string, string> = new Map([
  ["EXECKIT_TEST_CLI", "src/cli/main.ts"],
  ["EXECKIT_TEST_MCP", "src/mcp/main.ts"],
]);

async function runSelection(selection: TestSelection): Promise<TestRun> {
  using temp = makeTempDir("test-node");
  await installLockedPackages(temp.path);
  const built = (file: string) => join(temp.path, file.replace(/\.ts$/, ".mjs"));
  await bundleTests({ root: PROJECT_ROOT, files: selection.files, outDir: temp.path });
  const bundles = selection.files.map(built);
  const programs = [...PROGRAMS].filter(([name]) =>
    bundles.some((bundle) => readFileSync(bundle, "utf8").includes(name))
  );
  if (programs.length > 0) {
    const files = programs.map(([, file]) => file);
    await bundleTests({ root: PROJECT_ROOT, files, outDir: temp.path });
  }
  return await runNodeTests({
    tempPath: temp.path,
    files: bundles,
    filter: selection.filter,
    cwd: PROJECT_ROOT,
    env: Object.fromEntries(
      programs.map(([name, file]) => [name, JSON.stringify(["node", built(file)])]),
    ),
  });
}

/** Puts what `deno.lock` names into a `node_modules` of the temporary directory. */
async function installLockedPackages(directory: string): Promise<void> {
  for (const file of ["deno.json", "deno.lock"]) {
    copyFileSync(join(PROJECT_ROOT, file), join(directory, file));
  }
  await runOrFail([
    process.execPath,
    "install",
    "--quiet",
    "--frozen",
    "--node-modules-dir=auto",
  ], { cwd: directory });
}

if (import.meta.main) await runTests("tests", runSelection);
