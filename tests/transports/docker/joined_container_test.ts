import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Session } from "../../../src/session/session.ts";
import {
  docker,
  DOCKER_FLAGS,
  DOCKER_SKIP,
  MARK_COMMAND,
  processesIn,
  removeImagesAtEnd,
  startContainer,
  type TestContainer,
} from "../../support/docker.ts";
import { assertCode } from "../../support/docker_assertions.ts";
import { DrivenSessions } from "../../support/driven_sessions.ts";
import { waitFor } from "../../support/wait_for.ts";

const skip = DOCKER_SKIP;

/** Children that ignore what they can, and one that has left the shell's session. */
const STUBBORN = "sleep 601 & setsid sleep 602 & (trap '' HUP TERM INT; sleep 603) & :";

function open(container: TestContainer, user?: string): Promise<Session> {
  const whose = user === undefined ? {} : { user };
  return Session.open({ transport: "docker", container: container.name, ...whose });
}

async function untilOnly(container: TestContainer, expected: readonly string[]): Promise<void> {
  let left: string[] = [];
  try {
    await waitFor("the session's processes to end", async () => {
      left = await processesIn(container);
      return left.length <= expected.length ? true : undefined;
    });
  } catch (cause) {
    throw new Error(`Left over: ${left.join(" | ").slice(0, 1000)}`, { cause });
  }
  assert.deepEqual(left, expected);
}

describe("a session in a joined container", () => {
  for (const image of ["busybox", "shells"] as const) {
    it(`leaves nothing behind when it closes: ${image}`, { skip }, async () => {
      await using container = await startContainer(image);
      const before = await processesIn(container);
      const session = await open(container);
      await session.exec(STUBBORN);
      await session.close();
      assert.deepEqual(await processesIn(container), before);
      assert.equal(await container.run("ls /tmp /dev/shm | grep execkit || echo none"), "none");
    });
  }

  // Then the kernel lets nobody look at what the first process of the exec is.
  it("opens as root where the container runs as another user, and ends all", { skip }, async () => {
    await using container = await startContainer("busybox", "--user=1000");
    const before = await processesIn(container);
    const session = await open(container, "root");
    assert.equal((await session.exec("id -u")).stdout, "0\n");
    await session.exec(STUBBORN);
    await session.close();
    await untilOnly(container, before);
  });

  it("leaves nothing behind when its program is killed, with the documented flags", {
    skip,
  }, async () => {
    await using container = await startContainer("busybox");
    const before = await processesIn(container);
    await using driver = await DrivenSessions.start({}, DOCKER_FLAGS);
    await driver.openOn("s", { transport: "docker", container: container.name });
    await driver.exec("s", STUBBORN);
    await driver.kill();
    await untilOnly(container, before);
  });

  it("closes although its launch script was stopped", { skip }, async () => {
    await using container = await startContainer("busybox");
    const before = await processesIn(container);
    const session = await open(container);
    await session.exec("kill -STOP $(grep -l execkit-launc[h] /proc/[0-9]*/cmdline | cut -d/ -f3)");
    await session.close();
    await untilOnly(container, before);
  });

  it("closes although its launch script was killed", { skip }, async () => {
    await using container = await startContainer("busybox");
    const before = await processesIn(container);
    const session = await open(container);
    await session.exec(STUBBORN);
    await container.run("kill -9 $(grep -l execkit-launc[h] /proc/[0-9]*/cmdline | cut -d/ -f3)");
    await session.close();
    await untilOnly(container, before);
  });

  it("ends what a killed program left without a launch script, and nothing of others", {
    skip,
  }, async () => {
    await using container = await startContainer("busybox");
    await using other = await open(container);
    await other.exec("sleep 700 &");
    const before = await processesIn(container);
    await using driver = await DrivenSessions.start({}, DOCKER_FLAGS);
    await driver.openOn("s", { transport: "docker", container: container.name });
    const mark = (await driver.exec("s", MARK_COMMAND)).stdout.trim();
    assert.match(mark, /^[0-9a-f]{16,}$/);
    await driver.exec("s", STUBBORN);
    const pattern = `[${mark.slice(0, 1)}]${mark.slice(1)}`;
    await container.run(`kill -9 $(grep -l "${pattern}" /proc/[0-9]*/cmdline | cut -d/ -f3)`);
    await driver.kill();
    assert.ok((await processesIn(container)).length > before.length, "There is nothing to sweep");
    const next = await open(container);
    await next.close();
    await untilOnly(container, before);
    assert.equal((await other.exec("kill -0 $! && echo alive")).stdout, "alive\n");
  });

  it("runs as the user that was asked for", { skip }, async () => {
    await using container = await startContainer("busybox");
    await using byName = await open(container, "user");
    assert.equal((await byName.exec("id -u; id -g")).stdout, "1000\n1000\n");
    await using byId = await open(container, "1234:5678");
    assert.equal((await byId.exec("id -u; id -g; echo to >/dev/stderr")).stdout, "1234\n5678\n");
  });

  it("works where the root is read-only and nothing else can be written to", { skip }, async () => {
    await using container = await startContainer("busybox", "--read-only");
    await using session = await open(container);
    const result = await session.exec("touch /tmp/x; cat", { stdin: "text" });
    assert.equal(result.stdout, "text");
    assert.match(result.stderr, /Read-only/);
  });

  it("joins only where allowContainer says true, and nothing that looks like it", {
    skip,
  }, async () => {
    await using container = await startContainer("busybox");
    const asked: string[] = [];
    const answers: readonly unknown[] = [false, undefined, 1, Promise.resolve(false)];
    for (const answer of answers) {
      const allowContainer = ({ name }: { name: string }) => {
        asked.push(name);
        // What a caller without types may give: nothing, or a promise.
        return answer as boolean;
      };
      await assertCode(
        () => Session.open({ transport: "docker", container: container.name, allowContainer }),
        "blocked_by_policy",
      );
    }
    assert.deepEqual(asked, answers.map(() => container.name));
  });

  it("stays in its container when another takes the name", { skip }, async () => {
    await using container = await startContainer("busybox");
    await using session = await open(container);
    await session.exec("echo mine >/tmp/whose");
    const moved = `${container.name}-moved`;
    await docker("rename", container.name, moved);
    assert.equal((await session.exec("exit 3")).shellReplaced?.reason, "exit");
    assert.equal((await session.exec("cat /tmp/whose")).stdout, "mine\n");
    await docker("rename", moved, container.name);
  });
});

describe("opening a session in a container", () => {
  it("says that there is no such container", { skip }, async () => {
    const error = await assertCode(
      () => Session.open({ transport: "docker", container: "execkit-test-nobody" }),
      "connect_failed",
    );
    assert.match(error.message, /no such container/);
  });

  it("says that there is no such user", { skip }, async () => {
    await using container = await startContainer("busybox");
    const error = await assertCode(() => open(container, "nobody-here"), "invalid_argument");
    assert.match(error.message, /'user'/);
  });

  it("says that there is no sh", { skip }, async () => {
    await using container = await startContainer("busybox");
    await container.run("rm /bin/sh");
    const error = await assertCode(() => open(container), "shell_not_found");
    assert.match(error.message, /no sh/);
  });

  it("says in which state a container takes no commands", { skip }, async () => {
    await using container = await startContainer("busybox");
    await docker("pause", container.name);
    assert.match((await assertCode(() => open(container), "connect_failed")).message, /is paused/);
    await docker("unpause", container.name);
    await docker("kill", container.name);
    const ended = await assertCode(() => open(container), "connect_failed");
    assert.match(ended.message, /has ended with exit code 137/);
  });
});

removeImagesAtEnd();
