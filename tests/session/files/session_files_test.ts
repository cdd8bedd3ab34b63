import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createDenyListPolicy, memoryAudit, Session } from "../../../mod.ts";
import { filesContract } from "../../../src/testing/mod.ts";
import { openSandboxed, SANDBOX_SKIP } from "../../support/sandboxes.ts";

filesContract({ name: "local", open: () => Session.open({ transport: "local" }) });

describe("Session.files", () => {
  it("follows the session's working directory, policy and audit", async () => {
    const audit = memoryAudit();
    const policy = createDenyListPolicy({ deny: ["ls"] });
    await using session = await Session.open({ transport: "local", cwd: "/", policy, audit });
    await session.exec("cd /etc");
    const { stdout } = await session.exec("cat passwd");
    assert.equal(new TextDecoder().decode(await session.files.read("passwd")), stdout);
    await assert.rejects(session.files.list("."), /blocked_by_policy/);
    const events = audit.events.filter((event) => event.event === "file");
    assert.deepEqual(events.map(({ action, status, path }) => [action, status, path]), [
      ["read", "done", "/etc/passwd"],
      ["list", "blocked", "/etc/."],
    ]);
  });

  it("hides the session's secrets in text", async () => {
    const secret = ["very", "secret", "indeed"].join("-");
    await using session = await Session.open({ transport: "local", secrets: [secret] });
    const path = (await session.exec("mktemp")).stdout.trim();
    await session.files.write(path, `it is ${secret}.`);
    assert.match(await session.files.readText(path), /^it is \[REDACTED.*\]\.$/);
    await session.exec(`rm -f ${path}`);
  });

  it("is closed with the session", async () => {
    const session = await Session.open({ transport: "local" });
    await session.close();
    await assert.rejects(session.files.read("/etc/passwd"), /session_closed/);
  });

  it("refuses in a sandbox", { skip: SANDBOX_SKIP }, async () => {
    await using session = await openSandboxed({});
    await assert.rejects(session.files.read("/etc/shadow"), /unsupported/);
    await assert.rejects(session.files.write("/tmp/escaped", "x"), /unsupported/);
    await assert.rejects(session.files.list("/root"), /unsupported/);
  });
});
