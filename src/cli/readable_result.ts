/**
 * A result as a person reads it in a terminal.
 *
 * @module
 */

import type { ExecResult } from "../exec_result.ts";

/**
 * Writes out a result: the command, its stdout, its stderr marked, and one line of facts.
 *
 * @param result The result.
 * @returns Lines, each ended by a newline.
 */
export function readableResult(result: ExecResult): string {
  const lines = [
    ...marked(result.command, "$ ", "> "),
    ...marked(result.stdout, ""),
    ...marked(result.stderr, "! "),
    ...marked(result.background ?? "", "& "),
    `[${facts(result).join(" · ")}]`,
    ...remarks(result),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** The lines of a text behind a mark; none for an empty text. */
function marked(text: string, mark: string, markOfMore: string = mark): string[] {
  if (text === "") return [];
  const lines = text.replace(/\n$/, "").split("\n");
  return lines.map((line, index) => `${index === 0 ? mark : markOfMore}${line}`);
}

function facts(result: ExecResult): string[] {
  return [
    ending(result),
    `${Math.round(result.durationMs)} ms`,
    result.cwd,
    ...(result.truncated ? ["output cut"] : []),
  ];
}

function ending({ status, exitCode }: ExecResult): string {
  const exit = exitCode === undefined ? [] : [`exit ${exitCode}`];
  const words = status === "exited" ? [] : [status.replaceAll("_", " ")];
  return [...words, ...exit].join(", ");
}

function remarks({ status, verdict, shellReplaced, note }: ExecResult): string[] {
  const remarks: string[] = [];
  const refused = status === "needs_approval" ? "needs approval" : "blocked";
  if (verdict?.reason !== undefined) remarks.push(`${refused}: ${verdict.reason}`);
  if (shellReplaced !== undefined) {
    const state = shellReplaced.stateKept ? "its state was kept" : "its variables are lost";
    remarks.push(`note: the shell was replaced (${shellReplaced.reason}), ${state}`);
  }
  if (note !== undefined) remarks.push(`note: ${note}`);
  return remarks;
}
