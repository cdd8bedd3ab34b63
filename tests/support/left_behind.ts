/**
 * What a session of a driver has running when its end comes, for tests that look for it afterwards.
 *
 * @module
 */

import type { DrivenSessions, SessionTraces } from "./driven_sessions.ts";
import { processesInSession, processesWithMark } from "./processes.ts";
import { waitFor } from "./wait_for.ts";

/** Ways to leave something behind that a session's end must find. */
const LEAVE_BEHIND = `
sleep 600 &
nohup sleep 601 >/dev/null 2>&1 &
setsid sleep 602 >/dev/null 2>&1 </dev/null &
env -i /bin/sleep 603 &
sh -c 'trap "" HUP TERM INT; sleep 604; sleep 605' &
(sleep 606 & exec sleep 607) &
:`;
/** How many of those are still sleeping. */
const LEFT_COUNT = 7;

/**
 * Leaves background jobs and a running command in a session.
 *
 * @param driver The driver that has the session.
 * @param name The session's name.
 * @returns What its processes are found by.
 */
export async function leaveBehind(driver: DrivenSessions, name: string): Promise<SessionTraces> {
  const traces = await driver.traces(name);
  await driver.exec(name, LEAVE_BEHIND);
  // Rejects when the driver is killed, which is what happens to it.
  driver.exec(name, "sleep 600 | cat").catch(() => undefined);
  await waitFor(
    `the sleepers of ${name}`,
    async () => await sleepers(traces) >= LEFT_COUNT ? true : undefined,
  );
  return traces;
}

async function sleepers({ mark, sessionId }: SessionTraces): Promise<number> {
  const all = [...await processesWithMark(mark), ...await processesInSession(sessionId)];
  const pids = all.filter(({ command }) => /^\S*sleep 60\d/.test(command)).map(({ pid }) => pid);
  return new Set(pids).size;
}
