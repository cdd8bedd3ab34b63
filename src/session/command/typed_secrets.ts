/**
 * The secrets among what is typed: answers to password prompts, also when they are typed in parts.
 *
 * @module
 */

import { LIMITS } from "../../limits.ts";
import type { Redactor } from "../../output/redactor.ts";
import { EMPTY_SAFE_TEXT, safe, type SafeText } from "../../safe_text.ts";
import { ENTER_KEYS } from "./typed_line.ts";

/** Which lines of a text are secrets: all, those behind the first one, or none. */
export type SecretLines = "all" | "later" | "none";

/** Characters below which a secret that is typed cannot be hidden everywhere. */
const SECRET_MIN_CHARS = LIMITS.knownValueMinChars;

/** Gathers secrets as they are typed, and tells the redactor before the program can show them. */
export class TypedSecrets {
  readonly #redactor: Redactor;
  /** What was typed of a secret and not yet entered. */
  #gathered = "";

  /** @param redactor Learns the secrets. */
  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** Whether the beginning of a secret was typed, and the rest is to come. */
  get isOpen(): boolean {
    return this.#gathered !== "";
  }

  /**
   * Takes what is to be typed. What is a secret of it is hidden from now on.
   *
   * @param text The text.
   * @param keys The names of the keys behind it.
   * @param secret Which lines of the text are secrets.
   * @returns The text as the audit may show it.
   */
  take(text: string, keys: readonly string[], secret: SecretLines): SafeText {
    const [first = "", ...later] = text.split(/\r\n?|\n/);
    const shown = secret === "later" && later.length > 0 ? `${first}\n` : text;
    if (secret === "all") this.#gather(first);
    if (secret === "all" || secret === "later") {
      for (const line of later) {
        this.#enter();
        this.#gather(line);
      }
    }
    for (const key of keys) this.#press(key);
    if (text === "") return EMPTY_SAFE_TEXT;
    if (secret === "all") return safe`[REDACTED:typed]`;
    const plain = this.#redactor.text(shown);
    return shown === text ? plain : safe`${plain}[REDACTED:typed]`;
  }

  #gather(part: string): void {
    this.#gathered += part;
    // A program that takes single keys may show it before Enter.
    this.#register(part);
  }

  #enter(): void {
    this.#register(this.#gathered);
    this.#gathered = "";
  }

  #press(key: string): void {
    if (this.#gathered === "") return;
    if (ENTER_KEYS.has(key) || key === "ctrl_d") return this.#enter();
    if (key === "space") this.#gathered += " ";
    if (key === "backspace" || key === "ctrl_h") {
      this.#gathered = [...this.#gathered].slice(0, -1).join("");
    }
    if (key === "ctrl_c" || key === "ctrl_u") this.#gathered = "";
  }

  #register(value: string): void {
    if (value.length >= SECRET_MIN_CHARS) this.#redactor.register(value, "typed");
  }
}
