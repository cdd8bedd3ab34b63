import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExeckitError } from "../../../mod.ts";
import type { SshOptions } from "../../../src/transports/ssh/ssh_options.ts";
import type { Transport } from "../../../src/transports/transport.ts";
import { TRACES_COMMAND, tracesFrom } from "../../support/driven_sessions.ts";
import { killProcess, runScript, skipWithout, waitUntilGone } from "../../support/processes.ts";
import { openScript, openSsh, readText } from "../../support/ssh_sessions.ts";
import { SSHD_SKIP, TestSshd } from "../../support/sshd.ts";
import { waitFor, withinTime } from "../../support/wait_for.ts";

/** Says its process id, and goes on until its input ends. */
const LIVES = "echo $$; cat >/dev/null; exit 7";

function pidOf(text: string): number {
  return Number(text.trim());
}

/** Kills or stops the processes that hold the connections. */
async function signalConnections(server: TestSshd, signal: "KILL" | "STOP"): Promise<void> {
  // Whoever serves a session is a child of the one that was root, where there are two.
  const pids = (await server.descendants()).filter(({ command }) => command.startsWith("sshd"))
    .map(({ pid }) => String(pid));
  assert.ok(pids.length > 0);
  await runScript('s=$1; shift; kill -s "$s" "$@"', signal, ...pids);
}

async function assertLost(transport: Transport): Promise<void> {
  await assert.rejects(
    transport.write(new Uint8Array(1)),
    (error) => error instanceof ExeckitError && error.code === "session_lost",
  );
  await assert.rejects(
    transport.startAside({ script: "true" }),
    (error) => error instanceof ExeckitError && error.code === "session_lost",
  );
}

describe("a transport over SSH", { skip: SSHD_SKIP }, () => {
  it("says that it ended when its process exits, and that it was closed when we close it", async () => {
    await using server = await TestSshd.start();
    const first = await openScript(server.options(), "echo out; echo err >&2; exit 3");
    assert.equal(await readText(first.stdout), "out\n");
    assert.equal(await readText(first.stderr), "err\n");
    assert.deepEqual(await first.ended, { reason: "ended" });
    await first.close();
    const second = await openScript(server.options(), LIVES);
    await second.close();
    assert.deepEqual(await second.ended, { reason: "closed" });
  });

  it("says that it is lost when the server's process is killed", async () => {
    await using server = await TestSshd.start();
    const transport = await openScript(server.options(), LIVES);
    const decoder = new TextDecoder();
    let text = "";
    const output = (async () => {
      for await (const chunk of transport.stdout) text += decoder.decode(chunk, { stream: true });
    })();
    await waitFor("the process id", () => text.includes("\n") || undefined);
    await signalConnections(server, "KILL");
    const end = await withinTime("the end", transport.ended);
    assert.equal(end.reason, "lost");
    assert.match(String(end.detail), /ended the connection|network connection failed/);
    await withinTime("the output's end", output);
    assert.ok(pidOf(text) > 1);
    await assertLost(transport);
    await withinTime("close()", transport.close());
  });

  it("says that it is lost when the server is frozen, and how long it was silent", async () => {
    await using server = await TestSshd.start();
    const options: SshOptions = server.options({ keepaliveIntervalMs: 500 });
    const transport = await openScript(options, LIVES);
    await signalConnections(server, "STOP");
    const end = await withinTime("the end", transport.ended);
    assert.deepEqual(end, { reason: "lost", detail: "no sign of life for 1.5 s" });
    await assertLost(transport);
    await withinTime("close()", transport.close());
  });

  it("stays while it is silent, and while it talks without an end", async () => {
    await using server = await TestSshd.start();
    // A busy host answers late; three times as long must be less than the silence.
    const options = server.options({ keepaliveIntervalMs: 500 });
    const transport = await openScript(options, "sleep 2.5; head -c 50000000 /dev/zero; exit 5");
    let bytes = 0;
    for await (const chunk of transport.stdout) bytes += chunk.length;
    assert.equal(bytes, 50_000_000);
    assert.deepEqual(await transport.ended, { reason: "ended" });
    await transport.close();
  });

  it("ends a write that waits for a program that is gone", async () => {
    await using server = await TestSshd.start();
    const transport = await openScript(server.options(), "sleep 0.3; exit 0");
    const writing = transport.write(new Uint8Array(8 * 1024 * 1024));
    await assert.rejects(
      withinTime("the write", writing),
      (error) => error instanceof ExeckitError && error.code === "session_lost",
    );
    await transport.close();
  });

  it("kills a script beside it that is released while it runs", async () => {
    await using server = await TestSshd.start();
    const transport = await openScript(server.options(), LIVES);
    for (const script of ["echo $$; sleep 600", "trap '' HUP TERM; echo $$; cat; sleep 600"]) {
      const aside = await transport.startAside({ script });
      const output = aside.stdout[Symbol.asyncIterator]();
      const pid = pidOf(new TextDecoder().decode((await output.next()).value));
      await aside.closeInput();
      await withinTime("release()", aside.release());
      assert.equal(await aside.exited, undefined);
      await waitFor(
        "the script's end",
        async () =>
          await runScript('kill -0 "$1" 2>/dev/null || echo gone', String(pid)) === "gone\n"
            ? true
            : undefined,
      );
    }
    await transport.close();
  });

  it("gives a script beside it its input, its arguments and its exit code", async () => {
    await using server = await TestSshd.start();
    const transport = await openScript(server.options(), LIVES);
    const aside = await transport.startAside({ script: 'cat; echo "$1" >&2; exit 9', args: ["x"] });
    await aside.write(new TextEncoder().encode("input"));
    await aside.closeInput();
    assert.equal(await readText(aside.stdout), "input");
    assert.equal(await aside.exited, 9);
    await aside.release();
    await aside.release();
    await transport.close();
  });
});

describe("a session over SSH whose connection breaks", { skip: SSHD_SKIP }, () => {
  it("leaves nothing on the host when the server's process is killed", async () => {
    await using server = await TestSshd.start();
    const session = await openSsh(server.options());
    const { mark, sessionId } = tracesFrom(await session.exec(TRACES_COMMAND));
    await session.exec("sleep 600 & nohup sleep 601 >/dev/null 2>&1 &");
    const running = session.exec("sleep 602 | cat");
    await waitFor(
      "the command",
      async () =>
        (await server.descendants()).some(({ command }) => command.startsWith("sleep 602"))
          ? true
          : undefined,
    );
    await signalConnections(server, "KILL");
    const result = await withinTime("the command's end", running);
    assert.equal(result.status, "lost");
    await waitUntilGone(mark, sessionId);
    await session.close();
  });

  it("leaves nothing on the host when the server was frozen and is gone on", {
    skip: skipWithout("setsid"),
  }, async () => {
    await using server = await TestSshd.start();
    const session = await openSsh(server.options({ keepaliveIntervalMs: 500 }));
    const { mark, sessionId } = tracesFrom(await session.exec(TRACES_COMMAND));
    await session.exec("setsid sleep 600 >/dev/null 2>&1 </dev/null &");
    const running = session.exec("sleep 602");
    await signalConnections(server, "STOP");
    assert.equal((await withinTime("the command's end", running)).status, "lost");
    // The frozen server holds the session's pipes: only a new connection can end it.
    await withinTime("close()", session.close());
    await waitUntilGone(mark, sessionId);
  });

  it("is closed when its supervisor was killed, and leaves nothing", async () => {
    await using server = await TestSshd.start();
    const session = await openSsh(server.options());
    const { mark, sessionId } = tracesFrom(await session.exec(TRACES_COMMAND));
    await session.exec("sleep 600 &");
    const tree = await server.descendants();
    const supervisor = tree.find(({ command }) => command.startsWith("sh -c eval"));
    assert.ok(supervisor !== undefined);
    await killProcess(supervisor.pid);
    await withinTime("close()", session.close());
    await waitUntilGone(mark, sessionId);
  });
});
