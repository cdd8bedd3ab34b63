/**
 * Records tests/fixtures/transcripts/<shell>.json from real shells.
 *
 * Run it with `deno run -P=tools scripts/record_transcripts.ts` when the framing changes. The
 * results of the recorded session are kept beside the transcript: a replay must give the same.
 *
 * @module
 */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Session } from "../src/session/session.ts";
import { toWire } from "../src/exec_result.ts";
import { recordTransport } from "../src/testing/mod.ts";
import { localTransportFactory } from "../src/transports/local/local_transport.ts";

const FOLDER = join(import.meta.dirname ?? ".", "..", "tests", "fixtures", "transcripts");
const SHELLS = ["bash", "zsh", "dash", "busybox"];

/** What is recorded: both streams, binary bytes, an error, a syntax error, cwd, and much output. */
const COMMANDS = [
  "echo out; echo err >&2; (exit 3)",
  "cd /usr; printf 'no newline'",
  "printf 'caf\\303\\251 \\036E\\036S \\000\\001 end'",
  "echo 'unclosed",
  "seq 1 400; ls /nope-$$ 2>/dev/null",
];

for (const shell of SHELLS) {
  const recording = recordTransport(localTransportFactory());
  const session = await Session.open({ transport: recording.factory, shell, cwd: "/" });
  const results = [];
  for (const command of COMMANDS) {
    const { duration_ms: _, ...result } = toWire(await session.exec(command));
    results.push(result);
  }
  await session.close();
  const { asides = [], ...recorded } = recording.transcript();
  // What they print is the environment of whoever records.
  const transcript = { ...recorded, asides: asides.map(({ stdout: _, ...aside }) => aside) };
  const record = { commands: COMMANDS, results, transcript };
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, `${shell}.json`), JSON.stringify(record, null, 1) + "\n");
}
