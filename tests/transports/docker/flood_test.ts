import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { dockerTransportFactory } from "../../../src/transports/docker/docker_transport.ts";
import type { AsideProcess } from "../../../src/transports/transport.ts";
import { planLaunch } from "../../../src/shell/launch.ts";
import { DOCKER_SKIP, removeImagesAtEnd, startContainer } from "../../support/docker.ts";
import { memoryOf } from "../../support/processes.ts";
import { waitFor } from "../../support/wait_for.ts";
import process from "node:process";

const TOTAL_BYTES = 200 * 1024 * 1024;
const LINE = "0123456789abcdefghijklmnopqrstuvwxyz\n";
const KIB = 1024;
/** Less than the flood, and more than the garbage that a busy runtime has not collected yet. */
const MEMORY_MAX_KIB = TOTAL_BYTES / KIB * 3 / 4;

/** The hash of the first bytes of an endless repetition of the line. */
function expectedHash(): string {
  const hash = createHash("sha256");
  const block = LINE.repeat(4096);
  for (let left = TOTAL_BYTES; left > 0; left -= block.length) hash.update(block.slice(0, left));
  return hash.digest("hex");
}

async function hashOf(aside: AsideProcess): Promise<{ bytes: number; hash: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of aside.stdout) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, hash: hash.digest("hex") };
}

describe("a container's output", () => {
  it("arrives exactly and in bounded memory, 200 MiB of it", { skip: DOCKER_SKIP }, async () => {
    await using container = await startContainer("busybox");
    const factory = await dockerTransportFactory({ container: container.name });
    const mark = "0123456789abcdef01234567";
    const transport = await factory.open(
      planLaunch({ token: mark, mark, shell: "", terminal: "none" }),
    );
    try {
      const before = await memoryOf(process.pid);
      const aside = await transport.startAside({
        script: `yes "$1" | head -c "$2"`,
        args: [LINE.trimEnd(), String(TOTAL_BYTES)],
      });
      const { bytes, hash } = await hashOf(aside);
      assert.equal(bytes, TOTAL_BYTES);
      assert.equal(hash, expectedHash());
      assert.equal(await aside.exited, 0);
      await aside.release();
      const after = await memoryOf(process.pid);
      assert.ok(after.residentKib - before.residentKib < MEMORY_MAX_KIB, JSON.stringify(after));
    } finally {
      await transport.close();
    }
  });

  it("waits in the container while nobody reads it", { skip: DOCKER_SKIP }, async () => {
    await using container = await startContainer("busybox");
    const factory = await dockerTransportFactory({ container: container.name });
    const mark = "0123456789abcdef01234568";
    const transport = await factory.open(
      planLaunch({ token: mark, mark, shell: "", terminal: "none" }),
    );
    try {
      const writer = await transport.startAside({
        script: "yes | head -c 104857600; echo done >/tmp/written",
      });
      const probe = await transport.startAside({ script: "sleep 1; ls /tmp" });
      assert.equal(await probe.exited, 0);
      let seen = "";
      for await (const chunk of probe.stdout) seen += new TextDecoder().decode(chunk);
      assert.doesNotMatch(seen, /written/);
      await probe.release();
      await writer.release();
      assert.equal(await writer.exited, undefined);
      await waitFor(
        "the writer's end",
        async () => /yes|head -c/.test(await container.run("ps")) ? undefined : true,
      );
    } finally {
      await transport.close();
    }
  });
});

removeImagesAtEnd();
