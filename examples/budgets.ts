/**
 * A budget picks what is shown; totals and redaction do not depend on it.
 *
 * Run it with `deno run --allow-run=sh examples/budgets.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Session } from "../mod.ts";

await using session = await Session.open({
  transport: "local",
  env: { DEPLOY_TOKEN: "correct-horse-battery-staple" },
});

const lines = await session.exec("seq 1 100000", {
  budget: { keep: { mode: "head_tail", head: 2, tail: 2 } },
});
assert.match(lines.stdout, /^1\n2\n[^]*99999\n100000\n$/);
assert.equal(lines.totals.stdoutLines, 100_000);
assert.equal(lines.truncated, true);

const errors = await session.exec("seq 1 1000", { budget: { grep: { pattern: "^77[0-9]$" } } });
assert.match(errors.stdout, /777/);
assert.equal(errors.budget?.stdout.linesKept, 10);

const secret = await session.exec("echo token is $DEPLOY_TOKEN");
assert.doesNotMatch(secret.stdout, /battery/);
