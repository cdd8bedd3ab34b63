/**
 * OpenSSH's patterns (ssh_config(5), PATTERNS): `*`, `?`, and lists with `!`.
 *
 * @module
 */

/**
 * Matches one pattern against a text. Its time grows with the product of both lengths at worst.
 *
 * @param pattern A pattern with `*` for any characters and `?` for one.
 * @param text The text.
 * @returns Whether all of the text is matched.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  let at = 0;
  let inPattern = 0;
  let starAt = -1;
  let retryAt = 0;
  while (at < text.length) {
    const char = pattern[inPattern];
    if (char === "*") {
      starAt = inPattern++;
      retryAt = at;
    } else if (char === "?" || (char !== undefined && char === text[at])) {
      inPattern++;
      at++;
    } else if (starAt >= 0) {
      inPattern = starAt + 1;
      at = ++retryAt;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === "*") inPattern++;
  return inPattern === pattern.length;
}

/**
 * Matches a list of patterns: one must match, and none that begins with `!` may.
 *
 * @param patterns The patterns.
 * @param text The text.
 * @returns Whether the list matches.
 */
export function matchesPatterns(patterns: readonly string[], text: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith("!");
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, text)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}
