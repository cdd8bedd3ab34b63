import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { DOCKER_SKIP, removeImagesAtEnd, testImage } from "../support/docker.ts";
import { denoCache, programArgv, PROJECT_ROOT } from "../support/project_program.ts";
import { SSHD_SKIP, TestSshd } from "../support/sshd.ts";

/** An example: the permissions that it says are enough, and its arguments. */
interface Example {
  readonly permissions: readonly string[];
  readonly args: readonly string[];
}

async function run(file: string, { permissions, args }: Example): Promise<void> {
  const [program = "", ...words] = await programArgv({
    program: `examples/${file}`,
    denoOptions: ["--no-check", ...permissions],
  });
  await promisify(execFile)(program, [...words, ...args], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, ...denoCache() },
    timeout: 60_000,
  });
}

/** What the example's own comment says is enough. */
function documentedPermissions(file: string): string[] {
  const comment = readFileSync(join(PROJECT_ROOT, "examples", file), "utf8");
  const flags = /`deno run ((?:--allow-\S+ )+)examples\//.exec(comment)?.[1];
  assert.ok(flags !== undefined, `${file} does not say how it is run`);
  return flags.trim().split(" ");
}

removeImagesAtEnd();

describe("the examples", () => {
  for (const file of ["budgets.ts", "files.ts", "local.ts", "policy.ts"]) {
    it(`${file} finds what it expects, with the permissions that it names`, async () => {
      await run(file, { permissions: documentedPermissions(file), args: [] });
    });
  }

  it("ssh.ts does so too", { skip: SSHD_SKIP }, async () => {
    await using server = await TestSshd.start();
    const readable = `${join(server.path, "keys")},${join(server.path, "known_hosts")}`;
    await run("ssh.ts", {
      permissions: [`--allow-net=${server.host}:${server.port}`, `--allow-read=${readable}`],
      args: [JSON.stringify(server.options())],
    });
  });

  it("docker.ts does so too", { skip: DOCKER_SKIP }, async () => {
    const image = await testImage("busybox");
    await run("docker.ts", {
      permissions: [
        "--allow-env",
        "--allow-net=unix:/var/run/docker.sock",
        `--allow-read=/var/run/docker.sock,${join(homedir(), ".docker")}`,
        "--allow-write=/var/run/docker.sock",
      ],
      args: [image],
    });
  });

  it("are all tested", () => {
    const files = readdirSync(join(PROJECT_ROOT, "examples")).sort();
    assert.deepEqual(files, [
      "budgets.ts",
      "docker.ts",
      "files.ts",
      "local.ts",
      "policy.ts",
      "ssh.ts",
    ]);
  });
});
