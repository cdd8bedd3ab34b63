/**
 * The ladder that ends a command and keeps its shell: each rung is stronger than the one before.
 *
 * @module
 */

import { TIMED_OUT, withGrace } from "../clock.ts";
import { ExeckitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { signalForeground, signalShell, typeInterrupt } from "./process_control.ts";
import type { RunOutcome, ShellChannel } from "./shell_channel.ts";

/** One rung: what it does, and how long the command has to react. */
interface Rung {
  readonly act: (channel: ShellChannel) => Promise<unknown>;
  readonly graceMs: number;
}

/**
 * ^C reaches builtin loops too, with the shell's state kept. INT to the processes is for a terminal
 * without ISIG, for no terminal, and for what a shell goes on with that the first rung woke. TERM is
 * for what ignores INT, KILL for what ignores TERM. KILL comes twice, since a loop in the shell starts
 * the next child; the second spares nothing, since what looked like a background job may be what the
 * shell waits for. The shell's own end is last.
 */
const RUNGS: readonly Rung[] = [
  {
    act: (channel) => channel.terminal ? typeInterrupt(channel) : interruptDirectly(channel),
    graceMs: LIMITS.interruptGraceMs,
  },
  { act: interruptDirectly, graceMs: LIMITS.interruptGraceMs },
  { act: (channel) => signalForeground(channel, "TERM"), graceMs: LIMITS.terminateGraceMs },
  { act: (channel) => signalForeground(channel, "KILL"), graceMs: LIMITS.killGraceMs / 2 },
  {
    act: (channel) => signalForeground(channel, "KILL", "everything"),
    graceMs: LIMITS.killGraceMs / 2,
  },
];

/**
 * Ends the running command.
 *
 * @param channel The channel it runs on.
 * @param running Its outcome, which the ladder waits for between the rungs.
 * @returns The outcome; a shell that no rung gives back is killed, and has died.
 */
export async function climbLadder(
  channel: ShellChannel,
  running: Promise<RunOutcome>,
): Promise<RunOutcome> {
  channel.stopping();
  for (const rung of RUNGS) {
    if (!channel.busy) break;
    await tryAct(() => rung.act(channel));
    void channel.askForEnd();
    const outcome = await withGrace(settledCommand(channel, running), rung.graceMs);
    if (outcome !== TIMED_OUT) return await settle(channel, running);
  }
  if (channel.busy) {
    await tryAct(() => signalShell(channel, "KILL"));
    await withGrace(running, LIMITS.resyncTimeoutMs);
  }
  return await settle(channel, running);
}

/**
 * Where nothing can be started beside the shell, since the link is gone or the machine has no
 * process left, the rung stays without effect, and the next is tried until the channel ends.
 */
async function tryAct(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (cause) {
    if (!(cause instanceof ExeckitError)) throw cause;
  }
}

/**
 * Where no terminal passes ^C on, INT goes by hand: to the processes and to the shell at once, since
 * bash leaves its loop only when it gets INT while it waits for a child that dies of it. With a
 * terminal, a shell that waits for a process must not get it as well.
 */
async function interruptDirectly(channel: ShellChannel): Promise<void> {
  if (!channel.terminal) {
    await signalForeground(channel, "INT", "shell_too");
    return;
  }
  const found = await signalForeground(channel, "INT");
  if (channel.busy && !found) await signalShell(channel, "INT");
}

/** Resolves when the command's frame has settled, whatever the channel still does about it. */
async function settledCommand(
  channel: ShellChannel,
  running: Promise<RunOutcome>,
): Promise<void> {
  await Promise.race([running, channel.commandSettled]);
}

/**
 * An interrupt may have reached the shell between two lines, and a killed program may have left
 * the terminal in its own mode: the shell must answer once more before it is trusted.
 */
async function settle(
  channel: ShellChannel,
  running: Promise<RunOutcome>,
): Promise<RunOutcome> {
  const outcome = await withGrace(running, LIMITS.resyncTimeoutMs * 2);
  if (outcome === TIMED_OUT) return { kind: "died", usable: false };
  if (!outcome.usable) return outcome;
  return { ...outcome, usable: await channel.resynchronise() };
}
