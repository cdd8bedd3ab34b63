import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { SshOptions } from "../../../src/transports/ssh/ssh_options.ts";
import { openSsh, refusedSsh, runOverSsh } from "../../support/ssh_sessions.ts";
import { fingerprintOf, makeKey, SSHD_SKIP, TestSshd } from "../../support/sshd.ts";

/** Nothing but the greeting may have been said to a host that was not accepted. */
function assertNobodyLoggedIn(server: TestSshd): void {
  assert.doesNotMatch(server.log, /Accepted|Failed|Postponed/);
}

describe("the verification of a host's key, end to end", { skip: SSHD_SKIP }, () => {
  const servers: TestSshd[] = [];
  async function start(setup: Parameters<typeof TestSshd.start>[0] = {}): Promise<TestSshd> {
    const server = await TestSshd.start(setup);
    servers.push(server);
    return server;
  }
  after(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
  });
  function knowing(server: TestSshd, text: string, more: Partial<SshOptions> = {}): SshOptions {
    const file = join(server.path, `known_${crypto.randomUUID()}`);
    writeFileSync(file, text, { mode: 0o600 });
    return server.options({ knownHosts: { files: [file], record: false }, ...more });
  }

  it("takes a host whose key is known, in the clear and hashed", async () => {
    const server = await start();
    assert.equal(await runOverSsh(server.options()), "in\n");
    const file = join(server.path, "hashed");
    writeFileSync(file, server.knownHostsLine(), { mode: 0o600 });
    execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
    assert.match(readFileSync(file, "utf8"), /^\|1\|/);
    const options = server.options({ knownHosts: { files: [file], record: false } });
    assert.equal(await runOverSsh(options), "in\n");
  });

  it("refuses a host that is not known when nothing may be recorded", async () => {
    const server = await start();
    const error = await refusedSsh(knowing(server, ""), "host_key_unknown");
    assert.ok(error.message.includes(fingerprintOf(join(server.path, "host_ed25519"))));
    assertNobodyLoggedIn(server);
  });

  it("records a host that is not known when it may, and knows it from then on", async () => {
    const server = await start();
    const record = join(server.path, "recorded");
    const options = server.options({ knownHosts: { files: [], record } });
    assert.equal(await runOverSsh(options), "in\n");
    const [, , blob = ""] = server.knownHostsLine().trim().split(" ");
    assert.ok(readFileSync(record, "utf8").includes(blob));
    const strict = server.options({ knownHosts: { files: [record], record: false } });
    assert.equal(await runOverSsh(strict), "in\n");
  });

  it("writes one line when many first connections come at once", async () => {
    const server = await start();
    const record = join(server.path, "at_once");
    // Different signs of life, so that no two sessions share a connection.
    const all = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        runOverSsh(server.options({
          knownHosts: { files: [], record },
          keepaliveIntervalMs: 5000 + index,
        }))),
    );
    assert.deepEqual(all, Array.from({ length: 6 }, () => "in\n"));
    const lines = readFileSync(record, "utf8").split("\n").filter((line) => line.includes("ssh-"));
    assert.equal(lines.length, 1);
  });

  it("refuses a changed key with the old and the new fingerprint, whoever may record", async () => {
    const server = await start();
    const other = join(server.path, "other");
    makeKey(other, {});
    const [type, blob] = readFileSync(`${other}.pub`, "utf8").split(" ");
    const line = `[${server.host}]:${server.port} ${type} ${blob}\n`;
    const record = join(server.path, "changed");
    writeFileSync(record, line, { mode: 0o600 });
    for (
      const options of [
        knowing(server, line),
        server.options({ knownHosts: { files: [], record } }),
      ]
    ) {
      const error = await refusedSsh(options, "host_key_changed");
      assert.ok(error.message.includes(fingerprintOf(other)), error.message);
      assert.ok(error.message.includes(fingerprintOf(join(server.path, "host_ed25519"))));
    }
    assert.equal(readFileSync(record, "utf8"), line);
    assertNobodyLoggedIn(server);
    const insecure = knowing(server, line, { insecureAcceptAnyHostKey: true });
    assert.equal(await runOverSsh(insecure), "in\n");
  });

  it("refuses a revoked key, also one that is known", async () => {
    const server = await start();
    const line = server.knownHostsLine();
    await refusedSsh(knowing(server, `${line}@revoked ${line}`), "host_key_refused");
    assertNobodyLoggedIn(server);
  });

  it("refuses a host that is known by a key of another kind", async () => {
    const server = await start({ hostKeys: ["ed25519", "ecdsa"] });
    const known = knowing(server, server.knownHostsLine("ecdsa"));
    assert.equal(await runOverSsh(known), "in\n", "the known kind is asked for first");
    const onlyOther = await start({ hostKeys: ["ed25519"] });
    const [, type, blob] = server.knownHostsLine("ecdsa").trim().split(" ");
    const line = `[${onlyOther.host}]:${onlyOther.port} ${type} ${blob}\n`;
    const file = join(onlyOther.path, "kinds");
    writeFileSync(file, line, { mode: 0o600 });
    for (const record of [false, file] as const) {
      const options = onlyOther.options({ knownHosts: { files: [file], record } });
      await refusedSsh(options, "host_key_changed");
    }
    assertNobodyLoggedIn(onlyOther);
  });

  it("refuses to connect when the known hosts cannot be read", async () => {
    const server = await start();
    const folder = join(server.path, "folder");
    mkdirSync(folder);
    const options = server.options({ knownHosts: { files: [folder], record: false } });
    await refusedSsh(options, "host_key_refused");
    assertNobodyLoggedIn(server);
  });

  it("holds a host against a pinned fingerprint only", async () => {
    const server = await start();
    const fingerprint = fingerprintOf(join(server.path, "host_ed25519"));
    assert.equal(await runOverSsh(knowing(server, "", { fingerprint })), "in\n");
    const wrong = `SHA256:${"A".repeat(43)}`;
    const error = await refusedSsh(server.options({ fingerprint: wrong }), "host_key_changed");
    assert.ok(error.message.includes(fingerprint));
  });

  it("holds a pinned key against the files too when they are to judge it", async () => {
    const server = await start();
    const fingerprint = fingerprintOf(join(server.path, "host_ed25519"));
    const judging = (text: string) => {
      const file = join(server.path, `known_${crypto.randomUUID()}`);
      writeFileSync(file, text, { mode: 0o600 });
      const knownHosts = { files: [file], record: false, judgePinned: true } as const;
      return server.options({ fingerprint, knownHosts });
    };
    await refusedSsh(judging(""), "host_key_unknown");
    await refusedSsh(judging(server.knownHostsLine("ed25519", "@revoked *")), "host_key_refused");
    assertNobodyLoggedIn(server);
    assert.equal(await runOverSsh(judging(server.knownHostsLine())), "in\n");
  });

  it("does not share a connection that was accepted by weaker rules", async () => {
    const server = await start();
    await using _open = await openSsh(knowing(server, "", { insecureAcceptAnyHostKey: true }));
    await refusedSsh(knowing(server, ""), "host_key_unknown");
  });

  it("refuses a host that only signs with SHA-1, or has no key exchange in common", async () => {
    const old = await start({ hostKeys: ["rsa"], config: ["HostKeyAlgorithms ssh-rsa"] });
    const error = await refusedSsh(old.options(), "host_key_refused");
    assert.match(error.message, /no key of a kind that is accepted/);
    const kex = await start({ config: ["KexAlgorithms diffie-hellman-group14-sha1"] });
    const second = await refusedSsh(kex.options(), "connect_failed");
    assert.match(second.message, /no key exchange/);
    const cipher = await start({ config: ["Ciphers 3des-cbc"] });
    await refusedSsh(cipher.options(), "connect_failed");
  });

  it("takes every kind of host key that is in use", async () => {
    for (const kind of ["ed25519", "ecdsa", "rsa"] as const) {
      const server = await start({ hostKeys: [kind] });
      assert.equal(await runOverSsh(server.options()), "in\n", kind);
    }
  });
});
