/**
 * Transcripts: what a transport carried, so that it can be carried again without a machine.
 *
 * @module
 */

import type { ErrorCode } from "../error_codes.ts";
import type { AsideScript, TransportEnd } from "../transports/transport.ts";

/**
 * When something arrived, counted in what the session had done by then. Time is no part of it: a
 * replay gives the same on a slower machine.
 */
export interface TranscriptMoment {
  /** Which of the opened transports it arrived on, from 0. Default: 0. */
  readonly launch?: number;
  /** How many of the keys had been written to the machine, over all transports. */
  readonly afterKeys: number;
  /**
   * How many writes without a new key had followed the last key. One that repeats the write before it
   * does not count, since how often something is asked again is a matter of time. Default: 0.
   */
  readonly afterWrites?: number;
  /** How many scripts had been started beside the shell, over all transports. Default: 0. */
  readonly afterAsides?: number;
}

/** Bytes that arrived on one stream. */
export interface TranscriptChunk extends TranscriptMoment {
  /** The stream. */
  readonly stream: "stdout" | "stderr";
  /** The bytes, in base64. */
  readonly base64: string;
}

/** The end of a stream, or of a transport's far side. What follows a close is not recorded. */
export interface TranscriptEnd extends TranscriptMoment {
  /** What ended. */
  readonly of: "stdout" | "stderr" | "transport";
  /** Why the transport ended; absent for a stream. */
  readonly reason?: TransportEnd["reason"];
  /** How many of the chunks had arrived. */
  readonly afterChunks: number;
}

/** A script that was started beside the shell. */
export interface TranscriptAside {
  /** {@linkcode digestAside} of what was started: a replay answers no other script. */
  readonly what: string;
  /** What it wrote to standard output, in base64, as it came. Default: nothing. */
  readonly stdout?: readonly string[];
  /** Its exit code; null when it ended without one; absent when it was released while it ran. */
  readonly exitCode?: number | null;
  /** The code of the error with which it could not be started. */
  readonly refused?: ErrorCode;
}

/** A transport that was asked for. */
export interface TranscriptLaunch {
  /** How many keys had been made by then. */
  readonly afterMade: number;
  /** The code of the error with which it could not be opened. */
  readonly refused?: ErrorCode;
}

/** A record of what all transports of one session carried. */
export interface Transcript {
  /**
   * The form of the record. Version 1 knows one transport, and neither scripts beside the shell nor
   * ends: it has only `keys` and `chunks`.
   */
  readonly version: 1 | 2;
  /** The keys of the markers, in the order in which they were made. */
  readonly keys: readonly string[];
  /** What arrived, in order. */
  readonly chunks: readonly TranscriptChunk[];
  /** The scripts beside the shell, in the order in which they were started. */
  readonly asides?: readonly TranscriptAside[];
  /** The transports, in the order in which they were asked for. */
  readonly launches?: readonly TranscriptLaunch[];
  /** What ended, in order. */
  readonly ends?: readonly TranscriptEnd[];
}

/**
 * Names a script and its arguments in a few letters. Keys are left out, since those that are not the
 * markers' own are drawn anew each time. The hash is FNV-1a with 32 bits, by Fowler, Noll and Vo: it
 * tells one script from another, and proves nothing.
 *
 * @param aside The script and its arguments.
 * @returns Eight hexadecimal digits.
 */
export function digestAside({ script, args = [] }: AsideScript): string {
  const text = [script, ...args].join("\0").replaceAll(/[0-9a-f]{24,}/g, "");
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** Follows what has been written, so that record and replay agree on the order of things. */
export class WrittenKeys {
  readonly #keys: readonly string[];
  readonly #written: Set<string> = new Set();
  #last = "";
  #writes = 0;

  /**
   * Starts with nothing written.
   *
   * @param keys The keys that may be written; it may grow.
   */
  constructor(keys: readonly string[]) {
    this.#keys = keys;
  }

  /** How many keys have been written. */
  get count(): number {
    return this.#written.size;
  }

  /** How many writes have followed the last key, repetitions left out. */
  get writes(): number {
    return this.#writes;
  }

  /**
   * Looks for keys in what is written.
   *
   * @param bytes What is written.
   */
  look(bytes: Uint8Array): void {
    const text = new TextDecoder("latin1").decode(bytes);
    const { count } = this;
    for (const key of this.#keys) if (text.includes(key)) this.#written.add(key);
    if (this.count > count) this.#writes = 0;
    else if (text !== this.#last) this.#writes += 1;
    this.#last = text;
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
