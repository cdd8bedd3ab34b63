/**
 * Holds a command back for moments while the disk does not keep up with its output.
 *
 * @module
 */

import { monotonicMs, withDeadline } from "../../clock.ts";

/**
 * Milliseconds of one moment: half of what the first rung of the interrupt ladder waits, since a
 * moment that has begun is waited for, and the end of a command comes behind its output.
 */
const MOMENT_MS = 150;
/**
 * Milliseconds that one command is held back at most, over all moments: a minute covers a disk that
 * is busy with something else; one that is slower than that for good must not stop the command.
 */
const TOTAL_MS = 60_000;

/** How long a command is held back. */
export interface HoldBackTimes {
  /** Milliseconds of one moment. Default: 150. */
  readonly momentMs?: number;
  /** Milliseconds of all moments together. Default: 60 000. */
  readonly totalMs?: number;
}

/** The time for which one command's output may wait for the disk. */
export class HoldBack {
  readonly #momentMs: number;
  readonly #totalMs: number;
  #heldMs = 0;
  #waiting: (() => void)[] = [];

  /** @param times How long. */
  constructor({ momentMs = MOMENT_MS, totalMs = TOTAL_MS }: HoldBackTimes = {}) {
    this.#momentMs = momentMs;
    this.#totalMs = totalMs;
  }

  /**
   * Waits until {@linkcode release}, or a moment.
   *
   * @returns Settles then, and never rejects; undefined when the command has waited for long enough.
   */
  wait(): Promise<void> | undefined {
    return this.#heldMs < this.#totalMs ? this.#wait() : undefined;
  }

  /** Ends the present moments. */
  release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  async #wait(): Promise<void> {
    const beganMs = monotonicMs();
    await withDeadline(new Promise<void>((resolve) => this.#waiting.push(resolve)), this.#momentMs);
    this.#heldMs += monotonicMs() - beganMs;
  }
}
