import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LIMITS } from "../../src/limits.ts";
import { ShellChannel } from "../../src/shell/shell_channel.ts";
import type { StreamName } from "../../src/shell/frame_state.ts";
import { localTransportFactory } from "../../src/transports/local/local_transport.ts";
import { makeTestFolder, SHELLS, type TestShell } from "../support/open_session.ts";
import { withinTime } from "../support/wait_for.ts";

/** What a command wrote, stream by stream. */
type Written = Readonly<Record<StreamName, string>>;

/** Runs commands on a channel of their own and gives their bytes in hexadecimal. */
async function bytesOf(shell: TestShell, commands: readonly string[]): Promise<Written[]> {
  const channel = await ShellChannel.open(
    localTransportFactory(),
    { shell: shell.name, terminal: "none", env: [], openTimeoutMs: LIMITS.openTimeoutMs },
    () => undefined,
  );
  try {
    const written: Written[] = [];
    for (const text of commands) {
      const chunks: Record<StreamName, Uint8Array[]> = { stdout: [], stderr: [] };
      const outcome = await withinTime(
        text,
        channel.run({
          command: { text },
          previousStatus: 0,
          input: "/dev/null",
          tty: false,
          onOutput: (stream, bytes) => chunks[stream].push(bytes.slice()),
        }),
      );
      assert.equal(outcome.kind, "ended");
      written.push({
        stdout: Buffer.concat(chunks.stdout).toString("hex"),
        stderr: Buffer.concat(chunks.stderr).toString("hex"),
      });
    }
    return written;
  } finally {
    await channel.close();
  }
}

for (const shell of SHELLS) {
  const { skip } = shell;

  test(
    `ShellChannel.run() gives the exact bytes of both streams on ${shell.name}`,
    { skip },
    async () => {
      using folder = makeTestFolder();
      const random = randomBytes(200_000);
      const file = join(folder.path, "random");
      writeFileSync(file, random);
      const markers = "1e1e451e531e500001";
      const written = await bytesOf(shell, [
        `cat ${file}; cat ${file} >&2`,
        "printf '\\036\\036E\\036S\\036P\\000\\001'",
        "printf '\\036\\036E\\036S\\036P\\000\\001' >&2",
        "printf '\\036'; printf '\\036' >&2",
        "printf 'a\\000\\377\\r\\n\\n'; printf '\\n' >&2",
        ":",
      ]);
      const whole = random.toString("hex");
      assert.ok(
        written[0]?.stdout === whole && written[0].stderr === whole,
        "200 000 random bytes",
      );
      assert.deepEqual(written.slice(1), [
        { stdout: markers, stderr: "" },
        { stdout: "", stderr: markers },
        { stdout: "1e", stderr: "1e" },
        { stdout: "6100ff0d0a0a", stderr: "0a" },
        { stdout: "", stderr: "" },
      ]);
    },
  );
}
