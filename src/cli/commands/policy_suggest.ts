/**
 * `execkit-mcp policy suggest`: a policy file for what an audit file says that ran.
 *
 * @module
 */

import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { type AuditCheck, verifyAudit } from "../../audit/audit_reader.ts";
import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { createRedactor } from "../../output/redact.ts";
import { type ObservedCommand, suggestPolicy } from "../../policy/suggest_policy.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { readBoundedLines } from "../bounded_lines.ts";
import { EXIT_CODES } from "../exit_codes.ts";
import { reportError } from "../report_error.ts";

/** What the command line asks for. */
export interface PolicySuggestOptions {
  /** The audit file. */
  readonly fromAudit: string;
}

/** The outside world of a run, so that a test can stand in for it. */
export interface PolicySuggestIo {
  /** Writes the proposal. */
  readonly write: (text: string) => Promise<boolean>;
  /** Writes warnings and errors. */
  readonly writeError: (text: string) => void;
}

/** Different commands that are taken from a file at most: more would not fit a person's head. */
const COMMANDS_MAX = 10_000;
/** Commands that are named as left out at most. */
const LEFT_OUT_SHOWN = 50;

/**
 * Proposes a policy file from what an audit file says that ran. Only lines that the file's chain
 * vouches for count.
 *
 * @param options What the command line asks for.
 * @param io Where the proposal goes.
 * @returns The exit code: 1 when the chain is broken, even if there is a proposal.
 */
export async function runPolicySuggest(
  options: PolicySuggestOptions,
  io: PolicySuggestIo,
): Promise<number> {
  try {
    const path = options.fromAudit;
    const observed = new Map<SafeText, number>();
    const check = await readAudit(path, observed);
    const commands = [...observed].map(([command, count]) => ({ command, count }));
    await io.write(proposal(basename(path), check, commands));
    if (check.ok) return EXIT_CODES.ok;
    const line = check.brokenAtLine ?? 0;
    io.writeError(
      `execkit-mcp: the chain of the audit file breaks at line ${line}; what stands from the ` +
        "line before it on was not used\n",
    );
    return EXIT_CODES.error;
  } catch (error) {
    return reportError(error, io.writeError);
  }
}

async function readAudit(path: string, observed: Map<SafeText, number>): Promise<AuditCheck> {
  const redactor = createRedactor();
  const observe = (line: string) => {
    const command = commandOf(line);
    if (command === undefined) return;
    const text = redactor.text(command);
    if (observed.size >= COMMANDS_MAX && !observed.has(text)) return;
    observed.set(text, (observed.get(text) ?? 0) + 1);
  };
  try {
    return await verifyAudit(vouchedLines(createReadStream(path), observe));
  } catch (cause) {
    if (cause instanceof ExeckitError) throw cause;
    throw new ExeckitError({
      code: "invalid_argument",
      message: safe`Cannot read the audit file`,
      hint: safe`Correct the path, and under Deno add --allow-read for it`,
      cause,
    });
  }
}

/** Tells of a line only when the next one has been found to follow from it. */
async function* vouchedLines(
  input: AsyncIterable<Uint8Array>,
  observe: (line: string) => void,
): AsyncGenerator<string> {
  let before: string | undefined;
  for await (const lines of readBoundedLines(input, LIMITS.auditLineMaxBytes)) {
    for (const { text } of lines) {
      if (text === undefined) throw unreadableLine();
      yield text;
      if (before !== undefined) observe(before);
      before = text;
    }
  }
  if (before !== undefined) observe(before);
}

function unreadableLine(): ExeckitError {
  return new ExeckitError({
    code: "invalid_argument",
    message: safe`Cannot read the audit file: a line is longer than 64 MiB, or no UTF-8`,
  });
}

/** The command of an event that says that one ran to its end. */
function commandOf(line: string): string | undefined {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (error) {
    // A line that was torn off by a crash says nothing.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof event !== "object" || event === null || !("event" in event)) return undefined;
  if (event.event !== "exec" || !("status" in event) || event.status !== "exited") return undefined;
  return "command" in event && typeof event.command === "string" ? event.command : undefined;
}

function proposal(name: string, check: AuditCheck, commands: readonly ObservedCommand[]): string {
  const { file, covered, leftOut } = suggestPolicy(commands, (text) => createRedactor().text(text));
  const chain = check.ok ? "its chain holds" : `its chain BREAKS at line ${check.brokenAtLine}`;
  const shown = leftOut.slice(0, LEFT_OUT_SHOWN).map(({ command, rule }) =>
    `//   ${JSON.stringify(command)} (${JSON.stringify(rule)})`
  );
  const more = leftOut.length - shown.length;
  const lines = [
    `// Proposed from ${JSON.stringify(name)}: ${check.lines} lines, ${chain}.`,
    `// It allows ${covered} of ${commands.length} different commands that ran. Read every rule`,
    "// before use: what a command did once says nothing of what its program can do.",
    ...(leftOut.length === 0 ? [] : ["// Left out, with the rule that speaks against it:"]),
    ...shown,
    ...(more > 0 ? [`//   and ${more} more`] : []),
    JSON.stringify(file, undefined, 2),
  ];
  return `${asciiOnly(lines.join("\n"))}\n`;
}

/** What is no plain ASCII is written as JSON does, also in comments: a terminal shows this text. */
function asciiOnly(text: string): string {
  return text.replace(
    /[^\n\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
