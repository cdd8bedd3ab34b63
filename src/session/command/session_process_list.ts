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

/** Knows the background processes of a session. */
export class SessionProcessList {
  readonly #session: () => ProbedSession;
  readonly #redactor: Redactor;
  #known: ReadonlySet<number> = new Set();

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
   * Looks for processes that were not there at the look before.
   *
   * @returns They; none where the machine does not tell.
   */
  async leftRunning(): Promise<readonly LeftRunning[]> {
    try {
      const { background } = await probeCommand(this.#session(), "session");
      const fresh = background.filter(({ pid }) => !this.#known.has(pid));
      this.#known = new Set(background.map(({ pid }) => pid));
      return fresh.slice(0, MAX_NAMED).map((one) => this.#describe(one));
    } catch (cause) {
      // A shell that was replaced, or a machine that cannot be looked at, has nothing to name.
      if (cause instanceof ExeckitError) return [];
      throw cause;
    }
  }

  #describe({ pid, rawName, rawArguments }: ProbedProcess): LeftRunning {
    const text = this.#redactor.text(rawArguments?.join(" ") ?? rawName);
    if (text.length <= COMMAND_MAX_CHARS) return { pid, command: text };
    // Redacting again changes nothing; it gives the shorter text its type.
    return { pid, command: this.#redactor.text(`${text.slice(0, COMMAND_MAX_CHARS - 1)}…`) };
  }
}
