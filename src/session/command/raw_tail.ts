/**
 * The end of what a command wrote, as it wrote it: the redactor holds back a last word that may be the
 * beginning of a secret, and a prompt such as `password=` is just that.
 *
 * Only what kind of prompt it is may leave; whoever shows a prompt takes it from behind the redactor.
 *
 * @module
 */

/** Bytes that are kept: more than any prompt has. */
const KEEP_BYTES = 4096;

/** The end of a command's output, both streams in order of arrival. */
export class RawTail {
  #bytes: Uint8Array = new Uint8Array(0);

  /**
   * Takes what the command wrote.
   *
   * @param chunk The bytes; no hold is kept on them.
   */
  push(chunk: Uint8Array): void {
    const kept = new Uint8Array(Math.min(this.#bytes.length + chunk.length, KEEP_BYTES));
    const ofNew = chunk.subarray(Math.max(0, chunk.length - kept.length));
    const ofOld = kept.length - ofNew.length;
    kept.set(this.#bytes.subarray(this.#bytes.length - ofOld));
    kept.set(ofNew, ofOld);
    this.#bytes = kept;
  }

  /** The end of the output, not redacted; characters that are cut are replaced. */
  get text(): string {
    return new TextDecoder().decode(this.#bytes);
  }
}
