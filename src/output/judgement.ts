/**
 * What a redaction rule says about the place that it was asked about.
 *
 * @module
 */

import type { ByteWindow } from "./byte_window.ts";

/** The bytes that have arrived do not decide yet. */
export interface Undecided {
  /** Tells the three answers apart. */
  readonly type: "undecided";
  /** The first byte that may turn out to be part of a secret; what is before it may go out. */
  readonly holdFrom: number;
}

/** There is a secret. */
export interface Secret {
  /** Tells the three answers apart. */
  readonly type: "secret";
  /** Index of its first byte. */
  readonly start: number;
  /** Index after its last byte, or after what is known of it when `swallow` is set. */
  readonly end: number;
  /** What it is called in its placeholder. */
  readonly kind: string;
  /** Takes in the rest of a secret that is too long to look at as a whole. */
  readonly swallow?: Swallow;
  /** Asked next, at `end`: the same rule may find more, as in a header with several values. */
  readonly then?: Judge;
  /** True when the value should be recognised later without its name. */
  readonly learn?: boolean;
  /** Identity of the value behind an encoded form, so that all forms get one placeholder. */
  readonly identity?: number;
}

/** How far an open secret goes. */
export interface Swallowed {
  /** Index up to which the bytes are part of the secret. */
  readonly to: number;
  /** True when the secret ends there. */
  readonly done: boolean;
}

/** Takes in more of an open secret. At the end of the stream it must be done. */
export type Swallow = (window: ByteWindow, from: number) => Swallowed;

/** A rule's answer; `undefined` when there is nothing. */
export type Judgement = Undecided | Secret | undefined;

/** A rule, asked at the place where its anchor stands. */
export type Judge = (window: ByteWindow, at: number) => Judgement;

/**
 * The answer of a rule that has to see more.
 *
 * @param holdFrom The first byte that may be part of a secret.
 * @returns The answer.
 */
export function undecided(holdFrom: number): Undecided {
  return { type: "undecided", holdFrom };
}
