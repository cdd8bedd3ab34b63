/**
 * Tokens of a well-known form that are nobody's, put together here so that none stands in a file.
 *
 * @module
 */

import { Random } from "./random.ts";

const ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghkmnpqrstuvwxyz23456789";

/** A token that the redactor knows by its form. */
export function fakeToken(seed: number): string {
  const random = new Random(seed);
  const letters = Array.from({ length: 36 }, () => ALPHABET.charAt(random.below(ALPHABET.length)))
    .join("");
  return `gh${"p_"}${letters}`;
}
