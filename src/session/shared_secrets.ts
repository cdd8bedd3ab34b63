/**
 * What sessions of one registry keep secret for each other: a password that was given for one host
 * may be printed on another.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { SessionOptions } from "./session_options.ts";

/** Values at most: more hosts than anybody logs in to by password, and every search knows them. */
const VALUES_MAX = 64;
/** Characters of a value at most: above all passwords, and far below what fills memory. */
const VALUE_MAX_CHARS = 256;
/** A shorter one may be a word, which every session would hide; its own session alone does. */
const VALUE_MIN_CHARS = LIMITS.knownValueMinChars;

/** What hides values from the moment when it is told them. */
export interface SecretKeeper {
  /** Takes a value for a secret. */
  hide(secret: string): void;
}

/** The passwords and passphrases that sessions were to be opened with, as long as a registry lives. */
export class SharedSecrets {
  readonly #values = new Set<string>();

  /**
   * Takes the secrets of a session's target, whether it can be opened or not.
   *
   * @param options What the session is opened with; not checked yet.
   * @param keepers Who hides them from now on.
   */
  learn(options: SessionOptions, keepers: readonly SecretKeeper[]): void {
    if (options.transport !== "ssh") return;
    for (const value of [options.password, options.passphrase]) {
      if (typeof value !== "string" || this.#values.has(value)) continue;
      if (value.length < VALUE_MIN_CHARS || value.length > VALUE_MAX_CHARS) continue;
      if (this.#values.size >= VALUES_MAX) continue;
      this.#values.add(value);
      for (const keeper of keepers) keeper.hide(value);
    }
  }

  /**
   * Adds the values to what a session is opened with.
   *
   * @param options The options.
   * @returns The same with the values as secrets.
   */
  addTo(options: SessionOptions): SessionOptions {
    return { ...options, secrets: [...options.secrets ?? [], ...this.#values] };
  }

  /**
   * Tells a session that has just opened what was learned meanwhile.
   *
   * @param keeper The session.
   */
  tell(keeper: SecretKeeper): void {
    for (const value of this.#values) keeper.hide(value);
  }
}
