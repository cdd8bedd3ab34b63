import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Session } from "../../../src/session/session.ts";
import {
  docker,
  DOCKER_SKIP,
  processesIn,
  removeImagesAtEnd,
  startContainer,
} from "../../support/docker.ts";
import { assertCode } from "../../support/docker_assertions.ts";
import { waitFor, withinTime } from "../../support/wait_for.ts";

/** What happens to a container, and what the session says about it. */
interface Fault {
  readonly name: string;
  readonly args: readonly string[];
  readonly says: RegExp;
}

const FAULTS: readonly Fault[] = [
  { name: "docker pause", args: ["pause"], says: /the container was paused/ },
  { name: "docker kill", args: ["kill"], says: /the container was killed \(exit code 137\)/ },
  { name: "docker stop", args: ["stop"], says: /the container was stopped \(exit code \d+\)/ },
  { name: "docker restart", args: ["restart"], says: /the container was stopped/ },
  { name: "docker rm -f", args: ["rm", "--force"], says: /the container was (killed|removed)/ },
];

const skip = DOCKER_SKIP;

describe("a session whose container is taken away during a command", () => {
  for (const { name, args, says } of FAULTS) {
    it(`says so soon after ${name}`, { skip }, async () => {
      const container = await startContainer("busybox");
      try {
        const session = await Session.open({ transport: "docker", container: container.name });
        await session.exec("mkfifo /tmp/begun");
        const running = session.exec("echo yes >/tmp/begun; sleep 600");
        // The FIFO holds its reader until the command writes.
        await withinTime("the command to begin", container.run("cat /tmp/begun"));
        await docker(...args, container.name);
        const result = await withinTime("the command's result", running);
        assert.equal(result.status, "lost");
        assert.equal(result.exitCode, undefined);
        const next = await assertCode(() => session.exec("true"), "session_lost");
        assert.match(next.message, says);
        await withinTime("the session to close", session.close());
      } finally {
        await docker("rm", "--force", container.name).catch(() => undefined);
      }
    });
  }

  it("leaves nothing in a container that is woken later", { skip }, async () => {
    await using container = await startContainer("busybox");
    const before = await processesIn(container);
    const session = await Session.open({ transport: "docker", container: container.name });
    await session.exec("sleep 600 &");
    await docker("pause", container.name);
    await withinTime("the session to close", session.close());
    await docker("unpause", container.name);
    await waitFor("the session's processes to end", async () => {
      const now = await processesIn(container);
      return now.length === before.length ? true : undefined;
    });
    assert.deepEqual(await processesIn(container), before);
  });
});

removeImagesAtEnd();
