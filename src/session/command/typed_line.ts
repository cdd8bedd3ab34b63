/**
 * The line that is being typed at a terminal, as far as it can be known from what was typed.
 *
 * A command may be typed in parts, and a line may be edited with keys whose effect depends on who
 * reads it. What is judged is therefore the whole line so far, or, once it was edited, a text that
 * no policy can know.
 *
 * @module
 */

/** What a policy is shown in place of a line that nobody can know. */
const UNKNOWN_LINE = 'eval "$EXECKIT_UNKNOWN_LINE"';

/** Keys that begin a new line. */
const NEW_LINE: ReadonlySet<string> = new Set(["enter", "ctrl_c", "ctrl_d"]);

/** A line at a terminal. */
export class TypedLine {
  #text = "";
  #isEdited = false;

  /**
   * Tells what a policy has to judge before something is typed. Nothing is changed by asking.
   *
   * @param text Text to be typed.
   * @param keys Names of keys to be typed behind it.
   * @returns The text to judge; undefined when there is nothing new to judge.
   */
  toJudge(text: string, keys: readonly string[]): string | undefined {
    if (this.#isEdited) return UNKNOWN_LINE;
    const edited = keys.findIndex((key) => !NEW_LINE.has(key) && key !== "space");
    const entered = keys.findLastIndex((key) => key === "enter");
    if (edited >= 0 && entered > edited) return UNKNOWN_LINE;
    return text === "" ? undefined : this.#text + text;
  }

  /**
   * Notes what was typed.
   *
   * @param text The text.
   * @param keys The names of keys behind it.
   */
  typed(text: string, keys: readonly string[]): void {
    const lines = (this.#text + text).split(/[\r\n]/);
    if (lines.length > 1) this.#isEdited = false;
    this.#text = lines.at(-1) ?? "";
    for (const key of keys) {
      if (NEW_LINE.has(key)) {
        this.#text = "";
        this.#isEdited = false;
      } else if (key === "space") this.#text += " ";
      else this.#isEdited = true;
    }
  }
}
