/**
 * Results and errors as MCP content.
 *
 * Some clients show the model only the structured result, others only the text, so both say the
 * same: the text is the compact JSON of the structured result.
 *
 * @module
 */

import type { CallToolResult } from "@modelcontextprotocol/server";
import { ExeckitError } from "../errors.ts";
import { type ExecResult, toWire, type Verdict, type WireValue } from "../exec_result.ts";
import { EMPTY_SAFE_TEXT, joinSafe, safe, type SafeText } from "../safe_text.ts";

/** Characters of an error at most: clients cut what is longer. */
const ERROR_MAX_CHARS = 2000;

/** A structured result in wire names. */
export type StructuredContent = { readonly [key: string]: WireValue };

/**
 * Gives a structured result both ways.
 *
 * @param structured The result in wire names.
 * @returns The tool's answer.
 */
export function renderStructured(structured: StructuredContent): CallToolResult {
  return {
    content: [{ type: "text", text: JSON.stringify(structured) }],
    structuredContent: { ...structured },
  };
}

/** What a call adds to the result of its command. */
export interface ExecAddition {
  /** The line that `session_read` goes on from; absent when everything was shown. */
  readonly nextLine?: number;
  /** What the call itself has to say, such as that a number was lowered. */
  readonly notes: readonly (SafeText | undefined)[];
}

/**
 * Gives the result of a command. A non-zero exit is a result; a refused command is an error whose
 * structured content still holds the verdict.
 *
 * @param result The result.
 * @param addition What the call adds.
 * @returns The tool's answer.
 */
export function renderExec(result: ExecResult, addition: ExecAddition): CallToolResult {
  const { nextLine } = addition;
  const totalLines = result.totals.stdoutLines + result.totals.stderrLines;
  const note = joinNotes([result.note, ...addition.notes]);
  const structured = toWire({ ...result, ...note, totalLines, nextLine });
  const rendered = renderStructured(structured);
  if (result.status !== "blocked" && result.status !== "needs_approval") return rendered;
  const code = result.status === "blocked" ? "blocked_by_policy" : "needs_approval";
  return {
    ...rendered,
    content: [{ type: "text", text: refusedText(code, result.verdict) }],
    isError: true,
  };
}

/**
 * Gives an error as the agent sees it: `code: what failed. What to do`.
 *
 * @param error What was thrown.
 * @returns The tool's answer.
 */
export function renderError(error: unknown): CallToolResult {
  // The text of a foreign error has not been through the redactor, so it stays here.
  const known = error instanceof ExeckitError
    ? error
    : new ExeckitError({ code: "internal", message: safe`Cannot answer the call`, cause: error });
  const text = known.message.slice(0, ERROR_MAX_CHARS);
  return { content: [{ type: "text", text }], isError: true };
}

/**
 * Makes one note of several.
 *
 * @param notes The notes; those that are undefined are left out.
 * @returns The note, when there is one.
 */
export function joinNotes(notes: readonly (SafeText | undefined)[]): { note?: SafeText } {
  const note = joinSafe(notes.filter((one) => one !== undefined), safe` `);
  return note === EMPTY_SAFE_TEXT ? {} : { note };
}

function refusedText(
  code: "blocked_by_policy" | "needs_approval",
  verdict: Verdict | undefined,
): string {
  const reason = (verdict?.reason ?? safe`A rule refuses this command`).replace(/\.$/, "");
  const rule = verdict?.rule === undefined ? "" : ` (rule ${verdict.rule})`;
  const text = `${code}: ${reason}${rule}. Nothing was run`;
  return `${text.slice(0, ERROR_MAX_CHARS)}. Say so to the user; do not look for a way around it.`;
}
