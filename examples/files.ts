/**
 * Files of a session's machine: exact bytes, atomic writes, transfers with progress.
 *
 * Run it with `deno run --allow-run=sh --allow-read=/tmp --allow-write=/tmp examples/files.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { ExeckitError, Session } from "../mod.ts";

await using session = await Session.open({ transport: "local" });
const made = await session.exec('cd "$(mktemp -d /tmp/execkit-example.XXXXXX)" && pwd');
const directory = made.stdout.trim();
const { files } = session;

const written = await files.write("notes/a b.txt", "hello\n", { createParents: true, mode: 0o600 });
assert.equal(written.bytes, 6);
assert.equal(new TextDecoder().decode(await files.read("notes/a b.txt")), "hello\n");
assert.equal((await session.exec("cat 'notes/a b.txt'")).stdout, "hello\n");
assert.equal((await files.stat("notes/a b.txt"))?.mode, 0o600);
assert.deepEqual((await files.list("notes")).map(({ name }) => name), ["a b.txt"]);

// What an agent is shown goes through the redactor.
await files.write("settings", `password=${"correct-horse"}-battery\n`);
assert.match(await files.readText("settings"), /^password=\[REDACTED/);

await session.exec("head -c 5000000 /dev/zero >large");
let last = 0;
const fetched = await files.download("large", `${directory}/copy`, {
  verify: true,
  onProgress: ({ bytes }) => last = bytes,
});
assert.equal(last, 5_000_000);
const sent = await files.upload(`${directory}/copy`, "again", { overwrite: false });
assert.equal(sent.sha256, fetched.sha256);

// There is a whole result or an error, and the old file stays.
await assert.rejects(
  files.upload(`${directory}/copy`, "again", { overwrite: false }),
  (error) => error instanceof ExeckitError && error.code === "path_denied",
);
assert.equal(await files.stat("nowhere"), undefined);
await session.exec(`cd / && rm -rf '${directory}'`);
