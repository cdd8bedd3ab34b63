import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { ExeckitError } from "../../../mod.ts";
import { FILE_EXITS, WRITE_SCRIPT } from "../../../src/session/files/file_scripts.ts";
import { makeTestFolder } from "../../support/open_session.ts";
import { waitFor, withinTime } from "../../support/wait_for.ts";
import { AS_NOBODY, FilesRig, NOBODY, NOBODY_SKIP, RIG_SHELLS } from "./files_rig.ts";

const NOT_ROOT = process.getuid?.() === 0 ? false : "only root can mount and become somebody else";
const OLD = "the old content";

async function refused(code: string, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(withinTime("the refusal", promise), (error) => {
    assert.ok(error instanceof ExeckitError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

/** Asserts that a directory holds one file, which nobody has changed. */
function assertUntouched(folder: string, names: readonly string[] = ["f"]): void {
  assert.deepEqual(readdirSync(folder).sort(), [...names].sort());
  assert.equal(readFileSync(join(folder, "f"), "utf8"), OLD);
}

/** A folder with a file `f`, and a program in front of the others. */
function makeFolder(cat?: string): { path: string; aside: string; note: string } & Disposable {
  const folder = makeTestFolder();
  const [path, tools] = [join(folder.path, "work"), join(folder.path, "tools")];
  const note = join(folder.path, "note");
  mkdirSync(path);
  mkdirSync(tools);
  writeFileSync(join(path, "f"), OLD);
  if (cat !== undefined) {
    writeFileSync(join(tools, "cat"), `#!/bin/sh\n${cat.replaceAll("NOTE", `'${note}'`)}\n`);
    chmodSync(join(tools, "cat"), 0o755);
  }
  return {
    path,
    note,
    aside: `PATH='${tools}':$PATH; exec sh "$@"`,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** A cat that stops in the middle, and ends when the script that runs it is gone. */
const STOPPING_CAT = `
head -c 1000
echo $PPID >NOTE.part && mv NOTE.part NOTE
while kill -0 $PPID 2>/dev/null; do sleep 0.05; done`;

function pidIn(note: string): Promise<number> {
  return waitFor(
    "the script",
    () => existsSync(note) ? Number(readFileSync(note, "utf8")) : undefined,
  );
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ESRCH") return false;
    throw cause;
  }
}

describe("SessionFiles.write() that fails", () => {
  it("leaves the old file when the disk is full", { skip: NOT_ROOT }, async () => {
    using folder = makeFolder();
    const disk = join(dirname(folder.path), "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "execkit-test", disk]);
    try {
      writeFileSync(join(disk, "f"), OLD);
      writeFileSync(join(disk, "ballast"), new Uint8Array(600_000));
      await using rig = await FilesRig.open({ cwd: disk });
      await refused("transfer_failed", rig.files.write("f", new Uint8Array(900_000)));
      assertUntouched(disk, ["ballast", "f"]);
      const early = rig.files.write("f", new Uint8Array(3_000_000));
      await assert.rejects(early, /too little space is free/);
      assertUntouched(disk, ["ballast", "f"]);
      const large = join(folder.path, "large");
      writeFileSync(large, new Uint8Array(900_000));
      await refused("transfer_failed", rig.files.download(large, join(disk, "f")));
      assertUntouched(disk, ["ballast", "f"]);
    } finally {
      execFileSync("umount", [disk]);
    }
  });

  it("says that a file system is read-only, in every shell", { skip: NOT_ROOT }, async () => {
    using folder = makeFolder();
    execFileSync("mount", ["-t", "tmpfs", "execkit-test", folder.path]);
    try {
      writeFileSync(join(folder.path, "f"), OLD);
      execFileSync("mount", ["-o", "remount,ro", folder.path]);
      for (const shell of RIG_SHELLS.filter(({ skip }) => skip === false)) {
        using tools = makeTestFolder();
        await using rig = await FilesRig.open({ cwd: folder.path, aside: shell.prepare(tools) });
        await refused("path_denied", rig.files.write("f", "new"));
        await refused("path_denied", rig.files.write("new", "new"));
        await refused("path_denied", rig.files.write("a/b", "new", { createParents: true }));
      }
      assertUntouched(folder.path);
    } finally {
      execFileSync("umount", [folder.path]);
    }
  });

  it("leaves the old file when a quota is reached", async () => {
    for (const shell of RIG_SHELLS.filter(({ skip }) => skip === false)) {
      using folder = makeFolder();
      using tools = makeTestFolder();
      const aside = `ulimit -f 100; ${shell.prepare(tools)}`;
      await using rig = await FilesRig.open({ cwd: folder.path, aside });
      await refused("transfer_failed", rig.files.write("f", new Uint8Array(1_000_000)));
      assertUntouched(folder.path);
    }
  });

  it("leaves the old file when its script is killed", async () => {
    using folder = makeFolder(STOPPING_CAT);
    await using rig = await FilesRig.open({ cwd: folder.path, aside: folder.aside });
    const writing = rig.files.write("f", new Uint8Array(1_000_000));
    const refusal = refused("transfer_failed", writing);
    const pid = await pidIn(folder.note);
    assert.equal(readdirSync(folder.path).length, 2);
    process.kill(pid, "SIGKILL");
    await refusal;
    assertUntouched(folder.path);
  });

  it("leaves the old file when it is cancelled and the machine does not react", async () => {
    using folder = makeFolder(STOPPING_CAT);
    await using rig = await FilesRig.open({ cwd: folder.path, aside: folder.aside });
    const controller = new AbortController();
    const content = new Uint8Array(1_000_000);
    const writing = rig.files.write("f", content, { signal: controller.signal });
    const refusal = assert.rejects(withinTime("the refusal", writing), /it was cancelled/);
    const pid = await pidIn(folder.note);
    controller.abort();
    await refusal;
    await waitFor("the script's end", () => isRunning(pid) ? undefined : true);
    assertUntouched(folder.path);
  });

  it("ends with the session", async () => {
    using folder = makeFolder(STOPPING_CAT);
    await using rig = await FilesRig.open({ cwd: folder.path, aside: folder.aside });
    const refusal = refused("session_closed", rig.files.write("f", new Uint8Array(1_000_000)));
    const waiting = refused("session_closed", rig.files.write("f", "x"));
    await pidIn(folder.note);
    rig.close();
    await refusal;
    await waiting;
    assertUntouched(folder.path);
    await refused("session_closed", rig.files.read("f"));
  });

  for (const shell of RIG_SHELLS) {
    const options = shell.skip === false ? {} : { skip: shell.skip };
    it(`removes its temporary file when its caller dies, in ${shell.name}`, options, async () => {
      using folder = makeFolder();
      using tools = makeTestFolder();
      const path = join(folder.path, "f");
      const args = [path, "1000", "", "644", "no", "yes", ".execkit-test.tmp", ""];
      const script = ["-c", shell.prepare(tools), "sh", "-c", WRITE_SCRIPT, "execkit", ...args];
      const child = spawn("sh", script, { stdio: ["pipe", "ignore", "ignore"] });
      const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
      child.stdin.write("x".repeat(999));
      await waitFor("the temporary file", () => readdirSync(folder.path).length === 2 || undefined);
      child.stdin.end();
      assert.equal(await withinTime("its end", ended), FILE_EXITS.short);
      assertUntouched(folder.path);
    });
  }

  it("leaves the old file when the bytes are not those that were sent", async () => {
    using folder = makeFolder("tr a b");
    await using rig = await FilesRig.open({ cwd: folder.path, aside: folder.aside });
    const writing = rig.files.write("f", "aaaa", { verify: true });
    await assert.rejects(writing, /have another hash/);
    assertUntouched(folder.path);
  });

  it("does only what the session's user may", { skip: NOBODY_SKIP }, async () => {
    using folder = makeFolder();
    await using rig = await FilesRig.open({ cwd: folder.path, aside: AS_NOBODY });
    chmodSync(dirname(folder.path), 0o755);
    chmodSync(folder.path, 0o755);
    await refused("path_denied", rig.files.write("f", "x"));
    await refused("path_denied", rig.files.write("new", "x"));
    await refused("path_denied", rig.files.write("a/b", "x", { createParents: true }));
    chmodSync(join(folder.path, "f"), 0o666);
    await refused("path_denied", rig.files.write("f", "x"));
    chmodSync(join(folder.path, "f"), 0o600);
    await refused("path_denied", rig.files.read("f"));
    assert.equal((await rig.files.stat("f"))?.sizeBytes, OLD.length);
    chmodSync(folder.path, 0o700);
    await refused("path_denied", rig.files.stat("f"));
    await refused("path_denied", rig.files.list("."));
    assertUntouched(folder.path);
  });

  it("keeps the owner of what it replaces", { skip: NOT_ROOT }, async () => {
    using folder = makeFolder();
    const path = join(folder.path, "f");
    chownSync(path, NOBODY, NOBODY);
    chmodSync(path, 0o640);
    await using rig = await FilesRig.open({ cwd: folder.path });
    await rig.files.write("f", "new");
    const { uid, gid, mode } = statSync(path);
    assert.deepEqual([uid, gid, mode & 0o7777], [NOBODY, NOBODY, 0o640]);
    assert.equal(readFileSync(path, "utf8"), "new");
  });

  it("gives mode and owner to no file that a link leads to", { skip: NOT_ROOT }, async () => {
    using folder = makeFolder();
    const victim = join(dirname(folder.path), "victim");
    writeFileSync(victim, OLD, { mode: 0o600 });
    chownSync(join(folder.path, "f"), NOBODY, NOBODY);
    // Who may write to the directory puts a link in the temporary file's place before it gets them.
    const swap =
      `#!/bin/sh\nfor t in '${folder.path}'/.execkit-*; do ln -sf '${victim}' "$t"; done\n`;
    writeFileSync(join(dirname(folder.path), "tools/dd"), swap, { mode: 0o755 });
    await using rig = await FilesRig.open({ cwd: folder.path, aside: folder.aside });
    await rig.files.write("f", "new", { mode: 0o666 });
    assert.ok(lstatSync(join(folder.path, "f")).isSymbolicLink());
    const { uid, mode } = statSync(victim);
    assert.deepEqual([uid, mode & 0o7777], [0, 0o600]);
    assert.equal(readFileSync(victim, "utf8"), OLD);
  });
});
