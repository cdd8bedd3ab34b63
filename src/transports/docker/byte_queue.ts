/**
 * Bytes between a connection that brings them and one reader that takes them.
 *
 * @module
 */

/** A queue of chunks with one reader. */
export class ByteQueue implements AsyncIterable<Uint8Array> {
  readonly #taken: () => void;
  #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #ended = false;
  #cancelled = false;
  #wake: (() => void) | undefined;

  /**
   * Makes an empty queue.
   *
   * @param taken Called when the reader has taken something, and when it gives up.
   */
  constructor(taken: () => void) {
    this.#taken = taken;
  }

  /** Bytes that wait for the reader. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Whether nothing more comes. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether there is anything to take. */
  get hasBytes(): boolean {
    return this.#chunks.length > 0;
  }

  /** The first byte that waits, left in place; undefined when nothing waits. */
  peek(): number | undefined {
    return this.#chunks[0]?.[0];
  }

  /** The text that waits, left in place. */
  peekText(): string {
    const decoder = new TextDecoder();
    return this.#chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("");
  }

  /**
   * Adds bytes. After the end, or when the reader has given up, they fall away.
   *
   * @param bytes What has come.
   */
  push(bytes: Uint8Array): void {
    if (this.#ended || this.#cancelled || bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#wakeUp();
  }

  /** Says that nothing more comes; what waits can still be taken. Twice is no error. */
  end(): void {
    this.#ended = true;
    this.#wakeUp();
  }

  /** Lets everything fall, now and later, so that the other stream of the connection goes on. */
  cancel(): void {
    this.#cancelled = true;
    this.#chunks = [];
    this.#waitingBytes = 0;
    this.#wakeUp();
    this.#taken();
  }

  /** Resolves when there is something to take, or nothing will come. */
  async waitForBytes(): Promise<void> {
    while (!this.hasBytes && !this.#ended && !this.#cancelled) {
      await new Promise<void>((resolve) => {
        const before = this.#wake;
        this.#wake = () => {
          before?.();
          resolve();
        };
      });
    }
  }

  /** Gives what has come, in order, until the end. A reader that leaves cancels the queue. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        await this.waitForBytes();
        const chunks = this.#chunks;
        if (chunks.length === 0) return;
        this.#chunks = [];
        for (const chunk of chunks) {
          this.#waitingBytes -= chunk.length;
          yield chunk;
        }
        this.#taken();
      }
    } finally {
      this.cancel();
    }
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
