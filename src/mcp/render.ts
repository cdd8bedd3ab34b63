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
import { safe, type SafeText } from "../safe_text.ts";

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

/**
 * Gives the result of a command. A non-zero exit is a result; a refused command is an error whose
 * structured content still holds the verdict.
 *
 * @param result The result.
 * @param note What the call itself has to add, such as a lowered time-out.
 * @returns The tool's answer.
 */
export function renderExec(result: ExecResult, note: SafeText | undefined): CallToolResult {
  const totalLines = result.totals.stdoutLines + result.totals.stderrLines;
  const structured = toWire({ ...result, ...joinNotes(result.note, note), totalLines });
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

function joinNotes(own: SafeText | undefined, added: SafeText | undefined): { note?: SafeText } {
  if (own === undefined) return added === undefined ? {} : { note: added };
  return { note: added === undefined ? own : safe`${own} ${added}` };
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
