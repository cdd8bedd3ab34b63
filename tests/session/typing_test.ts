import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ExeckitError } from "../../src/errors.ts";
import { keyBytes, TYPE_MAX_BYTES, typeKeys } from "../../src/shell/keyboard.ts";
import { quoteForShell } from "../../src/shell_text/quote.ts";
import { makeTestFolder, TERMINAL_SKIP } from "../support/open_session.ts";
import { BASH, ProbedShell } from "../support/probed_shell.ts";
import { runScript, skipWithout } from "../support/processes.ts";

describe("typeKeys() at a real terminal", { skip: TERMINAL_SKIP || BASH.skip }, () => {
  it("keeps the order of many lines", async () => {
    await using probed = await ProbedShell.open(BASH);
    const lines = Array.from({ length: 400 }, (_, at) => `line ${at} ${"x".repeat(80)}\n`).join("");
    const running = probed.start("cat");
    await running.waiting();
    await running.type(lines);
    await running.type("\x04");
    assert.equal(await running.ended(), 0);
    assert.equal(running.output(), lines);
  });

  it("refuses a line that the terminal would cut, and types it where it would not", async () => {
    await using probed = await ProbedShell.open(BASH);
    const long = "x".repeat(5000);
    const running = probed.start("cat");
    await running.waiting();
    await assert.rejects(
      running.type(`${long}\n`),
      (cause) => cause instanceof ExeckitError && cause.code === "invalid_argument",
    );
    await running.type("short\n\x04");
    await running.ended();
    assert.equal(running.output(), "short\n");
    const raw = probed.start("stty -icanon; head -c 5000 | wc -c; stty icanon");
    await raw.seen("single keys", ({ terminal }) => terminal?.canonical === false);
    await raw.type(long);
    await raw.ended();
    assert.equal(raw.output().trim(), "5000");
  });

  it("gives up when nobody takes the keys, and says how many went in", async () => {
    await using probed = await ProbedShell.open(BASH);
    const running = probed.start("cat >/dev/null");
    await running.waiting();
    const terminal = String((await probed.probe("descendants")).shell?.ppid);
    await runScript('kill -s STOP "$1"', terminal);
    try {
      const much = new Uint8Array(TYPE_MAX_BYTES).fill(10);
      await typeKeys(probed.session, much.subarray(0, TYPE_MAX_BYTES / 2), 30_000);
      const error = await typeKeys(probed.session, much, 3000).then(
        () => undefined,
        (cause) => cause,
      );
      assert.ok(error instanceof ExeckitError, "a stopped terminal took everything");
      assert.equal(error.code, "limit_reached");
      assert.match(error.detail, /at least \d+ of 65536 bytes/);
    } finally {
      await runScript('kill -s CONT "$1"', terminal);
    }
    await running.stop();
  });

  it("sends keys that programs understand", { skip: skipWithout("vim") }, async () => {
    using folder = makeTestFolder();
    const file = join(folder.path, "text");
    writeFileSync(file, "one\ntwo\n");
    await using probed = await ProbedShell.open(BASH);
    const running = probed.start(`TERM=xterm vim -u NONE -N ${quoteForShell(file)}`);
    await running.waiting();
    const press = async (name: string) => {
      await typeKeys(probed.session, keyBytes(name, "application") ?? new Uint8Array(0));
    };
    await press("down");
    await press("end");
    await running.type("a!");
    await press("home");
    await running.type("-");
    await press("escape");
    await running.type(":wq\r");
    assert.equal(await running.ended(), 0);
    assert.equal(await probed.run(`cat ${quoteForShell(file)}`), "one\n-two!\n");
  });

  it("says that there is no terminal or no session", async () => {
    await using probed = await ProbedShell.open(BASH, "none");
    const typing = typeKeys(probed.session, keyBytes("enter") ?? new Uint8Array(0));
    await assert.rejects(
      typing,
      (cause) => cause instanceof ExeckitError && cause.code === "unsupported",
    );
    const gone = { ...probed.session, shellPid: 2 ** 22 + 1 };
    await assert.rejects(
      typeKeys(gone, keyBytes("enter") ?? new Uint8Array(0)),
      (cause) => cause instanceof ExeckitError && cause.code === "session_lost",
    );
  });
});
