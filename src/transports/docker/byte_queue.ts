/**
 * Bytes between a connection that brings them and one reader that takes them.
 *
 * @module
 */

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** A queue of chunks with one reader. */
export class ByteQueue implements AsyncIterable<Uint8Array> {
  readonly #taken: () => void;
  #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #ended = false;
  #cancelled = false;
  #wake: (() => void) | undefined;
  /** Takes the next chunk out of the reader's hand: he waits, and nothing else does. */
  #reader: ((result: IteratorResult<Uint8Array>) => void) | undefined;

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
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      return reader({ done: false, value: bytes });
    }
    this.#chunks.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#wakeUp();
  }

  /** Says that nothing more comes; what waits can still be taken. Twice is no error. */
  end(): void {
    this.#ended = true;
    this.#dismiss();
  }

  /** Lets everything fall, now and later, so that the other stream of the connection goes on. */
  cancel(): void {
    this.#cancelled = true;
    this.#chunks = [];
    this.#waitingBytes = 0;
    this.#dismiss();
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

  /**
   * Gives what has come, in order, until the end. A reader that leaves cancels the queue. It is no
   * generator, which would take four turns more to hand a chunk over.
   */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => this.#next(),
      return: () => {
        this.cancel();
        return Promise.resolve(END);
      },
    };
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    const value = this.#chunks.shift();
    if (value !== undefined) {
      this.#waitingBytes -= value.length;
      return Promise.resolve({ done: false, value });
    }
    if (this.#ended || this.#cancelled) {
      this.cancel();
      return Promise.resolve(END);
    }
    this.#taken();
    return new Promise((resolve) => this.#reader = resolve);
  }

  /** Tells a reader that waits that nothing more comes. */
  #dismiss(): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.(END);
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
