/**
 * Tells whether a command waits for somebody, while a caller waits for the command.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import type { InputWanted } from "../../exec_result.ts";
import type { Redactor } from "../../output/redactor.ts";
import { probeCommand, type ProbedSession } from "../../shell/probe/probe_command.ts";
import { findPrompt } from "../../shell/probe/prompt_shapes.ts";
import { judgeWaiting } from "../../shell/probe/waiting_judge.ts";
import { EMPTY_SAFE_TEXT, type SafeText } from "../../safe_text.ts";
import type { CommandRecord } from "./command_record.ts";

/** Milliseconds without output before the first look: most commands have ended by then. */
const FIRST_LOOK_MS = 300;
/** Milliseconds until the next look; each look waits longer, up to the last number. */
const LOOK_AGAIN_MS: readonly number[] = [400, 500, 700, 1000, 2000];
/** Milliseconds until a verdict without a prompt is looked at again: its bytes may be on the way. */
const CONFIRM_MS = 150;

/** Looks at one command again and again. */
export class InputWatch {
  readonly #record: CommandRecord;
  readonly #session: ProbedSession;
  readonly #redactor: Redactor;
  #stopped = false;
  #wake: () => void = () => undefined;

  /**
   * Prepares the watch of a command.
   *
   * @param record The command.
   * @param session The processes of its session.
   * @param redactor The session's redactor.
   */
  constructor(record: CommandRecord, session: ProbedSession, redactor: Redactor) {
    this.#record = record;
    this.#session = session;
    this.#redactor = redactor;
  }

  /**
   * Looks until the command waits for somebody, has ended, or the watch is stopped.
   *
   * @returns Whether it waits for somebody.
   */
  async untilWaiting(): Promise<boolean> {
    let looks = 0;
    while (!this.#over) {
      const missingMs = FIRST_LOOK_MS - this.#record.quietMs;
      if (missingMs > 0) {
        looks = 0;
        await this.#pause(missingMs);
        continue;
      }
      if (await this.look()) return true;
      await this.#pause(
        LOOK_AGAIN_MS[Math.min(looks++, LOOK_AGAIN_MS.length - 1)] ?? FIRST_LOOK_MS,
      );
    }
    return false;
  }

  /** Ends the watch. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  /**
   * Looks once, and notes what was seen in the record.
   *
   * @returns Whether the command waits for somebody.
   */
  async look(): Promise<boolean> {
    let waiting = await this.#judge();
    if (waiting !== undefined && (waiting.prompt === "" || waiting.kind === "unknown")) {
      await this.#pause(CONFIRM_MS);
      waiting = await this.#judge();
    }
    if (this.#record.isOver) return false;
    this.#record.waiting = waiting;
    return waiting !== undefined;
  }

  get #over(): boolean {
    return this.#stopped || this.#record.isOver;
  }

  async #judge(): Promise<InputWanted | undefined> {
    try {
      const report = await probeCommand(this.#session, "descendants");
      const { quietMs, tty, rawTail } = this.#record;
      const verdict = judgeWaiting(report, { tail: rawTail.text, quietMs, tty });
      if (!verdict.waiting) return undefined;
      const { kind, prompt, evidence } = verdict;
      return { kind, prompt: await this.#shown(prompt), evidence };
    } catch (cause) {
      // A machine that cannot be looked at gives no evidence; the command's own end will tell.
      if (cause instanceof ExeckitError) return undefined;
      throw cause;
    }
  }

  /**
   * The prompt as far as the redactor has passed it on. Where it holds back all of the last line, the
   * line in front of it is no prompt.
   */
  async #shown(asked: string): Promise<SafeText> {
    if (asked === "") return EMPTY_SAFE_TEXT;
    const shown = findPrompt(await this.#record.tail());
    const isHeldBack = !shown.open && findPrompt(this.#record.rawTail.text).open;
    return isHeldBack ? EMPTY_SAFE_TEXT : this.#redactor.text(shown.text);
  }

  /** Waits, but not beyond the command's end or the watch's. */
  async #pause(ms: number): Promise<void> {
    if (this.#over) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const passed = new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([passed, this.#record.ended]);
    clearTimeout(timer);
  }
}
