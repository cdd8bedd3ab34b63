import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openScript, openSsh, refusedSsh, runOverSsh } from "../../support/ssh_sessions.ts";
import { SSHD_SKIP, TestSshd } from "../../support/sshd.ts";
import { waitFor, withinTime } from "../../support/wait_for.ts";

/** One known_hosts file and one key for several servers. */
function together(target: TestSshd, ...others: readonly TestSshd[]): string {
  const file = join(target.path, "known_hosts");
  for (const other of others) {
    writeFileSync(file, other.knownHostsLine(), { flag: "a" });
    const keys = readFileSync(join(target.path, "keys/id_ed25519.pub"));
    writeFileSync(join(other.path, "authorized_keys"), keys, { flag: "a" });
  }
  return file;
}

const via = (server: TestSshd) => `${userInfo().username}@${server.host}:${server.port}`;

async function waitUntilIdle(server: TestSshd): Promise<void> {
  await waitFor(
    "the end of the connections",
    async () => (await server.connections()).length === 0 ? true : undefined,
  );
}

describe("a session through other hosts", { skip: SSHD_SKIP }, () => {
  it("goes through one host, and through two", async () => {
    await using target = await TestSshd.start();
    await using first = await TestSshd.start();
    await using second = await TestSshd.start();
    together(target, first, second);
    const command = 'set -- $SSH_CONNECTION; echo "$4"';
    const one = target.options({ jump: [via(first)] });
    assert.equal(await runOverSsh(one, command), `${target.port}\n`);
    assert.equal((await first.connections()).length, 1);
    const two = target.options({ jump: [via(first), via(second)] });
    assert.equal(await runOverSsh(two, command), `${target.port}\n`);
    assert.equal((await second.connections()).length, 1);
  });

  it("takes the way from the client configuration", async () => {
    await using target = await TestSshd.start();
    await using first = await TestSshd.start();
    together(target, first);
    const configFile = join(target.path, "config");
    const text = [
      "Host bastion",
      `  HostName ${first.host}`,
      `  Port ${first.port}`,
      `  User ${userInfo().username}`,
      "Host inner",
      `  HostName ${target.host}`,
      `  Port ${target.port}`,
      "  ProxyJump bastion",
    ];
    writeFileSync(configFile, text.join("\n") + "\n", { mode: 0o600 });
    const { port: _port, ...options } = target.options({ host: "inner", configFile });
    assert.equal(await runOverSsh(options), "in\n");
    assert.equal((await first.connections()).length, 1);
  });

  it("verifies every host on the way by its own key", async () => {
    await using target = await TestSshd.start();
    await using first = await TestSshd.start();
    const jump = [via(first)];
    await refusedSsh(target.options({ jump }), "host_key_unknown");
    assert.doesNotMatch(first.log, /Accepted/);
    together(target, first);
    const onlyFirst = join(target.path, "only_first");
    writeFileSync(onlyFirst, first.knownHostsLine(), { mode: 0o600 });
    const options = target.options({ jump, knownHosts: { files: [onlyFirst], record: false } });
    await refusedSsh(options, "host_key_unknown");
    assert.doesNotMatch(target.log, /Accepted/);
    await waitUntilIdle(first);
  });

  it("says so when a host on the way lets nobody through, or nothing is behind it", async () => {
    await using target = await TestSshd.start();
    await using first = await TestSshd.start({ config: ["AllowTcpForwarding no"] });
    await using open = await TestSshd.start();
    together(target, first, open);
    const barred = await refusedSsh(target.options({ jump: [via(first)] }), "connect_failed");
    assert.match(barred.message, /does not allow to connect further/);
    const nobody = { jump: [via(open)], port: 1 };
    const gone = await refusedSsh(target.options(nobody), "connect_failed");
    assert.match(gone.message, /cannot reach the next one/);
    await waitUntilIdle(first);
    await waitUntilIdle(open);
  });

  it("is lost with any host on the way, and ends every connection", async () => {
    await using target = await TestSshd.start();
    await using first = await TestSshd.start();
    together(target, first);
    const transport = await openScript(
      target.options({ jump: [via(first)] }),
      "cat >/dev/null",
    );
    const [connection] = await first.connections();
    assert.ok(connection !== undefined);
    process.kill(connection.pid, "SIGKILL");
    assert.equal((await withinTime("the end", transport.ended)).reason, "lost");
    await waitUntilIdle(target);
    await withinTime("close()", transport.close());
  });

  it("ends every connection a while after the session", async () => {
    await using target = await TestSshd.start();
    await using first = await TestSshd.start();
    together(target, first);
    const session = await openSsh(target.options({ jump: [via(first)] }));
    assert.equal((await session.exec("echo in")).stdout, "in\n");
    await session.close();
    await waitUntilIdle(target);
    await waitUntilIdle(first);
  });

  it("sends no host on the way the target's password", async () => {
    await using target = await TestSshd.start();
    const user = { name: "ek-jump", shell: "/bin/sh" };
    await using first = await TestSshd.start({
      users: [user],
      config: ["PubkeyAuthentication no"],
    });
    together(target, first);
    const jump = [`${user.name}@${first.host}:${first.port}`];
    const options = target.options({ jump, password: first.password });
    const error = await refusedSsh(options, "auth_failed");
    assert.match(error.message, /tried nothing/);
    assert.doesNotMatch(first.log, /password for/);
  });
});
