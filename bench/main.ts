/**
 * The bench: `deno task bench`. Every figure under Deno and under Node, as a table; with `--json`
 * as lines `{figure, value, unit, beside, ratio, target, ok, runtime}`.
 *
 * It exits with 1 when a figure misses its target.
 *
 * @module
 */

import { join } from "node:path";
import process from "node:process";
import { runOrFail } from "../scripts/support/run_program.ts";
import { PROJECT_ROOT } from "../scripts/support/source_files.ts";
import { makeTempDir } from "../scripts/support/temp_dir.ts";
import type { Figure } from "./support/figure.ts";
import { formatTable } from "./support/format_table.ts";
import { bundleForNode } from "./support/node_bundle.ts";

const MEASURE = "bench/measure.ts";

async function measureUnder(argv: readonly [string, ...string[]]): Promise<Figure[]> {
  const lines = await runOrFail(argv, { cwd: PROJECT_ROOT, stdout: "capture" });
  // measure.ts prints figures.
  return lines.trim().split("\n").map((line) => JSON.parse(line) as Figure);
}

async function main(isJson: boolean): Promise<boolean> {
  using temp = makeTempDir("bench");
  const bundle = await bundleForNode(MEASURE, temp.path);
  const denoOptions = ["--frozen", "--no-prompt", "--no-check", "--allow-run", "--allow-read"];
  const figures = [
    // The raw pipes beside execkit, and the test servers, need more than execkit itself.
    ...await measureUnder([
      process.execPath,
      "run",
      ...denoOptions,
      "--allow-sys",
      "--allow-env",
      "--allow-net",
      "--allow-write",
      join(PROJECT_ROOT, MEASURE),
    ]),
    ...await measureUnder(["node", bundle]),
  ];
  const text = isJson
    ? figures.map((figure) => JSON.stringify(figure)).join("\n")
    : formatTable(figures);
  process.stdout.write(text + "\n");
  return figures.every(({ ok }) => ok !== false);
}

if (import.meta.main && !await main(process.argv.includes("--json"))) process.exitCode = 1;
