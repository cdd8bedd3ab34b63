/**
 * The secrets among what is typed: answers to password prompts, also when they are typed in parts.
 *
 * @module
 */

import { LIMITS } from "../../limits.ts";
import type { Redactor } from "../../output/redactor.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { ENTER_KEYS } from "./typed_line.ts";

/** Which lines of a text are secrets: all, those behind the first one, or none. */
export type SecretLines = "all" | "later" | "none";

/** Characters below which a secret that is typed cannot be hidden everywhere. */
const SECRET_MIN_CHARS = LIMITS.knownValueMinChars;

/** What some input has of secrets. */
export interface SecretsPlan {
  /** The values to be hidden, each long enough for that. */
  readonly values: readonly string[];
  /** The text as it may be shown, but for those values. */
  readonly shown: string;
  /** Whether there is more of the text than may be shown. */
  readonly isCut: boolean;
  /** What is typed of a secret and not entered afterwards. */
  readonly after: string;
}

const HIDDEN = safe`[REDACTED:typed]`;

/**
 * Gathers secrets as they are typed, and tells the redactor before the program can show them. What is
 * refused is not registered: nothing can show it, and it would be for good.
 */
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
   * Tells what is secret of what is to be typed. Nothing is changed by asking.
   *
   * @param text The text.
   * @param keys The names of the keys behind it.
   * @param secret Which lines of the text are secrets.
   * @returns The secrets, and the text as it may be shown.
   */
  plan(text: string, keys: readonly string[], secret: SecretLines): SecretsPlan {
    const [first = "", ...later] = text.split(/\r\n?|\n/);
    const line = new SecretLine(this.#gathered);
    if (secret === "all") line.gather(first);
    if (secret === "all" || secret === "later") {
      for (const part of later) {
        line.enter();
        line.gather(part);
      }
    }
    for (const key of keys) line.press(key);
    const shown = secret === "all"
      ? ""
      : secret === "later" && later.length > 0
      ? `${first}\n`
      : text;
    return { values: line.values, shown, isCut: shown !== text, after: line.gathered };
  }

  /**
   * Shows a planned text, as the audit may have it whether it is typed or not.
   *
   * @param plan What was said of it before.
   * @returns The text without its secrets.
   */
  show(plan: SecretsPlan): SafeText {
    const plain = this.hide(plan, plan.shown);
    return plan.isCut ? safe`${plain}${HIDDEN}` : plain;
  }

  /**
   * Redacts a text that may repeat a planned one.
   *
   * @param plan What was said of it before.
   * @param text The text.
   * @returns The text without any secret.
   */
  hide({ values }: SecretsPlan, text: string): SafeText {
    return values.some((value) => text.includes(value)) ? HIDDEN : this.#redactor.text(text);
  }

  /**
   * Notes that a planned text is typed: its secrets are hidden from now on.
   *
   * @param plan What was said of it before.
   */
  typed({ values, after }: SecretsPlan): void {
    for (const value of values) this.#redactor.register(value, "typed");
    this.#gathered = after;
  }
}

/** The line in which a secret is typed. */
class SecretLine {
  readonly values: string[] = [];
  gathered: string;

  constructor(gathered: string) {
    this.gathered = gathered;
  }

  gather(part: string): void {
    this.gathered += part;
    // A program that takes single keys may show it before Enter.
    this.#note(part);
  }

  enter(): void {
    this.#note(this.gathered);
    this.gathered = "";
  }

  press(key: string): void {
    if (this.gathered === "") return;
    if (ENTER_KEYS.has(key) || key === "ctrl_d") return this.enter();
    if (key === "space") this.gathered += " ";
    if (key === "backspace" || key === "ctrl_h") {
      this.gathered = [...this.gathered].slice(0, -1).join("");
    }
    if (key === "ctrl_c" || key === "ctrl_u") this.gathered = "";
  }

  #note(value: string): void {
    if (value.length >= SECRET_MIN_CHARS) this.values.push(value);
  }
}
