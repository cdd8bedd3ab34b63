import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { connectServer } from "../mcp/connect_server.ts";
import { parsePolicyFile, Session } from "../../mod.ts";

const TIMEOUT_MS = 120_000;

/** Patterns over which a backtracking engine would sit for longer than anybody waits. */
const PATTERNS: readonly string[] = [
  "(a+)+$",
  "(a|a)*$",
  "(a|aa)+$",
  "(.*)*b$",
  "^(([a-z])+.)+[A-Z]([a-z])+$",
  "(?:a?){60}a{60}",
  `${"(a*)*".repeat(20)}$`,
];

describe("a pattern that is to hang its engine", () => {
  it(
    "is answered at once when an agent sends it in a budget",
    { timeout: TIMEOUT_MS },
    async () => {
      await using server = await connectServer();
      const session_id = await server.open();
      for (const pattern of PATTERNS) {
        const { structured, text } = await server.call("session_exec", {
          session_id,
          command: "printf 'a%.0s' {1..2000}; echo '!'",
          budget: { grep: { pattern } },
        });
        assert.equal(structured?.["status"], "exited", text);
      }
      const alive = await server.exec(session_id, "echo alive");
      assert.equal(alive.structured?.["stdout"], "alive\n");
    },
  );

  it("is answered at once when an operator has it in a file", async () => {
    // None of them matches in the end, so that every way has to be tried.
    const patterns = PATTERNS.map((pattern) => `echo (?:${pattern.replace(/\$$/, "")})#$`);
    const policy = parsePolicyFile(JSON.stringify({ deny_patterns: patterns }));
    await using session = await Session.open({ transport: "local", policy });
    assert.equal((await session.exec(`echo ${"a".repeat(100_000)}!`)).status, "exited");
    assert.equal((await session.exec(`echo ${"a".repeat(100)}#`)).status, "blocked");
  });

  it("is answered at once as a glob in a rule", async () => {
    const star = "a*".repeat(2000);
    const rule = { id: "stars", decision: "deny", program: "echo", arg: [`${star}b`] };
    const policy = parsePolicyFile(
      JSON.stringify({ version: 1, default: "allow", rules: [rule] }),
    );
    await using session = await Session.open({ transport: "local", policy });
    assert.equal((await session.exec(`echo ${"a".repeat(20_000)}`)).status, "exited");
    assert.equal((await session.exec(`echo ${"a".repeat(20_000)}b`)).status, "blocked");
  });
});
