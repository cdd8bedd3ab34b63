import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { Session } from "../../mod.ts";
import { makeTestFolder } from "../support/open_session.ts";
import { skipWithout } from "../support/processes.ts";

/** Milliseconds that are more than enough for what is waited for. */
const LONG_MS = 20_000;

/** A shell without job control starts it with both signals ignored. */
const TAKES_INT = `
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
open(sys.argv[1], "w").close()
time.sleep(600)
`;

it("exec() names a job that takes INT where there is no job control, once", {
  skip: skipWithout("dash", "python3"),
}, async () => {
  using folder = makeTestFolder();
  const env = { READY: join(folder.path, "ready"), TAKER: TAKES_INT };
  await using session = await Session.open({
    transport: "local",
    shell: "dash",
    terminal: "none",
    env,
  });
  const job = 'python3 -c "$TAKER" "$READY" &';
  const left = await session.exec(`${job} until [ -e "$READY" ]; do sleep 0.02; done`, {
    waitMs: LONG_MS,
  });
  assert.deepEqual(left.leftRunning?.map(({ command }) => /python3/.test(command)), [true]);
  const next = await session.exec("true", { waitMs: LONG_MS });
  assert.equal(next.leftRunning, undefined);
});
