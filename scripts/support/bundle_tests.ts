/**
 * Turns test files into JavaScript that Node 20 runs; packages stay imports.
 *
 * @module
 */

import { build, type BuildResult, type Plugin, stop } from "esbuild";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";

/** What to bundle. */
export interface BundleRequest {
  /** The project's root. */
  root: string;
  /** Entry files, relative to the root. */
  files: readonly string[];
  /** Where the JavaScript goes; the folders below are those of the entries. */
  outDir: string;
  /** Plugins that come before the common one. */
  plugins?: Plugin[];
}

/**
 * Bundles test files, each to one `.mjs` file.
 *
 * @param request What to bundle.
 * @returns The names of the packages that the bundles import.
 */
export async function bundleTests(request: BundleRequest): Promise<string[]> {
  try {
    return packagesOf(await runBuild(request));
  } finally {
    // esbuild is a process of its own and would keep this one alive.
    await stop();
  }
}

function runBuild(request: BundleRequest): Promise<BuildResult<{ metafile: true }>> {
  return build({
    absWorkingDir: request.root,
    entryPoints: [...request.files],
    outdir: request.outDir,
    outbase: request.root,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "inline",
    sourcesContent: false,
    metafile: true,
    logLevel: "warning",
    // The project's deno.json is no tsconfig; without this esbuild looks for one above the root.
    tsconfigRaw: {},
    plugins: [...(request.plugins ?? []), keepSourcePlace()],
  });
}

function packagesOf(result: BuildResult<{ metafile: true }>): string[] {
  const imported = Object.values(result.metafile.outputs).flatMap((output) => output.imports);
  const names = imported
    .filter(({ path, external }) => external === true && !path.startsWith("node:"))
    .map(({ path }) => path.split("/").slice(0, path.startsWith("@") ? 2 : 1).join("/"));
  return [...new Set(names)].sort();
}

/** Lets `import.meta` tell the place of the source, as under Deno, and not that of the bundle. */
function keepSourcePlace(): Plugin {
  return {
    name: "keep-source-place",
    setup(context) {
      context.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const contents = readFileSync(path, "utf8")
          .replace(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(path).href))
          .replace(/\bimport\.meta\.dirname\b/g, JSON.stringify(dirname(path)))
          .replace(/\bimport\.meta\.filename\b/g, JSON.stringify(path))
          .replace(/\bimport\.meta\.main\b/g, "false");
        return { contents, loader: "ts" };
      });
    },
  };
}
