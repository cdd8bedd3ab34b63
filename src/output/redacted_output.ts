/**
 * What goes out of one step of a stream: bytes as they were, and placeholders.
 *
 * Bytes that follow one another go out as a view of where they are. With the first placeholder
 * they are copied, each once, into a buffer that is made for the whole step.
 *
 * @module
 */

const NOTHING = new Uint8Array(0);
/** Bytes that placeholders may need beyond what they replace before the buffer has to grow. */
const SPARE_BYTES = 512;
/** Copies shorter than this are made in a loop, which costs less than a view. */
const SHORT_BYTES = 48;
const DIGIT_ZERO = 0x30;

/** The output of one step. */
export class RedactedOutput {
  #source: Uint8Array = NOTHING;
  /** Bytes of the source that go out and are not copied yet. */
  #from = 0;
  #to = 0;
  #copy: Uint8Array | undefined;
  /** The buffer of the last step that had one, and whether it may be written to. */
  #last: Uint8Array = NOTHING;
  #isFree = false;
  #length = 0;

  /**
   * Starts a step.
   *
   * @param source Where the bytes are that go out.
   * @param at Index of the first of them.
   */
  begin(source: Uint8Array, at: number): void {
    this.#source = source;
    this.#from = at;
    this.#to = at;
  }

  /**
   * Lets bytes out as they are.
   *
   * @param from Index of the first.
   * @param to Index after the last.
   */
  pass(from: number, to: number): void {
    if (from !== this.#to) {
      if (this.#to > this.#from) this.#flush();
      this.#from = from;
    }
    this.#to = to;
  }

  /**
   * Adds ASCII text with a number in it.
   *
   * @param head What stands in front of the number.
   * @param number The number.
   * @param last The byte after the number.
   */
  addNumbered(head: Uint8Array, number: number, last: number): void {
    this.#flush();
    let digits = 1;
    for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    const copy = this.#withRoom(head.length + digits + 1);
    this.#put(copy, head, { from: 0, to: head.length });
    let rest = number;
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      copy[at] = DIGIT_ZERO + rest % 10;
      rest = Math.floor(rest / 10);
    }
    this.#length += digits;
    copy[this.#length++] = last;
  }

  /**
   * Ends the step.
   *
   * @returns What goes out, and whether it is a view of the source.
   */
  take(): { readonly bytes: Uint8Array; readonly isView: boolean } {
    if (this.#copy === undefined) {
      const isView = this.#to > this.#from;
      return { bytes: isView ? this.#source.subarray(this.#from, this.#to) : NOTHING, isView };
    }
    this.#flush();
    const [copy, length] = [this.#copy, this.#length];
    this.#copy = undefined;
    this.#length = 0;
    this.#last = copy;
    this.#isFree = false;
    // What is kept of it must not keep much more.
    const bytes = 2 * length < copy.length ? copy.slice(0, length) : copy.subarray(0, length);
    return { bytes, isView: false };
  }

  /** Lets the memory of earlier steps be used again: nobody looks at what they gave. */
  reuse(): void {
    this.#isFree = true;
  }

  #flush(): void {
    const [from, to] = [this.#from, this.#to];
    this.#from = to;
    if (to > from) this.#put(this.#withRoom(to - from), this.#source, { from, to });
  }

  #put(copy: Uint8Array, bytes: Uint8Array, range: { from: number; to: number }): void {
    const { from, to } = range;
    if (to - from < SHORT_BYTES) {
      const shift = this.#length - from;
      for (let index = from; index < to; index++) copy[shift + index] = bytes[index] ?? 0;
    } else {
      copy.set(bytes.subarray(from, to), this.#length);
    }
    this.#length += to - from;
  }

  /** Gives the buffer with room for so many more bytes. */
  #withRoom(bytes: number): Uint8Array {
    const needed = this.#length + bytes;
    const copy = this.#copy;
    if (copy !== undefined && copy.length >= needed) return copy;
    const rest = this.#source.length - this.#to;
    const wanted = needed + rest + SPARE_BYTES;
    const isFree = this.#isFree && copy === undefined && this.#last.length >= wanted;
    const grown = isFree ? this.#last : new Uint8Array(wanted + (needed >> 2));
    if (copy !== undefined) grown.set(copy.subarray(0, this.#length));
    this.#copy = grown;
    return grown;
  }
}
