import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { HOME_SECRETS } from "../../src/shell/sandbox/hidden_paths.ts";
import { DrivenSessions } from "../support/driven_sessions.ts";
import {
  makeCanary,
  makeHostFolder,
  openSandboxed,
  type OtherOptions,
  outcomeOf,
  SANDBOX_SKIP,
} from "../support/sandboxes.ts";

const skip = SANDBOX_SKIP;
/** A sandbox hides /tmp whole, and with it a home directory that somebody put there. */
const homeSkip = skip || (/^\/(?:var\/)?tmp\//.test(homedir()) && "the home directory is in /tmp");
/** Where Deno finds its packages when the home directory is another. */
const DENO_DIR = process.env["DENO_DIR"] ?? join(homedir(), ".cache/deno");

describe("a sandbox against theft of secrets", () => {
  it("hides the keys of its home directory and what variables lead to", {
    skip: homeSkip,
  }, async () => {
    const canary = makeCanary();
    using home = makeHostFolder("home");
    home.write(".ssh/id_ed25519", canary);
    home.write("notes.txt", "in plain sight");
    const [one, two] = [home.write("kube 1", canary), home.write("kube 2", canary)];
    const pgpass = home.write("pg", canary);
    await using driver = await DrivenSessions.start({
      HOME: home.path,
      KUBECONFIG: `${one}:${two}`,
      PGPASSFILE: pgpass,
      DENO_DIR,
    });
    const options: OtherOptions = { sandbox: true };
    await driver.open("s", options);

    const keys = await driver.exec("s", "cat ~/.ssh/*");
    assert.notEqual(keys.exitCode, 0);
    assert.doesNotMatch(keys.stdout + keys.stderr, new RegExp(canary));
    const search = await driver.exec("s", `grep -rl "${canary}" "$HOME"`);
    assert.equal(search.stdout, "");
    const notes = await driver.exec("s", "cat ~/notes.txt");
    assert.equal(notes.stdout, "in plain sight");
  });

  it("hides every place of a secret in a home directory", { skip }, async () => {
    const canary = makeCanary();
    using workspace = makeHostFolder();
    const names = HOME_SECRETS.map((name) => `home/${name}`);
    for (const name of names) {
      const isFolder = !names.some((other) => other.startsWith(`${name}/`)) && !name.includes("_");
      workspace.write(isFolder ? `${name}/secret` : name, canary);
    }
    workspace.write("home/plain", canary);
    await using session = await openSandboxed({ workspace: workspace.path }, {
      env: { HOME: `${workspace.path}/home` },
    });

    const found = await outcomeOf(session, 'grep -rlI canary "$HOME"');
    assert.equal(found.text, `${workspace.path}/home/plain\n`);
    const uncovered = await outcomeOf(session, "umount ~/.ssh; rmdir ~/.ssh; mv ~/.ssh ~/ssh");
    assert.notEqual(uncovered.exitCode, 0);
    const planted = await outcomeOf(session, "echo x >~/.ssh/authorized_keys");
    assert.notEqual(planted.exitCode, 0);
  });

  it("shows what the operator made readable", { skip }, async () => {
    const canary = makeCanary();
    using workspace = makeHostFolder();
    const file = workspace.write("home/.config/gh/hosts.yml", canary);
    workspace.write("home/.aws/credentials", canary);
    await using session = await openSandboxed(
      { workspace: workspace.path, readable: [file] },
      { env: { HOME: `${workspace.path}/home` } },
    );
    const found = await outcomeOf(session, 'grep -rl canary "$HOME"');
    assert.equal(found.text, `${file}\n`);
    const written = await outcomeOf(session, `echo x >${file}`);
    assert.notEqual(written.exitCode, 0);
  });

  it("is not led to a secret by a link that stands for a protected file", { skip }, async () => {
    const canary = makeCanary();
    using workspace = makeHostFolder();
    workspace.write("home/.ssh/id_ed25519", canary);
    const options = { env: { HOME: `${workspace.path}/home` } };
    {
      await using before = await openSandboxed({ workspace: workspace.path }, options);
      await before.exec("ln -s home/.ssh .vscode; ln -s home/.ssh .git; ln -s home/.ssh .bashrc");
    }
    await using session = await openSandboxed({ workspace: workspace.path }, options);
    const found = await outcomeOf(session, "grep -rI canary . ; cat .vscode/* .git/* .bashrc/*");
    assert.doesNotMatch(found.text, new RegExp(canary));
  });

  it("lets in no variable that was not named", { skip }, async () => {
    const canary = makeCanary();
    const env = { EK_TEST_SECRET: canary, EK_TEST_PASSED: "passed", "EK.TEST": canary };
    await using driver = await DrivenSessions.start(env);
    const options: OtherOptions = { sandbox: { env: ["EK_TEST_PASSED"] }, env: { OWN: "own" } };
    await driver.open("s", options);

    const seen = await driver.exec(
      "s",
      'env; echo "$OWN"; cat /proc/[0-9]*/environ /proc/*/cmdline',
    );
    assert.doesNotMatch(seen.stdout, new RegExp(canary));
    assert.match(seen.stdout, /^EK_TEST_PASSED=passed$/m);
    assert.match(seen.stdout, /^OWN=own$/m);
    assert.match(seen.stdout, /^PATH=/m);
  });

  it("covers what the machine keeps for itself", { skip }, async () => {
    await using session = await openSandboxed();
    const shadow = await outcomeOf(session, "cat /etc/shadow /etc/gshadow | wc -c");
    assert.match(shadow.text, /^0$/m);
    const sockets = await outcomeOf(session, "find /run /var/run /tmp /var/tmp -type s");
    assert.doesNotMatch(sockets.text, /sock/);
  });
});
