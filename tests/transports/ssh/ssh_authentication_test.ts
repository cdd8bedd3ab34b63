import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { SshOptions, SshPrompt } from "../../../src/transports/ssh/ssh_options.ts";
import { DrivenSessions } from "../../support/driven_sessions.ts";
import { runScript, skipWithout } from "../../support/processes.ts";
import { refusedSsh, runOverSsh } from "../../support/ssh_sessions.ts";
import { makeKey, SSHD_SKIP, SSHD_USERS_SKIP, TestSshd } from "../../support/sshd.ts";
import { waitFor, withinTime } from "../../support/wait_for.ts";

const USER = { name: "ek-user", shell: "/bin/sh" };

/** An agent of the test's own. */
class TestAgent implements Disposable {
  readonly socket: string;
  readonly #pid: string;

  constructor(folder: string) {
    this.socket = join(folder, "agent");
    const said = execFileSync("ssh-agent", ["-s", "-a", this.socket], { encoding: "utf8" });
    this.#pid = /SSH_AGENT_PID=(\d+)/.exec(said)?.[1] ?? "";
  }

  add(keyPath: string): void {
    const env = { SSH_AUTH_SOCK: this.socket, PATH: "/usr/bin:/bin" };
    execFileSync("ssh-add", ["-q", keyPath], { env, stdio: "ignore" });
  }

  [Symbol.dispose](): void {
    execFileSync("kill", [this.#pid]);
  }
}

describe("authentication by key", { skip: SSHD_SKIP }, () => {
  it("takes the key of the options", async () => {
    await using server = await TestSshd.start();
    server.makeKey("own", { kind: "ecdsa" });
    assert.equal(await runOverSsh(server.options({ keyPath: "own" })), "in\n");
  });

  it("takes an RSA key, with SHA-2", async () => {
    await using server = await TestSshd.start();
    server.makeKey("rsa", { kind: "rsa" });
    assert.equal(await runOverSsh(server.options({ keyPath: "rsa" })), "in\n");
    assert.match(server.log, /Accepted publickey for \S+ .* RSA SHA256:/);
  });

  it("tries one key after the other", async () => {
    await using server = await TestSshd.start();
    rmSync(join(server.path, "keys/id_ed25519"));
    rmSync(join(server.path, "keys/id_ed25519.pub"));
    server.makeKey("id_ed25519", { accepted: false });
    server.makeKey("id_ecdsa", { kind: "ecdsa" });
    assert.equal(await runOverSsh(server.options()), "in\n");
  });

  it("opens an encrypted key with the passphrase", async () => {
    await using server = await TestSshd.start();
    const passphrase = `pass-${server.password}`;
    server.makeKey("locked", { passphrase });
    assert.equal(await runOverSsh(server.options({ keyPath: "locked", passphrase })), "in\n");
  });

  it("says that a key is locked, and never the passphrase", async () => {
    await using server = await TestSshd.start();
    const passphrase = `pass-${server.password}`;
    server.makeKey("locked", { passphrase });
    const options = server.options({ keyPath: "locked" });
    assert.match((await refusedSsh(options, "auth_failed")).message, /1 key not opened/);
    const wrong = `wrong-${passphrase}`;
    const error = await refusedSsh({ ...options, passphrase: wrong }, "auth_failed");
    assert.match(error.message, /1 key not opened/);
    assert.ok(!error.message.includes(wrong));
  });

  it("says how many keys were tried when the server ends it, and stays under its limit", async () => {
    await using server = await TestSshd.start({ config: ["MaxAuthTries 2"] });
    for (const name of ["id_ecdsa", "id_rsa"]) {
      server.makeKey(name, { kind: name === "id_rsa" ? "rsa" : "ecdsa", accepted: false });
    }
    writeFileSync(join(server.path, "authorized_keys"), "");
    const error = await refusedSsh(server.options(), "auth_failed");
    assert.match(error.message, /tried \d keys?; it offers publickey; it ended the connection/);
  });

  it("refuses a key outside the key directory, and one behind a symbolic link", async () => {
    await using server = await TestSshd.start();
    const outside = server.makeKey("moved");
    renameSync(outside, join(server.path, "moved"));
    symlinkSync(join(server.path, "moved"), outside);
    for (const keyPath of ["../moved", join(server.path, "moved"), "moved"]) {
      await refusedSsh(server.options({ keyPath }), "invalid_argument");
    }
    assert.doesNotMatch(server.log, /Accepted publickey/);
  });
});

/** Logs in from a process of its own: Deno opens an agent's socket only where it may by name. */
async function runByAgent(
  server: TestSshd,
  agent: string,
  options: Partial<SshOptions> = {},
): Promise<string> {
  const net = `--allow-net=${server.host}:${server.port},unix:${agent}`;
  const permissions = [net, "--allow-read", "--allow-write", "--allow-env", "--allow-sys"];
  await using driver = await DrivenSessions.start({}, permissions);
  await driver.openOn("agent", { ...server.options({ agent, ...options }), transport: "ssh" });
  return (await driver.exec("agent", "echo in")).stdout;
}

describe("authentication by agent", { skip: SSHD_SKIP || skipWithout("ssh-agent") }, () => {
  it("takes a key that only the agent holds", async () => {
    await using server = await TestSshd.start();
    using agent = new TestAgent(server.path);
    const key = server.makeKey("held");
    agent.add(key);
    for (const name of ["held", "held.pub", "id_ed25519", "id_ed25519.pub"]) {
      rmSync(join(server.path, "keys", name));
    }
    assert.equal(await runByAgent(server, agent.socket), "in\n");
  });

  it("goes on with the files when the agent's keys are wrong, or the agent is gone", async () => {
    await using server = await TestSshd.start();
    using agent = new TestAgent(server.path);
    const wrong = join(server.path, "wrong");
    makeKey(wrong, {});
    agent.add(wrong);
    assert.equal(await runByAgent(server, agent.socket), "in\n");
    assert.equal(await runByAgent(server, join(server.path, "nobody")), "in\n");
  });

  it("says so when the agent could not be asked and nothing else was accepted", async () => {
    await using server = await TestSshd.start();
    rmSync(join(server.path, "keys/id_ed25519"));
    await assert.rejects(
      runByAgent(server, join(server.path, "nobody")),
      /auth_failed: .* the SSH agent could not be asked/,
    );
  });

  it("leaves tries for the password when the agent holds many keys", {
    skip: SSHD_USERS_SKIP,
  }, async () => {
    await using server = await TestSshd.start({ users: [USER] });
    using agent = new TestAgent(server.path);
    for (let index = 0; index < 8; index++) {
      const path = join(server.path, `many${index}`);
      makeKey(path, {});
      agent.add(path);
    }
    rmSync(join(server.path, "keys/id_ed25519"));
    const { password } = server;
    const user = USER.name;
    assert.equal(await runByAgent(server, agent.socket, { user, password }), "in\n");
    await assert.rejects(
      runByAgent(server, agent.socket, { user, password: "not this one" }),
      /4 keys, keyboard-interactive, password; .* 4 keys not tried.* too many keys/,
    );
  });
});

describe("authentication by secret", { skip: SSHD_USERS_SKIP }, () => {
  const servers: Promise<TestSshd>[] = [];
  const start = (...config: string[]) => {
    const server = TestSshd.start({ users: [USER], config });
    servers.push(server);
    return server;
  };
  after(async () => {
    for (const server of servers) await (await server)[Symbol.asyncDispose]();
  });
  const noKeys = { user: USER.name, agent: false } as const;

  it("takes the password", async () => {
    const server = await start("KbdInteractiveAuthentication no", "PubkeyAuthentication no");
    const options = server.options({ ...noKeys, password: server.password });
    assert.equal(await runOverSsh(options, "id -un"), `${USER.name}\n`);
  });

  it("gives the password to a single hidden question", async () => {
    const server = await start("PasswordAuthentication no", "PubkeyAuthentication no");
    assert.equal(
      await runOverSsh(server.options({ ...noKeys, password: server.password })),
      "in\n",
    );
  });

  it("lets the caller answer the questions", async () => {
    const server = await start("PasswordAuthentication no", "PubkeyAuthentication no");
    const asked: SshPrompt[] = [];
    const answerPrompts = (prompts: readonly SshPrompt[]) => {
      asked.push(...prompts);
      return Promise.resolve(prompts.map(() => server.password));
    };
    assert.equal(await runOverSsh(server.options({ ...noKeys, answerPrompts })), "in\n");
    assert.deepEqual(asked.map(({ echo }) => echo), [false]);
    assert.match(asked[0]?.prompt ?? "", /Password/);
  });

  it("says so when the caller's answers cannot be used", async () => {
    const server = await start("PasswordAuthentication no", "PubkeyAuthentication no");
    const answers: (() => Promise<readonly string[]>)[] = [
      () => Promise.resolve([]),
      () => Promise.reject(new Error("no")),
    ];
    for (const answerPrompts of answers) {
      const error = await refusedSsh(server.options({ ...noKeys, answerPrompts }), "auth_failed");
      assert.match(error.message, /answerPrompts/);
    }
  });

  it("fails in bounded tries with a wrong password, three times, and never shows it", async () => {
    const server = await start("PubkeyAuthentication no");
    for (let round = 0; round < 3; round++) {
      const password = `wrong-${server.password}-${round}`;
      const options = server.options({ ...noKeys, password });
      const error = await withinTime("the refusal", refusedSsh(options, "auth_failed"));
      assert.match(error.message, /tried keyboard-interactive, password; it offers /);
      assert.ok(!error.message.includes(password) && !error.hint.includes(password));
    }
    const failures = await waitFor("the server's log", () => {
      const found =
        server.log.match(/Failed (?:password|keyboard-interactive\/pam) for ek-user/g) ?? [];
      return found.length >= 6 ? found.length : undefined;
    });
    assert.equal(failures, 6);
  });

  it("goes through two methods when the server wants both", async () => {
    const server = await start("AuthenticationMethods publickey,password");
    const options = server.options({ ...noKeys, password: server.password });
    assert.equal(await runOverSsh(options), "in\n");
    await refusedSsh(server.options(noKeys), "auth_failed");
  });

  it("names the methods that the host offers when there is nothing to try", async () => {
    const server = await start("PubkeyAuthentication no");
    const error = await refusedSsh(server.options(noKeys), "auth_failed");
    assert.match(error.message, /tried nothing; it offers password, keyboard-interactive/);
  });

  it("leaves no process of the server's behind after a refusal", async () => {
    const server = await start("PubkeyAuthentication no");
    await refusedSsh(server.options({ ...noKeys, password: "wrong" }), "auth_failed");
    await waitFor(
      "the end of the server's processes",
      async () => (await server.connections()).length === 0 ? true : undefined,
    );
    assert.equal(await runScript('ls "/proc/$1" >/dev/null && echo yes', `${server.pid}`), "yes\n");
  });
});
