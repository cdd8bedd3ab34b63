/**
 * Globs in linear time: `*` any text, `?` one character, `[a-z]` one of a set, `{a,b}` is not there.
 *
 * @module
 */

/** Tells whether a text matches. */
export type Glob = (text: string) => boolean;

/**
 * Compiles a glob. Matching keeps one place to go back to, so that its time is bounded by the
 * product of both lengths and never explodes.
 *
 * @param pattern The glob.
 * @returns A matcher of whole texts.
 */
export function compileGlob(pattern: string): Glob {
  if (!/[*?[\\]/.test(pattern)) return (text) => text === pattern;
  const tokens = readTokens(pattern);
  return (text) => matchTokens(tokens, text);
}

type Token = "any" | ((char: string) => boolean);

function readTokens(pattern: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? "";
    if (char === "*") {
      if (tokens.at(-1) !== "any") tokens.push("any");
      continue;
    }
    if (char === "?") {
      tokens.push(() => true);
      continue;
    }
    const end = char === "[" ? pattern.indexOf("]", at + 2) : -1;
    if (end > 0) {
      tokens.push(readSet(pattern.slice(at + 1, end)));
      at = end;
      continue;
    }
    const plain = char === "\\" && at + 1 < pattern.length ? pattern[++at] : char;
    tokens.push((other) => other === plain);
  }
  return tokens;
}

function readSet(set: string): (char: string) => boolean {
  const isNot = /^[!^]/.test(set);
  const body = isNot ? set.slice(1) : set;
  return (char) => {
    for (let at = 0; at < body.length; at++) {
      const from = body[at] ?? "";
      const isRange = body[at + 1] === "-" && at + 2 < body.length;
      const to = isRange ? body[at + 2] ?? "" : from;
      if (isRange) at += 2;
      if (char >= from && char <= to) return !isNot;
    }
    return isNot;
  };
}

function matchTokens(tokens: readonly Token[], text: string): boolean {
  let token = 0;
  let at = 0;
  let backToken = -1;
  let backAt = 0;
  while (at < text.length) {
    const next = tokens[token];
    if (next === "any") {
      backToken = ++token;
      backAt = at;
    } else if (next !== undefined && next(text[at] ?? "")) {
      token++;
      at++;
    } else if (backToken >= 0) {
      token = backToken;
      at = ++backAt;
    } else return false;
  }
  while (tokens[token] === "any") token++;
  return token === tokens.length;
}
