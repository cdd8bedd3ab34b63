/**
 * A shell whose processes are probed while its commands run.
 *
 * @module
 */

import { createRedactor } from "../../src/output/redact.ts";
import { StopSwitch } from "../../src/session/command/stop_switch.ts";
import { ShellKeeper } from "../../src/session/shell_keeper.ts";
import { typeKeys } from "../../src/shell/keyboard.ts";
import { explainStuck } from "../../src/shell/probe/explain_stuck.ts";
import {
  probeCommand,
  type ProbedSession,
  type ProbeScope,
} from "../../src/shell/probe/probe_command.ts";
import type { ProbeReport } from "../../src/shell/probe/probe_report.ts";
import {
  judgeWaiting,
  type WaitingForInput,
  type WaitingVerdict,
} from "../../src/shell/probe/waiting_judge.ts";
import { localTransportFactory } from "../../src/transports/local/local_transport.ts";
import type { AsideScript } from "../../src/transports/transport.ts";
import type { TestShell } from "./open_session.ts";
import { skipWithout } from "./processes.ts";
import { rerouteAsides } from "./reroute_asides.ts";
import { waitFor, withinTime } from "./wait_for.ts";

/** Milliseconds of quiet that a judge is told of: longer than any rule asks for. */
const LONG_QUIET_MS = 60_000;

/** The shell of tests that need one only. */
export const BASH: TestShell = { name: "bash", dialect: "bash", skip: skipWithout("bash") };

/** A command that runs in the background of a test. */
export interface Running {
  /** What it has printed. */
  output(): string;
  /** Judges it by a probe now. */
  judge(): Promise<WaitingVerdict>;
  /** Waits until it is judged to wait for input, with a prompt, which may arrive after the proof. */
  waiting(prompt?: string): Promise<WaitingForInput>;
  /** Waits until its processes match. */
  seen(what: string, matches: (report: ProbeReport) => boolean): Promise<ProbeReport>;
  /** Types text at the terminal. */
  type(text: string): Promise<void>;
  /** Waits for its end by itself. */
  ended(): Promise<number | undefined>;
  /** Ends it. */
  stop(): Promise<void>;
}

/** A shell whose processes are probed; asides may be altered on their way. */
export class ProbedShell implements AsyncDisposable {
  readonly #keeper: ShellKeeper;
  #alter: (aside: AsideScript) => AsideScript = (aside) => aside;

  private constructor(keeper: ShellKeeper) {
    this.#keeper = keeper;
  }

  /** Opens one. */
  static async open(
    shell: TestShell,
    terminal: "auto" | "none" = "auto",
  ): Promise<ProbedShell> {
    const setup = { shell: shell.name, terminal, env: [], openTimeoutMs: 20_000 } as const;
    const options = { background: () => undefined, reconnect: false };
    return new ProbedShell(await ShellKeeper.open(localTransportFactory(), setup, options));
  }

  /** Alters what runs beside the shell from now on. */
  alterAsides(alter: (aside: AsideScript) => AsideScript): void {
    this.#alter = alter;
  }

  /** What a probe takes. */
  get session(): ProbedSession {
    const { transport, supervisorPid, shellPid, directory } = this.#keeper.channel;
    const alter = this.#alter;
    return {
      supervisorPid,
      shellPid,
      directory,
      transport: rerouteAsides(transport, alter),
    };
  }

  /** Looks at its processes. */
  probe(scope: ProbeScope): Promise<ProbeReport> {
    return probeCommand(this.session, scope);
  }

  /** Starts a command, on the terminal or on pipes. */
  start(command: string, streams: "terminal" | "pipes" = "terminal"): Running {
    const tty = streams === "terminal";
    const stop = new StopSwitch();
    const decoder = new TextDecoder();
    let tail = "";
    const run = this.#keeper.run({
      command,
      tty,
      timeoutMs: 60_000,
      stop,
      onOutput: (_stream, bytes) => tail += decoder.decode(bytes, { stream: true }),
    });
    const judge = async () => {
      const report = await this.probe("descendants");
      return judgeWaiting(report, { tail, quietMs: LONG_QUIET_MS, tty });
    };
    return {
      output: () => tail,
      judge,
      waiting: (prompt) =>
        waitFor(`a question of ${command}`, async () => {
          const verdict = await judge();
          if (!verdict.waiting) return undefined;
          return prompt === undefined || verdict.prompt === prompt ? verdict : undefined;
        }),
      seen: (what, matches) =>
        waitFor(what, async () => {
          const report = await this.probe("ports");
          return matches(report) ? report : undefined;
        }),
      type: (text) => typeKeys(this.session, new TextEncoder().encode(text)),
      ended: async () => (await withinTime(`the end of ${command}`, run)).exitCode,
      stop: async () => {
        stop.abort();
        await run;
      },
    };
  }

  /** Runs a command to its end. */
  async run(command: string): Promise<string> {
    const running = this.start(command, "pipes");
    await running.ended();
    return running.output();
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keeper.close();
  }
}

/** Explains a report with the redactor of a session. */
export function explain(
  report: ProbeReport,
  before?: ProbeReport,
): ReturnType<typeof explainStuck> {
  const redactor = createRedactor();
  return explainStuck(report, {
    redact: (text) => redactor.text(text),
    quietMs: 1500,
    ...(before === undefined ? {} : { before }),
  });
}
