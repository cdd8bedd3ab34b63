import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  docker,
  DOCKER_SKIP,
  removeImagesAtEnd,
  startContainer,
  testImage,
} from "../support/docker.ts";
import { makeTestFolder } from "../support/open_session.ts";
import { fingerprintOf, SSHD_SKIP, SSHD_USERS_SKIP, TestSshd } from "../support/sshd.ts";
import { type ConnectedServer, connectServer } from "./connect_server.ts";
import { CONTAINER_FLAGS, sshSetup, sshTarget } from "./remote_setup.ts";

removeImagesAtEnd();

/** What a person would see of a session from its opening to its end. */
async function wholeLife(
  server: ConnectedServer,
  args: Record<string, unknown>,
): Promise<{ id: string; created: Readonly<Record<string, unknown>> }> {
  const { structured, text } = await server.call("session_create", args);
  assert.equal(typeof structured?.["session_id"], "string", text);
  const created = structured ?? {};
  const id = String(created["session_id"]);
  await server.exec(id, "cd /tmp && export X=1");
  const run = await server.exec(id, 'pwd; echo "$X"; ls /no/such/place');
  assert.equal(run.structured?.["stdout"], "/tmp\n1\n");
  assert.match(String(run.structured?.["stderr"]), /\/no\/such\/place/);
  assert.equal(run.structured?.["cwd"], "/tmp");
  assert.match((await server.call("session_list", {})).text, new RegExp(`"${args["transport"]}"`));
  const ended = await server.call("session_destroy", { session_id: id });
  assert.deepEqual(ended.structured, { destroyed: true });
  return { id, created };
}

describe("the MCP server on an SSH host", { skip: SSHD_SKIP }, () => {
  it("opens, runs, lists and closes with the documented permissions", async () => {
    await using sshd = await TestSshd.start();
    const { variables, flags } = sshSetup(sshd);
    await using server = await connectServer(variables, flags);
    const { id, created } = await wholeLife(server, sshTarget(sshd));
    assert.match(id, /^1_ssh_/);
    assert.equal(created["os"], "linux");
    assert.equal(created["user"], sshd.options().user);
  });

  it("refuses a changed key, and names both fingerprints", async () => {
    await using sshd = await TestSshd.start();
    await using other = await TestSshd.start();
    const { variables, flags } = sshSetup(sshd);
    const line = other.knownHostsLine("ed25519", `[${sshd.host}]:${sshd.port}`);
    writeFileSync(variables["EXECKIT_MCP_KNOWN_HOSTS"] ?? "", line, { mode: 0o600 });
    await using server = await connectServer(variables, flags);
    const { text, isError } = await server.call("session_create", sshTarget(sshd));
    assert.ok(isError);
    assert.match(text, /^host_key_changed: .*SHA256:.*SHA256:/s);
  });

  it("lets no fingerprint of the agent's overrule what is known of a key", async () => {
    await using sshd = await TestSshd.start();
    await using other = await TestSshd.start();
    const { variables, flags } = sshSetup(sshd);
    const known = variables["EXECKIT_MCP_KNOWN_HOSTS"] ?? "";
    await using server = await connectServer(variables, flags);
    const fingerprint = fingerprintOf(join(sshd.path, "host_ed25519"));
    const open = () => server.call("session_create", { ...sshTarget(sshd), fingerprint });

    const changed = other.knownHostsLine("ed25519", `[${sshd.host}]:${sshd.port}`);
    writeFileSync(known, changed);
    assert.match((await open()).text, /^host_key_changed: .*SHA256:.*SHA256:/s);
    writeFileSync(known, sshd.knownHostsLine("ed25519", "@revoked *"));
    assert.match((await open()).text, /^host_key_refused: .*revoked/);
    writeFileSync(known, "");
    assert.equal((await open()).isError ?? false, false);
    assert.equal(readFileSync(known, "utf8"), sshd.knownHostsLine());

    const pinned = {
      ...sshTarget(sshd),
      fingerprint: fingerprintOf(join(other.path, "host_ed25519")),
    };
    assert.match((await server.call("session_create", pinned)).text, /^host_key_changed: .*pins/);
  });

  it("reaches no host that is not listed, and no key outside the directory", async () => {
    await using sshd = await TestSshd.start();
    const { variables, flags } = sshSetup(sshd);
    await using server = await connectServer(variables, flags);
    const elsewhere = await server.call("session_create", { ...sshTarget(sshd), port: 22 });
    assert.match(elsewhere.text, /^blocked_by_policy: /);
    const { port: _port, ...portless } = sshTarget(sshd);
    const default22 = await server.call("session_create", portless);
    assert.match(default22.text, /^blocked_by_policy: /);
    for (const key_path of ["../authorized_keys", "/etc/shadow", "id_ed25519/../../sshd_config"]) {
      const { text, isError } = await server.call("session_create", {
        ...sshTarget(sshd),
        key_path,
      });
      assert.ok(isError, key_path);
      assert.match(text, /^(?:invalid_argument|path_denied|permission_denied): /, key_path);
    }
  });

  it("says nowhere what a password was", { skip: SSHD_USERS_SKIP }, async () => {
    await using sshd = await TestSshd.start({ users: [{ name: "ek-user", shell: "/bin/bash" }] });
    using folder = makeTestFolder();
    const audit = join(folder.path, "audit.jsonl");
    // No key is there that could stand in for the password.
    const { variables, flags } = sshSetup(sshd, folder.path);
    await using server = await connectServer(
      { ...variables, EXECKIT_MCP_AUDIT: audit },
      [...flags, `--allow-read=${folder.path}`, `--allow-write=${folder.path}`],
    );
    const { password } = sshd;
    const ask = { ...sshTarget(sshd), user: "ek-user" };
    const before = await server.open();
    const wrong = await server.call("session_create", { ...ask, password: `${password}-wrong` });
    assert.match(wrong.text, /^auth_failed: /);
    const { structured, text } = await server.call("session_create", { ...ask, password });
    const id = String(structured?.["session_id"]);
    const echoed = await server.exec(id, `echo ${password}; whoami`);
    assert.match(String(echoed.structured?.["stdout"]), /^\[REDACTED.*\]\nek-user\n$/, text);
    // Another session may come across it as well.
    const elsewhere = await Promise.all([before, await server.open()].map(async (local) => {
      return (await server.exec(local, `echo ${password}; echo ${password}-wrong`)).text;
    }));
    const listed = await server.call("session_list", {});
    const seen = [
      wrong.text,
      text,
      echoed.text,
      ...elsewhere,
      listed.text,
      readFileSync(audit, "utf8"),
    ]
      .join();
    assert.ok(!seen.includes(password));
  });
});

describe("the MCP server in a container", { skip: DOCKER_SKIP }, () => {
  it("joins one, and owns one of a listed image", async () => {
    const image = await testImage("busybox");
    await using container = await startContainer("busybox");
    const variables = {
      EXECKIT_MCP_ALLOW_CONTAINERS: container.name,
      EXECKIT_MCP_ALLOW_IMAGES: image,
    };
    await using server = await connectServer(variables, CONTAINER_FLAGS);
    await wholeLife(server, { transport: "docker", container: container.name });
    await wholeLife(server, { transport: "docker", image });
    const other = await server.call("session_create", { transport: "docker", container: "other" });
    assert.match(other.text, /^blocked_by_policy: /);
  });

  it("goes by a container's own name, not by the beginning of an id", async () => {
    await using container = await startContainer("busybox");
    const id = await docker("inspect", "-f", "{{.Id}}", container.name);
    const variables = { EXECKIT_MCP_ALLOW_CONTAINERS: `${id.slice(0, 4)}*` };
    await using server = await connectServer(variables, CONTAINER_FLAGS);
    for (const reference of [id, id.slice(0, 12)]) {
      const answer = await server.call("session_create", {
        transport: "docker",
        container: reference,
      });
      assert.match(answer.text, /^blocked_by_policy: /, reference);
    }
  });
});
