import assert from "node:assert/strict";
import { mkdtemp, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { makeDirectory } from "../../src/make_directory.ts";
import { withinTime } from "../support/wait_for.ts";

describe("makeDirectory()", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "execkit-make-directory-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("makes what is missing for its user alone, and leaves what is there", async () => {
    const path = join(folder, "a", "b", "c");
    await Promise.all([makeDirectory(path), makeDirectory(path), makeDirectory(path)]);
    await makeDirectory(path);
    for (const made of [join(folder, "a"), join(folder, "a", "b"), path]) {
      assert.equal((await stat(made)).mode & 0o7777, 0o700);
    }
  });

  it("ends with an error when a directory above is a link to nowhere", async () => {
    await symlink(join(folder, "nowhere"), join(folder, "link"));
    const made = makeDirectory(join(folder, "link", "inside"));
    await withinTime("an error", assert.rejects(made, { code: "ENOENT" }), 10_000);
  });
});
