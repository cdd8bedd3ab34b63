/**
 * A lock between processes: a file that exists only while somebody holds it.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, lstat, open, readFile, rename, unlink } from "node:fs/promises";
import { epochMs, sleepMs } from "../../clock.ts";
import { systemCode } from "../../system_code.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
/** Milliseconds after which a lock's holder is taken to be dead: its work takes a few. */
const STALE_MS = 8_000;
/** Milliseconds to wait for a lock at most; a dead holder's is taken over in that time. */
const WAIT_MS = 10_000;
/** Milliseconds between two looks. */
const POLL_MS = 15;

/**
 * Does something while holding a lock. Whoever relies on it checks afterwards that nobody else did
 * the same: a holder that was stopped for longer than {@linkcode STALE_MS} loses its lock.
 *
 * @param lockPath The lock file's path, in a directory that no stranger can write to.
 * @param work What to do.
 * @returns What the work returned; undefined when the lock stayed taken.
 * @throws What the work throws, and the file system's errors.
 */
export async function withFileLock<Result>(
  lockPath: string,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  const token = randomBytes(16).toString("hex");
  for (let waitedMs = 0; !(await takeLock(lockPath, token)); waitedMs += POLL_MS) {
    if (waitedMs >= WAIT_MS) return undefined;
    await removeStale(lockPath, token);
    await sleepMs(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await releaseLock(lockPath, token);
  }
}

async function takeLock(lockPath: string, token: string): Promise<boolean> {
  try {
    const handle = await open(lockPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      await handle.writeFile(token);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** A lock that meanwhile became another's stays the other's. */
async function releaseLock(lockPath: string, token: string): Promise<void> {
  await ignoringMissing(async () => {
    if (await readFile(lockPath, "utf8") === token) await unlink(lockPath);
  });
}

/** Renaming is what only one of several waiters can do to the same file. */
async function removeStale(lockPath: string, token: string): Promise<void> {
  await ignoringMissing(async () => {
    const seen = await lstat(lockPath);
    if (epochMs() - seen.mtimeMs < STALE_MS) return;
    const aside = `${lockPath}.${token}`;
    await rename(lockPath, aside);
    try {
      // Between the look and the renaming a new holder may have come: it gets its lock back.
      if ((await lstat(aside)).ino !== seen.ino) await link(aside, lockPath);
    } finally {
      await unlink(aside);
    }
  });
}

async function ignoringMissing(step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    // Somebody else was faster: the lock is gone, or there is a new one.
    if (!["ENOENT", "EEXIST"].includes(systemCode(error))) throw error;
  }
}
