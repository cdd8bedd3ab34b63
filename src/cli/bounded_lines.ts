/**
 * Lines of an input that nobody vouches for: bounded, and strict about what is text.
 *
 * @module
 */

/** A line of an input. */
export interface InputLine {
  /** Its number, counted from 1. */
  readonly number: number;
  /** Its text; absent when it is too long or not UTF-8. */
  readonly text?: string;
}

const NEWLINE = 0x0a;
/** A changed byte would be another command, so that what is no UTF-8 is not mended. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Splits an input into lines, as many at once as have arrived. No more than one line is held; of a
 * line that is too long nothing is.
 *
 * @param input The input's bytes.
 * @param maxBytes Bytes of a line at most.
 * @returns Batches of lines, in order; a last line need not have its newline.
 */
export async function* readBoundedLines(
  input: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<readonly InputLine[]> {
  const open = new OpenLine(maxBytes);
  for await (const chunk of input) {
    const lines: InputLine[] = [];
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
      open.add(chunk.subarray(start, at));
      lines.push(open.end());
      start = at + 1;
    }
    open.add(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (!open.isEmpty) yield [open.end()];
}

/** The line that is being read. */
class OpenLine {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #number = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  add(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#bytes += part.length;
    if (this.#bytes > this.#maxBytes) this.#parts = [];
    // The input may use its memory again.
    else this.#parts.push(part.slice());
  }

  end(): InputLine {
    this.#number += 1;
    const text = this.#bytes > this.#maxBytes ? undefined : decoded(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    return { number: this.#number, ...(text === undefined ? {} : { text }) };
  }
}

function decoded(parts: readonly Uint8Array[]): string | undefined {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  try {
    return decoder.decode(whole);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
