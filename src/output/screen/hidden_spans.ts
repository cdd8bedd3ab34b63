/**
 * Finds out where the redactor put placeholders into a text.
 *
 * It tells the text only, and a placeholder may be as long as what it stands for, so that there can
 * be several ways to lay the one text over the other. What is hidden in any of them is taken as
 * hidden: rather a word too much than a piece of a secret.
 *
 * @module
 */

/** A part of a text, in UTF-16 units; the end is exclusive. */
export interface Span {
  /** Where it begins. */
  readonly from: number;
  /** Where the next character stands. */
  readonly to: number;
}

/** A part that was hidden. */
export interface HiddenSpan extends Span {
  /** The placeholder that stands for it. */
  readonly label: string;
}

const PLACEHOLDERS = /\[REDACTED:[a-z0-9-]{1,64}(?:#\d{1,9})?\]/g;

/**
 * Finds what is hidden.
 *
 * @param text A text.
 * @param redacted The same text from the redactor.
 * @returns The parts of the text that are not in the other, at least.
 */
export function hiddenSpans(text: string, redacted: string): HiddenSpan[] {
  if (text === redacted) return [];
  const lines = text.split("\n");
  const shown = redacted.split("\n");
  if (lines.length !== shown.length) return spansIn(text, redacted, 0);
  // No line end was hidden, so that each line has its own.
  const spans: HiddenSpan[] = [];
  let at = 0;
  for (const [index, line] of lines.entries()) {
    const other = shown[index] ?? "";
    if (line !== other) spans.push(...spansIn(line, other, at));
    at += line.length + 1;
  }
  return spans;
}

function spansIn(text: string, redacted: string, offset: number): HiddenSpan[] {
  const labels = redacted.match(PLACEHOLDERS) ?? [];
  const literals = redacted.split(PLACEHOLDERS);
  const earliest = earliestEnds(text, literals);
  const latest = latestStarts(text, literals);
  const whole = [{ from: offset, to: offset + text.length, label: labels[0] ?? "" }];
  if (labels.length === 0 || earliest === undefined || latest === undefined) return whole;
  return labels.map((label, index) => ({
    from: offset + (earliest[index] ?? 0),
    to: offset + (latest[index + 1] ?? text.length),
    label,
  }));
}

/** Where each literal ends at the earliest; undefined when they are not in the text. */
function earliestEnds(text: string, literals: readonly string[]): number[] | undefined {
  const ends: number[] = [];
  let at = 0;
  for (const [index, literal] of literals.entries()) {
    const found = index === 0 ? (text.startsWith(literal) ? 0 : -1) : text.indexOf(literal, at);
    if (found < 0) return undefined;
    at = found + literal.length;
    ends.push(at);
  }
  return ends;
}

/** Where each literal begins at the latest. */
function latestStarts(text: string, literals: readonly string[]): number[] | undefined {
  const starts: number[] = [];
  let at = text.length;
  for (const [index, literal] of [...literals.entries()].reverse()) {
    const isLast = index === literals.length - 1;
    const room = at - literal.length;
    if (room < 0 || (isLast && !text.endsWith(literal))) return undefined;
    const found = text.lastIndexOf(literal, room);
    if (found < 0) return undefined;
    at = found;
    starts[index] = found;
  }
  return starts;
}
