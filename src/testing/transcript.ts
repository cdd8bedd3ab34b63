/**
 * Transcripts: what a transport carried, so that it can be carried again without a machine.
 *
 * @module
 */

/** Bytes that arrived on one stream. */
export interface TranscriptChunk {
  /** The stream. */
  readonly stream: "stdout" | "stderr";
  /** How many of the keys had been written to the machine when the bytes arrived. */
  readonly afterKeys: number;
  /** The bytes, in base64. */
  readonly base64: string;
}

/** A record of one launched shell. */
export interface Transcript {
  /** The form of the record. */
  readonly version: 1;
  /** The keys of the markers, in the order in which they were made. */
  readonly keys: readonly string[];
  /** What arrived, in order. */
  readonly chunks: readonly TranscriptChunk[];
}

/** Follows which keys have been written, so that record and replay agree on the order of things. */
export class WrittenKeys {
  readonly #keys: readonly string[];
  readonly #written: Set<string> = new Set();

  /**
   * Starts with none written.
   *
   * @param keys The keys that may be written; it may grow.
   */
  constructor(keys: readonly string[]) {
    this.#keys = keys;
  }

  /** How many have been written. */
  get count(): number {
    return this.#written.size;
  }

  /**
   * Looks for keys in what is written.
   *
   * @param bytes What is written.
   */
  look(bytes: Uint8Array): void {
    const text = new TextDecoder("latin1").decode(bytes);
    for (const key of this.#keys) if (text.includes(key)) this.#written.add(key);
  }
}

/**
 * Encodes bytes for a transcript.
 *
 * @param bytes The bytes.
 * @returns Base64 text.
 */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/**
 * Decodes bytes from a transcript.
 *
 * @param text Base64 text.
 * @returns The bytes.
 */
export function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
