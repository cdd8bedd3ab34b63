/**
 * What the commands of a session left running, each process named once.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import type { LeftRunning } from "../../exec_result.ts";
import type { Redactor } from "../../output/redactor.ts";
import { probeCommand, type ProbedSession } from "../../shell/probe/probe_command.ts";
import type { ProbedProcess } from "../../shell/probe/probe_report.ts";

/** Processes that a result names at most. */
const MAX_NAMED = 20;
/** Characters of a process's arguments that are shown: enough to recognise it by. */
const COMMAND_MAX_CHARS = 200;

/** What a look after a command finds. */
export interface BackgroundLook {
  /** Processes that were not there at the look before: the command left them. */
  readonly leftRunning: readonly LeftRunning[];
  /**
   * Processes of earlier commands that share the session's output and may have written to it during
   * the command: those that have written something since the look before, have ended since, or were
   * started by such a process.
   */
  readonly mayHaveWritten: readonly LeftRunning[];
}

const NOTHING: BackgroundLook = { leftRunning: [], mayHaveWritten: [] };

/** Knows the background processes of a session. */
export class SessionProcessList {
  readonly #session: () => ProbedSession;
  readonly #redactor: Redactor;
  #known: ReadonlyMap<number, ProbedProcess> = new Map();

  /**
   * Starts with none.
   *
   * @param session The processes of the session's present shell.
   * @param redactor The session's redactor.
   */
  constructor(session: () => ProbedSession, redactor: Redactor) {
    this.#session = session;
    this.#redactor = redactor;
  }

  /**
   * Looks at what runs in the background, after a command.
   *
   * @returns What has changed since the look before; nothing where the machine does not tell.
   */
  async look(): Promise<BackgroundLook> {
    try {
      const { background } = await probeCommand(this.#session(), "session");
      const known = this.#known;
      this.#known = new Map(background.map((one) => [one.pid, one]));
      const left = background.filter(({ pid }) => !known.has(pid));
      const wrote = [...known.values()].filter((one) => mayHaveWritten(one, this.#known));
      const begun = left.filter(({ ppid, sharesOutput }) => known.has(ppid) && sharesOutput);
      return { leftRunning: this.#name(left), mayHaveWritten: this.#name([...wrote, ...begun]) };
    } catch (cause) {
      // A shell that was replaced, or a machine that cannot be looked at, has nothing to name.
      if (cause instanceof ExeckitError) return NOTHING;
      throw cause;
    }
  }

  #name(processes: readonly ProbedProcess[]): readonly LeftRunning[] {
    return processes.slice(0, MAX_NAMED).map((one) => this.#describe(one));
  }

  #describe({ pid, rawName, rawArguments }: ProbedProcess): LeftRunning {
    const text = this.#redactor.text(rawArguments?.join(" ") ?? rawName);
    if (text.length <= COMMAND_MAX_CHARS) return { pid, command: text };
    // Redacting again changes nothing; it gives the shorter text its type.
    return { pid, command: this.#redactor.text(`${text.slice(0, COMMAND_MAX_CHARS - 1)}…`) };
  }
}

function mayHaveWritten(before: ProbedProcess, now: ReadonlyMap<number, ProbedProcess>): boolean {
  if (before.sharesOutput !== true) return false;
  const after = now.get(before.pid);
  return after?.writtenBytes === undefined || after.writtenBytes !== before.writtenBytes;
}
