import assert from "node:assert/strict";
import { test } from "node:test";
import { nextTurn } from "../../src/clock.ts";
import { LIMITS } from "../../src/limits.ts";
import { ShellChannel } from "../../src/shell/shell_channel.ts";
import { localTransportFactory } from "../../src/transports/local/local_transport.ts";
import { BASH } from "../support/probed_shell.ts";
import { waitFor, withinTime } from "../support/wait_for.ts";

function openBash(): Promise<ShellChannel> {
  const setup = { shell: "bash", terminal: "none", env: [] } as const;
  return ShellChannel.open(
    localTransportFactory(),
    { ...setup, openTimeoutMs: LIMITS.openTimeoutMs },
    () => undefined,
  );
}

const QUIET = { previousStatus: 0, input: "/dev/null", tty: false } as const;

test(
  "ShellChannel.run() reads on only when the sink has settled",
  { skip: BASH.skip },
  async () => {
    const channel = await openBash();
    try {
      let [bytes, calls, pending, tooEarly] = [0, 0, 0, 0];
      const onOutput = async (_stream: string, chunk: Uint8Array) => {
        bytes += chunk.length;
        calls++;
        if (pending > 0) tooEarly++;
        pending++;
        for (let turn = 0; turn < 5; turn++) await nextTurn();
        pending--;
      };
      const command = { text: "seq 1000000 1499999" };
      const outcome = await withinTime("the command", channel.run({ ...QUIET, command, onOutput }));
      assert.deepEqual([outcome.kind, outcome.status], ["ended", 0]);
      assert.equal(bytes, 4_000_000);
      assert.ok(calls > 10, `${calls} calls`);
      assert.equal(tooEarly, 0);
    } finally {
      await channel.close();
    }
  },
);

test("ShellChannel.stopping() ends what holds output back", { skip: BASH.skip }, async () => {
  const channel = await openBash();
  try {
    let calls = 0;
    let settle = () => {};
    const onOutput = () => {
      calls++;
      return new Promise<void>((resolve) => settle = resolve);
    };
    const running = channel.run({ ...QUIET, command: { text: "seq 1000000 1499999" }, onOutput });
    await waitFor("output", () => calls > 0 || undefined);
    channel.stopping();
    settle();
    assert.equal((await withinTime("the end", running)).kind, "ended");
    assert.ok(calls > 10, `${calls} calls`);
  } finally {
    await channel.close();
  }
});
