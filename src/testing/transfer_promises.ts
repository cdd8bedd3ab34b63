/**
 * What a session's files promise of transfers, and of several accesses at a time.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmod, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ContractProgress, type FilesPromise, noise, refusedWith } from "./files_subject.ts";

const MIB = 1024 * 1024;

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Checks that progress only ever grows and ends at the whole. */
function watchProgress(total: number): { onProgress: ContractProgress; check(): void } {
  const seen: number[] = [];
  return {
    onProgress: ({ bytes, totalBytes }) => {
      assert.equal(totalBytes, total);
      assert.ok(bytes >= (seen.at(-1) ?? 0));
      seen.push(bytes);
    },
    check: () => assert.equal(seen.at(-1), total),
  };
}

/** The promises. */
export const TRANSFER_PROMISES: readonly FilesPromise[] = [
  ["sends and fetches a large file whole, with its mode", async ({ files, local }) => {
    const content = noise(20 * MIB + 12_345, 3);
    const [from, back] = [join(local, "from"), join(local, "back")];
    await writeFile(from, content);
    await chmod(from, 0o750);
    const sending = watchProgress(content.length);
    const sent = await files.upload(from, "f", { verify: true, onProgress: sending.onProgress });
    sending.check();
    assert.equal(sent.sha256, hashOf(content));
    assert.equal(sent.bytes, content.length);
    const mode = (await files.stat("f"))?.mode ?? 0;
    assert.equal(mode & 0o700, 0o700);
    const fetching = watchProgress(content.length);
    const { onProgress } = fetching;
    const fetched = await files.download("f", back, { verify: true, onProgress });
    fetching.check();
    assert.equal(fetched.verified, sent.verified);
    assert.equal(fetched.sha256, sent.sha256);
    assert.equal(hashOf(await readFile(back)), sent.sha256);
    assert.equal((await stat(back)).mode & 0o700, 0o700);
  }],
  ["sends and fetches an empty file, and one without a size", async ({ files, local }) => {
    const path = join(local, "f");
    await writeFile(path, "");
    await files.upload(path, "empty");
    assert.equal((await files.stat("empty"))?.sizeBytes, 0);
    await files.write("old", "old");
    await files.upload(path, "old");
    assert.equal((await files.read("old")).length, 0);
    await files.download("/proc/version", path);
    assert.deepEqual(new Uint8Array(await readFile(path)), await files.read("/proc/version"));
    await files.download("empty", path);
    assert.equal((await stat(path)).size, 0);
  }],
  ["replaces a local file only by a whole one", async ({ files, local }) => {
    const path = join(local, "f");
    await writeFile(path, "old");
    await chmod(path, 0o640);
    await symlink("f", join(local, "link"));
    await symlink("nowhere", join(local, "dangling"));
    await refusedWith("path_not_found", files.download("nowhere", path));
    await refusedWith("path_denied", files.download("/dev/zero", path));
    await files.write("new", "new");
    await refusedWith("path_denied", files.download("new", path, { overwrite: false }));
    await refusedWith("path_denied", files.download("new", local));
    await refusedWith("path_not_found", files.download("new", join(local, "dangling")));
    await refusedWith("path_not_found", files.download("new", join(local, "no", "where")));
    assert.equal(await readFile(path, "utf8"), "old");
    await files.download("new", join(local, "link"));
    assert.equal(await readFile(path, "utf8"), "new");
    assert.equal((await stat(path)).mode & 0o777, 0o640);
    await files.download("new", join(local, "other"), { overwrite: false, mode: 0o600 });
    assert.equal((await stat(join(local, "other"))).mode & 0o777, 0o600);
  }],
  ["sends regular files only", async ({ files, local }) => {
    await refusedWith("path_not_found", files.upload(join(local, "nowhere"), "f"));
    await refusedWith("path_denied", files.upload(local, "f"));
    await refusedWith("path_denied", files.upload("/dev/zero", "f"));
    assert.equal(await files.stat("f"), undefined);
  }],
  ["leaves the old file whole when a transfer is cancelled", async ({ files, local }) => {
    const [from, back] = [join(local, "from"), join(local, "back")];
    const content = noise(24 * MIB, 4);
    await writeFile(from, content);
    await files.write("f", "old");
    await writeFile(back, "old");
    const late = new AbortController();
    const early = AbortSignal.abort();
    await refusedWith("transfer_failed", files.upload(from, "f", { signal: early }));
    await refusedWith("transfer_failed", files.download("f", back, { signal: early }));
    const outcome = await files.upload(from, "f", {
      signal: late.signal,
      onProgress: () => late.abort(),
    }).catch((error) => error);
    // A fast machine may be done before it is first told how far it is.
    const there = await files.read("f");
    if (outcome instanceof Error) assert.equal(new TextDecoder().decode(there), "old");
    else assert.equal(hashOf(there), hashOf(content));
    await files.upload(from, "f");
    const second = new AbortController();
    const fetching = await files.download("f", back, {
      signal: second.signal,
      onProgress: () => second.abort(),
    }).catch((error) => error);
    if (fetching instanceof Error) assert.equal(await readFile(back, "utf8"), "old");
    else assert.equal(hashOf(await readFile(back)), hashOf(content));
  }],
  ["never shows a mix of two writers", async ({ files }) => {
    const contents = [5, 6, 7].map((seed) => noise(400_000 + seed, seed));
    const known = new Set(contents.map(hashOf));
    await files.write("f", contents[0] ?? "");
    const writing = contents.flatMap((content) => [files.write("f", content), files.read("f")]);
    for (const done of await Promise.all(writing)) {
      assert.ok(known.has(done instanceof Uint8Array ? hashOf(done) : done.sha256));
    }
    assert.ok(known.has(hashOf(await files.read("f"))));
  }],
  ["works while a command runs", async ({ files, session }) => {
    const running = session.exec("until [ -s go ]; do sleep 0.05; done; cat go");
    await files.write("go", "went");
    assert.equal((await running).stdout, "went");
  }],
  ["takes more accesses at a time than it carries out", async ({ files }) => {
    const names = Array.from({ length: 12 }, (_, index) => `f${index}`);
    await Promise.all(names.map((name) => files.write(name, name)));
    const read = await Promise.all(names.map((name) => files.read(name)));
    assert.deepEqual(read.map((bytes) => new TextDecoder().decode(bytes)), names);
  }],
];
