/**
 * What a session's files promise of single files and directories.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type FilesPlace, type FilesPromise, noise, refusedWith } from "./files_subject.ts";

const decoder = new TextDecoder();

/** Names that a shell, a tool or a line-based protocol would stumble over. */
const ODD_NAMES: readonly string[] = [
  "-rf",
  "--help",
  "-",
  " ",
  "*",
  "[a]?",
  "~",
  "$(touch made)",
  "`touch made`",
  "it's",
  '"quoted"',
  "back\\slash\\n",
  "new\nline",
  "trailing newline\n",
  "tab\tand\rreturn",
  "\x1b[31m",
  "…ümläut 🐚",
  "%s%n",
  ".hidden",
  "..hidden",
];

/** UTF-8 sorts as code points do, UTF-16 does not. */
function byBytes(names: readonly string[]): string[] {
  const codes = (name: string) => [...name].map((character) => character.codePointAt(0) ?? 0);
  return [...names].sort((a, b) => compareCodes(codes(a), codes(b)));
}

function compareCodes(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((code, index) => code !== b[index]);
  return at === -1 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
}

async function text({ files }: FilesPlace, path: string): Promise<string> {
  return decoder.decode(await files.read(path));
}

/** The promises. */
export const FILES_PROMISES: readonly FilesPromise[] = [
  ["gives back exactly the bytes that were written", async ({ files, session }) => {
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    for (const content of [new Uint8Array(), all, noise(300_000, 1), Uint8Array.of(10, 10)]) {
      const { bytes, sha256 } = await files.write("f", content, { verify: true });
      assert.equal(bytes, content.length);
      assert.deepEqual(await files.read("f"), content);
      const there = await session.exec("sha256sum <f 2>/dev/null");
      if (there.exitCode === 0) assert.equal(there.stdout.slice(0, 64), sha256);
    }
    await files.write("f", "tëxt\n");
    assert.equal((await session.exec("cat f")).stdout, "tëxt\n");
  }],
  ["reads from an offset, and refuses to cut", async ({ files }) => {
    const content = noise(2_500_000, 2);
    await files.write("f", content);
    for (const offset of [0, 1, 65_536, 1_500_001, 2_499_999, 2_500_000, 9_000_000]) {
      assert.deepEqual(await files.read("f", { offset }), content.subarray(offset));
    }
    assert.equal((await files.read("f", { maxBytes: 2_500_000 })).length, 2_500_000);
    assert.equal((await files.read("f", { offset: 2_499_990, maxBytes: 10 })).length, 10);
    await refusedWith("limit_reached", files.read("f", { maxBytes: 2_499_999 }));
    await refusedWith("limit_reached", files.read("f", { offset: 1, maxBytes: 0 }));
  }],
  ["reads files that have no size", async ({ files, session }) => {
    const { stdout } = await session.exec("cat /proc/version");
    assert.equal(decoder.decode(await files.read("/proc/version")), stdout);
    assert.equal(decoder.decode(await files.read("/proc/version", { offset: 6 })), stdout.slice(6));
    await refusedWith("limit_reached", files.read("/proc/version", { maxBytes: 5 }));
  }],
  ["takes names of any form, and lists them exactly", async (place) => {
    const { files, cwd, session } = place;
    for (const name of ODD_NAMES) {
      const path = name.length % 2 === 0 ? name : `${cwd}/${name}`;
      await files.write(path, `content of ${name}`, { overwrite: false });
      assert.equal(await text(place, name), `content of ${name}`);
    }
    assert.equal((await files.stat("--help"))?.kind, "file");
    assert.equal((await files.stat("trailing newline\n"))?.kind, "file");
    const listed = (await files.list(".")).map(({ name }) => name);
    assert.deepEqual(listed, byBytes(ODD_NAMES));
    await session.exec(`mkdir d && cd d && >"$(printf 'a\\377\\201b')"`);
    const [entry] = await files.list(".");
    assert.deepEqual(entry?.nameBytes, Uint8Array.of(0x61, 0xff, 0x81, 0x62));
  }],
  ["lists kinds, in order, and refuses to cut", async ({ files, session }) => {
    assert.deepEqual(await files.list("."), []);
    await session.exec("mkdir d; >f; ln -s nowhere l; mkfifo p; >.h");
    const kinds = (await files.list(".")).map(({ name, kind }) => `${name} ${kind}`);
    assert.deepEqual(kinds, [".h file", "d directory", "f file", "l link", "p fifo"]);
    assert.equal((await files.list(".", { maxEntries: 5 })).length, 5);
    await refusedWith("limit_reached", files.list(".", { maxEntries: 4 }));
    await refusedWith("path_not_found", files.list("nowhere"));
    await refusedWith("path_denied", files.list("f"));
  }],
  ["tells what is at a path", async ({ files, session }) => {
    await session.exec("umask 022; printf 12345 >f; chmod 640 f; ln -s f l; mkdir -m 1777 d");
    await session.exec("ln -s nowhere dangling; TZ=UTC0 touch -t 202001020304.05 f");
    const file = await files.stat("f");
    assert.equal(file?.kind, "file");
    assert.equal(file?.sizeBytes, 5);
    assert.equal(file?.mode, 0o640);
    assert.equal(file?.modifiedMs, Date.UTC(2020, 0, 2, 3, 4, 5));
    assert.equal((await session.exec("id -u")).stdout, `${file?.uid}\n`);
    const link = await files.stat("l");
    assert.equal(link?.kind, "link");
    assert.equal(link?.linkTarget, "f");
    assert.deepEqual(await files.stat("l", { followLinks: true }), file);
    assert.equal((await files.stat("d"))?.mode, 0o1777);
    assert.equal((await files.stat("/dev/null"))?.kind, "character_device");
    assert.equal(await files.stat("nowhere"), undefined);
    assert.equal(await files.stat("f/below"), undefined);
    assert.equal(await files.stat("dangling", { followLinks: true }), undefined);
  }],
  ["keeps the mode of what it replaces, and gives a new file a usual one", async (place) => {
    const { files, session } = place;
    await session.exec("umask 077; printf old >f; chmod 751 f; printf old >s; chmod 6755 s");
    await files.write("f", "new");
    assert.equal((await files.stat("f"))?.mode, 0o751);
    await files.write("s", "new");
    assert.equal((await files.stat("s"))?.mode, 0o755);
    await files.write("g", "new");
    const fresh = (await files.stat("g"))?.mode ?? 0;
    assert.equal(fresh & 0o600, 0o600);
    assert.equal(fresh & ~0o644, 0);
    await files.write("f", "newer", { mode: 0o600 });
    await files.write("h", "new", { mode: 0o777 });
    assert.equal((await files.stat("f"))?.mode, 0o600);
    assert.equal((await files.stat("h"))?.mode, 0o777);
    assert.equal(await text(place, "f"), "newer");
  }],
  ["writes where a link leads, and leaves the link", async (place) => {
    const { files, session } = place;
    await session.exec("mkdir d; printf old >d/f; ln -s d/f l; ln -s l l2; ln -s d/new dangling");
    await session.exec("ln -s loop loop");
    await files.write("l2", "through");
    await files.write("dangling", "made");
    assert.equal((await session.exec("cat d/f d/new; readlink l")).stdout, "throughmaded/f\n");
    await refusedWith("path_denied", files.write("loop", "x"));
    await refusedWith("path_denied", files.write("dangling", "x", { overwrite: false }));
  }],
  ["replaces nothing and makes no directory unless told to", async (place) => {
    const { files } = place;
    await files.write("f", "old");
    await refusedWith("path_denied", files.write("f", "new", { overwrite: false }));
    assert.equal(await text(place, "f"), "old");
    await refusedWith("path_not_found", files.write("a/b/f", "new"));
    assert.equal(await files.stat("a"), undefined);
    await files.write("a/b/f", "new", { createParents: true });
    assert.equal(await text(place, "a/b/f"), "new");
    await refusedWith("path_not_found", files.write("f/below", "x", { createParents: true }));
  }],
  ["refuses what is no regular file, without waiting for it", async ({ files, session }) => {
    await session.exec("mkdir d; mkfifo p; ln -s p lp; ln -s d ld");
    for (const path of ["d", "p", "lp", "ld", "/dev/zero", "/dev/null", "/", "."]) {
      await refusedWith("path_denied", files.read(path));
      await refusedWith("path_denied", files.write(path, "x"));
    }
    await refusedWith("path_denied", files.write("d/", "x"));
    assert.equal((await session.exec("ls -A d")).stdout, "");
  }],
  ["tells what is not there from what may not be seen", async ({ files, session }) => {
    await refusedWith("path_not_found", files.read("nowhere"));
    await refusedWith("path_not_found", files.read("/nowhere/at/all"));
    await session.exec("mkdir d; >d/f; chmod 0 d/f; chmod 0 d");
    // root may see everything.
    if ((await session.exec("id -u")).stdout === "0\n") return;
    await refusedWith("path_denied", files.read("d/f"));
    await refusedWith("path_denied", files.stat("d/f"));
    await refusedWith("path_denied", files.list("d"));
    await refusedWith("path_denied", files.write("d/f", "x"));
    await session.exec("chmod 500 d");
    await refusedWith("path_denied", files.read("d/f"));
    await refusedWith("path_denied", files.write("d/g", "x"));
    await refusedWith("path_denied", files.write("d/g/h", "x", { createParents: true }));
  }],
  ["refuses what is no path", async ({ files }) => {
    for (const path of ["", "a\0b", "a\ud800", "x".repeat(5000)]) {
      await refusedWith("invalid_argument", files.read(path));
      await refusedWith("invalid_argument", files.write(path, "x"));
      await refusedWith("invalid_argument", files.stat(path));
      await refusedWith("invalid_argument", files.list(path));
    }
  }],
  ["takes secrets out of text", async ({ files }) => {
    const value = Array.from(noise(24, 7), (byte) => (byte % 36).toString(36)).join("");
    await files.write("f", `user=me\napi_key=${value}\n`);
    const shown = await files.readText("f");
    assert.match(shown, /^user=me\n/);
    assert.ok(!shown.includes(value));
  }],
];
