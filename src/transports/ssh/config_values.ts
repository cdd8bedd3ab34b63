/**
 * The values that a client configuration gives for one host: the first one wins (ssh_config(5)).
 *
 * @module
 */

/** Identity files at most, as in OpenSSH. */
const IDENTITY_FILES_MAX = 100;

/** Values by keyword, as far as they are known yet. */
export class ConfigValues {
  readonly #first = new Map<string, readonly string[]>();
  readonly #identityFiles = new Set<string>();
  #proxy: { readonly keyword: "proxyjump" | "proxycommand"; readonly value: string } | undefined;

  /**
   * Takes a line that applies to the host.
   *
   * @param keyword The keyword's one name.
   * @param words Its words.
   */
  add(keyword: string, words: readonly string[]): void {
    const [word = ""] = words;
    if (keyword === "identityfile") {
      if (this.#identityFiles.size < IDENTITY_FILES_MAX) this.#identityFiles.add(word);
    } else if (keyword === "proxyjump" || keyword === "proxycommand") {
      // Whichever comes first keeps the other out, `none` included.
      this.#proxy ??= { keyword, value: word };
    } else if (!this.#first.has(keyword)) {
      this.#first.set(keyword, words);
    }
  }

  /**
   * Puts a value in place of what the files say.
   *
   * @param keyword The keyword's one name.
   * @param word The value.
   */
  replace(keyword: string, word: string): void {
    this.#first.set(keyword, [word]);
  }

  /**
   * The words of a keyword.
   *
   * @param keyword The keyword's one name.
   * @returns The words, or undefined when it was not set.
   */
  words(keyword: string): readonly string[] | undefined {
    return this.#first.get(keyword);
  }

  /**
   * The first word of a keyword.
   *
   * @param keyword The keyword's one name.
   * @returns The word, or undefined when it was not set.
   */
  word(keyword: string): string | undefined {
    return this.#first.get(keyword)?.[0];
  }

  /** The identity files, in order, each once. */
  get identityFiles(): readonly string[] {
    return [...this.#identityFiles];
  }

  /** How the host is reached, if not directly. */
  get proxy():
    | { readonly keyword: "proxyjump" | "proxycommand"; readonly value: string }
    | undefined {
    return this.#proxy?.value.toLowerCase() === "none" ? undefined : this.#proxy;
  }
}
