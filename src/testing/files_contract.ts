/**
 * The promises of a session's files, as tests that files over any transport can be held against.
 *
 * @module
 */

import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { FILES_PROMISES } from "./files_promises.ts";
import type { ContractFilesSession, FilesPlace, FilesSubject } from "./files_subject.ts";
import { TRANSFER_PROMISES } from "./transfer_promises.ts";

/**
 * Declares the suite with `node:test`: one test for each promise, each in a session of its own that
 * stands in an empty directory of its own. The tests need to write to the local temporary directory.
 *
 * @param subject What is held against the promises.
 */
export function filesContract(subject: FilesSubject): void {
  const options = subject.skip === undefined ? {} : { skip: subject.skip };
  describe(`files contract: ${subject.name}`, () => {
    for (const [promise, test] of [...FILES_PROMISES, ...TRANSFER_PROMISES]) {
      it(promise, options, async () => {
        // Node 20 does not know the syntax of `await using`, and this file is published.
        const session = await subject.open();
        const local = await mkdtemp(join(tmpdir(), "execkit-files-"));
        try {
          await inEmptyDirectory(
            session,
            (cwd) => test({ session, files: session.files, cwd, local }),
          );
          assert.deepEqual((await readdir(local)).filter(isTemporary), []);
        } finally {
          await rm(local, { recursive: true, force: true });
          await session[Symbol.asyncDispose]();
        }
      });
    }
  });
}

/** No test may leave a temporary file, whatever it did. */
async function inEmptyDirectory(
  session: ContractFilesSession,
  body: (cwd: FilesPlace["cwd"]) => Promise<void>,
): Promise<void> {
  const made = await session.exec('cd /tmp && d=$(mktemp -d) && cd "$d" && pwd');
  const cwd = made.stdout.trim();
  assert.match(cwd, /^\/.*tmp\./, "The session cannot make a directory");
  try {
    await body(cwd);
    const left = (await session.files.list(cwd)).map(({ name }) => name).filter(isTemporary);
    assert.deepEqual(left, []);
  } finally {
    await session.exec(`cd / && chmod -R u+rwx '${cwd}' && rm -rf '${cwd}'`);
  }
}

function isTemporary(name: string): boolean {
  return name.startsWith(".execkit-");
}
