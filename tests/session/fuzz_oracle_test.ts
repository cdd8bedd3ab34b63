/**
 * Random harmless commands in one session, against a plain bash that runs the same.
 *
 * The commands come from a grammar and a seed. `EXECKIT_FUZZ_RUNS` raises their number,
 * `EXECKIT_FUZZ_SEED` repeats a run that failed.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import type { ExecResult, Session } from "../../mod.ts";
import { makeTestFolder, openSession, SHELLS } from "../support/open_session.ts";
import { Random } from "../support/random.ts";
import { ShellGrammar } from "../support/shell_grammar.ts";

const RUNS = Number(process.env["EXECKIT_FUZZ_RUNS"] ?? 150);
const SEED = Number(process.env["EXECKIT_FUZZ_SEED"] ?? 20_260_711);
/** Messages and character classes are the same on both sides. */
const LOCALE = { LC_ALL: "C.UTF-8" };

/** How one side saw a command. */
interface Seen {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
  readonly cwd: string;
}

/** Reads all commands of a file, and runs them one after the other in this shell. */
const REPLAY = `
mapfile -d '' -t EK_COMMANDS <"$1"; EK_OUT=$2 EK_STATUS=0
ek_status() { return "$1"; }
set --; shopt -s expand_aliases
for EK_N in "\${!EK_COMMANDS[@]}"; do
  ek_status "$EK_STATUS"
  eval " \${EK_COMMANDS[EK_N]}" </dev/null >"$EK_OUT/$EK_N.out" 2>"$EK_OUT/$EK_N.err"
  EK_STATUS=$?
  printf '%s %s' "$EK_STATUS" "$PWD" >"$EK_OUT/$EK_N.end"
done
`;

/** A shell that is not interactive says the line of each mistake. */
function withoutLines(stderr: string): string {
  return stderr.replaceAll(/^(?:\/\S*\/)?bash: (?:-c: )?(eval: )?(?:line \d+: )?/gm, "bash: $1");
}

function replay(commands: readonly string[], root: string, outPath: string): Seen[] {
  const file = join(outPath, "commands");
  writeFileSync(file, commands.map((command) => `${command}\0`).join(""));
  const run = spawnSync("bash", ["-c", REPLAY, "bash", file, outPath], {
    cwd: root,
    env: { ...process.env, ...LOCALE, ROOT: root },
    timeout: 300_000,
  });
  assert.equal(run.status, 0, String(run.stderr));
  return commands.map((_, n) => {
    const read = (kind: string) => readFileSync(join(outPath, `${n}.${kind}`), "utf8");
    const [, status, cwd = ""] = /^(\d+) (.*)$/s.exec(read("end")) ?? [];
    const stderr = withoutLines(read("err"));
    return { stdout: read("out"), stderr, exitCode: Number(status), cwd };
  });
}

function seenOf(result: ExecResult): Seen {
  const { stdout, stderr, exitCode, cwd } = result;
  return { stdout, stderr: withoutLines(stderr), exitCode, cwd };
}

function makeTree(root: string): void {
  rmSync(root, { recursive: true, force: true });
  for (const folder of ["a/b c", "é"]) mkdirSync(join(root, folder), { recursive: true });
}

/** Every file below a folder with its mode and content. */
function snapshot(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" }).sort().map((name) => {
    const { mode } = statSync(join(root, name));
    const isFolder = statSync(join(root, name)).isDirectory();
    const content = isFolder ? "" : readFileSync(join(root, name), "utf8");
    return `${name} ${mode.toString(8)} ${content}`;
  });
}

function openBash(root: string, terminal: "auto" | "none"): Promise<Session> {
  const bash = SHELLS.find(({ name }) => name === "bash");
  if (bash === undefined) throw new Error("The list of shells has no bash");
  return openSession(bash, { cwd: root, env: { ...LOCALE, ROOT: root }, terminal });
}

const skip = SHELLS.find(({ name }) => name === "bash")?.skip ?? "bash is not listed";

for (const terminal of ["auto", "none"] as const) {
  const name = `fuzz: one session agrees with one bash, terminal ${terminal}`;
  test(name, { skip }, async () => {
    using folder = makeTestFolder();
    const root = join(folder.path, "root");
    const seed = SEED + (terminal === "auto" ? 0 : 1);
    const grammar = new ShellGrammar(new Random(seed));
    const commands = [
      'cd "$ROOT/a"; cd "$ROOT"; v0=a v1="b a" v2= n0=1 n1=2 n2=3',
      ...Array.from({ length: RUNS }, () => grammar.command()),
    ];
    makeTree(root);
    const expected = replay(commands, root, folder.path);
    const expectedTree = snapshot(root);
    makeTree(root);
    await using session = await openBash(root, terminal);
    for (const [n, command] of commands.entries()) {
      const actual = seenOf(await session.exec(command));
      assert.deepEqual(actual, expected[n], `Seed ${seed}, command ${n}:\n${command}`);
    }
    assert.deepEqual(snapshot(root), expectedTree, `Seed ${seed}: the files differ`);
  });
}

/** What state the fuzz makes, gone; run before each command that must find none. */
const RESET = `set +eufC; cd "$ROOT"; unset v0 v1 v2 v3 n0 n1 n2; v0=a n0=1`;

test("fuzz: commands that end a plain bash agree with it", { skip }, async () => {
  using folder = makeTestFolder();
  const root = join(folder.path, "root");
  makeTree(root);
  const seed = SEED + 2;
  const grammar = new ShellGrammar(new Random(seed));
  await using session = await openBash(root, "auto");
  for (let n = 0; n < Math.ceil(RUNS / 5); n++) {
    const { text, isSameText } = grammar.fatal();
    const plain = spawnSync("bash", ["-c", `${RESET}\n${text}`], {
      cwd: root,
      env: { ...process.env, ...LOCALE, ROOT: root },
      encoding: "utf8",
      timeout: 30_000,
    });
    await session.exec(RESET);
    const result = await session.exec(text);
    // An interactive bash says goodbye.
    const stderr = seenOf(result).stderr.replace(/(?:^|\n)exit\n$/, "");
    const message = `Seed ${seed}, command ${n}:\n${text}`;
    assert.equal(result.status, "exited", message);
    assert.deepEqual([result.stdout, result.exitCode], [plain.stdout, plain.status], message);
    if (isSameText) assert.equal(stderr, withoutLines(plain.stderr), message);
    else assert.notEqual(result.stderr, "", message);
  }
});
