/**
 * What a text may have before it is parsed at all, so that a verdict is always quick.
 *
 * The parser is linear for what people write and far from it for text that is made to hurt, such
 * as 64 KiB of `$(`. These counts are cheap, do not depend on quoting, and are far above what real
 * commands have.
 *
 * @module
 */

/** Characters of a text at most. */
const MAX_CHARS = 1_048_576;
/** Openers that are still open, at most. */
const MAX_OPEN = 100;
/** Words at most, heredoc bodies included. */
const MAX_WORDS = 120_000;
/** Lines at most. */
const MAX_LINES = 60_000;
/** Characters at most that are neither letters, digits nor blanks. */
const MAX_SPECIAL = 120_000;
/** Signs at most in a stretch without a blank, and heredocs in a line: they cost their square. */
const MAX_CLUSTER = 1500;
const MAX_HEREDOCS_IN_LINE = 64;
/** Signs of each sort at most: each may start something that is searched to the text's end. */
const MAX_SIGNS: { readonly [sort: string]: number } = {
  substitutions: 2000,
  parameters: 6000,
  heredocs: 4000,
  backquotes: 6000,
  brackets: 16_000,
  quotes: 60_000,
  operators: 16_000,
  redirects: 16_000,
  equals: 16_000,
  patterns: 4000,
};

/** Counts that a text has. */
interface Counts {
  open: number;
  words: number;
  lines: number;
  special: number;
  cluster: number;
  heredocsInLine: number;
  readonly signs: { [sort: string]: number };
}

/**
 * Tells whether a text is short and plain enough to be parsed in bounded time.
 *
 * @param text The text.
 * @returns True when it is.
 */
export function isParsable(text: string): boolean {
  if (text.length > MAX_CHARS) return false;
  const counts: Counts = {
    open: 0,
    words: 0,
    lines: 0,
    special: 0,
    cluster: 0,
    heredocsInLine: 0,
    signs: {},
  };
  let isInWord = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 32 || code === 9 || code === 10) {
      if (isInWord) counts.words++;
      isInWord = false;
      counts.cluster = 0;
      if (code === 10) {
        counts.heredocsInLine = 0;
        if (++counts.lines > MAX_LINES) return false;
      }
      continue;
    }
    isInWord = true;
    // Letters and digits open nothing, and are most of a text.
    if ((code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code > 127) continue;
    if (code >= 65 && code <= 90) continue;
    if (++counts.special > MAX_SPECIAL || !countSign(counts, text, at)) return false;
  }
  return counts.words <= MAX_WORDS;
}

/** Counts what stands at an index; false when that is one too many. */
function countSign(counts: Counts, text: string, at: number): boolean {
  const char = text[at] ?? "";
  const next = text[at + 1];
  if (next === "(" && (char === "$" || char === "<" || char === ">")) {
    return count(counts, "substitutions");
  }
  if (char === "$" && next === "{") return count(counts, "parameters");
  if (char === "<" && next === "<") {
    return ++counts.heredocsInLine <= MAX_HEREDOCS_IN_LINE && count(counts, "heredocs");
  }
  if (char === "<" || char === ">") return count(counts, "redirects");
  if (char === "=") return count(counts, "equals");
  if (char === "*" || char === "?") return count(counts, "patterns");
  if (char === "`") return count(counts, "backquotes");
  if (char === "'" || char === '"') return count(counts, "quotes");
  if (char === ";" || char === "|" || char === "&") return count(counts, "operators");
  if (char === "(" || char === "{") {
    counts.open++;
    return counts.open <= MAX_OPEN && ++counts.cluster <= MAX_CLUSTER && count(counts, "brackets");
  }
  if (char === "[") return count(counts, "brackets");
  if (char === ")" || char === "}") counts.open = Math.max(0, counts.open - 1);
  return true;
}

function count(counts: Counts, sort: string): boolean {
  const total = (counts.signs[sort] ?? 0) + 1;
  counts.signs[sort] = total;
  return total <= (MAX_SIGNS[sort] ?? 0);
}
