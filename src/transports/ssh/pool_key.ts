/**
 * What two sessions must have in common to share a connection.
 *
 * @module
 */

import { createHmac, randomBytes } from "node:crypto";
import type { AnswerSshPrompts } from "./ssh_options.ts";
import type { Hop } from "./jump_chain.ts";

/** A key of this process only, so that nobody can try passwords against a digest. */
const DIGEST_KEY = randomBytes(32);

const answerers = new WeakMap<AnswerSshPrompts, number>();
let answererCount = 0;

/**
 * Makes the name of a pool. Everything that decides whom we talk to, how we know him and how we log
 * in is part of it, so that no session gets a connection that its own options would not have given.
 *
 * @param hops The hosts on the way; the last is the target.
 * @returns A digest in hex.
 */
export function poolKey(hops: readonly Hop[]): string {
  const parts = hops.map(({ host, options }) => {
    const { answerPrompts, given: _given, ...plain } = options;
    const { notes: _notes, ...place } = host;
    return [place, plain, answerPrompts === undefined ? 0 : numberOf(answerPrompts)];
  });
  return createHmac("sha256", DIGEST_KEY).update(JSON.stringify(parts)).digest("hex");
}

/** Functions are the same when they are the same object. */
function numberOf(answerPrompts: AnswerSshPrompts): number {
  const found = answerers.get(answerPrompts);
  if (found !== undefined) return found;
  answererCount += 1;
  answerers.set(answerPrompts, answererCount);
  return answererCount;
}
