import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parsePolicyFile, Session } from "../../mod.ts";

const NEST_BYTES = 64 * 1024;

/** Texts that take a careless reader seconds, or its stack. None of them may run. */
const HOSTILE: { readonly [name: string]: string } = {
  "substitutions": "$(".repeat(NEST_BYTES / 2),
  "process substitutions": "<(".repeat(NEST_BYTES / 2),
  "quoted substitutions": '"$('.repeat(NEST_BYTES / 3),
  "heredocs": "<<a ".repeat(NEST_BYTES / 4),
  "parentheses": "((((".repeat(NEST_BYTES / 4),
  "a chain": Array.from({ length: 30_000 }, () => "true").join(" && "),
  "a line of a megabyte": `rm ${"a ".repeat(520_000)}`,
  "wrappers": `${"env ".repeat(8000)}rm x`,
  "evaluations": `${"eval ".repeat(2000)}rm x`,
  "aliases that multiply": `alias a='a a a a';${"a;".repeat(500)}rm x`,
  "functions that multiply": "f() { f | f & }; f",
  "braces": `rm ${"{a,b}".repeat(9000)}`,
};

describe("a fence against text that is to exhaust it", () => {
  const policy = parsePolicyFile(`{ "version": 1, "default": "allow",
    "packs": { "destructive": "deny" },
    "rules": [{ "id": "no-rm", "decision": "deny", "program": "rm" }] }`);

  it("refuses it, and judges the next command as ever", async () => {
    await using session = await Session.open({ transport: "local", policy });
    for (const [name, command] of Object.entries(HOSTILE)) {
      const { status } = await session.exec(command, { timeoutMs: 5000 });
      assert.equal(status, "blocked", name);
      assert.equal((await session.exec("echo alive")).stdout, "alive\n", name);
    }
  });
});
