/**
 * What commands may keep together: of a process, and of each session in it.
 *
 * @module
 */

/** Counts the bytes that are kept under one ceiling, and under those above it. */
export class OutputQuota {
  /** Bytes that may be kept, in memory and in files. */
  readonly maxBytes: number;
  readonly #above: OutputQuota | undefined;
  #usedBytes = 0;

  /**
   * Makes a quota of which nothing is used.
   *
   * @param maxBytes Bytes that may be kept under it.
   * @param above The quota that this one is a part of, such as the process's.
   */
  constructor(maxBytes: number, above?: OutputQuota) {
    this.maxBytes = maxBytes;
    this.#above = above;
  }

  /** Bytes that are kept. A little more than allowed when many commands keep their least. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /**
   * Takes bytes, if there is room here and above.
   *
   * @param bytes How many.
   * @returns False when nothing was taken.
   */
  take(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.maxBytes) return false;
    if (this.#above !== undefined && !this.#above.take(bytes)) return false;
    this.#usedBytes += bytes;
    return true;
  }

  /**
   * Takes bytes without asking: the least that a command needs to have a result at all.
   *
   * @param bytes How many.
   */
  force(bytes: number): void {
    this.#above?.force(bytes);
    this.#usedBytes += bytes;
  }

  /**
   * Gives bytes back.
   *
   * @param bytes How many; they were taken before.
   */
  give(bytes: number): void {
    this.#above?.give(bytes);
    this.#usedBytes -= bytes;
  }
}
