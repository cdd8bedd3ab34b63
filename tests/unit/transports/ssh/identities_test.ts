import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { describe, it } from "node:test";
import { collectIdentities } from "../../../../src/transports/ssh/identities.ts";
import type { SshHost } from "../../../../src/transports/ssh/ssh_host.ts";
import type { SshOptions } from "../../../../src/transports/ssh/ssh_options.ts";
import { failure, makeKey, optionsIn, plainHost, run, TestDirectory } from "./ssh_files.ts";

async function collect(
  directory: TestDirectory,
  more: Partial<SshOptions> = {},
  host: Partial<SshHost> = {},
) {
  const options = optionsIn(directory, { keyDirectory: directory.at("keys"), ...more });
  return await collectIdentities(options, plainHost(host));
}

function withKeys(directory: TestDirectory, ...names: string[]): void {
  mkdirSync(directory.at("keys"), { mode: 0o700 });
  for (const name of names) makeKey(directory, `keys/${name}`);
}

describe("collectIdentities()", () => {
  it("finds the default names in the order of ssh(1)", async () => {
    using directory = new TestDirectory();
    withKeys(directory, "id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk", "other");
    const ours = (await collect(directory)).keys.map(({ path }) => path.split("/").at(-1));
    const theirs = [
      ...run("ssh", ["-G", "-F", "/dev/null", "h"]).matchAll(/^identityfile .*\/(.*)$/gm),
    ]
      .map((match) => match[1] ?? "")
      .filter((name) => ["id_ed25519", "id_ecdsa", "id_rsa"].includes(name));
    assert.deepEqual(ours, theirs);
  });

  it("gives a key's bytes and its public half", async () => {
    using directory = new TestDirectory();
    withKeys(directory);
    const key = makeKey(directory, "keys/id_ed25519");
    const [found] = (await collect(directory)).keys;
    assert.ok(found);
    assert.deepEqual(found.publicBlob, key.blob);
    assert.deepEqual(await found.read(), new Uint8Array(readFileSync(key.path)));
  });

  it("tries an asked key alone, and no agent but an asked one", async () => {
    using directory = new TestDirectory();
    withKeys(directory, "id_rsa", "mine");
    const host = { identityFiles: [directory.at("keys/id_rsa")], identityAgent: "/agent" };
    const options = optionsIn(directory, { keyDirectory: directory.at("keys"), keyPath: "mine" });
    const { agent: _agent, ...withoutAgent } = options;
    const alone = await collectIdentities(withoutAgent, plainHost(host));
    assert.deepEqual(alone.keys.map(({ path }) => path), [directory.at("keys/mine")]);
    assert.equal(alone.agentSocket, undefined);
    const asked = await collect(directory, { keyPath: "mine", agent: "/own" }, host);
    assert.equal(asked.agentSocket, "/own");
  });

  it("takes configured keys in their order, and passes over missing ones", async () => {
    using directory = new TestDirectory();
    withKeys(directory, "id_rsa", "b", "a");
    const identityFiles = ["b", "missing", "a"].map((name) => directory.at(`keys/${name}`));
    const { keys } = await collect(directory, {}, { identityFiles });
    assert.deepEqual(keys.map(({ path }) => path), [identityFiles[0], identityFiles[2]]);
    assert.deepEqual((await collect(directory, {}, { noIdentityFiles: true })).keys, []);
  });

  it("has an entry for a key whose private half only an agent has", async () => {
    using directory = new TestDirectory();
    withKeys(directory);
    const { path, blob } = makeKey(directory, "keys/held");
    rmSync(path);
    for (const identityFiles of [[path], [`${path}.pub`]]) {
      const { keys } = await collect(directory, {}, { identityFiles });
      assert.equal(keys.length, 1);
      assert.equal(keys[0]?.hasPrivate, false);
      assert.deepEqual(keys[0]?.publicBlob, blob);
    }
  });

  it("chooses the agent by option, then by configuration", async () => {
    using directory = new TestDirectory();
    withKeys(directory);
    const host = { identityAgent: "/configured" };
    assert.equal((await collect(directory, { agent: false }, host)).agentSocket, undefined);
    assert.equal((await collect(directory, { agent: "/own" }, host)).agentSocket, "/own");
    const { agent: _agent, ...options } = optionsIn(directory);
    const found = await collectIdentities(options, plainHost(host));
    assert.equal(found.agentSocket, "/configured");
    const off = await collectIdentities(options, plainHost({ identityAgent: false }));
    assert.equal(off.agentSocket, undefined);
  });

  it("finds nothing where the configuration turns keys off", async () => {
    using directory = new TestDirectory();
    withKeys(directory, "id_rsa");
    const found = await collect(directory, { agent: "/own" }, { publicKeys: false });
    assert.deepEqual(found, { keys: [], notes: [] });
  });

  it("finds nothing without a key directory", async () => {
    using directory = new TestDirectory();
    assert.deepEqual((await collect(directory)).keys, []);
  });

  /** Each makes `keys/bad` something that must not be read. */
  const bad: readonly (readonly [
    what: string,
    make: (directory: TestDirectory) => void,
    message: RegExp,
  ])[] = [
    ["is missing", () => {}, /no key that is there/],
    ["is a link out of the directory", (directory) => {
      makeKey(directory, "outside");
      symlinkSync(directory.at("outside"), directory.at("keys/bad"));
    }, /leads out/],
    ["is a relative link out of the directory", (directory) => {
      makeKey(directory, "outside");
      symlinkSync("../outside", directory.at("keys/bad"));
    }, /leads out/],
    ["is a directory", (directory) => mkdirSync(directory.at("keys/bad")), /regular file/],
    ["is a named pipe", (directory) => void run("mkfifo", [directory.at("keys/bad")]), /regular/],
    ["is a link to a device", (directory) => {
      symlinkSync("/dev/zero", directory.at("keys/bad"));
    }, /leads out/],
    ["is too large", (directory) => {
      directory.write("keys/bad", new Uint8Array(64 * 1024 + 1));
    }, /65536 bytes/],
  ];
  for (const [what, make, message] of bad) {
    it(`refuses an asked key that ${what}`, async () => {
      using directory = new TestDirectory();
      withKeys(directory);
      make(directory);
      await assert.rejects(
        collect(directory, { keyPath: "bad" }),
        failure("invalid_argument", message),
      );
    });
  }

  it("refuses keys outside by their mere path, whether there is one or not", async () => {
    using directory = new TestDirectory();
    withKeys(directory);
    makeKey(directory, "outside");
    const messages: string[] = [];
    for (const keyPath of [directory.at("outside"), directory.at("nowhere"), "/etc/passwd"]) {
      await assert.rejects(collect(directory, { keyPath }), (error: unknown) => {
        messages.push(String(error));
        return failure("invalid_argument", /'keyPath' leads out/)(error);
      });
    }
    assert.equal(new Set(messages).size, 1);
    const identityFiles = [directory.at("outside")];
    await assert.rejects(
      collect(directory, {}, { identityFiles }),
      failure("invalid_config", /'IdentityFile'.*leads out/),
    );
  });

  it("refuses a key in a directory that is a link out", async () => {
    using directory = new TestDirectory();
    withKeys(directory);
    makeKey(directory, "elsewhere/id");
    symlinkSync(directory.at("elsewhere"), directory.at("keys/sub"));
    await assert.rejects(
      collect(directory, { keyPath: "sub/id" }),
      failure("invalid_argument", /leads out/),
    );
  });

  it("reads through links that stay inside, and through a linked key directory", async () => {
    using directory = new TestDirectory();
    withKeys(directory, "real");
    symlinkSync("real", directory.at("keys/link"));
    symlinkSync(directory.at("keys"), directory.at("alias"));
    for (const keyDirectory of [directory.at("keys"), directory.at("alias")]) {
      for (const keyPath of ["link", directory.at("keys/real")]) {
        const { keys } = await collect(directory, { keyDirectory, keyPath });
        assert.equal(keys.length, 1);
        assert.ok((await keys[0]?.read())?.length);
      }
    }
  });

  it("refuses a key that others can read, and passes over such a default one", async () => {
    using directory = new TestDirectory();
    withKeys(directory, "id_rsa", "id_ed25519");
    for (const mode of [0o640, 0o604, 0o620]) {
      chmodSync(directory.at("keys/id_rsa"), mode);
      await assert.rejects(
        collect(directory, { keyPath: "id_rsa" }),
        failure("permission_denied", /'keyPath'.*chmod 600/),
      );
      const { keys, notes } = await collect(directory);
      assert.deepEqual(keys.map(({ path }) => path), [directory.at("keys/id_ed25519")]);
      assert.equal(notes.length, 1);
    }
  });

  it("checks again when the key is read", async () => {
    using directory = new TestDirectory();
    withKeys(directory, "id_rsa");
    makeKey(directory, "outside");
    const path = directory.at("keys/id_rsa");
    const [key] = (await collect(directory)).keys;
    assert.ok(key);
    renameSync(path, directory.at("keys/kept"));
    symlinkSync(directory.at("outside"), path);
    await assert.rejects(key.read(), failure("invalid_config", /leads out/));
    rmSync(path);
    await assert.rejects(key.read(), failure("invalid_config", /no key that is there/));
  });

  it("repeats no path in its errors", async () => {
    using directory = new TestDirectory();
    withKeys(directory);
    await assert.rejects(collect(directory, { keyPath: "zq-secret-name" }), (error: unknown) => {
      assert.ok(error instanceof Error);
      return !/zq|execkit-ssh/.test(error.message);
    });
  });
});
