/**
 * Commands that outlive their session: started apart from it, found again by their id.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import type { OutputTotals } from "../../exec_result.ts";
import { LIMITS } from "../../limits.ts";
import { invalidArgument } from "../../option_checks.ts";
import type { CommandHouse } from "../command/command_house.ts";
import type { Budget } from "../../output/budget.ts";
import { OutputPipeline } from "../../output/output_pipeline.ts";
import type { StreamName } from "../../output/output_store.ts";
import type { Redactor } from "../../output/redactor.ts";
import { compilePattern } from "../../output/pattern.ts";
import { resolveBudget } from "../../output/resolve_budget.ts";
import type { CommandOutput } from "../../output/store/command_output.ts";
import type { OutputPage } from "../../output/store/output_page.ts";
import type { SearchPage } from "../../output/store/search_output.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { type AsideRequest, runAside } from "../../transports/run_aside.ts";
import type { Transport } from "../../transports/transport.ts";
import type { DetachedLines, DetachedSearch } from "./detached_pages.ts";
import {
  LIST_SCRIPT,
  READ_SCRIPT,
  REMOVE_SCRIPT,
  SIGNAL_SCRIPT,
  STATUS_SCRIPT,
  WAIT_SCRIPT,
} from "./detached_scripts.ts";

/** How a detached command stands. */
export interface DetachedStatus {
  /** Its id, unique on its machine. */
  readonly id: SafeText;
  /**
   * `lost`: it no longer runs and left no exit code, as after a restart of the machine.
   */
  readonly state: "running" | "exited" | "lost";
  /** Its exit code, once it has exited. */
  readonly exitCode?: number;
  /** Wall-clock milliseconds since the Unix epoch, by the machine's clock, at its start. */
  readonly begunMs: number;
  /** Bytes that it has written to standard output. */
  readonly stdoutBytes: number;
  /** Bytes that it has written to standard error. */
  readonly stderrBytes: number;
  /** Its text, redacted; empty when it has more than 64 KiB. */
  readonly command: SafeText;
}

/** What a detached command has written so far. */
export interface DetachedOutput {
  /** Standard output, decoded, redacted, within the budget. */
  readonly stdout: SafeText;
  /** Standard error, decoded, redacted, within the budget. */
  readonly stderr: SafeText;
  /** True when they do not hold everything that was written. */
  readonly truncated: boolean;
  /** Exact totals of what was written. */
  readonly totals: OutputTotals;
}

/** What finding a detached command needs of its session. */
export interface DetachedContext {
  /** The way to the machine; fails when the session is closed or its link is lost. */
  readonly transport: () => Promise<Transport>;
  /** Takes secrets out. */
  readonly redactor: Redactor;
  /** Makes the place that output is read from in parts; it is given back after each reading. */
  readonly openOutput: () => CommandOutput;
  /** Records that a command was signalled. */
  readonly record: CommandHouse["record"];
}

const ID = /^[0-9a-f]{24}$/;
/** What the scripts exit with when there is no such command. */
const NOT_THERE = 4;
const STILL_RUNNING = 5;
const FIELD_COUNT = 7;
const SIGNAL_NAMES = {
  HUP: safe`HUP`,
  INT: safe`INT`,
  TERM: safe`TERM`,
  KILL: safe`KILL`,
} as const;

/** The detached commands on a session's machine, of this session and of earlier ones. */
export class DetachedCommands {
  readonly #context: DetachedContext;

  /** Use {@linkcode Session.detached}. */
  constructor(context: DetachedContext) {
    this.#context = context;
  }

  /**
   * Lists the detached commands of the session's user on this machine.
   *
   * @returns How each stands, the oldest first.
   * @throws {ExeckitError} `session_lost`.
   */
  async list(): Promise<DetachedStatus[]> {
    const fields = await this.#ask({ script: LIST_SCRIPT });
    const all: DetachedStatus[] = [];
    for (let at = 0; at + FIELD_COUNT < fields.length; at += FIELD_COUNT) {
      all.push(this.#statusFrom(fields.slice(at, at + FIELD_COUNT)));
    }
    return all.sort((one, other) => one.begunMs - other.begunMs);
  }

  /**
   * Tells how a command stands.
   *
   * @param id Its id, from the result of its start.
   * @returns How it stands.
   * @throws {ExeckitError} `unknown_command` or `session_lost`.
   */
  async status(id: string): Promise<DetachedStatus> {
    return this.#statusFrom(await this.#ask({ script: STATUS_SCRIPT, args: [requireId(id)] }));
  }

  /**
   * Waits until a command has ended.
   *
   * @param id Its id.
   * @param options How long to wait: `waitMs`, whole seconds count, at most 45 s. Default: 10 s.
   * @returns How it stands then.
   * @throws {ExeckitError} `unknown_command` or `session_lost`.
   */
  async wait(id: string, options: { waitMs?: number } = {}): Promise<DetachedStatus> {
    const { waitMs = LIMITS.detachedWaitMs } = options;
    if (!(waitMs >= 0 && waitMs <= LIMITS.mcpCallMaxMs)) {
      throw invalidArgument(safe`'waitMs' must be a number from 0 to ${LIMITS.mcpCallMaxMs}`);
    }
    const seconds = Math.ceil(waitMs / 1000);
    return this.#statusFrom(
      await this.#ask({
        script: WAIT_SCRIPT,
        args: [requireId(id), String(seconds)],
        timeoutMs: seconds * 1000 + LIMITS.asideTimeoutMs,
      }),
    );
  }

  /**
   * Reads what a command has written so far. The files are read from their beginning each time, so
   * that no cut can hide a part of a secret from the redactor.
   *
   * @param id Its id.
   * @param options How the output is shortened.
   * @returns The output.
   * @throws {ExeckitError} `unknown_command`, `invalid_argument` or `session_lost`.
   */
  async read(id: string, options: { budget?: Budget } = {}): Promise<DetachedOutput> {
    const budget = resolveBudget(options.budget);
    const { state } = await this.status(id);
    const output = new OutputPipeline({ redactor: this.#context.redactor });
    for (const stream of ["stdout", "stderr"] as const) {
      for await (const chunk of this.#chunks(id, stream)) output.push(stream, chunk);
    }
    // While it runs, what is there may end in the first half of a secret.
    if (state !== "running") output.end();
    const { stdout, stderr, truncated, totals } = output.shape({ budget });
    return { stdout, stderr, truncated, totals };
  }

  /**
   * Reads lines of one stream by their numbers. As with {@linkcode read}, the file is read from its
   * beginning each time.
   *
   * @param id Its id.
   * @param part Whose lines, from where, and how many.
   * @returns The lines, and where they go on.
   * @throws {ExeckitError} `unknown_command`, `invalid_argument` or `session_lost`.
   */
  async lines(id: string, part: DetachedLines): Promise<OutputPage> {
    return await this.#within(id, part.stream, (output) => output.read(part));
  }

  /**
   * Searches one stream.
   *
   * @param id Its id.
   * @param search What for, and where.
   * @returns Lines that match, and their context.
   * @throws {ExeckitError} As {@linkcode lines}.
   */
  async search(id: string, search: DetachedSearch): Promise<SearchPage> {
    const pattern = compilePattern(search.pattern);
    return await this.#within(id, search.stream, (output) => output.search({ ...search, pattern }));
  }

  /**
   * Signals all processes of a command. It is no error when it has ended.
   *
   * @param id Its id.
   * @param signal Which signal.
   * @throws {ExeckitError} `unknown_command`, `invalid_argument`, `session_lost` or `audit_failed`.
   */
  async signal(id: string, signal: "HUP" | "INT" | "TERM" | "KILL"): Promise<void> {
    if (!Object.hasOwn(SIGNAL_NAMES, signal)) {
      throw invalidArgument(safe`'signal' must be HUP, INT, TERM or KILL`);
    }
    await this.status(id);
    const commandId = this.#context.redactor.text(id);
    const text = SIGNAL_NAMES[signal];
    await this.#context.record({ event: "input", commandId, kind: "signal", text, status: "done" });
    await this.#ask({ script: SIGNAL_SCRIPT, args: [requireId(id), signal] });
  }

  /**
   * Removes an ended command's files.
   *
   * @param id Its id.
   * @throws {ExeckitError} `unknown_command`, `busy` while it runs, or `session_lost`.
   */
  async remove(id: string): Promise<void> {
    await this.#ask({ script: REMOVE_SCRIPT, args: [requireId(id)] });
  }

  /** Takes a stream in, works with it, and gives its memory back. */
  async #within<Result>(
    id: string,
    stream: StreamName,
    work: (output: CommandOutput) => Promise<Result>,
  ): Promise<Result> {
    // Asked before the reading: what has ended by then is read to its end.
    const { state } = await this.status(id);
    const output = this.#context.openOutput();
    try {
      for await (const chunk of this.#chunks(id, stream)) output.push(stream, chunk);
      // While it runs, what is there may end in the first half of a secret.
      if (state !== "running") output.end();
      return await work(output);
    } finally {
      await output.close();
    }
  }

  /** What a stream has so far, from its beginning. */
  async *#chunks(id: string, stream: StreamName): AsyncGenerator<Uint8Array> {
    const { startAside } = await this.#starter();
    const aside = await startAside({ script: READ_SCRIPT, args: [requireId(id), stream] });
    try {
      await aside.closeInput();
      yield* aside.stdout;
      requireFound(await aside.exited);
    } finally {
      await aside.release();
    }
  }

  async #starter(): Promise<Pick<Transport, "startAside">> {
    const transport = await this.#context.transport();
    return { startAside: (aside) => transport.startAside(aside) };
  }

  /** Runs a script and gives the fields that it wrote. */
  async #ask(request: Omit<AsideRequest, "timeoutMs"> & { timeoutMs?: number }): Promise<string[]> {
    const { exitCode, stdout } = await runAside(await this.#starter(), {
      timeoutMs: LIMITS.asideTimeoutMs,
      ...request,
    });
    requireFound(exitCode);
    return new TextDecoder().decode(stdout).split("\0");
  }

  #statusFrom(fields: readonly string[]): DetachedStatus {
    const [id = "", state = "", exitCode = "", begun, stdoutBytes, stderrBytes, command = ""] =
      fields;
    const { redactor } = this.#context;
    return {
      id: redactor.text(id),
      state: state === "running" || state === "exited" ? state : "lost",
      ...(exitCode === "" ? {} : { exitCode: Number(exitCode) }),
      begunMs: Number(begun) * 1000,
      stdoutBytes: Number(stdoutBytes),
      stderrBytes: Number(stderrBytes),
      command: redactor.text(command),
    };
  }
}

/** What a registry of sessions uses of the detached commands on a machine. */
export type DetachedOnMachine = Pick<
  DetachedCommands,
  "list" | "status" | "wait" | "lines" | "search" | "signal"
>;

/** An id becomes a part of a path on the machine. */
function requireId(id: unknown): string {
  if (typeof id === "string" && ID.test(id)) return id;
  throw unknownCommand();
}

function requireFound(exitCode: number | undefined): void {
  if (exitCode === 0) return;
  if (exitCode === NOT_THERE) throw unknownCommand();
  if (exitCode === STILL_RUNNING) {
    throw new ExeckitError({
      code: "busy",
      message: safe`Cannot remove the detached command: it is still running`,
      hint: safe`Wait for its end, or signal it`,
    });
  }
  throw new ExeckitError({
    code: "session_lost",
    message: safe`Cannot look after the detached command: the machine does not answer`,
    hint: safe`Try again, or open a new session there: the command goes on without one`,
  });
}

function unknownCommand(): ExeckitError {
  return new ExeckitError({
    code: "unknown_command",
    message: safe`Cannot find a detached command with this id`,
    hint: safe`List the detached commands of this machine; each user has his own`,
  });
}
