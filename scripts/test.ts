/**
 * Runs the tests under Deno and ends with the line `N passed, N failed, N skipped`.
 *
 * `deno task test [file|folder …] [--filter TEXT]`. With `EXECKIT_REQUIRE=all` a skip fails.
 *
 * @module
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { readJunitReport } from "./support/junit_report.ts";
import { runProgram } from "./support/run_program.ts";
import { PROJECT_ROOT } from "./support/source_files.ts";
import { makeTempDir } from "./support/temp_dir.ts";
import { runTests, type TestRun, type TestSelection } from "./support/test_run.ts";

/**
 * Makes the import map of a test run: that of `deno.json`, with `node:test` replaced by the
 * wrapper that keeps the reasons of skips.
 *
 * @param configText The text of `deno.json`.
 * @param wrapperUrl The wrapper's URL.
 * @returns The map's text.
 */
export function testImportMap(configText: string, wrapperUrl: string): string {
  // deno.json is ours and has this member.
  const { imports } = JSON.parse(configText) as { imports: Record<string, string> };
  const expanded: Record<string, string> = {};
  for (const [name, target] of Object.entries(imports)) {
    expanded[name] = target;
    // deno.json lets `name/part` follow from `name`; a plain import map wants it spelled out.
    if (target.startsWith("npm:") && !name.endsWith("/")) {
      expanded[`${name}/`] = `npm:/${target.slice("npm:".length)}/`;
    }
  }
  return JSON.stringify({
    imports: { ...expanded, "node:test": wrapperUrl },
    scopes: { [wrapperUrl]: { "node:test": "node:test" } },
  });
}

async function runDenoTests(selection: TestSelection): Promise<TestRun> {
  using temp = makeTempDir("test");
  const importMap = join(temp.path, "import_map.json");
  const report = join(temp.path, "report.xml");
  const wrapper = join(PROJECT_ROOT, "scripts/support/node_test_with_reasons.ts");
  writeFileSync(
    importMap,
    testImportMap(
      readFileSync(join(PROJECT_ROOT, "deno.json"), "utf8"),
      pathToFileURL(wrapper).href,
    ),
  );
  // What a test starts must not say on its stderr that it fetches a package.
  await runProgram([process.execPath, "install", "--frozen", "--quiet"], { cwd: PROJECT_ROOT });
  const filter = selection.filter === undefined ? [] : ["--filter", selection.filter];
  const { exitCode } = await runProgram([
    process.execPath,
    "test",
    "--frozen",
    "--no-check",
    "--no-prompt",
    "-P=test",
    `--import-map=${importMap}`,
    `--junit-path=${report}`,
    ...filter,
    ...selection.files,
  ], { cwd: PROJECT_ROOT });
  const xml = existsSync(report) ? readFileSync(report, "utf8") : "";
  return { cases: readJunitReport(xml), exitCode };
}

if (import.meta.main) await runTests("tests", runDenoTests);
