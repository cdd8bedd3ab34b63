/**
 * Whose port it was that a wait has met: a server that was there before the command says nothing
 * about the command.
 *
 * @module
 */

import { monotonicMs } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { EMPTY_SAFE_TEXT, safe, type SafeText } from "../../safe_text.ts";
import { probeCommand, type ProbedSession } from "../../shell/probe/probe_command.ts";
import type { ProbeReport } from "../../shell/probe/probe_report.ts";

/** Milliseconds by which a process's age may be wrong: the clock's tick, twice. */
const AGE_SLACK_MS = 20;

/**
 * Tells whether the listener on a port may have been there before the command.
 *
 * @param session The processes of the session.
 * @param port The port, which something listens on.
 * @param commandAgeMs Milliseconds since the command was started.
 * @returns What the caller should know; empty when the command's listener was seen, and when the
 *   machine does not tell.
 */
export async function portNote(
  session: ProbedSession,
  port: number,
  commandAgeMs: number,
): Promise<SafeText> {
  const beganMs = monotonicMs();
  try {
    const report = await probeCommand(session, "ports");
    return noteOf(report, port, commandAgeMs + monotonicMs() - beganMs);
  } catch (cause) {
    // A machine that cannot be looked at tells nothing of its listeners.
    if (cause instanceof ExeckitError) return EMPTY_SAFE_TEXT;
    throw cause;
  }
}

function noteOf(report: ProbeReport, port: number, commandAgeMs: number): SafeText {
  const listeners = (report.listeners ?? []).filter((one) => one.port === port);
  if (listeners.length === 0) return EMPTY_SAFE_TEXT;
  const pids = listeners.flatMap(({ pid }) => pid === undefined ? [] : [pid]);
  if (pids.length === 0) {
    return safe`What listens on port ${port} is no process of this session that can be seen: it may have been there before the command.`;
  }
  const processes = [...report.foreground, ...report.background];
  const ages = pids.map((pid) => processes.find((one) => one.pid === pid)?.ageMs ?? 0);
  if (!ages.every((ageMs) => ageMs > commandAgeMs + AGE_SLACK_MS)) return EMPTY_SAFE_TEXT;
  return safe`What listens on port ${port} is older than the command: an earlier one left it running.`;
}
