import assert from "node:assert/strict";
import { test } from "node:test";
import { nextTurn } from "../../src/clock.ts";
import { LIMITS } from "../../src/limits.ts";
import { ShellChannel } from "../../src/shell/shell_channel.ts";
import { localTransportFactory } from "../../src/transports/local/local_transport.ts";
import { BASH } from "../support/probed_shell.ts";
import { withinTime } from "../support/wait_for.ts";

test(
  "ShellChannel.run() reads on only when the sink has settled",
  { skip: BASH.skip },
  async () => {
    const channel = await ShellChannel.open(
      localTransportFactory(),
      { shell: "bash", terminal: "none", env: [], openTimeoutMs: LIMITS.openTimeoutMs },
      () => undefined,
    );
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
      const running = channel.run({
        command: { text: "seq 1000000 1499999" },
        previousStatus: 0,
        input: "/dev/null",
        tty: false,
        onOutput,
      });
      const outcome = await withinTime("the command", running);
      assert.deepEqual([outcome.kind, outcome.status], ["ended", 0]);
      assert.equal(bytes, 4_000_000);
      assert.ok(calls > 10, `${calls} calls`);
      assert.equal(tooEarly, 0);
    } finally {
      await channel.close();
    }
  },
);
