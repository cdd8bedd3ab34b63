/**
 * The first words of a script on a host: whether it runs at all.
 *
 * @module
 */

import { monotonicMs, TIMED_OUT, withDeadline } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { joinBytes } from "../../join_bytes.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { readGreeting } from "./command_line.ts";
import { connectFailed } from "./connect_errors.ts";
import type { SshChannel } from "./ssh_channel.ts";

/** Bytes that a profile may write before the script speaks. */
const NOISE_MAX_BYTES = 256 * 1024;
/** Milliseconds that a script has to speak, once the host has started it. */
const GREETING_TIMEOUT_MS = 10_000;

/** A script that runs. */
export interface GreetedScript {
  /** Its process id on the host. */
  readonly pid: number;
  /** Its standard output behind the greeting. */
  readonly stdout: AsyncIterable<Uint8Array>;
}

/**
 * Waits until a script has greeted; what its login shell's profile writes before is dropped.
 *
 * @param channel The script's channel.
 * @param key The key of its greeting.
 * @param deadlineMs The moment at which connecting has to be over.
 * @returns The script.
 * @throws {ExeckitError} `connect_failed` when something else answers, or nothing.
 */
export async function waitForGreeting(
  channel: SshChannel,
  key: string,
  deadlineMs: number,
): Promise<GreetedScript> {
  const iterator = channel.stdout[Symbol.asyncIterator]();
  const leftMs = Math.min(GREETING_TIMEOUT_MS, Math.max(0, deadlineMs - monotonicMs()));
  const found = await withDeadline(findGreeting(iterator, key), leftMs);
  if (found === TIMED_OUT) {
    throw notOurScript(safe`nothing of it was heard for ${Math.round(leftMs)} ms`);
  }
  if (found !== undefined) return { pid: found.pid, stdout: resumed(found.rest, iterator) };
  const outcome = await withDeadline(channel.outcome, Math.max(0, deadlineMs - monotonicMs()));
  if (outcome === TIMED_OUT) throw notOurScript(safe`something else answered`);
  if (outcome.kind === "lost") throw connectFailed(outcome.detail);
  throw notOurScript(
    outcome.kind === "exited"
      ? safe`the login shell ended with exit code ${outcome.code}`
      : safe`the login shell was killed`,
  );
}

async function findGreeting(
  iterator: AsyncIterator<Uint8Array>,
  key: string,
): Promise<ReturnType<typeof readGreeting>> {
  let written = new Uint8Array(0);
  while (written.length < NOISE_MAX_BYTES) {
    const { value, done } = await iterator.next();
    if (done === true) return undefined;
    written = joinBytes([written, value]);
    const found = readGreeting(written, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

function resumed(
  rest: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      if (rest.length > 0) yield rest;
      for (;;) {
        const { value, done } = await iterator.next();
        if (done === true) return;
        yield value;
      }
    },
  };
}

function notOurScript(what: SafeText): ExeckitError {
  return new ExeckitError({
    code: "connect_failed",
    message: safe`The host let us in, but did not run our script: ${what}`,
    hint:
      safe`Check the user's login shell (nologin, restricted), ForceCommand, and that sh can be found`,
  });
}
