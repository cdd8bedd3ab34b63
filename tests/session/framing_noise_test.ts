import assert from "node:assert/strict";
import { test } from "node:test";
import { SHELLS, withSession } from "../support/open_session.ts";

for (const shell of SHELLS) {
  const { skip } = shell;

  test(`Session.exec() keeps a frame's own words out of a trace on ${shell.name}`, {
    skip,
  }, async () => {
    await withSession(shell, { cwd: "/" }, async (session) => {
      await session.exec("set -x");
      for (const command of ["v=1", "echo out", "(exit 3)", "v=2"]) {
        const result = await session.exec(command);
        assert.doesNotMatch(result.stderr, /__ek_|printf|builtin|eval '|\/dev\/null/, command);
        assert.equal(result.stderr.trimEnd().split("\n").length, 1, result.stderr);
        assert.equal(result.background, undefined, command);
      }
    });
  });

  test(`Session.exec() leaves the descriptors 3 to 6 and 9 to the commands on ${shell.name}`, {
    skip,
  }, async () => {
    await withSession(shell, { cwd: "/" }, async (session) => {
      await session.exec(
        "d=$(mktemp -d); exec 3>$d/a 6>$d/a 9>$d/b; echo three >&3; echo nine >&9",
      );
      const result = await session.exec("echo more >&9; cat $d/a $d/b; rm -r $d");
      assert.equal(result.stdout, "three\nnine\nmore\n");
      assert.equal(result.stderr, "");
      await session.exec("exec 7>&- 8>&- 9>&-");
      assert.equal((await session.exec("echo on; echo err >&2")).stdout, "on\n");
    });
  });
}

const BASH = SHELLS.filter(({ dialect }) => dialect === "bash");

for (const shell of BASH) {
  test(`Session.exec() gives what a DEBUG trap says of the command alone on ${shell.name}`, {
    skip: shell.skip,
  }, async () => {
    await withSession(shell, { cwd: "/" }, async (session) => {
      await session.exec("set -T; trap 'echo D; echo E >&2' DEBUG");
      for (const command of ["true", "v=1", "true"]) {
        const { stdout, stderr } = await session.exec(command);
        assert.deepEqual({ stdout, stderr }, { stdout: "D\n", stderr: "E\n" });
      }
    });
  });

  test(`Session.exec() keeps set -v to the commands on ${shell.name}`, {
    skip: shell.skip,
  }, async () => {
    await withSession(shell, { cwd: "/" }, async (session) => {
      await session.exec("set -v");
      const { stdout, stderr, background } = await session.exec("echo $-");
      assert.match(stdout, /v/);
      assert.doesNotMatch(`${stderr}${background ?? ""}`, /__ek_/);
      await session.exec("set +v");
      assert.doesNotMatch((await session.exec("echo $-")).stdout, /v/);
    });
  });
}
