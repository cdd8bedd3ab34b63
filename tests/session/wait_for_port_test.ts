import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExeckitError } from "../../src/errors.ts";
import { waitForPort } from "../../src/shell/probe/wait_for_port.ts";
import { freePort, listenSomewhere } from "../support/free_port.ts";
import { BASH, ProbedShell } from "../support/probed_shell.ts";
import { skipWithout } from "../support/processes.ts";
import { withinTime } from "../support/wait_for.ts";

describe("waitForPort()", { skip: skipWithout("bash") }, () => {
  it("sees a port that is opened while it waits", { skip: skipWithout("python3") }, async () => {
    await using probed = await ProbedShell.open(BASH);
    const port = await freePort();
    const waiting = waitForPort(probed.session, {
      port,
      host: "127.0.0.1",
      listener: "session",
      timeoutMs: 30_000,
    });
    const running = probed.start(`python3 -m http.server ${port} --bind 127.0.0.1`, "pipes");
    const { status, seenBy } = await waiting;
    assert.deepEqual([status, seenBy], ["listening", "table"]);
    await running.stop();
  });

  it("does not take another's listener for the session's", async () => {
    await using probed = await ProbedShell.open(BASH);
    await using other = await listenSomewhere();
    const request = { port: other.port, timeoutMs: 20_000 };
    assert.equal((await waitForPort(probed.session, request)).status, "listening");
    assert.equal(
      (await waitForPort(probed.session, { ...request, host: "localhost" })).status,
      "listening",
    );
    const short = { ...request, timeoutMs: 700 };
    const elsewhere = await waitForPort(probed.session, { ...short, host: "127.0.0.2" });
    const ours = await waitForPort(probed.session, { ...short, listener: "session" });
    assert.deepEqual([elsewhere.status, ours.status], ["timed_out", "timed_out"]);
  });

  it("ends when it is aborted", async () => {
    await using probed = await ProbedShell.open(BASH);
    const port = await freePort();
    const abort = new AbortController();
    const waiting = waitForPort(probed.session, {
      port,
      timeoutMs: 600_000,
      signal: abort.signal,
    });
    abort.abort();
    assert.equal((await withinTime("the end of the wait", waiting)).status, "aborted");
    const late = await waitForPort(probed.session, { port, timeoutMs: 1, signal: abort.signal });
    assert.equal(late.status, "aborted");
  });

  it("tries to connect where there is no table", async () => {
    await using probed = await ProbedShell.open(BASH);
    await using other = await listenSomewhere();
    probed.alterAsides((aside) => ({
      ...aside,
      script: aside.script.replaceAll("/proc/", "/no-proc/"),
    }));
    const found = await waitForPort(probed.session, { port: other.port, timeoutMs: 20_000 });
    assert.deepEqual([found.status, found.seenBy], ["listening", "connection"]);
    const free = await waitForPort(probed.session, { port: await freePort(), timeoutMs: 500 });
    assert.equal(free.status, "timed_out");
    const request = { port: other.port, listener: "session", timeoutMs: 20_000 } as const;
    assert.equal((await waitForPort(probed.session, request)).status, "unsupported");
  });

  it("refuses a port or host that is none", async () => {
    await using probed = await ProbedShell.open(BASH);
    const bad = [{ port: 0 }, { port: 65_536 }, { port: 1.5 }, { port: 80, host: "a.example" }];
    for (const request of [...bad, { port: 80, host: "1.2.3.999" }, { port: 80, host: ".*" }]) {
      await assert.rejects(
        waitForPort(probed.session, { ...request, timeoutMs: 1000 }),
        (cause) => cause instanceof ExeckitError && cause.code === "invalid_argument",
      );
    }
  });
});
