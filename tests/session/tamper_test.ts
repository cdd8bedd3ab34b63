import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { before, describe, test } from "node:test";
import type { Session } from "../../src/session/session.ts";
import { assertNoInternals } from "../support/framing_cases.ts";
import { SHELLS, type TestShell, withSession } from "../support/open_session.ts";
import { type TamperCase, tamperCases } from "../support/tamper_cases.ts";

/** Milliseconds after which a command counts as hanging; generous, for a busy machine. */
const HANG_MS = 15_000;
/** Sessions at once: most of the time they wait for processes. */
const AT_ONCE = 4;

/** Nothing in it can be shadowed, for its words are those of another shell. */
const TRUTH = "/bin/sh -c 'echo out; pwd -P; echo err >&2; exit 7'";
/** The same for a restricted shell, which takes no path for a program. */
const RESTRICTED_TRUTH = TRUTH.replace("/bin/sh", "sh");

/** Without what the traps and hooks of the cases say. */
function withoutNoise(text: string): string {
  return text.split("\n").filter((line) => !/NOISE|^\+/.test(line)).join("\n");
}

async function assertTrue(session: Session, tamper: TamperCase, after: string): Promise<void> {
  const truth = tamper.commands.includes("set -r") ? RESTRICTED_TRUTH : TRUTH;
  const result = await session.exec(truth);
  const told = `after ${after}: ${JSON.stringify(result)}`;
  assert.equal(result.status, "exited", told);
  assert.equal(result.exitCode, 7, told);
  const [out, pwd, ...rest] = withoutNoise(result.stdout).split("\n");
  assert.equal(out, "out", told);
  // In a directory that is gone, there is nothing to compare with.
  if (existsSync(result.cwd)) assert.equal(pwd, result.cwd, told);
  assert.deepEqual(rest.filter((line) => line !== ""), [], told);
  assert.match(withoutNoise(result.stderr), /^err$/m, told);
  assertNoInternals(result);
  const silent = await session.exec("v=1");
  assert.equal(withoutNoise(silent.stdout), "", JSON.stringify(silent));
  assert.equal(silent.exitCode, 0, JSON.stringify(silent));
}

async function runCase(shell: TestShell, tamper: TamperCase): Promise<void> {
  await withSession(shell, { cwd: "/", timeoutMs: HANG_MS }, async (session) => {
    for (const command of tamper.commands) {
      const result = await session.exec(command);
      assert.notEqual(result.status, "timed_out", `hangs: ${command}: ${JSON.stringify(result)}`);
      assert.notEqual(result.status, "lost", `is lost: ${command}`);
      await assertTrue(session, tamper, command);
    }
  });
}

/** Starts all cases, some at a time; the tests then wait for theirs. */
function startCases(shell: TestShell): Map<TamperCase, Promise<void>> {
  const lanes: Promise<unknown>[] = Array.from({ length: AT_ONCE }, () => Promise.resolve());
  const runs = new Map<TamperCase, Promise<void>>();
  for (const [index, tamper] of tamperCases(shell.dialect).entries()) {
    const lane = index % AT_ONCE;
    const run = (lanes[lane] ?? Promise.resolve()).then(() => runCase(shell, tamper));
    lanes[lane] = run.catch(() => undefined);
    runs.set(tamper, run);
    // The test that waits for it reports it; until then it is not unhandled.
    run.catch(() => undefined);
  }
  return runs;
}

for (const shell of SHELLS) {
  describe(`tampering with ${shell.name}`, () => {
    let runs = new Map<TamperCase, Promise<void>>();
    before(() => {
      if (shell.skip === false) runs = startCases(shell);
    });
    for (const tamper of tamperCases(shell.dialect)) {
      test(
        `Session.exec() stays true in ${shell.name} after ${tamper.name}`,
        { skip: shell.skip },
        async () => {
          const run = [...runs].find(([{ name }]) => name === tamper.name)?.[1];
          assert.ok(run !== undefined, "the case was started");
          await run;
        },
      );
    }
  });
}
