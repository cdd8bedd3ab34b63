/**
 * A policy refuses a command before it runs, however it is spelled, and the audit has it.
 *
 * Run it with `deno run --allow-run=sh examples/policy.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createDenyListPolicy, memoryAudit, Session } from "../mod.ts";

const audit = memoryAudit();
await using session = await Session.open({
  transport: "local",
  policy: createDenyListPolicy({ deny: ["rm"] }),
  audit,
});

for (const command of ["rm -rf /tmp/x", "r''m -rf /tmp/x", "env X=1 /bin/rm x", "ls | xargs rm"]) {
  const refused = await session.exec(command);
  assert.equal(refused.status, "blocked");
  assert.equal(refused.verdict?.decision, "deny");
}
const harmless = await session.exec("echo 'rm is only a word here'");
assert.equal(harmless.exitCode, 0);
assert.equal(audit.events.filter((event) => event.event === "blocked").length, 4);
