/**
 * The word that a command is to be stopped.
 *
 * @module
 */

/**
 * Says once that something is to stop. Every command has one and hardly any is stopped: an
 * AbortController says the same at ten times the price.
 */
export class StopSwitch {
  #aborted = false;
  #listener: (() => void) | undefined;

  /** Whether it has been said. */
  get aborted(): boolean {
    return this.#aborted;
  }

  /** Says it, to whoever listens. Twice is no error, and is heard once. */
  abort(): void {
    this.#aborted = true;
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.();
  }

  /**
   * Says who is to hear it from now on, in place of whoever was to before.
   *
   * @param listener It must not throw; absent for nobody. What was said already it does not hear.
   */
  listen(listener?: () => void): void {
    this.#listener = listener;
  }
}
