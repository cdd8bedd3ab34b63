import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExeckitError, Session } from "../../mod.ts";
import { DOCKER_SKIP, removeImagesAtEnd, testImage } from "../support/docker.ts";

removeImagesAtEnd();

/** Bytes of the only place that can be written to. */
const TMP_BYTES = 1024 * 1024;
/** A command that goes by file, since it is too large for a frame. */
const LARGE_COMMAND = `: ${"x".repeat(300 * 1024)}; echo ran`;

const isTransferFailure = (cause: unknown) => {
  assert.ok(cause instanceof ExeckitError, String(cause));
  assert.equal(cause.code, "transfer_failed", cause.message);
  return true;
};

describe("a session on a machine whose disk is full", { skip: DOCKER_SKIP }, () => {
  it("says so, loses nothing, and goes on when there is room again", async () => {
    await using session = await Session.open({
      transport: "docker",
      image: await testImage("busybox"),
      own: { tmpBytes: TMP_BYTES },
    });
    await session.files.write("/tmp/kept", "kept");
    const filled = await session.exec("cat /dev/zero >/tmp/filler");
    assert.match(filled.stderr, /No space left/);
    assert.equal((await session.exec("KEPT=1; cat /tmp/kept")).stdout, "kept");
    await assert.rejects(session.exec(LARGE_COMMAND), isTransferFailure);
    await assert.rejects(session.files.write("/tmp/kept", "x".repeat(4096)), isTransferFailure);
    assert.equal((await session.exec('cat /tmp/kept; echo "$KEPT"')).stdout, "kept1\n");
    await session.exec("rm /tmp/filler");
    assert.equal((await session.exec(LARGE_COMMAND)).stdout, "ran\n");
  });
});
