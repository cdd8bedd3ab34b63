import assert from "node:assert/strict";
import { chmodSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DrivenSessions } from "../support/driven_sessions.ts";
import { makeTestFolder, SHELLS } from "../support/open_session.ts";
import { runScript, waitForFileCount } from "../support/processes.ts";
import { waitFor, withinTime } from "../support/wait_for.ts";

/** A home directory with a login profile, and a place for temporary files. */
interface Home extends Disposable {
  readonly env: Readonly<Record<string, string>>;
  /** The directory for temporary files. */
  readonly temp: string;
}

function makeHome(profile: string): Home {
  const home = makeTestFolder();
  const temp = makeTestFolder();
  writeFileSync(join(home.path, ".profile"), profile);
  return {
    env: { HOME: home.path, TMPDIR: temp.path, SHELL: "/bin/sh", EK_PROBE: home.path },
    temp: temp.path,
    [Symbol.dispose]() {
      home[Symbol.dispose]();
      temp[Symbol.dispose]();
    },
  };
}

/** The processes that inherited a home's probe variable; the driver is one of them. */
async function heirsOf(home: Home, driver: DrivenSessions): Promise<string[]> {
  const text = await runScript(
    'grep -ls "EK_PROBE=$1" /proc/[0-9]*/environ 2>/dev/null; exit 0',
    home.env["EK_PROBE"] ?? "",
  );
  return text.split("\n").filter((path) => path !== "" && path !== `/proc/${driver.pid}/environ`);
}

describe("Session.open() with loginEnv", () => {
  for (const { name, skip } of SHELLS) {
    it(`takes what the login profile exports in ${name}`, { skip }, async () => {
      using home = makeHome(`export FROM_PROFILE="a 'b' \\"c\\"
second line"; export OWN=profile; NOT_EXPORTED=1; PATH=/opt/profile:$PATH`);
      await using driver = await DrivenSessions.start(home.env);
      await driver.open("s", { shell: name, loginEnv: true, env: { OWN: "option" } });
      const result = await driver.exec("s", 'echo "$FROM_PROFILE|$OWN|$NOT_EXPORTED|$PATH"');
      assert.match(
        result.stdout,
        /^a 'b' "c"\nsecond line\|option\|\|\/opt\/profile:/,
      );
    });
  }

  it("takes nothing of the profile when it is not asked to", async () => {
    using home = makeHome("export FROM_PROFILE=1");
    await using driver = await DrivenSessions.start(home.env);
    await driver.open("s", {});
    assert.equal((await driver.exec("s", 'echo "[$FROM_PROFILE]"')).stdout, "[]\n");
  });

  it("gives what it took to the shell that replaces one", async () => {
    using home = makeHome("export FROM_PROFILE=kept");
    await using driver = await DrivenSessions.start(home.env);
    await driver.open("s", { loginEnv: true });
    const result = await driver.exec("s", "kill -s KILL $$");
    assert.equal(result.shellReplaced?.reason, "killed");
    assert.equal((await driver.exec("s", 'echo "$FROM_PROFILE"')).stdout, "kept\n");
  });

  it("redacts what the profile exports under a secret's name", async () => {
    const secret = `q7${Math.random().toString(36).slice(2)}Xy`;
    using home = makeHome(`export SERVICE_PASSWORD='${secret}'`);
    await using driver = await DrivenSessions.start(home.env);
    await driver.open("s", { loginEnv: true });
    const result = await driver.exec("s", 'echo "it is $SERVICE_PASSWORD"; env');
    assert.ok(result.totals.stdoutBytes > secret.length);
    assert.ok(!result.stdout.includes(secret), "the value is not in the output");
    assert.match(result.stdout, /^it is \S+\n/);
  });

  it("redacts what our own environment holds under a secret's name", async () => {
    const secret = `q8${Math.random().toString(36).slice(2)}Xy`;
    using home = makeHome("");
    await using driver = await DrivenSessions.start({ ...home.env, DB_PASSWORD: secret });
    await driver.open("s", {});
    const result = await driver.exec("s", 'echo "it is $DB_PASSWORD" >&2');
    assert.ok(!result.stderr.includes(secret), "the value is not in the output");
  });

  it("fails in time when the profile hangs, and leaves nothing", async () => {
    using home = makeHome("sleep 1000 & trap '' HUP TERM; sleep 1001");
    await using driver = await DrivenSessions.start(home.env);
    const filesBefore = await driver.warmUp();
    await assert.rejects(
      withinTime("open()", driver.open("s", { loginEnv: true })),
      /open_timed_out: Cannot take the login environment/,
    );
    await waitFor(
      "the end of the profile",
      async () => (await heirsOf(home, driver)).length === 0 ? true : undefined,
    );
    assert.deepEqual(readdirSync(home.temp), []);
    await waitForFileCount(driver.pid, filesBefore);
  });

  it("survives a profile that fails, replaces itself or asks a question", async () => {
    for (const profile of ["exit 3", "read answer; export ANSWER=x$answer", "exec false", "("]) {
      using home = makeHome(profile);
      await using driver = await DrivenSessions.start(home.env);
      await withinTime(profile, driver.open("s", { loginEnv: true }));
      assert.equal((await driver.exec("s", "echo on")).stdout, "on\n", profile);
    }
  });

  it("survives a login shell that is none", async () => {
    using home = makeHome("");
    const file = join(home.temp, "no_shell");
    writeFileSync(file, "#!/bin/sh\necho no shell here\n");
    chmodSync(file, 0o755);
    await using driver = await DrivenSessions.start({ ...home.env, SHELL: file });
    await withinTime("open()", driver.open("s", { loginEnv: true }));
    assert.equal((await driver.exec("s", "echo on")).stdout, "on\n");
  });
});
