import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { makeTestFolder } from "../../support/open_session.ts";
import { FilesRig } from "./files_rig.ts";

const MIB = 1024 * 1024;
/** Far more than what a runtime leaves uncollected, some 75 MB for any size. */
const LARGE_BYTES = 200_000_000;

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

/** Watches how much memory the process has, as often as progress is reported. */
function watchMemory(): { onProgress: () => void; grownBytes(): number; calls(): number } {
  const start = process.memoryUsage().rss;
  let peak = start;
  let count = 0;
  return {
    onProgress: () => {
      count++;
      peak = Math.max(peak, process.memoryUsage().rss);
    },
    grownBytes: () => peak - start,
    calls: () => count,
  };
}

describe("SessionFiles with large files", () => {
  it("carries 200 MB both ways whole, in bounded memory", async () => {
    using folder = makeTestFolder();
    const [from, there, back] = ["from", "there", "back"].map((name) => join(folder.path, name));
    if (from === undefined || there === undefined || back === undefined) throw new Error("names");
    const block = Uint8Array.from({ length: MIB - 1 }, (_, index) => (index * index) >>> 3);
    for (let at = 0; at < LARGE_BYTES; at += block.length) {
      writeFileSync(from, block, { flag: "a" });
    }
    truncateSync(from, LARGE_BYTES);
    await using rig = await FilesRig.open();
    const memory = watchMemory();
    const { onProgress } = memory;
    const startedMs = performance.now();
    const sent = await rig.files.upload(from, there, { onProgress });
    const fetched = await rig.files.download(there, back, { onProgress });
    const elapsedMs = performance.now() - startedMs;
    const expected = await hashOf(from);
    assert.deepEqual([sent.sha256, fetched.sha256], [expected, expected]);
    assert.deepEqual([await hashOf(there), await hashOf(back)], [expected, expected]);
    assert.ok(memory.grownBytes() < LARGE_BYTES * 0.8, `${memory.grownBytes()} bytes`);
    assert.ok(memory.calls() <= elapsedMs / 100 + 2, `${memory.calls()} reports`);
  });

  it("reads a sparse file as zeros", async () => {
    using folder = makeTestFolder();
    const sparse = join(folder.path, "sparse");
    writeFileSync(sparse, "");
    truncateSync(sparse, 30 * MIB + 1);
    await using rig = await FilesRig.open({ cwd: folder.path });
    const bytes = await rig.files.read("sparse");
    assert.equal(bytes.length, 30 * MIB + 1);
    assert.ok(bytes.every((byte) => byte === 0));
  });

  it("reads of a file that grows what was there", async () => {
    using folder = makeTestFolder();
    const [grow, back] = [join(folder.path, "grow"), join(folder.path, "back")];
    await using rig = await FilesRig.open({ cwd: folder.path });
    await rig.exec("yes line | head -n 1000000 >grow");
    await rig.exec("(while [ ! -e stop ]; do echo line >>grow; done) >/dev/null 2>&1 &");
    const before = statSync(grow).size;
    const bytes = await rig.files.read("grow");
    const { bytes: fetched } = await rig.files.download("grow", back);
    await rig.exec("touch stop; wait");
    assert.ok(bytes.length >= before && fetched >= bytes.length);
    assert.ok(fetched <= statSync(grow).size);
    assert.equal(new TextDecoder().decode(bytes).replaceAll("line\n", ""), "");
    assert.equal(readFileSync(back, "utf8").replaceAll("line\n", ""), "");
  });

  it("sends no more than the operator allows", async () => {
    using folder = makeTestFolder();
    const path = join(folder.path, "f");
    writeFileSync(path, new Uint8Array(1001));
    await using rig = await FilesRig.open({ cwd: folder.path, maxTransferBytes: 1000 });
    await assert.rejects(rig.files.upload(path, "g"), /limit_reached/);
    await assert.rejects(rig.files.write("g", new Uint8Array(1001)), /limit_reached/);
    await assert.rejects(rig.files.download("f", join(folder.path, "g")), /limit_reached/);
    assert.equal(await rig.files.stat("g"), undefined);
    await rig.files.write("g", new Uint8Array(1000));
  });
});
