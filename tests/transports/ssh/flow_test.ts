import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { runScript, skipWithout } from "../../support/processes.ts";
import { openScript, readText } from "../../support/ssh_sessions.ts";
import { SSHD_SKIP, TestSshd } from "../../support/sshd.ts";
import { waitFor } from "../../support/wait_for.ts";

const TOTAL_BYTES = 200_000_000;
const MIB = 1024 * 1024;
/** Less than all of them, and more than the garbage that a busy runtime has not collected yet. */
const MEMORY_MAX_MIB = TOTAL_BYTES / MIB * 3 / 4;

/** The same bytes at every run, none of which can be pressed together. */
const NOISE = "openssl enc -aes-128-ctr -nosalt -K 00000000000000000000000000000001 " +
  `-iv 00000000000000000000000000000000 -in /dev/zero 2>/dev/null | head -c ${TOTAL_BYTES}`;

describe("the bytes of a transport over SSH", { skip: SSHD_SKIP || skipWithout("openssl") }, () => {
  it("arrive exactly, 200 MB of them, in bounded memory", async () => {
    await using server = await TestSshd.start();
    const expected = (await runScript(`${NOISE} | sha256sum`)).slice(0, 64);
    const transport = await openScript(server.options(), NOISE);
    const hash = createHash("sha256");
    const before = process.memoryUsage().rss;
    let bytes = 0;
    let most = before;
    let sampled = 0;
    for await (const chunk of transport.stdout) {
      hash.update(chunk);
      bytes += chunk.length;
      if (bytes - sampled < MIB) continue;
      sampled = bytes;
      most = Math.max(most, process.memoryUsage().rss);
    }
    assert.equal(bytes, TOTAL_BYTES);
    assert.equal(hash.digest("hex"), expected);
    const grown = (most - before) / MIB;
    assert.ok(grown < MEMORY_MAX_MIB, `${Math.round(grown)} MiB more memory`);
    await transport.close();
  });

  it("wait on the host when nobody reads them", async () => {
    await using server = await TestSshd.start();
    const file = join(server.path, "count");
    const script = `i=0; while [ $i -lt 100 ]; do head -c 1000000 /dev/zero; i=$((i + 1))
      echo $i >"$1"; done`;
    const transport = await openScript(server.options(), script, file);
    const count = async () => Number(await runScript('cat "$1" 2>/dev/null || echo 0', file));
    let last = -1;
    let looks = 0;
    const stalledAt = await waitFor("the writer to stand still", async () => {
      const now = await count();
      looks = now > 0 && now === last ? looks + 1 : 0;
      last = now;
      return looks >= 20 ? now : undefined;
    });
    assert.ok(stalledAt < 20, `${stalledAt} MB were taken although nobody reads`);
    let bytes = 0;
    for await (const chunk of transport.stdout) bytes += chunk.length;
    assert.equal(bytes, 100_000_000);
    await transport.close();
  });

  it("do not hold up the other channels of the connection", async () => {
    await using server = await TestSshd.start();
    const transport = await openScript(server.options(), "yes & cat >/dev/null; kill $!");
    const aside = await transport.startAside({ script: "echo beside" });
    assert.equal(await readText(aside.stdout), "beside\n");
    await aside.release();
    await transport.close();
  });

  it("go to the host exactly, 50 MB of them", async () => {
    await using server = await TestSshd.start();
    const transport = await openScript(server.options(), "head -c 50000000 | sha256sum");
    const hash = createHash("sha256");
    const block = new Uint8Array(1_000_000);
    for (let index = 0; index < 50; index++) {
      block.fill(index);
      hash.update(block);
      await transport.write(block);
    }
    assert.equal((await readText(transport.stdout)).slice(0, 64), hash.digest("hex"));
    await transport.close();
  });

  it("keep standard output and standard error apart, and end with the program's streams", async () => {
    await using server = await TestSshd.start();
    const script = 'i=0; while [ $i -lt 2000 ]; do echo "o$i"; echo "e$i" >&2; i=$((i + 1)); done';
    const transport = await openScript(server.options(), script);
    const [out, err] = await Promise.all([readText(transport.stdout), readText(transport.stderr)]);
    const lines = (kind: string) =>
      Array.from({ length: 2000 }, (_, i) => `${kind}${i}\n`).join("");
    assert.equal(out, lines("o"));
    assert.equal(err, lines("e"));
    await transport.close();
  });

  it("end when a program closes its output before its own end", async () => {
    await using server = await TestSshd.start();
    const script = "echo out; exec >&- 2>&-; cat >/dev/null; exit 4";
    const transport = await openScript(server.options(), script);
    assert.equal(await readText(transport.stdout), "out\n");
    await transport.write(new TextEncoder().encode("still there"));
    await transport.close();
    assert.deepEqual(await transport.ended, { reason: "closed" });
  });
});
