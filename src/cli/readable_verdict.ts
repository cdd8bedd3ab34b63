/**
 * A verdict as a person reads it in a terminal.
 *
 * @module
 */

import type { Verdict } from "../exec_result.ts";
import type { SafeText } from "../safe_text.ts";
import { visibleText } from "./visible_text.ts";

/** Characters of a command's lines that are shown around what the verdict is about. */
const SHOWN_MAX_CHARS = 200;
/** Lines of a command that are shown at most, beside those that the verdict is about. */
const SHOWN_MAX_LINES = 20;

/**
 * Writes out a verdict in short: the decision, the rule, the command, and why.
 *
 * @param command The command, redacted.
 * @param verdict The verdict.
 * @returns Lines, each ended by a newline.
 */
export function readableVerdict(command: SafeText, verdict: Verdict): string {
  const { decision, rule, reason } = verdict;
  const name = rule === undefined ? "" : ` [${visibleText(rule)}]`;
  const first = `${decision.padEnd(5)}  ${shortened(visibleText(command))}${name}`;
  return [first, ...(reason === undefined ? [] : [`       ${visibleText(reason)}`])]
    .map((line) => `${line}\n`).join("");
}

/**
 * Writes out a verdict in full: the command with the words underlined that decided, the rule, the
 * chain of wrappers, and the program as it would be run.
 *
 * @param command The command as it was given.
 * @param redacted The same, redacted. Where the two differ, nothing is underlined.
 * @param verdict The verdict.
 * @returns Lines, each ended by a newline.
 */
export function explainedVerdict(command: string, redacted: SafeText, verdict: Verdict): string {
  const { decision, rule, reason, say, words, via, resolved, at } = verdict;
  const isWhole = command === redacted;
  const lines = [
    ...(isWhole && at !== undefined ? underlined(redacted, at) : plain(redacted)),
    "",
    ...fact("decision", decision),
    ...fact("rule", rule),
    ...fact("reason", reason),
    ...fact("say", say),
    ...fact("words", words),
    ...fact("via", via?.join(" → ")),
    ...fact("resolved", resolved?.map((word) => JSON.stringify(word)).join(" ")),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function fact(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name.padEnd(9)} ${shortened(visibleText(value))}`];
}

function plain(text: string): string[] {
  return underlined(text, { start: 0, end: 0 });
}

/** The first lines, and those that hold the span, each of these with a line of marks below. */
function underlined(text: string, at: { readonly start: number; readonly end: number }): string[] {
  const shown: string[] = [];
  let offset = 0;
  let left = SHOWN_MAX_LINES;
  for (const line of text.split("\n")) {
    const start = Math.max(at.start - offset, 0);
    const end = Math.min(at.end - offset, line.length);
    offset += line.length + 1;
    left -= 1;
    if (start >= end || shown.length > 2 * SHOWN_MAX_LINES) {
      if (left >= 0) shown.push(`  ${shortened(visibleText(line))}`);
      if (left === 0) shown.push("  …");
      continue;
    }
    // Of a long line, what surrounds the span.
    const from = start > SHOWN_MAX_CHARS / 2 ? start - SHOWN_MAX_CHARS / 2 : 0;
    const before = visibleText(line.slice(from, start));
    const marked = shortened(visibleText(line.slice(start, end)));
    const after = shortened(visibleText(line.slice(end, end + SHOWN_MAX_CHARS)));
    const lead = from > 0 ? "… " : "  ";
    shown.push(`${lead}${before}${marked}${after}`);
    shown.push(`  ${" ".repeat([...before].length)}${"^".repeat([...marked].length)}`);
  }
  return shown;
}

function shortened(text: string): string {
  return text.length <= SHOWN_MAX_CHARS ? text : `${text.slice(0, SHOWN_MAX_CHARS)}…`;
}
