/**
 * A few at a time; the rest wait in order.
 *
 * @module
 */

/** Slots that are taken and given back. */
export class TransferSlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param count How many there are. */
  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Runs a job when a slot is free.
   *
   * @param job What to run.
   * @param signal Gives up waiting; a job that has begun looks at it itself.
   * @returns What the job gives; undefined when it was given up before it began.
   */
  async run<T>(job: () => Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
    if (signal?.aborted || !await this.#take(signal)) return undefined;
    try {
      return await job();
    } finally {
      this.#giveBack();
    }
  }

  #take(signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const begin = () => {
        signal?.removeEventListener("abort", giveUp);
        resolve(true);
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        resolve(false);
      };
      this.#waiting.push(begin);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  #giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
