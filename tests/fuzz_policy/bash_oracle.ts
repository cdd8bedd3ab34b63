/** Real bash as the judge: which programs do texts try to run? */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Every name that bash looks for and does not find is written down; nothing else can run. */
const ONE_CASE = `
unset BASH_ENV ENV
PATH=/nonexistent; export PATH
FUNCNEST=8
LOG=/tmp/log/$1
command_not_found_handle() { printf '%s\\0' "$1" >>"$LOG"; return 127; }
cd /tmp/scratch
IFS= read -r -d '' text <"/tmp/cases/$1"
set --
ulimit -t 2
eval "$text"
wait
`;
const DRIVER = `
for case in /tmp/cases/*; do
  timeout -s KILL 3 bash --noprofile --norc /tmp/one_case "\${case##*/}" </dev/null >/dev/null 2>&1
done
`;

const SANDBOX = [
  "--ro-bind",
  "/",
  "/",
  "--dev",
  "/dev",
  "--tmpfs",
  "/tmp",
  "--unshare-pid",
  "--unshare-net",
  "--unshare-ipc",
  "--die-with-parent",
  "--new-session",
];

/** Says why the oracle cannot be asked here; false when it can. */
export function whyNoOracle(): string | false {
  const probe = spawnSync("bwrap", [...SANDBOX, "bash", "-c", "exit 0"], { stdio: "ignore" });
  if (probe.error !== undefined) return "bwrap is not installed";
  return probe.status === 0 ? false : "bwrap cannot make a sandbox here";
}

/** Runs texts in a sandboxed bash that finds no program; gives the names that each tried. */
export function namesTried(texts: readonly string[]): readonly (readonly string[])[] {
  const home = mkdtempSync(join(tmpdir(), "execkit-oracle-"));
  try {
    for (const folder of ["cases", "log", "scratch"]) mkdirSync(join(home, folder));
    texts.forEach((text, index) => writeFileSync(join(home, "cases", String(index)), text));
    writeFileSync(join(home, "driver"), DRIVER);
    writeFileSync(join(home, "one_case"), ONE_CASE);
    const run = spawnSync(
      "bwrap",
      [...SANDBOX, "--bind", home, "/tmp", "bash", "/tmp/driver"],
      { timeout: 120_000, stdio: "ignore" },
    );
    assert.equal(run.error, undefined);
    const logs = new Set(readdirSync(join(home, "log")));
    return texts.map((_, index) =>
      logs.has(String(index))
        ? readFileSync(join(home, "log", String(index)), "utf8").split("\0").slice(0, -1)
        : []
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
