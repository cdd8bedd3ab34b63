import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findSubjects } from "../../../src/shell_text/finder.ts";
import { programBaseName } from "../../../src/shell_text/program_spec.ts";
import { quoteForShell } from "../../../src/shell_text/quote.ts";
import { ShellFuzz } from "./shell_fuzz.ts";

const TEXTS = 250;
const SEED = 20_261_121;

/** How each shell is made to write down the name of every program that it tries to start. */
const RECORD = `printf '%s\\000' "$1" >>"$LOG"; case $1 in *[02468]) return 0;; esac; return 1; }`;
const FUNCTIONS = Array.from(
  { length: 100 },
  (_, n) => `zz${n}() { printf '%s\\000' zz${n} >>"$LOG"; return ${n % 2}; }`,
).join("\n");
const PRELUDES: { readonly [shell: string]: string } = {
  bash: `FUNCNEST=8; command_not_found_handle() { ${RECORD}`,
  zsh: `FUNCNEST=8; command_not_found_handler() { ${RECORD}`,
  dash: FUNCTIONS,
};

/** Runs texts in a shell that can find no program; gives the names that each tried to start. */
function namesTried(shell: string, texts: readonly string[]): readonly (readonly string[])[] {
  const home = mkdtempSync(join(tmpdir(), "execkit-oracle-"));
  try {
    const cases = texts.map((text, n) =>
      `LOG=${home}/log.${n}; ( eval ${quoteForShell(text)}; wait ) </dev/null >/dev/null 2>&1`
    );
    writeFileSync(
      join(home, "driver"),
      ["ulimit -t 2; PATH=/nonexistent; export PATH", PRELUDES[shell], ...cases, ""].join("\n"),
    );
    const run = spawnSync(shell, [join(home, "driver")], {
      cwd: home,
      timeout: 60_000,
      stdio: "ignore",
    });
    assert.equal(run.error, undefined);
    assert.equal(run.signal, null);
    const logs = new Set(readdirSync(home));
    return texts.map((_, n) =>
      logs.has(`log.${n}`)
        ? readFileSync(join(home, `log.${n}`), "utf8").split("\0").slice(0, -1)
        : []
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function missing(shell: string): string | false {
  const found = spawnSync(shell, ["-c", "exit 0"], { stdio: "ignore" }).status === 0;
  return found ? false : `${shell} is not installed`;
}

for (const shell of Object.keys(PRELUDES)) {
  test(`findSubjects() misses no program that ${shell} starts`, { skip: missing(shell) }, () => {
    const fuzz = new ShellFuzz(SEED);
    const texts = Array.from({ length: TEXTS }, () => fuzz.text());
    const tried = namesTried(shell, texts);
    let certain = 0;
    let started = 0;
    texts.forEach((text, n) => {
      const { subjects, problem } = findSubjects({ text, shell, cwd: "/" });
      if (problem !== undefined || subjects.some(({ kind }) => kind === "dynamic")) return;
      const known = new Set(
        subjects.flatMap((each) => each.kind === "program" ? [programBaseName(each.name)] : []),
      );
      // zsh takes the option of bash's `time -p` for the program: no program is called that.
      const missed = (tried[n] ?? []).filter((name) =>
        name !== "-p" && !known.has(programBaseName(name))
      );
      assert.deepEqual(missed, [], `${shell} starts more than was seen in ${JSON.stringify(text)}`);
      certain++;
      started += tried[n]?.length ?? 0;
    });
    // Otherwise the scanner would pass by giving up, or the oracle by recording nothing.
    assert.ok(certain > TEXTS / 4, `only ${certain} of ${TEXTS} texts were read with certainty`);
    assert.ok(started > TEXTS / 4, `only ${started} programs were started`);
  });
}
