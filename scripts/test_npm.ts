/**
 * Runs the tests of the public API against the npm package in an empty Node project.
 *
 * `deno task test:npm [file|folder …] [--filter TEXT]` builds the package first. The tests are
 * those of `tests/public/`: they import `mod.ts` and `src/testing/mod.ts` and nothing else of
 * ours, and these two imports are turned into `@execkit/core` and `@execkit/core/testing`.
 *
 * @module
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Plugin } from "esbuild";
import { buildNpmPackage } from "./build_npm.ts";
import { bundleTests } from "./support/bundle_tests.ts";
import { runNodeTests } from "./support/run_node_tests.ts";
import { runOrFail } from "./support/run_program.ts";
import { PROJECT_ROOT, readSource } from "./support/source_files.ts";
import { makeTempDir } from "./support/temp_dir.ts";
import { runTests, type TestRun, type TestSelection } from "./support/test_run.ts";

const PACKAGE = "@execkit/core";
const PUBLIC_TESTS = "tests/public";
/** The project's files that have a public name. */
const PUBLIC_NAMES: ReadonlyMap<string, string> = new Map([
  ["mod.ts", PACKAGE],
  ["src/mcp/mod.ts", `${PACKAGE}/mcp`],
  ["src/testing/mod.ts", `${PACKAGE}/testing`],
]);
const QUIET_INSTALL = ["install", "--silent", "--no-audit", "--no-fund"] as const;

async function runAgainstPackage(selection: TestSelection): Promise<TestRun> {
  using temp = makeTempDir("test-npm");
  const project = join(temp.path, "project");
  await installPackage(project);
  const program = join(project, "node_modules/.bin/execkit-mcp");
  await checkProgram(project);
  await checkTypes(project, temp.path);

  // The tests live below the project and see its packages; their own stay out of it.
  const tests = join(project, "installed-tests");
  const packages = await bundleTests({
    root: PROJECT_ROOT,
    files: selection.files,
    outDir: tests,
    plugins: [usePackage()],
  });
  await installTestPackages(tests, packages);
  return await runNodeTests({
    tempPath: temp.path,
    files: selection.files.map((file) => join(tests, file.replace(/\.ts$/, ".mjs"))),
    filter: selection.filter,
    cwd: project,
    env: {
      EXECKIT_TEST_CLI: JSON.stringify([program]),
      EXECKIT_TEST_MCP: JSON.stringify([program]),
    },
  });
}

async function installPackage(project: string): Promise<void> {
  const tarball = await buildNpmPackage(PROJECT_ROOT);
  mkdirSync(project);
  writeManifest(project);
  await runOrFail(["npm", ...QUIET_INSTALL, tarball], { cwd: project });
}

async function installTestPackages(tests: string, packages: readonly string[]): Promise<void> {
  const names = packages.filter((name) => name !== PACKAGE);
  if (names.length === 0) return;
  writeManifest(tests);
  await runOrFail(["npm", ...QUIET_INSTALL, ...names.map(pinned)], { cwd: tests });
}

function writeManifest(folder: string): void {
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
}

function pinned(name: string): string {
  // deno.json is ours and has this member.
  const { imports } = JSON.parse(readSource(PROJECT_ROOT, "deno.json")) as {
    imports: Record<string, string>;
  };
  const target = imports[name];
  if (target === undefined) {
    throw new Error(`Failed to pin "${name}": deno.json has no such import`);
  }
  return target.replace(/^npm:\/?/, "");
}

/** Starts the installed program as a user does. */
async function checkProgram(project: string): Promise<void> {
  const shown = await runOrFail(["npx", "--no-install", "execkit-mcp", "--version"], {
    cwd: project,
    stdout: "capture",
  });
  const manifest = readFileSync(join(project, "node_modules", PACKAGE, "package.json"), "utf8");
  // It is the manifest that the build wrote.
  const { version } = JSON.parse(manifest) as { version: string };
  if (shown.trim() !== version) {
    throw new Error(`Failed to start execkit-mcp: wanted version "${version}", got "${shown}"`);
  }
}

/** Compiles a program of a stranger's against the package's types, libraries' types included. */
async function checkTypes(project: string, tempPath: string): Promise<void> {
  const tools = join(tempPath, "tools");
  mkdirSync(tools);
  writeManifest(tools);
  await runOrFail(["npm", ...QUIET_INSTALL, pinned("typescript")], { cwd: tools });
  const imports = [...PUBLIC_NAMES.values()].map((name, index) =>
    `import * as part${index} from "${name}";\nexport const count${index}: number = ` +
    `Object.keys(part${index}).length;\n`
  );
  writeFileSync(join(project, "consumer.ts"), imports.join(""));
  const compiler = join(tools, "node_modules/.bin/tsc");
  await runOrFail(
    [
      compiler,
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "esnext",
      "--lib",
      "esnext,dom",
      "--skipLibCheck",
      "false",
      "consumer.ts",
    ],
    { cwd: project },
  );
}

/** Turns the imports of public entries into those of the package, and refuses all others. */
function usePackage(): Plugin {
  return {
    name: "use-package",
    setup(context) {
      context.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
        const file = relative(PROJECT_ROOT, join(resolveDir, path));
        const name = PUBLIC_NAMES.get(file);
        if (name !== undefined) return { path: name, external: true };
        if (file.startsWith(`${PUBLIC_TESTS}/`)) return undefined;
        return { errors: [{ text: `${PUBLIC_TESTS}/ may not import ${file}: it is not public` }] };
      });
    },
  };
}

if (import.meta.main) await runTests(PUBLIC_TESTS, runAgainstPackage);
