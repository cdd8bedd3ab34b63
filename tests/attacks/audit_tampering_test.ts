import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openJsonlAudit, Session, verifyAudit } from "../../mod.ts";
import { makeTestFolder } from "../support/open_session.ts";

/** What a command does to the audit file `$A`, to have never happened. */
const TAMPERINGS: { readonly [name: string]: string } = {
  "edits its own line": "sed -i 's/echo evidence/echo harmless/' \"$A\"",
  "removes a line": 'sed -i 2d "$A"',
  "cuts the end": 'truncate -s -20 "$A"',
  "empties it": ': >"$A"',
  "deletes it": 'rm "$A"',
  "puts another in its place": 'cp "$A" new; rm "$A"; mv new "$A"',
  "adds an event of its own": `tail -n1 "$A" | sed 's/"exec"/"close"/' >>"$A"`,
  "adds half a line": 'printf \'{"event":"exec"\' >>"$A"',
  "turns two lines round": "sed -i '2{h;d};3{G}' \"$A\"",
};

describe("a command that changes the audit of its own session", () => {
  for (const [name, tampering] of Object.entries(TAMPERINGS)) {
    it(`is found out when it ${name}, and nothing more runs`, async () => {
      using folder = makeTestFolder();
      const path = join(folder.path, "audit.jsonl");
      const audit = await openJsonlAudit({ path });
      const session = await Session.open({
        transport: "local",
        shell: "bash",
        cwd: folder.path,
        env: { A: path },
        audit,
      });
      await session.exec("echo evidence");
      await session.exec("echo more");
      // Its own last event cannot be written, or stands behind what it changed.
      await session.exec(tampering).catch((error: unknown) => error);
      const next = await session.exec("touch ran").then(() => "ran", () => "refused");
      await session.close().catch(() => {});
      await audit[Symbol.asyncDispose]();
      const isWhole = existsSync(path) &&
        (await verifyAudit(readFileSync(path, "utf8").split("\n"))).ok;
      assert.ok(!isWhole || next === "refused", `${name}: whole file, and ${next}`);
      assert.equal(next, "refused");
      assert.equal(existsSync(join(folder.path, "ran")), false);
    });
  }

  it("is told by the chain what was edited while nobody wrote", async () => {
    using folder = makeTestFolder();
    const path = join(folder.path, "audit.jsonl");
    {
      await using audit = await openJsonlAudit({ path });
      await using session = await Session.open({ transport: "local", audit });
      await session.exec("echo evidence");
    }
    await using other = await Session.open({ transport: "local", env: { A: path } });
    await other.exec('sed -i s/evidence/harmless/ "$A"');
    assert.equal((await verifyAudit(readFileSync(path, "utf8").split("\n"))).ok, false);
  });
});
