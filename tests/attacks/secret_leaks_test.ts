import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { quoteForShell, Session } from "../../mod.ts";
import { connectServer } from "../mcp/connect_server.ts";
import { fakeToken } from "../support/fake_token.ts";
import { makeTestFolder } from "../support/open_session.ts";

const TIMEOUT_MS = 120_000;
/** Every command with a secret is in an answer and in the audit. */
const MENTIONS_MIN = 14;

/** What an agent does to a secret in `$S` so that it does not look like one when it comes out. */
const DISGUISES: { readonly [name: string]: string } = {
  "as it is": 'printf %s "$S"',
  "base64": 'printf %s "$S" | base64 -w0',
  "base64 with a byte in front": 'printf "x%s" "$S" | base64 -w0',
  "base64 with two bytes in front": 'printf "xy%s" "$S" | base64 -w0',
  "hexadecimal": 'printf %s "$S" | od -An -v -tx1 | tr -d " \\n"',
  "JSON": 'printf \'{"a":"%s"}\' "$S"',
  "between terminal codes": 'printf \'\\033[1m%s\\033[0m%s\\033[K\' "${S:0:7}" "${S:7}"',
  "on standard error": 'printf %s "$S" >&2',
  "in an error message": '"/nowhere/$S"',
  "by a job in the background": 'printf %s "$S" & wait',
  "byte by byte": 'for ((i = 0; i < ${#S}; i++)); do printf %s "${S:i:1}"; done',
  "as an assignment": "export -p | grep -w S",
  "in the trace of the shell": '(set -x; : "$S")',
  "as a directory": 'mkdir "$S" && cd "$S"; pwd; cd ..',
};

/** The secret itself, and forms that anybody can turn back. */
function formsOf(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  // The last characters of each alignment also hold what stands behind.
  const base64 = ["", "x", "xy"].map((front) =>
    btoa(`${front}${secret}`).slice(front === "" ? 0 : 4, -6)
  );
  return [secret, secret.slice(4), hex, ...base64];
}

function assertHidden(text: string, secret: string, where: string): void {
  for (const form of formsOf(secret)) assert.ok(!text.includes(form), `${where}: ${form}`);
}

describe("an agent that prints a secret it was given", () => {
  for (const [name, command] of Object.entries(DISGUISES)) {
    it(`sees none of it: ${name}`, async () => {
      using folder = makeTestFolder();
      // Not of a form that a rule knows: it is the value that is known.
      const secret = `Zq${fakeToken(31).slice(6, 26)}7w`;
      await using session = await Session.open({
        transport: "local",
        shell: "bash",
        cwd: folder.path,
        secrets: [secret],
        env: { S: secret },
      });
      const result = await session.exec(command, { interleave: true });
      const { background } = await session.exec("true");
      const shown = JSON.stringify([result, background, session.cwd]);
      assertHidden(shown, secret, name);
      assert.match(shown, /REDACTED/, "it was not printed at all");
    });
  }
});

describe("a secret over MCP", () => {
  it("is in no result, error, list, verdict or audit event", { timeout: TIMEOUT_MS }, async () => {
    using folder = makeTestFolder();
    const audit = join(folder.path, "audit.jsonl");
    const [token, value] = [fakeToken(32), `Zq${fakeToken(33).slice(6, 26)}7w`];
    const quoted = quoteForShell(token);
    const answers: string[] = [];
    {
      await using server = await connectServer(
        { EXECKIT_MCP_AUDIT: audit, EXECKIT_MCP_DENY: "touch" },
        [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`],
      );
      const session = await server.open({ cwd: folder.path, env: { DB_PASSWORD: value } });
      const commands = [
        `echo ${quoted} "$DB_PASSWORD" >&2`,
        `touch ${quoted} ${value}`,
        `mkdir ${quoted} && cd ${quoted}`,
        `curl -H "Authorization: Bearer ${token}" http://127.0.0.1:1/`,
        `echo ${quoted} | base64 -w0; echo "$DB_PASSWORD" | base64 -w0`,
        `echo '${token}`,
        `cd ..; rmdir ${quoted}`,
      ];
      for (const command of commands) {
        const { text, structured } = await server.exec(session, command);
        answers.push(text, JSON.stringify(structured));
      }
      const others: readonly (readonly [string, Record<string, unknown>])[] = [
        ["session_list", {}],
        ["session_exec", { session_id: token, command: "true" }],
        ["session_exec", { session_id: session, command: "true", [token]: 1 }],
        ["session_exec", { session_id: session, command: "true", budget: { grep: token } }],
        ["session_create", { transport: "local", cwd: `/nowhere/${token}` }],
        ["session_create", { transport: token }],
      ];
      for (const [tool, args] of others) answers.push((await server.call(tool, args)).text);
    }
    const said = [...answers, readFileSync(audit, "utf8")].join("\n");
    assertHidden(said, token, "the token");
    assertHidden(said, value, "the value of a variable");
    assert.ok(said.split("[REDACTED:").length > MENTIONS_MIN, "hardly anything was redacted");
  });
});
