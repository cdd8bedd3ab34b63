/**
 * Runs a file of framing cases in order in one session for each shell.
 *
 * @module
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Session } from "../../src/session/session.ts";
import {
  assertFraming,
  assertNoInternals,
  commandOf,
  type FramingCase,
  PROBE,
  PROBE_OUTPUT,
  readFramingCases,
  SETUP,
} from "../support/framing_cases.ts";
import {
  makeTestFolder,
  openSession,
  SHELLS,
  skipWithout,
  type TestFolder,
  type TestShell,
} from "../support/open_session.ts";

/** Milliseconds after which a case counts as hanging; generous, for a busy machine. */
const HANG_MS = 30_000;

/** One session and its folder, for the cases of one shell. */
class FramingRun {
  readonly #shell: TestShell;
  readonly #folder: TestFolder = makeTestFolder();
  #session: Session | undefined;

  constructor(shell: TestShell) {
    this.#shell = shell;
  }

  async open(): Promise<void> {
    this.#session = await openSession(this.#shell, { timeoutMs: HANG_MS });
    await this.#session.exec(SETUP);
  }

  async close(): Promise<void> {
    await this.#session?.close();
    this.#folder[Symbol.dispose]();
  }

  async check(framingCase: FramingCase): Promise<void> {
    const session = this.#session;
    assert.ok(session !== undefined, "the session was opened");
    const folder = this.#folder.path;
    const result = await session.exec(commandOf(framingCase, folder), {
      tty: framingCase.tty ?? false,
      ...(framingCase.stdin === undefined ? {} : { stdin: framingCase.stdin }),
    });
    // The next case begins with the state that it expects, whatever becomes of this one.
    if (result.shellReplaced?.stateKept === false) await session.exec(SETUP);
    assertFraming(framingCase, result, { shell: this.#shell, folder });
    if (framingCase.noProbe !== undefined) return;
    const probe = await session.exec(PROBE);
    assert.equal(probe.stdout, PROBE_OUTPUT, "cwd, variables, functions and aliases are kept");
    if (result.shellReplaced === undefined) assert.equal(probe.cwd, result.cwd);
    assert.equal(probe.shellReplaced, undefined);
    assertNoInternals(probe);
  }
}

/**
 * Registers the tests of a file of cases.
 *
 * @param file Its name in `tests/fixtures/`.
 */
export function describeFraming(file: string): void {
  for (const shell of SHELLS) {
    describe(`${file} on ${shell.name}`, () => {
      const run = new FramingRun(shell);
      before(async () => {
        if (shell.skip === false) await run.open();
      });
      after(() => run.close());
      for (const framingCase of readFramingCases(file)) {
        const needsTerminal = framingCase.tty === true || framingCase.terminal === true;
        const skip = shell.skip || (needsTerminal && skipWithout("script"));
        const name =
          `Session.exec() frames "${framingCase.name}" (${framingCase.n}) on ${shell.name}`;
        test(name, { skip }, () => run.check(framingCase));
      }
    });
  }
}
