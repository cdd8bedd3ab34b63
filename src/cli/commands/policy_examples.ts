/**
 * `execkit-mcp policy test`: whether the examples of a policy file hold.
 *
 * @module
 */

import { createRedactor } from "../../output/redact.ts";
import type { RuleExample } from "../../policy/rule_file.ts";
import { EXIT_CODES } from "../exit_codes.ts";
import { loadForQuestions } from "../policy_questions.ts";
import { reportError } from "../report_error.ts";
import { visibleText } from "../visible_text.ts";

/** What the command line asks for. */
export interface PolicyExamplesOptions {
  /** The policy file. */
  readonly policy: string;
  /** One JSON line for each example. */
  readonly json?: boolean;
}

/** The outside world of a run, so that a test can stand in for it. */
export interface PolicyExamplesIo {
  /** Writes the examples. */
  readonly write: (text: string) => Promise<boolean>;
  /** Writes errors. */
  readonly writeError: (text: string) => void;
}

/**
 * Shows every example of a policy file and whether it holds.
 *
 * @param options What the command line asks for.
 * @param io Where the examples go.
 * @returns The exit code: 0 when all hold, 1 when one does not or the file is broken.
 */
export async function runPolicyExamples(
  options: PolicyExamplesOptions,
  io: PolicyExamplesIo,
): Promise<number> {
  try {
    const { examples } = await loadForQuestions(options.policy, "report");
    const failing = examples.filter(({ holds }) => !holds).length;
    const lines = examples.map((example) => options.json ? jsonLine(example) : textLine(example));
    const sum = options.json ? "" : `${examples.length - failing} hold, ${failing} do not\n`;
    await io.write(`${lines.join("")}${sum}`);
    return failing === 0 ? EXIT_CODES.ok : EXIT_CODES.error;
  } catch (error) {
    return reportError(error, io.writeError);
  }
}

function jsonLine({ rule, command, expected, holds }: RuleExample): string {
  const { text } = createRedactor();
  const line = { rule: text(rule), command: text(command), expected, holds };
  return `${JSON.stringify(line)}\n`;
}

function textLine({ rule, command, expected, holds }: RuleExample): string {
  const { text } = createRedactor();
  const mark = holds ? "ok  " : "FAIL";
  const what = expected ? "matches" : "leaves ";
  return `${mark}  ${visibleText(text(rule))}  ${what}  ${visibleText(text(command))}\n`;
}
