/**
 * What the commands of a session left running, each process named once.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import type { LeftRunning } from "../../exec_result.ts";
import type { Redactor } from "../../output/redactor.ts";
import type { SafeText } from "../../safe_text.ts";
import { explainStuck, processName } from "../../shell/probe/explain_stuck.ts";
import { probeCommand, type ProbedSession } from "../../shell/probe/probe_command.ts";
import type { ProbedProcess } from "../../shell/probe/probe_report.ts";

/** Processes that a result names at most. */
const MAX_NAMED = 20;
/** Characters of a process's arguments that are shown: enough to recognise it by. */
const COMMAND_MAX_CHARS = 200;

/** What a look after a command finds. */
export interface BackgroundLook {
  /**
   * Processes that no look before has named: the command left them, or one before it left more than
   * can be named at once.
   */
  readonly leftRunning: readonly LeftRunning[];
  /** How many more there are, which the next looks name. */
  readonly leftUnnamed: number;
  /**
   * Processes of earlier commands that share the session's output and may have written to it during
   * the command: those that have written something since the look before, have ended since, or were
   * started by such a process.
   */
  readonly mayHaveWritten: readonly LeftRunning[];
}

const NOTHING: BackgroundLook = { leftRunning: [], leftUnnamed: 0, mayHaveWritten: [] };

/** Knows the background processes of a session. */
export class SessionProcessList {
  readonly #session: () => ProbedSession;
  readonly #redactor: Redactor;
  #known: ReadonlyMap<number, ProbedProcess> = new Map();
  #named: ReadonlySet<number> = new Set();

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
      const report = await probeCommand(this.#session(), "session");
      // After a command nothing is in the foreground but the shell. What looks as if it were is a job
      // that takes INT, or one that its shell has forked and not yet made ignore it.
      const own = report.shell?.pid;
      const jobs = report.foreground.filter(({ pid }) => pid !== own);
      const background = [...jobs, ...report.background];
      const known = this.#known;
      this.#known = new Map(background.map((one) => [one.pid, one]));
      const left = background.filter(({ pid }) => !this.#named.has(pid));
      const named = left.slice(0, MAX_NAMED);
      // Of what is gone, the number may come back as another process.
      const stillNamed = [...this.#named].filter((pid) => this.#known.has(pid));
      this.#named = new Set([...stillNamed, ...named.map(({ pid }) => pid)]);
      const wrote = [...known.values()].filter((one) => mayHaveWritten(one, this.#known));
      const begun = background.filter(({ pid, ppid, sharesOutput }) =>
        !known.has(pid) && known.has(ppid) && sharesOutput
      );
      return {
        leftRunning: this.#name(named),
        leftUnnamed: left.length - named.length,
        mayHaveWritten: this.#name([...wrote, ...begun]),
      };
    } catch (cause) {
      // A shell that was replaced, or a machine that cannot be looked at, has nothing to name.
      if (cause instanceof ExeckitError) return NOTHING;
      throw cause;
    }
  }

  /**
   * Looks at what the running command is doing.
   *
   * @param quietMs Milliseconds since its last output.
   * @returns A sentence; undefined where the machine does not tell.
   */
  async activity(quietMs: number): Promise<SafeText | undefined> {
    try {
      const report = await probeCommand(this.#session(), "descendants");
      if (report.foreground.length === 0) return undefined;
      const redact = (text: string) => this.#redactor.text(text);
      return explainStuck(report, { redact, quietMs }).summary;
    } catch (cause) {
      // A machine that cannot be looked at tells nothing.
      if (cause instanceof ExeckitError) return undefined;
      throw cause;
    }
  }

  #name(processes: readonly ProbedProcess[]): readonly LeftRunning[] {
    return processes.slice(0, MAX_NAMED).map((one) => this.#describe(one));
  }

  #describe(process: ProbedProcess): LeftRunning {
    const { pid, rawArguments } = process;
    const redact = (text: string) => this.#redactor.text(text);
    const text = rawArguments === undefined
      ? processName(process, redact)
      : redact(rawArguments.join(" "));
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
